"""What visitors did in the help centre, step by step."""

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.core.clock import now
from helpdesk.core.db import Model
from knowledge_base.models import Article


class Step(enum.Enum):
    SEARCHED = "searched"
    READ = "read"
    VOTED = "voted"
    # They opened the form to write to us, or the chat; then they wrote.
    ASKED = "asked"
    WROTE = "wrote"


class HelpStep(Model):
    """One step of a visitor through the help centre: what they tried before they wrote."""

    __tablename__ = "help_steps"
    __table_args__ = (
        Index("ix_help_steps_visitor_at", "visitor", "at"),
        Index("ix_help_steps_step_at", "step", "at"),
        Index("ix_help_steps_article_id_at", "article_id", "at"),
    )

    visitor: Mapped[str]
    step: Mapped[Step]
    lang: Mapped[str] = mapped_column(default="")
    # What was searched, and how many answers there were.
    query: Mapped[str] = mapped_column(default="")
    hits: Mapped[int | None]
    # How well the best answer fitted: good, near, none.
    match: Mapped[str] = mapped_column(default="")
    article_id: Mapped[int | None] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"))
    # Where the article stood in the list that it was opened from, from 1 on.
    place: Mapped[int | None]
    is_helpful: Mapped[bool | None]
    # What they wrote became this.
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id", ondelete="SET NULL"))
    at: Mapped[datetime] = mapped_column(default=now)

    article: Mapped[Article | None] = relationship()
