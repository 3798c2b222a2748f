"""Recurring work: any number of workers, each slot taken by exactly one."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.clock import now
from helpdesk.core.db import Model, db

log = logging.getLogger(__name__)

# A worker has another name after each restart.
BEATS_KEPT_FOR = timedelta(days=3)

Schedule = tuple[tuple[timedelta, Callable[[], None]], ...]


class Slot(Model):
    """When a piece of recurring work was last begun."""

    __tablename__ = "slots"

    name: Mapped[str] = mapped_column(unique=True)
    taken_at: Mapped[datetime]


class Beat(Model):
    """A worker's sign of life."""

    __tablename__ = "beats"

    worker: Mapped[str] = mapped_column(unique=True)
    at: Mapped[datetime]


def run_scheduled(schedule: Schedule) -> int:
    """Do what is due; returns how many pieces. A missed slot is caught up once, not once per miss."""
    done = 0
    for every, work in schedule:
        name = f"{work.__module__}.{work.__qualname__}"
        if _take(name, every):
            done += 1
            try:
                work()
                db.session.commit()
            except Exception:
                db.session.rollback()
                log.exception("scheduled work failed: %s", name)
    return done


def beat(worker: str) -> None:
    """Say that `worker` lives, and forget those that have been silent for days."""
    db.session.execute(delete(Beat).where(Beat.at < now() - BEATS_KEPT_FOR))
    row = db.session.scalar(select(Beat).where(Beat.worker == worker)) or Beat(worker=worker)
    row.at = now()
    db.session.add(row)
    db.session.commit()


def _take(name: str, every: timedelta) -> bool:
    """Claim the current slot of `name`; one UPDATE decides between workers."""
    due = update(Slot).where(Slot.name == name, Slot.taken_at <= now() - every).values(taken_at=now())
    won = db.session.scalar(due.returning(Slot.id).execution_options(synchronize_session=False)) is not None
    if not won and db.session.scalar(select(Slot.id).where(Slot.name == name)) is None:
        db.session.add(Slot(name=name, taken_at=now()))
        won = True
    db.session.commit()
    return won
