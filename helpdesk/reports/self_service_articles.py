"""What each article does for people: read, judged by revision, sent in replies; and the idle ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select

from helpdesk.accounts.models import Agent
from helpdesk.core.db import db
from helpdesk.core.statistics import Estimate, proportion
from helpdesk.reports.self_service_choice import Choice
from knowledge_base.belongings import ArticleUse
from knowledge_base.models import Article, ArticleStatus, Revision, Vote
from knowledge_base.steps import HelpStep, Step

PAGE = 50
_MOST_REASONS = 100
# How the list may be ordered or narrowed.
SHOWN = ("read", "unhelpful", "used", "unread", "unused")


@dataclass(frozen=True)
class Line:
    """One published article in the days chosen; its votes are those of the revision readers have."""

    article: Article
    reads: int
    votes: int
    helpful: int
    uses: int

    @property
    def share(self) -> Estimate | None:
        return proportion(self.helpful, self.votes)


@dataclass(frozen=True)
class Judged:
    """What readers said of one revision, ever."""

    number: int
    at: datetime
    votes: int
    helpful: int

    @property
    def share(self) -> Estimate | None:
        return proportion(self.helpful, self.votes)


def lines(choice: Choice, viewer: Agent, shown: str, page: int = 1) -> tuple[list[Line], bool]:
    """A page of the published articles, and whether there are more; shown: one of `SHOWN`."""
    reads, votes, uses = _reads(choice), _votes(choice), _uses(choice)
    read, used = func.coalesce(reads.c.n, 0), func.coalesce(uses.c.n, 0)
    count, helpful = func.coalesce(votes.c.n, 0), func.coalesce(votes.c.helpful, 0)
    found: Select[Any] = (
        Article.visible_to(viewer)
        .where(Article.status == ArticleStatus.PUBLISHED)
        .add_columns(read, count, helpful, used)
        .outerjoin(reads, reads.c.id == Article.id)
        .outerjoin(votes, votes.c.id == Article.revision_id)
        .outerjoin(uses, uses.c.id == Article.id)
    )
    if choice.lang:
        found = found.where(Article.lang == choice.lang)
    narrowed = {"unread": read == 0, "unused": used == 0, "unhelpful": count > helpful}
    found = found.where(narrowed[shown]) if shown in narrowed else found
    order = {"used": used.desc(), "unhelpful": (count - helpful).desc()}.get(shown, read.desc())
    rows = db.session.execute(
        found.order_by(order, Article.id).limit(PAGE + 1).offset(PAGE * (page - 1))
    ).all()
    return [Line(*row) for row in rows[:PAGE]], len(rows) > PAGE


def judged(article: Article) -> list[Judged]:
    """The revisions that readers judged, the newest first."""
    helpful = func.sum(case((Vote.is_helpful, 1), else_=0))
    counted = select(Revision.number, Revision.created_at, func.count(), helpful).join(
        Vote, Vote.revision_id == Revision.id
    )
    own = counted.where(Revision.article_id == article.id).group_by(Revision.id)
    return [Judged(*row) for row in db.session.execute(own.order_by(Revision.number.desc()))]


def reasons(article: Article) -> Sequence[Any]:
    """Why readers said that it did not help, newest first, with the number of the revision."""
    said = select(Vote.why, Vote.reason, Vote.at, Revision.number).join(
        Revision, Revision.id == Vote.revision_id
    )
    own = said.where(
        Revision.article_id == article.id, Vote.is_helpful.is_(False), or_(Vote.reason != "", Vote.why != "")
    )
    return db.session.execute(own.order_by(Vote.at.desc(), Vote.id.desc()).limit(_MOST_REASONS)).all()


def _reads(choice: Choice) -> Any:
    days = and_(HelpStep.at >= choice.window.start, HelpStep.at < choice.window.end)
    counted = select(HelpStep.article_id.label("id"), func.count().label("n"))
    return counted.where(HelpStep.step == Step.READ, days).group_by(HelpStep.article_id).subquery()


def _votes(choice: Choice) -> Any:
    helpful = func.sum(case((Vote.is_helpful, 1), else_=0)).label("helpful")
    counted = select(Vote.revision_id.label("id"), func.count().label("n"), helpful)
    days = and_(Vote.at >= choice.window.start, Vote.at < choice.window.end)
    return counted.where(days).group_by(Vote.revision_id).subquery()


def _uses(choice: Choice) -> Any:
    days = and_(ArticleUse.at >= choice.window.start, ArticleUse.at < choice.window.end)
    counted = select(ArticleUse.article_id.label("id"), func.count().label("n"))
    return counted.where(days).group_by(ArticleUse.article_id).subquery()
