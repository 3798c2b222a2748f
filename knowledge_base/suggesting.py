"""Written questions that fit what somebody is typing: those that begin so, then search's own answers."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import func

from helpdesk.core.db import db
from helpdesk.core.words import fold
from knowledge_base.models import Article
from knowledge_base.search import search

# Less than this fits everything.
_SHORTEST = 2
_LONGEST = 100
# From here on search is asked too, where written questions do not fill the list.
_SEARCHED_FROM = 3


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


def suggestions(text: str, lang: str, limit: int = 8) -> list[Suggestion]:
    """At most one a public article, best first; none for less than two letters."""
    words = fold(text[:_LONGEST]).split()
    if len("".join(words)) < _SHORTEST:
        return []
    lines = _best_of_each(line for line in _lines(lang) if all(word in line.folded for word in words))
    best = sorted(lines, key=lambda line: (_distance(line, words), line.article_id))[:limit]
    articles = _public([line.article_id for line in best])
    found = [Suggestion(line.text, articles[line.article_id]) for line in best if line.article_id in articles]
    if len(found) < limit and len("".join(words)) >= _SEARCHED_FROM:
        found += _searched(text, lang, {*articles}, limit - len(found))
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


def _searched(text: str, lang: str, known: set[int], limit: int) -> Iterator[Suggestion]:
    items = search(text, lang, limit=limit + len(known)).items
    new = [item.article for item in items if item.article.id not in known]
    return (Suggestion(article.title, article) for article in new[:limit])


def _public(ids: list[int]) -> dict[int, Article]:
    return {
        article.id: article for article in db.session.scalars(Article.public().where(Article.id.in_(ids)))
    }


def _lines(lang: str) -> list[_Line]:
    """All titles and questions of a language, folded; kept by the process until an article changes."""
    public = Article.public().where(Article.lang == lang)
    figures = func.count(Article.id), func.max(Article.id), func.sum(Article.version)
    stamp = tuple(db.session.execute(public.with_only_columns(*figures)).one())
    kept = current_app.extensions.setdefault("helpdesk.suggestions", {})
    if lang not in kept or kept[lang][0] != stamp:
        columns = public.with_only_columns(Article.id, Article.title, Article.questions)
        kept[lang] = (stamp, [line for row in db.session.execute(columns) for line in _lines_of(*row)])
    lines: list[_Line] = kept[lang][1]
    return lines


def _lines_of(id: int, title: str, questions: list[str]) -> Iterator[_Line]:
    yield from (_Line(fold(text), text, id) for text in (title, *questions))
