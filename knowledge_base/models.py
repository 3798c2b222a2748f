"""An article is lasting; its revisions are what it said; a vote belongs to the revision it judged."""

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    String,
    cast,
    column,
    func,
    or_,
    select,
    table,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.accounts.models import Agent
from helpdesk.core.clock import now
from helpdesk.core.db import Model
from helpdesk.customers.models import Contact, Customer
from knowledge_base.categories import Category

# Who looks: one of our team, a customer who signed in, a stranger.
Viewer = Agent | Contact | None

# Of a room beside ours only these words are known.
_stages = table("stages", column("id"), column("key"))


class ArticleStatus(enum.Enum):
    DRAFT = "draft"
    # Written, and somebody else is asked to look at it; readers have nothing yet.
    REVIEW = "review"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class Purpose(enum.Enum):
    HOW_TO = "how-to"
    COMPARISON = "comparison"
    ROI = "roi"
    ADOPTION_GUIDE = "adoption-guide"
    CASE = "case"
    POLICY = "policy"
    CHECKLIST = "checklist"
    RELEASE_NOTE = "release-note"


class Visibility(enum.Enum):
    PUBLIC = "public"
    # Customers who signed in; of a segment only those who stand on one of its stages.
    SIGNED_IN = "signed-in"
    SEGMENT = "segment"
    STAFF = "staff"


class Article(Model):
    """One question answered, in one language, at one lasting address."""

    __tablename__ = "articles"
    __table_args__ = (
        Index("uq_articles_lang_slug", "lang", "slug", unique=True),
        Index("uq_articles_external_id_lang", "external_id", "lang", unique=True),
        Index("ix_articles_status_lang_category_id", "status", "lang", "category_id"),
        Index("ix_articles_publish_at", "publish_at"),
        Index("ix_articles_review_on", "review_on"),
        # Tells at once whether anything changed.
        Index("ix_articles_lang_version", "lang", "version"),
    )

    # The same in all languages of one article; None where it stands alone.
    external_id: Mapped[str | None]
    lang: Mapped[str]
    slug: Mapped[str]
    category_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"), index=True)
    # Among those of its category, as editors put them; the same for all is the order of titles.
    position: Mapped[int] = mapped_column(default=0)
    status: Mapped[ArticleStatus] = mapped_column(default=ArticleStatus.DRAFT)
    visibility: Mapped[Visibility] = mapped_column(default=Visibility.PUBLIC)
    purpose: Mapped[Purpose] = mapped_column(default=Purpose.HOW_TO)
    # The newest revision that readers get; title and body are kept here so that reading is one query.
    title: Mapped[str]
    body: Mapped[str]
    # No foreign key: two tables that point at each other could not be made one after the other.
    revision_id: Mapped[int | None]
    tags: Mapped[list[str]] = mapped_column(default=list)
    # Stage keys it is written for; search prefers it there and never hides it elsewhere.
    stages: Mapped[list[str]] = mapped_column(default=list)
    # Stage keys of those who may read it, where only a segment may.
    audience: Mapped[list[str]] = mapped_column(default=list)
    # What customers would type.
    questions: Mapped[list[str]] = mapped_column(default=list)
    published_at: Mapped[datetime | None]
    # When readers last got something new.
    updated_at: Mapped[datetime] = mapped_column(default=now)
    created_at: Mapped[datetime] = mapped_column(default=now)
    # Who sees to it that it stays true, and from when on it must be looked through again.
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    review_on: Mapped[date | None]
    # Who was asked to look at the newest revision before readers get it.
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    # When readers shall get which revision by itself.
    publish_at: Mapped[datetime | None]
    scheduled_revision_id: Mapped[int | None]
    # What it was translated from: when that article moves on, this one is behind.
    source_revision_id: Mapped[int | None]
    # Who put it into its status.
    status_by_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    # Counts every change of this row; the index has the article as it was at `indexed_version`.
    version: Mapped[int] = mapped_column(default=1)
    indexed_version: Mapped[int | None]

    shelf: Mapped[Category | None] = relationship(lazy="joined")
    status_by: Mapped[Agent | None] = relationship(foreign_keys=[status_by_id])
    owner: Mapped[Agent | None] = relationship(foreign_keys=[owner_id])
    reviewer: Mapped[Agent | None] = relationship(foreign_keys=[reviewer_id])
    revisions: Mapped[list["Revision"]] = relationship(
        back_populates="article", order_by="Revision.number", foreign_keys="Revision.article_id"
    )

    __mapper_args__ = {"version_id_col": version}

    @classmethod
    def public(cls) -> Select["Article"]:
        """What anybody may read."""
        return select(cls).where(cls.status == ArticleStatus.PUBLISHED, cls.visibility == Visibility.PUBLIC)

    @classmethod
    def visible_to(cls, agent: Agent) -> Select["Article"]:
        """Agents read every article, drafts included."""
        return select(cls)

    @classmethod
    def readable_by(cls, viewer: Viewer) -> Select["Article"]:
        """What `viewer` may read of what is published: the one question that every page and search asks."""
        if viewer is None:
            return cls.public()
        published = select(cls).where(cls.status == ArticleStatus.PUBLISHED)
        return published if isinstance(viewer, Agent) else published.where(cls._is_open_to(viewer))

    @classmethod
    def _is_open_to(cls, contact: Contact) -> ColumnElement[bool]:
        """Whether a customer who signed in may read it, by the stage that their customer stands on now."""
        standing = select(_stages.c.key).join(Customer, Customer.stage_id == _stages.c.id)
        key = standing.where(Customer.id == contact.customer_id).scalar_subquery()
        # "_" would stand for any letter.
        named = cast(cls.audience, String).like('%"' + func.replace(key, "_", "/_") + '"%', escape="/")
        is_for_all = cls.visibility.in_((Visibility.PUBLIC, Visibility.SIGNED_IN))
        return or_(is_for_all, (cls.visibility == Visibility.SEGMENT) & named)

    @property
    def category(self) -> str:
        """The name of its category in its own language; empty where it lies in none."""
        return self.shelf.name(self.lang) if self.shelf else ""

    @property
    def newest(self) -> "Revision":
        """What editors work on; readers may still have an earlier one."""
        return self.revisions[-1]

    @property
    def is_published(self) -> bool:
        return self.status == ArticleStatus.PUBLISHED

    @property
    def is_public(self) -> bool:
        return self.is_published and self.visibility == Visibility.PUBLIC

    @property
    def has_unpublished_changes(self) -> bool:
        """Whether readers have an earlier text than editors."""
        return self.is_published and (self.title, self.body) != (self.newest.title, self.newest.body)


class Revision(Model):
    """What an article said from one moment on."""

    __tablename__ = "revisions"
    __table_args__ = (Index("uq_revisions_article_id_number", "article_id", "number", unique=True),)

    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"))
    number: Mapped[int]
    title: Mapped[str]
    body: Mapped[str]
    # What was said about the article from then on: category, purpose, visibility, tags, stages, questions.
    particulars: Mapped[dict[str, Any]] = mapped_column(default=dict)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    # Why it was written, where its author said so.
    note: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(default=now)

    article: Mapped[Article] = relationship(back_populates="revisions", foreign_keys=[article_id])
    agent: Mapped[Agent | None] = relationship()


class Vote(Model):
    """A reader's judgement of a revision; one per visitor, changeable."""

    __tablename__ = "votes"
    __table_args__ = (Index("uq_votes_revision_id_visitor", "revision_id", "visitor", unique=True),)

    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id", ondelete="CASCADE"))
    # A random id of the browser, not of the person.
    visitor: Mapped[str]
    is_helpful: Mapped[bool]
    # One of `voting.REASONS` where it did not help, and the reader's own words.
    why: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime] = mapped_column(default=now)
