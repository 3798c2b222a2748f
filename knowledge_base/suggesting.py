"""Written questions that fit what somebody is typing: those that begin so, then search's own answers."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import func, select

from helpdesk.core.db import db
from helpdesk.core.words import fold
from knowledge_base.models import Article, ArticleStatus, Viewer
from knowledge_base.search import search

# Less than this fits everything.
_SHORTEST = 2
_LONGEST = 100
# From here on search is asked too, where written questions do not fill the list.
_SEARCHED_FROM = 3
# Articles whose permission is asked for at a time.
_LOOKED_UP = 50


@dataclass(frozen=True)
class Suggestion:
    """A question as it is written down, and the article that answers it."""

    text: str
    article: Article


@dataclass(frozen=True)
class _Line:
    """A title or a question, folded for comparing."""

    folded: str
    text: str
    article_id: int


def suggestions(text: str, lang: str, limit: int = 8, *, viewer: Viewer = None) -> list[Suggestion]:
    """At most one an article that `viewer` may read, best first; none for less than two letters."""
    words = fold(text[:_LONGEST]).split()
    if len("".join(words)) < _SHORTEST:
        return []
    lines = _best_of_each(line for line in _lines(lang) if all(word in line.folded for word in words))
    best = sorted(lines, key=lambda line: (_distance(line, words), line.article_id))
    found = _readable(best, viewer, limit)
    if len(found) < limit and len("".join(words)) >= _SEARCHED_FROM:
        known = {each.article.id for each in found}
        found += _searched(text, lang, viewer, known, limit - len(found))
    return found


def _best_of_each(lines: Iterable[_Line]) -> list[_Line]:
    """Of an article the question that fits; its title where that fits as well."""
    best: dict[int, _Line] = {}
    for line in lines:
        best.setdefault(line.article_id, line)
    return [*best.values()]


def _distance(line: _Line, words: list[str]) -> tuple[int, int, int]:
    """How far a line is from what is typed: one that begins so is nearest, then the shorter one."""
    begins = line.folded.startswith(words[0])
    return (0 if begins else 1, line.folded.find(words[0]) if not begins else 0, len(line.folded))


def _searched(text: str, lang: str, viewer: Viewer, known: set[int], limit: int) -> Iterator[Suggestion]:
    items = search(text, lang, viewer=viewer, limit=limit + len(known)).items
    new = [item.article for item in items if item.article.id not in known]
    return (Suggestion(article.title, article) for article in new[:limit])


def _readable(lines: list[_Line], viewer: Viewer, limit: int) -> list[Suggestion]:
    """The first of the lines whose articles the viewer may read."""
    found: list[Suggestion] = []
    for start in range(0, len(lines), _LOOKED_UP):
        near = lines[start : start + _LOOKED_UP]
        own = Article.readable_by(viewer).where(Article.id.in_([line.article_id for line in near]))
        articles = {article.id: article for article in db.session.scalars(own)}
        found += [
            Suggestion(each.text, articles[each.article_id]) for each in near if each.article_id in articles
        ]
        if len(found) >= limit:
            break
    return found[:limit]


def _lines(lang: str) -> list[_Line]:
    """All titles and questions of a language, folded; kept by the process until an article changes."""
    published = select(Article).where(Article.lang == lang, Article.status == ArticleStatus.PUBLISHED)
    figures = func.count(Article.id), func.max(Article.id), func.sum(Article.version)
    stamp = tuple(db.session.execute(published.with_only_columns(*figures)).one())
    kept = current_app.extensions.setdefault("helpdesk.suggestions", {})
    if lang not in kept or kept[lang][0] != stamp:
        columns = published.with_only_columns(Article.id, Article.title, Article.questions)
        kept[lang] = (stamp, [line for row in db.session.execute(columns) for line in _lines_of(*row)])
    lines: list[_Line] = kept[lang][1]
    return lines


def _lines_of(id: int, title: str, questions: list[str]) -> Iterator[_Line]:
    yield from (_Line(fold(text), text, id) for text in (title, *questions))
