"""What readers, agents and programs ask the knowledge base: the articles that answer a question.

The index gives ids in order, the database says what may be shown of them: what was withdrawn is gone at
once, however old the index. Where the index is of no use the database answers alone.
"""

import logging
import re
from collections.abc import Sequence
from time import perf_counter

from helpdesk.core.i18n import LANGUAGES
from helpdesk.core.text import one_line
from knowledge_base import falling_back
from knowledge_base.answers import GOOD, Answer, Item, Ranking
from knowledge_base.feeding import ask_for_rebuild
from knowledge_base.models import Viewer

log = logging.getLogger(__name__)

# Of a longer question the beginning counts.
LONGEST_QUESTION = 500
MOST_ITEMS = 50
# Of the other language, where the own has no good answer.
_OTHERS = 3
_JAPANESE = re.compile("[\u3041-\u30ff\u3400-\u9fff\uff66-\uff9d]")


def search(question: str, lang: str, *, viewer: Viewer = None, stage: str = "", limit: int = 10) -> Answer:
    """The articles of `lang` that answer best; none for an empty question. Never fails for the index's sake.

    viewer: what they may not read is not found (`Article.readable_by`). stage: key of the asker's stage,
    whose articles come a little earlier and hide no other.
    """
    began = perf_counter()
    question = one_line(question)[:LONGEST_QUESTION]
    own = _rank(question, lang, viewer, stage=stage, limit=min(limit, MOST_ITEMS))
    others = () if own.match == GOOD else _elsewhere(question, lang, viewer, own)
    return Answer(own.items, own.match, others, own.corrections, (perf_counter() - began) * 1000)


def language_of(text: str) -> str:
    """The language whose articles fit a text: Japanese where any of its letters is, else English."""
    return "ja" if _JAPANESE.search(text) else "en"


def _rank(question: str, lang: str, viewer: Viewer, *, stage: str = "", limit: int) -> Ranking:
    if not question or limit < 1:
        return Ranking()
    try:
        # Whoosh and the dictionary cost start-up time: paid by the first search, not by every start.
        from knowledge_base.ranking import rank  # noqa: PLC0415

        return rank(question, lang, viewer=viewer, stage=stage, limit=limit)
    except Exception as error:
        # Whatever is wrong with a cache, the database answers.
        log.warning("the index %s did not answer: %r", lang, error)
        ask_for_rebuild(lang)
        return falling_back.rank(question, lang, viewer=viewer, limit=limit)


def _elsewhere(question: str, lang: str, viewer: Viewer, own: Ranking) -> Sequence[Item]:
    """Good articles of the other language, but no translations of those that are shown already."""
    shown = {item.article.external_id for item in own.items} - {None}
    rankings = [_rank(question, other, viewer, limit=_OTHERS) for other in LANGUAGES if other != lang]
    found = [item for ranking in rankings if ranking.match == GOOD for item in ranking.items]
    return [item for item in found if item.article.external_id not in shown]
