"""Stage sets, their stages, and the stays of customers on them; overlays run beside the stage."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, select
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column, relationship

from helpdesk.accounts.models import Agent
from helpdesk.core.clock import now
from helpdesk.core.db import Model, db
from helpdesk.customers.models import Customer


class SetStatus(enum.Enum):
    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


class Anchor(enum.Enum):
    """The one scale that every set maps to, so that reports survive a change of set."""

    AWARE = "aware"
    ENGAGE = "engage"
    DECIDE = "decide"
    BUY = "buy"
    ONBOARD = "onboard"
    RETAIN = "retain"
    ADVOCATE = "advocate"


class Cause(enum.Enum):
    """Who or what moved a customer."""

    RULE = "rule"
    MANUAL = "manual"
    IMPORT = "import"
    START = "start"
    # The team chose another set; the place was carried over.
    MAPPING = "mapping"
    # Two customers were put together, and their stays interleaved.
    MERGE = "merge"


class OverlayKind(enum.Enum):
    """A second axis beside the stage, each with a clock of its own."""

    AT_RISK = "at_risk"
    PAUSED = "paused"
    ENDED = "ended"
    WON_BACK = "won_back"


class StageSet(Model):
    """A team's own path of stages; exactly one published set is in use."""

    __tablename__ = "stage_sets"

    key: Mapped[str]
    name_ja: Mapped[str]
    name_en: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    status: Mapped[SetStatus] = mapped_column(default=SetStatus.DRAFT)
    preset: Mapped[str] = mapped_column(default="")
    # Of a draft: where everyone goes who stands on a stage of the set in use, {"old key": "new key"}.
    mapping: Mapped[dict[str, Any]] = mapped_column(default=dict)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    published_at: Mapped[datetime | None]
    # Two who edit one draft do not overwrite each other.
    edition: Mapped[int] = mapped_column(default=1)

    stages: Mapped[list["Stage"]] = relationship(back_populates="set", order_by="Stage.position")

    __mapper_args__ = {"version_id_col": edition}

    @classmethod
    def in_use(cls) -> "StageSet | None":
        """The published set, or None before one was chosen."""
        published = select(cls).where(cls.status == SetStatus.PUBLISHED).order_by(cls.id.desc())
        return db.session.scalar(published.limit(1))


class Stage(Model):
    """One place on the path: how to behave there, what to measure, how one enters."""

    __tablename__ = "stages"
    __table_args__ = (Index("ix_stages_set_id_position", "set_id", "position"),)

    set_id: Mapped[int] = mapped_column(ForeignKey("stage_sets.id"))
    key: Mapped[str]
    name_ja: Mapped[str]
    name_en: Mapped[str]
    position: Mapped[int]
    anchor: Mapped[Anchor]
    # Nothing is sold to somebody who stands here.
    no_sell: Mapped[bool] = mapped_column(default=False)
    colour: Mapped[str] = mapped_column(default="")
    # {"ja": {"state": "…", "do": "…", "dont": "…"}, "en": {…}}
    guide: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # The predicate that places a customer here (core/predicates.py); empty never does by itself.
    entry_rule: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # The only rules that move a customer back to here, each after its condition held for so many days:
    # {"rules": [{"from": ["growth"], "when": predicate, "hold_days": 7}]}
    regress_rule: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # First reply within so many business minutes; None follows the default.
    reply_within: Mapped[int | None]
    # Who answers for this stage.
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))

    set: Mapped[StageSet] = relationship(back_populates="stages")

    @classmethod
    def name_in(cls, language: str) -> InstrumentedAttribute[str]:
        """The column of its name, for a query."""
        return cls.name_ja if language == "ja" else cls.name_en

    def name(self, language: str) -> str:
        return self.name_ja if language == "ja" else self.name_en


class Stay(Model):
    """A customer's continuous time on one stage; exactly one stay of a customer is open."""

    __tablename__ = "stays"
    __table_args__ = (Index("ix_stays_customer_id_entered_at", "customer_id", "entered_at"),)

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    stage_id: Mapped[int] = mapped_column(ForeignKey("stages.id"))
    entered_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime] = mapped_column(default=now)
    # When later knowledge, or its undoing, put another course in its place: "as known on" still shows it.
    superseded_at: Mapped[datetime | None]
    cause: Mapped[Cause]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    # Of a move by hand: why, as one of `reasons.py`, and in words.
    reason_code: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    # What was seen: {"clauses": [{"field": …, "op": …, "wanted": …, "seen": …, "sources": ["events/7"]}]}
    evidence: Mapped[dict[str, Any]] = mapped_column(default=dict)

    customer: Mapped[Customer] = relationship()
    stage: Mapped[Stage] = relationship(lazy="joined", innerjoin=True)
    agent: Mapped[Agent | None] = relationship()

    @classmethod
    def of(cls, customer: Customer) -> Select["Stay"]:
        """The history of `customer` as it is known now, oldest first."""
        theirs = select(cls).where(cls.customer_id == customer.id, cls.superseded_at.is_(None))
        return theirs.order_by(cls.entered_at, cls.id)

    def supersede(self) -> None:
        """From now on it is only what was known; it never goes on."""
        self.superseded_at = now()
        self.left_at = self.left_at or self.superseded_at

    @classmethod
    def open_of(cls, customer: Customer) -> Select["Stay"]:
        """The one stay that goes on."""
        holding = cls.left_at.is_(None), cls.superseded_at.is_(None)
        return select(cls).where(cls.customer_id == customer.id, *holding)


class Overlay(Model):
    """A time during which a customer was at risk, paused, gone, or won back."""

    __tablename__ = "overlays"
    __table_args__ = (Index("ix_overlays_customer_id_closed_at", "customer_id", "closed_at"),)

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    kind: Mapped[OverlayKind]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    cause: Mapped[Cause]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    reason_code: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    evidence: Mapped[dict[str, Any]] = mapped_column(default=dict)

    customer: Mapped[Customer] = relationship()

    @classmethod
    def open_of(cls, customer: Customer) -> Select["Overlay"]:
        """The overlays that hold for `customer` now."""
        return select(cls).where(cls.customer_id == customer.id, cls.closed_at.is_(None)).order_by(cls.id)


class StageLock(Model):
    """Until then no rule moves this customer; people may."""

    __tablename__ = "stage_locks"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), unique=True)
    until: Mapped[datetime]
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    reason: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)

    agent: Mapped[Agent] = relationship()


class RegressHold(Model):
    """Since when the condition of a step back has held; the row goes when the condition does."""

    __tablename__ = "regress_holds"
    __table_args__ = (Index("uq_regress_holds_customer_id_rule", "customer_id", "rule", unique=True),)

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    # The stage's number and the rule's place in its list: "12.0".
    rule: Mapped[str]
    since: Mapped[datetime] = mapped_column(default=now)


class HealthReading(Model):
    """The health of a customer from one moment on; written only where it changed."""

    __tablename__ = "health_readings"
    __table_args__ = (Index("ix_health_readings_customer_id_at", "customer_id", "at"),)

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(default=now)
    # 0 to 100, None where too little is known; coverage is the known share of the weights, 0.0 to 1.0.
    score: Mapped[float | None]
    coverage: Mapped[float]
    # {"support": 40.0, "usage": null, …}
    parts: Mapped[dict[str, Any]]


class CueAnswer(Model):
    """What an agent did with a cue: told the customer, put it off, or found it unfitting."""

    __tablename__ = "cue_answers"
    __table_args__ = (Index("ix_cue_answers_customer_id_cue_at", "customer_id", "cue", "at"),)

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"))
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    cue: Mapped[str]
    # told, later, unfit
    answer: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime] = mapped_column(default=now)

    customer: Mapped[Customer] = relationship()
