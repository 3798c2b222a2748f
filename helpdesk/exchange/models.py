"""Imports, and what each touched, so that it can be taken back; events of a type that nobody knows."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.accounts.models import Agent
from helpdesk.core.clock import now
from helpdesk.core.db import Model
from helpdesk.core.files import StoredFile
from helpdesk.customers.models import Customer


class What(enum.Enum):
    """What the lines of a file are."""

    CUSTOMERS = "customers"
    ORDERS = "orders"
    SUBSCRIPTIONS = "subscriptions"
    EVENTS = "events"


class Progress(enum.Enum):
    # A worker looks through the file; nothing of the customers changes.
    READING = "reading"
    # Looked through: it waits for somebody to take it.
    READY = "ready"
    TAKING = "taking"
    DONE = "done"
    # Nothing is written, or nothing is left of it; `result` says why.
    FAILED = "failed"
    UNDOING = "undoing"
    UNDONE = "undone"


class Batch(Model):
    """One file that somebody handed in, at the desk or by command."""

    __tablename__ = "import_batches"

    what: Mapped[What]
    progress: Mapped[Progress] = mapped_column(default=Progress.READING)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_files.id"))
    name: Mapped[str]
    # How it is read: {"encoding": "cp932", "delimiter": ",", "columns": {"お客様名": "name"}, …}.
    reading: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # Whether the lines without fault come in though others have one.
    keeps_good: Mapped[bool] = mapped_column(default=False)
    # Lines that are taken, each in the transaction that counts it here: a crash begins after them.
    taken: Mapped[int] = mapped_column(default=0)
    # Counts, faults by line, examples.
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)
    finished_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]

    agent: Mapped[Agent | None] = relationship()
    file: Mapped[StoredFile | None] = relationship()

    @property
    def topic(self) -> str:
        """What open pages listen to."""
        return f"import-{self.id}"

    @property
    def source(self) -> str:
        """What its events name as where they come from."""
        return f"import-{self.id}"

    @property
    def is_waiting(self) -> bool:
        """Whether a worker is at it, or will be."""
        return self.progress in (Progress.READING, Progress.TAKING, Progress.UNDOING)

    @property
    def is_matched(self) -> bool:
        """Whether somebody said which column is what."""
        return bool(self.reading.get("columns"))

    @classmethod
    def newest_first(cls) -> Select["Batch"]:
        return select(cls).order_by(cls.id.desc())


class Touched(Model):
    """A row that a batch wrote, and what stood there before: to take it back."""

    __tablename__ = "import_touched"
    __table_args__ = (
        Index("uq_import_touched_row", "batch_id", "subject_type", "subject_id", unique=True),
        Index("ix_import_touched_subject", "subject_type", "subject_id"),
    )

    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batches.id", ondelete="CASCADE"))
    # A table's name and the row's id.
    subject_type: Mapped[str]
    subject_id: Mapped[int]
    # The values that it overwrote, by column, and what it put there; None where it made the row.
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any]] = mapped_column(default=dict)


class ColumnMap(Model):
    """How the columns of a file were understood the last time: the same header needs no asking."""

    __tablename__ = "import_column_maps"
    __table_args__ = (Index("uq_import_column_maps_header", "what", "header", unique=True),)

    what: Mapped[What]
    # A hash of the names of the columns, in order.
    header: Mapped[str]
    columns: Mapped[dict[str, Any]]
    updated_at: Mapped[datetime] = mapped_column(default=now)


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
