"""Written questions that fit what somebody is typing, one group an article; then search's own answers."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from helpdesk.core.db import db
from helpdesk.core.i18n import LANGUAGES
from helpdesk.core.text import one_line
from helpdesk.core.words import fold, parse, snippet
from knowledge_base.finding.answers import GOOD, NEAR
from knowledge_base.finding.questions import Line, Questions, questions
from knowledge_base.index.storing import IndexUnusable
from knowledge_base.models import Article, Viewer
from knowledge_base.search import language_of, search

MOST = 8
# Less than this fits everything; a character of kanji is a word.
_SHORTEST = 2
_KANJI = re.compile("[\u3400-\u9fff]")
# What is longer than any written question is a story: search reads it.
_LONGEST = 60
_LONGEST_STORY = 500
# From so many letters on search is asked too, where fewer written questions than this fit.
_SEARCHED_FROM, _ENOUGH = 3, 3
# What is as long as this may be a whole question.
_QUESTION = 8
# Of what only comes near, a few.
_MOST_NEAR = 3
# Other wordings of an article that are shown below the best.
_MOST_OTHERS = 2
# Articles whose permission is asked for at a time.
_LOOKED_UP = 50


@dataclass(frozen=True)
class Suggestion:
    """An intent: the article that answers, its question that fits best, and others of it that fit too."""

    text: str
    article: Article
    others: Sequence[str]
    # The question with what was typed in <mark>, all escaped.
    marked: Markup


def suggestions(text: str, lang: str, limit: int = MOST, *, viewer: Viewer = None) -> list[Suggestion]:
    """At most one an article that `viewer` may read, best first, in the language that is typed.

    lang: the language of the page, which decides for Latin letters; they may be Japanese ones too. None for
    less than two letters.
    """
    text = one_line(text)[:_LONGEST_STORY]
    letters = "".join(fold(text).split())
    if len(letters) < _SHORTEST and not _KANJI.search(letters):
        return []
    found = _written(text, lang, viewer, limit) if len(text) <= _LONGEST else []
    if len(found) < min(limit, _ENOUGH) and len(letters) >= _SEARCHED_FROM:
        found += _searched(text, viewer, found, limit - len(found))
    return found


def _written(text: str, lang: str, viewer: Viewer, limit: int) -> list[Suggestion]:
    """From the first language that has such questions; with a slip, where none has them as typed."""
    languages = ["ja"] if language_of(text) == "ja" else sorted(LANGUAGES, key=lambda each: each != lang)
    all_questions = [questions(language) for language in languages]
    for fitting in (Questions.fitting, Questions.fitting_with_slips):
        for known in all_questions:
            found = _grouped(text, known, fitting(known, text), viewer, limit)
            if found:
                return found
    return []


def _grouped(
    text: str, known: Questions, fit: dict[int, int], viewer: Viewer, limit: int
) -> list[Suggestion]:
    """One an article: its line that fits best stands for it."""

    def rank(number: int) -> tuple[int, int, int]:
        return fit[number], len(known.lines[number].text), number

    groups: dict[int, list[Line]] = {}
    for number in sorted(fit, key=rank):
        line = known.lines[number]
        groups.setdefault(line.article_id, []).append(line)
    articles = _readable([*groups], viewer, limit)
    return [
        _suggestion(text, article, [line.text for line in groups[article.id]], known) for article in articles
    ]


def _suggestion(text: str, article: Article, fitting: Sequence[str], known: Questions) -> Suggestion:
    best, *others = fitting
    title = known.of_article[article.id][0].text
    others = list(dict.fromkeys(other for other in (title, *others) if other != best))
    return Suggestion(best, article, others[:_MOST_OTHERS], snippet(best, parse(text), length=len(best)))


def _readable(ids: Sequence[int], viewer: Viewer, limit: int) -> list[Article]:
    """The first of these articles that the viewer may read, in their order."""
    found: list[Article] = []
    for start in range(0, len(ids), _LOOKED_UP):
        some = ids[start : start + _LOOKED_UP]
        own = Article.readable_by(viewer).where(Article.id.in_(some))
        articles = {article.id: article for article in db.session.scalars(own)}
        found += [articles[id] for id in some if id in articles]
        if len(found) >= limit:
            break
    return found[:limit]


def _searched(text: str, viewer: Viewer, shown: Sequence[Suggestion], limit: int) -> list[Suggestion]:
    """What search finds for it, as the article's question that has most of its words.

    A whole question that these words do not answer is looked for in the other language too. Vectors are left
    alone: their model takes longer for a question than a typist waits.
    """
    lang = shown[0].article.lang if shown else language_of(text)
    new = _by_words(text, lang, viewer, {each.article.id for each in shown}, limit)
    if not new and not shown and len(text) >= _QUESTION:
        answer = search(text, lang, viewer=viewer, limit=limit, words_only=True)
        near = answer.items[:_MOST_NEAR] if answer.match == NEAR else ()
        new = [
            item.article for item in (answer.items if answer.match == GOOD else answer.other_language or near)
        ]
    written = {lang: questions(lang) for lang in {article.lang for article in new}}
    return [_as_asked(text, article, written[article.lang]) for article in new[:limit]]


def _by_words(text: str, lang: str, viewer: Viewer, known: Collection[int], limit: int) -> list[Article]:
    # Whoosh and numpy cost start-up time: paid by whoever types first, not by every start.
    from knowledge_base.finding.synonyms import known_synonyms  # noqa: PLC0415
    from knowledge_base.index.feeding import engine  # noqa: PLC0415

    try:
        found = engine().search(text, lang, limit=_LOOKED_UP, synonyms=known_synonyms())
    except IndexUnusable:
        return []
    ids = [hit.id for hit in found.hits if hit.id not in known] if found.match.value == GOOD else []
    return _readable(ids, viewer, limit)


def _as_asked(text: str, article: Article, written: Questions) -> Suggestion:
    # The dictionary costs start-up time: paid by whoever types first, not by every start.
    from knowledge_base.finding.highlighting import highlight  # noqa: PLC0415
    from knowledge_base.language.words import words  # noqa: PLC0415

    asked = {word.term for word in words(text) if not word.is_soft}

    def shared(line: str) -> int:
        return len(asked & {word.term for word in words(line)})

    lines = [line.text for line in written.of_article.get(article.id, ())]
    best = max(lines, key=shared, default=article.title)
    others = [article.title] if best != article.title else []
    return Suggestion(best, article, others, highlight(best, text, length=len(best)))
