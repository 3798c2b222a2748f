"""What was done with an article beside writing it, and who has its editor open now."""

import enum
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.accounts.models import Agent
from helpdesk.core.clock import now
from helpdesk.core.db import Model, aside, db, insert_into
from helpdesk.core.i18n import moment
from helpdesk.core.text import without_controls
from knowledge_base.models import Article, Revision

LONGEST_NOTE = 500
# An open editor says so every half minute; who has been silent for so long has gone.
HERE_FOR = timedelta(seconds=75)
_MOST_ACTS = 200


class Act(enum.Enum):
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    ARCHIVED = "archived"
    REVIEW_ASKED = "review-asked"
    SENT_BACK = "sent-back"
    SCHEDULED = "scheduled"
    UNSCHEDULED = "unscheduled"
    CONFIRMED = "confirmed"
    OWNED = "owned"
    MOVED = "moved"
    CAUGHT_UP = "caught-up"


class ArticleAct(Model):
    """One step in the life of an article."""

    __tablename__ = "article_acts"
    __table_args__ = (Index("ix_article_acts_article_id_at", "article_id", "at"),)

    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"))
    # The revision it was about, where it was about one.
    revision_id: Mapped[int | None] = mapped_column(ForeignKey("revisions.id", ondelete="CASCADE"))
    act: Mapped[Act]
    # What the agent had to say, or what it came to: a date, an address, a name.
    note: Mapped[str] = mapped_column(default="")
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    at: Mapped[datetime] = mapped_column(default=now)

    agent: Mapped[Agent | None] = relationship()
    revision: Mapped[Revision | None] = relationship()

    @property
    def said(self) -> str:
        """The note as people read it: a moment in their words."""
        if self.act is Act.SCHEDULED:
            return moment(datetime.fromisoformat(self.note))
        return self.note


class ArticleVisit(Model):
    """A sign of life of an agent who has an article's editor open."""

    __tablename__ = "article_visits"
    __table_args__ = (Index("uq_article_visits_article_id_agent_id", "article_id", "agent_id", unique=True),)

    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"))
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(default=now)


def note(
    article: Article, act: Act, *, by: Agent | None, words: str = "", revision: Revision | None = None
) -> None:
    """Keep in the history that somebody did this; `by` None is the system."""
    kept = ArticleAct(
        article_id=article.id,
        revision_id=revision.id if revision else None,
        act=act,
        note=without_controls(words).strip()[:LONGEST_NOTE],
        agent_id=by.id if by else None,
    )
    db.session.add(kept)


def acts_of(article: Article) -> list[ArticleAct]:
    """What was done with it, the newest first."""
    own = select(ArticleAct).where(ArticleAct.article_id == article.id)
    return list(
        db.session.scalars(own.order_by(ArticleAct.at.desc(), ArticleAct.id.desc()).limit(_MOST_ACTS))
    )


def last(article: Article, act: Act) -> ArticleAct | None:
    """The newest of this kind, None where it never happened."""
    own = select(ArticleAct).where(ArticleAct.article_id == article.id, ArticleAct.act == act)
    return db.session.scalar(own.order_by(ArticleAct.at.desc(), ArticleAct.id.desc()).limit(1))


def be_here(article_id: int, agent: Agent) -> None:
    """Say that `agent` has the editor open; from within a page that only reads."""
    row = insert_into(ArticleVisit).values(article_id=article_id, agent_id=agent.id, at=now())
    with aside() as session:
        session.execute(
            row.on_conflict_do_update(index_elements=["article_id", "agent_id"], set_={"at": now()})
        )


def others_here(article_id: int, agent: Agent) -> list[str]:
    """The names of the others who have the editor open just now."""
    seen = select(Agent.name).join(ArticleVisit, ArticleVisit.agent_id == Agent.id)
    recent = seen.where(ArticleVisit.article_id == article_id, ArticleVisit.at > now() - HERE_FOR)
    return list(db.session.scalars(recent.where(Agent.id != agent.id).order_by(Agent.name)))
