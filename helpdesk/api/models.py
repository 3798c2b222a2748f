"""What the door itself remembers: answers that a retry gets again."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.db import Model


class KeptAnswer(Model):
    """The answer to one Idempotency-Key; without an answer yet, the request is still in flight."""

    __tablename__ = "kept_answers"
    __table_args__ = (
        Index("uq_kept_answers_token_id_route_key", "token_id", "route", "key", unique=True),
        Index("ix_kept_answers_claimed_at", "claimed_at"),
    )

    token_id: Mapped[int] = mapped_column(ForeignKey("api_tokens.id", ondelete="CASCADE"))
    # Method and path, as "POST /api/v1/tickets".
    route: Mapped[str]
    key: Mapped[str]
    body_hash: Mapped[str]
    claimed_at: Mapped[datetime]
    # None while in flight.
    status: Mapped[int | None]
    body: Mapped[str] = mapped_column(default="")
    headers: Mapped[dict[str, Any]] = mapped_column(default=dict)
