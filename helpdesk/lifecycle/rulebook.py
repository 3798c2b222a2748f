"""Rules that people write, beside those of the stages: overlays and segments; each change a version."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.accounts.models import Agent
from helpdesk.core.clock import now
from helpdesk.core.db import Model


class Purpose(enum.Enum):
    """What holds where the rule does."""

    OVERLAY = "overlay"
    SEGMENT = "segment"


class RuleStatus(enum.Enum):
    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


class Rule(Model):
    """One version of a rule; of each key at most one is published and one a draft."""

    __tablename__ = "rules"
    __table_args__ = (
        Index("uq_rules_key_version", "purpose", "key", "version", unique=True),
        Index("ix_rules_purpose_status", "purpose", "status"),
    )

    purpose: Mapped[Purpose]
    # Of an overlay its kind; of a segment what its author called it, in Latin letters.
    key: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    status: Mapped[RuleStatus] = mapped_column(default=RuleStatus.DRAFT)
    name_ja: Mapped[str] = mapped_column(default="")
    name_en: Mapped[str] = mapped_column(default="")
    # The predicate (core/predicates.py).
    when: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # Of an overlay: {"holds": predicate} that keeps it open though `when` is over.
    particulars: Mapped[dict[str, Any]] = mapped_column(default=dict)
    note: Mapped[str] = mapped_column(default="")
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    published_at: Mapped[datetime | None]
    # Two who edit one draft do not overwrite each other.
    edition: Mapped[int] = mapped_column(default=1)

    agent: Mapped[Agent | None] = relationship()

    __mapper_args__ = {"version_id_col": edition}

    @classmethod
    def in_use(cls, purpose: Purpose) -> Select["Rule"]:
        published = select(cls).where(cls.purpose == purpose, cls.status == RuleStatus.PUBLISHED)
        return published.order_by(cls.key)

    def name(self, language: str) -> str:
        return self.name_ja if language == "ja" else self.name_en
