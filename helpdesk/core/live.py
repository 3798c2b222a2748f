"""News for open pages: a row says *that* something changed, never what.

A browser that hears a signal asks the ordinary address again, where rights are checked as always.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Index, delete, func, insert, select
from sqlalchemy.orm import Mapped

from helpdesk.core.clock import now
from helpdesk.core.db import Model, db

# A browser away for longer than this loads its page anew anyway.
KEPT_FOR = timedelta(minutes=15)


class Signal(Model):
    """Topic `ticket-42` has news."""

    __tablename__ = "signals"
    __table_args__ = (Index("ix_signals_at", "at"),)

    topic: Mapped[str]
    at: Mapped[datetime]


def announce(*topics: str) -> None:
    """Say that these topics have news; heard when the transaction commits."""
    rows = [{"topic": topic, "at": now()} for topic in topics]
    # Past the session, which would flush first and again after.
    db.session.connection().execute(insert(Signal).inline(), rows)


def latest() -> int:
    """The number of the newest signal, 0 where there is none."""
    return db.session.scalar(select(func.max(Signal.id))) or 0


def since(number: int, limit: int = 500) -> Sequence[tuple[int, str]]:
    """The signals after `number`, oldest first, as (number, topic)."""
    found = select(Signal.id, Signal.topic).where(Signal.id > number).order_by(Signal.id).limit(limit)
    return [(row.id, row.topic) for row in db.session.execute(found)]


def trim() -> None:
    """Forget signals that no open page can still be waiting for."""
    db.session.execute(delete(Signal).where(Signal.at < now() - KEPT_FOR))
