"""What editors see: all articles with their state and votes, and what differs between two texts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from sqlalchemy import ColumnElement, Integer, cast, func, or_, select

from helpdesk.accounts.models import Agent
from helpdesk.core.db import db
from helpdesk.core.i18n import LANGUAGES
from knowledge_base.categories import Category
from knowledge_base.models import Article, ArticleStatus, Revision, Vote

PAGE = 50
_MOST_WORDS = 8
# Unchanged lines shown around a change.
_AROUND = 2


@dataclass(frozen=True)
class Wanted:
    """Which articles are wanted; empty is all of them."""

    status: str = ""
    lang: str = ""
    words: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> "Wanted":
        return cls(asked.get("status", ""), asked.get("lang", ""), asked.get("q", "").strip())

    def __bool__(self) -> bool:
        return bool(self.status or self.lang or self.words)

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        chosen: list[ColumnElement[bool]] = []
        if self.status in [status.value for status in ArticleStatus]:
            chosen.append(Article.status == ArticleStatus(self.status))
        if self.lang in LANGUAGES:
            chosen.append(Article.lang == self.lang)
        texts = (Article.title, Article.body, Category.name_ja, Category.name_en)
        for word in self.words.split()[:_MOST_WORDS]:
            chosen.append(or_(*(text.icontains(word, autoescape=True) for text in texts)))
        return chosen


@dataclass(frozen=True)
class Listed:
    """One line of the list. votes, helpful: of the revision that readers have."""

    article: Article
    newest: Revision
    votes: int = 0
    helpful: int = 0

    @property
    def is_ahead(self) -> bool:
        """Whether editors have a newer text than readers."""
        texts = (self.article.title, self.article.body), (self.newest.title, self.newest.body)
        return self.article.is_published and texts[0] != texts[1]


@dataclass(frozen=True)
class Line:
    """A line of a comparison. change: "+", "-", " " or "…" for unchanged lines left out."""

    change: str
    text: str


def listed(agent: Agent, wanted: Wanted, page: int = 1) -> tuple[list[Listed], bool]:
    """One page of the articles, those that changed last first; and whether there are more."""
    last = select(func.max(Revision.id)).group_by(Revision.article_id)
    rows = (
        Article.visible_to(agent)
        .join(Revision, Revision.article_id == Article.id)
        .outerjoin(Category, Article.category_id == Category.id)
        .where(Revision.id.in_(last))
    )
    chosen = rows.add_columns(Revision).where(*wanted.conditions)
    ordered = chosen.order_by(Revision.created_at.desc(), Article.id.desc())
    found = db.session.execute(ordered.offset((max(page, 1) - 1) * PAGE).limit(PAGE + 1)).all()
    votes = _votes([article.revision_id for article, _newest in found])
    lines = [Listed(article, newest, *votes.get(article.revision_id, ())) for article, newest in found[:PAGE]]
    return lines, len(found) > PAGE


def votes_of(article: Article) -> list[Vote]:
    """What readers said of the revision they have, the newest first."""
    own = select(Vote).where(Vote.revision_id == article.revision_id).order_by(Vote.at.desc())
    return list(db.session.scalars(own.limit(200)))


def differences(before: str, after: str) -> list[Line]:
    """Line by line what was taken away and added, with a little of what stayed; empty where all stayed."""
    old, new = before.splitlines(), after.splitlines()
    groups = SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(_AROUND)
    found: list[Line] = []
    for group in groups:
        if group[0][1] > 0:
            found.append(Line("…", ""))
        found += [line for step in group for line in _lines(step, old, new)]
    return found


def told(particulars: Mapping[str, Any]) -> str:
    """The particulars of a revision as lines, to be compared."""
    words = {name: ", ".join(said) if isinstance(said, list) else said for name, said in particulars.items()}
    return "\n".join(f"{name}: {said}" for name, said in words.items() if said)


def _votes(revision_ids: Sequence[int | None]) -> dict[int | None, tuple[int, int]]:
    counts = select(Vote.revision_id, func.count(Vote.id), func.sum(cast(Vote.is_helpful, Integer)))
    of_those = counts.where(Vote.revision_id.in_(revision_ids)).group_by(Vote.revision_id)
    return {id: (count, int(helpful)) for id, count, helpful in db.session.execute(of_those)}


def _lines(step: tuple[str, int, int, int, int], old: list[str], new: list[str]) -> Iterator[Line]:
    kind, a, b, c, d = step
    if kind == "equal":
        yield from (Line(" ", text) for text in old[a:b])
        return
    yield from (Line("-", text) for text in old[a:b])
    yield from (Line("+", text) for text in new[c:d])
