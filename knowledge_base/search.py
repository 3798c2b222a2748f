"""What readers, agents and programs ask the knowledge base: the articles that answer a question.

The index gives ids in order, the database says what may be shown of them: what was withdrawn is gone at
once, however old the index. Where the index is of no use the database answers alone.
"""

import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from time import perf_counter

from helpdesk.core.i18n import LANGUAGES
from helpdesk.core.text import one_line
from knowledge_base.finding import falling_back
from knowledge_base.finding.answers import GOOD, NONE, Answer, Item, Ranking
from knowledge_base.index.feeding import ask_for_rebuild
from knowledge_base.models import Viewer

log = logging.getLogger(__name__)

# Of a longer question the beginning counts.
LONGEST_QUESTION = 1_000
MOST_ITEMS = 50
# Of the other language, where the own has no good answer.
_OTHERS = 5
# As near in meaning as this, an article of the other language is shown though it is no sure answer.
_KIN = 0.82
# An English sentence on a Japanese page: so much more of its words the English articles have.
_CLEARLY_MORE = 0.3
_JAPANESE = re.compile("[\u3041-\u30ff\u3400-\u9fff\uff66-\uff9d]")


def search(
    question: str,
    lang: str,
    *,
    viewer: Viewer = None,
    stage: str = "",
    limit: int = 10,
    words_only: bool = False,
) -> Answer:
    """The articles of `lang` that answer best; none for an empty question. Never fails for the index's sake.

    viewer: what they may not read is not found (`Article.readable_by`). stage: key of the asker's stage,
    whose articles come a little earlier and hide no other. words_only: do not ask what is near in meaning,
    for answers while one types.
    """
    began = perf_counter()
    question = one_line(question)[:LONGEST_QUESTION]
    ask = partial(_rank, question, viewer=viewer, words_only=words_only)
    own = ask(lang, stage=stage, limit=min(limit, MOST_ITEMS))
    elsewhere = [] if own.match == GOOD else [other for other in LANGUAGES if other != lang]
    others = [ask(other, limit=_OTHERS) for other in elsewhere]
    return _answer(own, others, began)


def search_on_page(question: str, page: str, *, viewer: Viewer = None, limit: int = 10) -> tuple[str, Answer]:
    """The language of the answer, and the answer, to what was asked on a page in `page`, in any language.

    The question's own language comes first where its letters tell it. Latin letters do not: on a Japanese
    page they are names, codes and Japanese as it is typed, unless the English articles know them far better.
    """
    if language_of(question) == page or language_of(question) == "ja":
        return _in_turn(question, dict.fromkeys((language_of(question), page)), viewer, limit)
    began = perf_counter()
    question = one_line(question)[:LONGEST_QUESTION]
    own, other = (
        _rank(question, lang, viewer=viewer, limit=min(limit, MOST_ITEMS), words_only=False)
        for lang in (page, language_of(question))
    )
    knows_more = other.match == GOOD and other.coverage - own.coverage >= _CLEARLY_MORE
    if knows_more and own.match != GOOD:
        return language_of(question), _answer(other, [], began)
    answer = _answer(own, [other] if own.match != GOOD else [], began)
    if knows_more:
        # Who writes English may rather read it, be it a translation of what is above.
        answer = replace(answer, other_language=[item for item in other.items if item.is_close][:_OTHERS])
    return page, answer


def _in_turn(question: str, languages: Iterable[str], viewer: Viewer, limit: int) -> tuple[str, Answer]:
    """The first good answer, else the last one."""
    lang, found = "", Answer((), NONE, (), (), 0.0)
    for lang in languages:
        found = search(question, lang, viewer=viewer, limit=limit)
        if found.match == GOOD:
            break
    return lang, found


def _answer(own: Ranking, others: Sequence[Ranking], began: float) -> Answer:
    is_far = own.is_far and all(other.match != GOOD for other in others)
    items, helpful = own.items, _helpful(others, own)
    took_ms = (perf_counter() - began) * 1000
    return Answer(items, own.match, helpful, own.corrections, took_ms, is_far)


def language_of(text: str) -> str:
    """The language whose articles fit a text: Japanese where any of its letters is, else English."""
    return "ja" if _JAPANESE.search(text) else "en"


def _rank(
    question: str, lang: str, *, viewer: Viewer, limit: int, words_only: bool, stage: str = ""
) -> Ranking:
    if not question or limit < 1:
        return Ranking()
    try:
        # Whoosh and the dictionary cost start-up time: paid by the first search, not by every start.
        from knowledge_base.finding.ranking import rank  # noqa: PLC0415

        return rank(question, lang, viewer=viewer, stage=stage, limit=limit, words_only=words_only)
    except Exception as error:
        # Whatever is wrong with a cache, the database answers.
        log.warning("the index %s did not answer: %r", lang, error)
        ask_for_rebuild(lang)
        return falling_back.rank(question, lang, viewer=viewer, limit=limit)


def _helpful(rankings: Sequence[Ranking], own: Ranking) -> Sequence[Item]:
    """Articles of the other language that may help, but no translations of those that are shown already."""
    shown = {item.article.external_id for item in own.items} - {None}
    found = [item for ranking in rankings if _may_help(ranking, own) for item in ranking.items[:_OTHERS]]
    return [item for item in found if item.article.external_id not in shown]


def _may_help(ranking: Ranking, own: Ranking) -> bool:
    """Whether they fit, or are all there is; with vectors also whether they are kin."""
    is_kin = ranking.cosine is not None and ranking.cosine >= _KIN
    return ranking.match == GOOD or own.match == NONE or is_kin
