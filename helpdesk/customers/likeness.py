"""Customers that may be one: what they are found by, the pairs in question, and what was put together."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.accounts.models import Agent
from helpdesk.core.clock import now
from helpdesk.core.db import Model
from helpdesk.customers.models import Customer


class LikenessKey(Model):
    """One thing that a customer shares with whoever may be the same: a folded name, a phone, a domain."""

    __tablename__ = "likeness_keys"
    __table_args__ = (
        Index("uq_likeness_keys_customer_id", "customer_id", "kind", "key", unique=True),
        Index("ix_likeness_keys_kind_key", "kind", "key"),
    )

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    # name, kana, phone, domain, address, external
    kind: Mapped[str]
    key: Mapped[str]


class Verdict(enum.Enum):
    OPEN = "open"
    # Somebody said that they are two: not asked again.
    DIFFERENT = "different"
    MERGED = "merged"


class Pair(Model):
    """Two customers that may be one; the older has the smaller number."""

    __tablename__ = "likeness_pairs"
    __table_args__ = (
        Index("uq_likeness_pairs_pair", "one_id", "other_id", unique=True),
        Index("ix_likeness_pairs_verdict_score", "verdict", "score", "id"),
    )

    one_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    other_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    # 0.0 to 1.0, and what speaks for it: {"phone": "+81312345678", "name": 0.93}.
    score: Mapped[float]
    reasons: Mapped[dict[str, Any]]
    verdict: Mapped[Verdict] = mapped_column(default=Verdict.OPEN)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    found_at: Mapped[datetime] = mapped_column(default=now)
    decided_at: Mapped[datetime | None]

    one: Mapped[Customer] = relationship(foreign_keys=one_id)
    other: Mapped[Customer] = relationship(foreign_keys=other_id)


class Merge(Model):
    """One customer put into another: all that is needed to part them again."""

    __tablename__ = "merges"

    kept_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    gone_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    # Rows that changed hands, by table: {"tickets": [3, 9], …}; and columns as they were, by row.
    moved: Mapped[dict[str, Any]]
    before: Mapped[dict[str, Any]]
    merged_at: Mapped[datetime] = mapped_column(default=now)
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))

    kept: Mapped[Customer] = relationship(foreign_keys=kept_id)
    gone: Mapped[Customer] = relationship(foreign_keys=gone_id)
    agent: Mapped[Agent | None] = relationship(foreign_keys=agent_id)
