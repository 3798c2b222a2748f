"""What leads on from an article: those before and after it in its category, and those that go with it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, String, Subquery, cast, func, or_, select
from sqlalchemy.orm import aliased

from helpdesk.core.clock import now
from helpdesk.core.db import db
from knowledge_base.models import Article, Viewer
from knowledge_base.steps import HelpStep, Step

MOST_RELATED = 4
# Readings of this time count, of so many visitors at most: the newest.
_LOOK_BACK_FOR = timedelta(days=90)
_MOST_VISITORS = 200
_MOST_IN_CATEGORY, _MOST_ELSEWHERE = 300, 40
# What two articles have in common, against each other: a reader of both, a tag, the category.
_READ, _TAGGED, _BESIDE = 1.0, 2.0, 1.0
_MOST_READ = 5


@dataclass(frozen=True)
class Leaf:
    """As much of an article as a link to it shows. readers: who read the one in question as well."""

    id: int
    lang: str
    slug: str
    title: str
    tags: Sequence[str]
    updated_at: datetime
    readers: int = 0


@dataclass(frozen=True)
class Around:
    """What stands around an article. before, after: in the order of its category."""

    related: Sequence[Leaf]
    before: Leaf | None = None
    after: Leaf | None = None


LEAF = (Article.id, Article.lang, Article.slug, Article.title, Article.tags, Article.updated_at)
# The order that editors gave; where they gave none, that of titles.
ORDER = (Article.position, Article.title, Article.id)


def around(article: Article, viewer: Viewer) -> Around:
    """Neighbours and relatives that `viewer` may read, in two statements."""
    beside = in_category(article.lang, article.category_id, viewer) if article.category_id else []
    place = next((n for n, leaf in enumerate(beside) if leaf.id == article.id), None)
    others = [leaf for leaf in beside if leaf.id != article.id]
    scored = [(_score(article, leaf) + _BESIDE, leaf) for leaf in others]
    scored += [(_score(article, leaf), leaf) for leaf in _elsewhere(article, viewer)]
    # In the order of the category where nothing tells them apart.
    best = [leaf for _score, leaf in sorted(_once(scored), key=lambda pair: -pair[0])][:MOST_RELATED]
    if place is None:
        return Around(best)
    return Around(
        best, beside[place - 1] if place else None, beside[place + 1] if place + 1 < len(beside) else None
    )


def in_category(lang: str, category_id: int, viewer: Viewer) -> list[Leaf]:
    """The articles that lie in a category itself, in their order."""
    own = Article.readable_by(viewer).where(Article.lang == lang, Article.category_id == category_id)
    rows = db.session.execute(own.with_only_columns(*LEAF).order_by(*ORDER).limit(_MOST_IN_CATEGORY))
    return [Leaf(*row) for row in rows]


def _elsewhere(article: Article, viewer: Viewer) -> list[Leaf]:
    """Articles of any category that its readers read as well, or that have a tag of its own."""
    read = _read_as_well(article)
    common = [_has_tag(tag) for tag in article.tags[:10]]
    own = Article.readable_by(viewer).where(Article.lang == article.lang, Article.id != article.id)
    found = own.outerjoin(read, read.c.article_id == Article.id).where(
        or_(read.c.readers.is_not(None), *common)
    )
    readers = func.coalesce(read.c.readers, 0)
    newest = found.order_by(readers.desc(), Article.updated_at.desc()).limit(_MOST_ELSEWHERE)
    return [Leaf(*row) for row in db.session.execute(newest.with_only_columns(*LEAF, readers))]


def _read_as_well(article: Article) -> Subquery:
    """The articles that readers of this one read, and how many of them did."""
    since = now() - _LOOK_BACK_FOR
    reading = select(HelpStep.visitor).where(
        HelpStep.article_id == article.id, HelpStep.step == Step.READ, HelpStep.at > since
    )
    visitors = reading.order_by(HelpStep.at.desc()).limit(_MOST_VISITORS).subquery()
    step = aliased(HelpStep)
    read = select(step.article_id, func.count(step.visitor.distinct()).label("readers")).where(
        step.visitor.in_(select(visitors.c.visitor)), step.step == Step.READ, step.at > since
    )
    return read.where(step.article_id != article.id).group_by(step.article_id).subquery()


def _has_tag(tag: str) -> ColumnElement[bool]:
    # As JSON writes it: in quotes, Japanese letters as numbers.
    return cast(Article.tags, String).contains(json.dumps(tag), autoescape=True)


def _score(article: Article, leaf: Leaf) -> float:
    tags = len({*article.tags} & {*leaf.tags})
    return _READ * min(leaf.readers, _MOST_READ) + _TAGGED * tags


def _once(scored: list[tuple[float, Leaf]]) -> list[tuple[float, Leaf]]:
    """Each article once, by the best of its scores, in the order given."""
    best: dict[int, tuple[float, Leaf]] = {}
    for score, leaf in scored:
        if leaf.id not in best or score > best[leaf.id][0]:
            best[leaf.id] = (score, leaf)
    return list(best.values())
