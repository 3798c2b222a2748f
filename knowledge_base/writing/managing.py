"""What editors see of all articles: narrowed, in an order, a page at a time, and what waits for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Integer, cast, func, select
from sqlalchemy.orm import contains_eager, selectinload

from helpdesk.accounts.models import Agent
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.i18n import local
from knowledge_base.belongings import ArticleLink
from knowledge_base.categories import Category
from knowledge_base.models import Article, Revision, Vote
from knowledge_base.writing.narrowing import ORDERS, Wanted, conditions, is_behind

PAGE = 50
# What `Waiting` counts, in its order, as an address says it.
_WAITING = (
    ("review", "me"),
    ("review", "back"),
    ("stale", "yes"),
    ("links", "broken"),
    ("translation", "behind"),
)


@dataclass(frozen=True)
class Listed:
    """One line of the list. votes, helpful: of the revision that readers have; faults: links to nowhere."""

    article: Article
    newest: Revision
    key: str
    votes: int = 0
    helpful: int = 0
    faults: int = 0
    is_stale: bool = False
    is_behind: bool = False

    @property
    def is_ahead(self) -> bool:
        """Whether editors have a newer text than readers."""
        texts = (self.article.title, self.article.body), (self.newest.title, self.newest.body)
        return self.article.is_published and texts[0] != texts[1]

    @property
    def mark(self) -> str:
        """Its place in the order, for the address of the next page."""
        return f"{self.article.id}~{self.key}"


@dataclass(frozen=True)
class Listing:
    """One page of the list; older and newer are marks for the pages beside it, None where there is none."""

    lines: Sequence[Listed]
    older: str | None = None
    newer: str | None = None


@dataclass(frozen=True)
class Waiting:
    """How many articles want something of the team, or of the agent."""

    to_review: int
    sent_back: int
    stale: int
    faulty: int
    behind: int


def today() -> date:
    """The workspace's day."""
    return local(now()).date()


def listed(agent: Agent, wanted: Wanted, *, after: str = "", before: str = "") -> Listing:
    """A page of the articles in the order that was chosen; after, before: the mark of a line beside it."""
    order = ORDERS[wanted.order]
    is_back = bool(before) and not after
    place = order.beyond(before if is_back else after, is_back=is_back)
    chosen = _rows(agent).add_columns(order.key, is_behind().label("behind"))
    chosen = chosen.where(*conditions(wanted, agent, today()), *place)
    found = db.session.execute(chosen.order_by(*order.by(is_back=is_back)).limit(PAGE + 1)).all()
    rows = found[:PAGE][::-1] if is_back else found[:PAGE]
    lines = _lines(rows)
    has_more = len(found) > PAGE
    has_newer, has_older = (has_more, True) if is_back else (bool(after), has_more)
    return Listing(
        lines,
        older=lines[-1].mark if lines and has_older else None,
        newer=lines[0].mark if lines and has_newer else None,
    )


def waiting(agent: Agent) -> Waiting:
    """What the head of the list counts, in one question."""
    counts = [
        select(func.count(Article.id)).where(*conditions(Wanted(**{name: said}), agent, today()))
        for name, said in _WAITING
    ]
    return Waiting(*db.session.execute(select(*(count.scalar_subquery() for count in counts))).one())


def owners() -> list[Agent]:
    """Everybody who owns an article, those who left too."""
    owning = select(Article.owner_id).where(Article.owner_id.is_not(None))
    return list(db.session.scalars(select(Agent).where(Agent.id.in_(owning)).order_by(Agent.name)))


def votes_of(article: Article) -> list[Vote]:
    """What readers said of the revision they have, the newest first."""
    own = select(Vote).where(Vote.revision_id == article.revision_id).order_by(Vote.at.desc())
    return list(db.session.scalars(own.limit(200)))


def _rows(agent: Agent) -> Any:
    """Articles with their shelves and their newest revisions."""
    last = select(func.max(Revision.id)).group_by(Revision.article_id)
    return (
        Article.visible_to(agent)
        .join(Revision, Revision.article_id == Article.id)
        .outerjoin(Category, Article.category_id == Category.id)
        .where(Revision.id.in_(last))
        .options(contains_eager(Article.shelf), selectinload(Article.owner), selectinload(Article.reviewer))
        .add_columns(Revision)
    )


def _lines(rows: Sequence[Any]) -> list[Listed]:
    votes = _votes([article.revision_id for article, *_rest in rows])
    faults = _faults([article.id for article, *_rest in rows])
    this_day = today()
    return [
        Listed(
            article,
            newest,
            "" if key is None else str(key),
            *votes.get(article.revision_id, (0, 0)),
            faults=faults.get(article.id, 0),
            is_stale=article.review_on is not None and article.review_on <= this_day,
            is_behind=bool(behind),
        )
        for article, newest, key, behind in rows
    ]


def _votes(revision_ids: Sequence[int | None]) -> dict[int | None, tuple[int, int]]:
    counts = select(Vote.revision_id, func.count(Vote.id), func.sum(cast(Vote.is_helpful, Integer)))
    of_those = counts.where(Vote.revision_id.in_(revision_ids)).group_by(Vote.revision_id)
    return {id: (count, int(helpful)) for id, count, helpful in db.session.execute(of_those)}


def _faults(article_ids: Sequence[int]) -> dict[int, int]:
    faulty = select(ArticleLink.article_id, func.count()).where(ArticleLink.fault != "")
    counts = faulty.where(ArticleLink.article_id.in_(article_ids)).group_by(ArticleLink.article_id)
    return dict(db.session.execute(counts).all())
