"""What belongs to an article beside its text: files, links, addresses it had, where it came from, its use."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.core.clock import now
from helpdesk.core.db import Model
from helpdesk.core.files import StoredFile
from knowledge_base.models import Article


class ArticleFile(Model):
    """An image or a file of an article; whoever may read the article may load it."""

    __tablename__ = "article_files"
    __table_args__ = (Index("uq_article_files_article_id_name", "article_id", "name", unique=True),)

    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"))
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_files.id"), index=True)
    # As the text names it; a second file of the same name gets another one.
    name: Mapped[str]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)

    article: Mapped[Article] = relationship()
    file: Mapped[StoredFile] = relationship()


class ArticleLink(Model):
    """A link in an article's text, and what was found when it was last followed."""

    __tablename__ = "article_links"
    __table_args__ = (Index("uq_article_links_article_id_address", "article_id", "address", unique=True),)

    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"))
    address: Mapped[str]
    # Empty while it leads somewhere; else what is wrong, as a key of our words.
    fault: Mapped[str] = mapped_column(default="")
    checked_at: Mapped[datetime | None] = mapped_column(index=True)

    article: Mapped[Article] = relationship()


class ArticleMove(Model):
    """An address that an article had; it leads to the present one for ever."""

    __tablename__ = "article_moves"
    __table_args__ = (Index("uq_article_moves_lang_slug", "lang", "slug", unique=True),)

    lang: Mapped[str]
    slug: Mapped[str]
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), index=True)

    article: Mapped[Article] = relationship()


class ArticleOrigin(Model):
    """A ticket that an article was written for."""

    __tablename__ = "article_origins"
    __table_args__ = (
        Index("uq_article_origins_article_id_ticket_id", "article_id", "ticket_id", unique=True),
    )

    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), index=True)
    # The reply that it was made from, where it was.
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class ArticleUse(Model):
    """A reply of ours that sent somebody to an article."""

    __tablename__ = "article_uses"
    __table_args__ = (
        Index("uq_article_uses_article_id_message_id", "article_id", "message_id", unique=True),
        Index("ix_article_uses_at", "at"),
    )

    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"))
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), index=True)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    at: Mapped[datetime] = mapped_column(default=now)
