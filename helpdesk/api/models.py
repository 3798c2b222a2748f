"""What the door itself remembers: answers that a retry gets again, and events of an unknown type."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.core.clock import now
from helpdesk.core.db import Model
from helpdesk.customers.models import Customer


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


class UnknownEvent(Model):
    """An event of a type that this release does not know: kept as it came, never dropped."""

    __tablename__ = "unknown_events"
    __table_args__ = (Index("ix_unknown_events_customer_id", "customer_id"),)

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    type: Mapped[str]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(default=now)
    source: Mapped[str]
    idempotency_key: Mapped[str | None] = mapped_column(unique=True)
    payload: Mapped[dict[str, Any]]

    customer: Mapped[Customer] = relationship()
