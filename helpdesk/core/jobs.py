"""Later is a row, committed with what asked for it; any number of workers work the rows off."""

import logging
import os
import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Protocol, cast

from sqlalchemy import ColumnElement, Engine, Index, delete, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.clock import now
from helpdesk.core.db import Model, db, insert_into

log = logging.getLogger(__name__)

# A worker that died holds its job no longer than this; one that lives renews its hold each `RENEWED_EVERY`.
LEASE = timedelta(minutes=3)
RENEWED_EVERY = timedelta(seconds=30)
# Waits after the first, second and third failure; then the job is kept, with its error, for people.
RETRIES = (timedelta(seconds=20), timedelta(minutes=5), timedelta(hours=1))


class Job(Model):
    """One call of a task, due at a moment."""

    __tablename__ = "jobs"
    __table_args__ = (Index("ix_jobs_failed_at_due_at", "failed_at", "due_at"),)

    task: Mapped[str]
    arguments: Mapped[dict[str, Any]]
    due_at: Mapped[datetime]
    # Two waiting jobs of one key are one. Cleared when a worker takes the job: news meanwhile asks again.
    key: Mapped[str | None] = mapped_column(unique=True)
    # Counts how often it was taken, and so tells one taking from the next.
    attempts: Mapped[int] = mapped_column(default=0)
    leased_by: Mapped[str | None]
    failed_at: Mapped[datetime | None]
    error: Mapped[str | None]


class Task(Protocol):
    """A function that can be called now, or later by a worker."""

    name: str

    def __call__(self, **arguments: Any) -> None: ...

    def later(self, *, after: timedelta = ..., key: str | None = None, **arguments: Any) -> None: ...


_tasks: dict[str, Task] = {}


def task(function: Callable[..., None]) -> Task:
    """Let `function` be called later: `function.later(id=7, after=timedelta(hours=1))`.

    It must be idempotent, takes JSON values only, and does not commit: the worker does, together with
    the job's end. `key` folds waiting calls into one.
    """
    name = f"{function.__module__}.{function.__qualname__}"

    def later(*, after: timedelta = timedelta(0), key: str | None = None, **arguments: Any) -> None:
        full_key = f"{name}:{key}" if key is not None else None
        values = {
            "task": name,
            "arguments": arguments,
            "due_at": now() + after,
            "key": full_key,
            "attempts": 0,
        }
        db.session.execute(insert_into(Job).values(values).on_conflict_do_nothing(index_elements=["key"]))

    marked = cast(Task, function)
    marked.name, marked.later = name, later  # type: ignore[method-assign]
    _tasks[name] = marked
    return marked


def run_due(limit: int = 100, worker: str = f"{socket.gethostname()}:{os.getpid()}") -> int:
    """Work off up to `limit` due jobs, one transaction each; returns how many were taken."""
    taken = 0
    while taken < limit and (job_id := _claim(worker)):
        taken += 1
        _run(job_id, worker)
    return taken


def _claim(worker: str) -> int | None:
    """Lease the job that has been due longest; a crashed worker's job comes back when its lease ends."""
    due = select(Job.id).where(Job.failed_at.is_(None), Job.due_at <= now())
    first = due.order_by(Job.due_at, Job.id).limit(1).with_for_update(skip_locked=True)
    lease = {"due_at": now() + LEASE, "leased_by": worker, "key": None, "attempts": Job.attempts + 1}
    taken = update(Job).where(Job.id == first.scalar_subquery()).values(lease).returning(Job.id)
    job_id = db.session.scalar(taken.execution_options(synchronize_session=False))
    db.session.commit()
    return job_id


def _run(job_id: int, worker: str) -> None:
    job = db.session.get_one(Job, job_id)
    name, arguments, attempt = job.task, job.arguments, job.attempts
    if attempt > len(RETRIES) + 1:  # nobody put it back: it took its worker down each time
        return _put_back(job_id, attempt, "the worker died each time")
    try:
        with _held(job_id, attempt):
            _tasks[name](**arguments)
            db.session.execute(delete(Job).where(*_taken(job_id, attempt)))
            db.session.commit()
    except Exception:
        db.session.rollback()
        log.exception("job %s failed: %s", job_id, name)
        _put_back(job_id, attempt, traceback.format_exc(limit=-6))
    return None


def _taken(job_id: int, attempt: int) -> tuple[ColumnElement[bool], ...]:
    """The job as it was taken this time: neither ended nor taken by another since."""
    return Job.id == job_id, Job.attempts == attempt, Job.leased_by.is_not(None)


@contextmanager
def _held(job_id: int, attempt: int) -> Iterator[None]:
    """Renew the lease for as long as the work within takes and this process lives."""
    over = threading.Event()
    arguments = (db.engine, job_id, attempt, over)
    threading.Thread(target=_renew, args=arguments, name=f"job-{job_id}", daemon=True).start()
    try:
        yield
    finally:
        # Nobody waits for the thread: it may itself be waiting until our transaction ends.
        over.set()


def _renew(engine: Engine, job_id: int, attempt: int, over: threading.Event) -> None:
    """Say from time to time that the job is still worked at, on a connection of its own.

    While the work itself writes, SQLite lets no renewal in; but no other worker can take the job then either.
    """
    held, pause = update(Job).where(*_taken(job_id, attempt)), RENEWED_EVERY.total_seconds()
    while not over.wait(pause):
        pause = RENEWED_EVERY.total_seconds()
        try:
            with engine.begin() as connection:
                if not connection.execute(held.values(due_at=now() + LEASE)).rowcount:
                    return
        except SQLAlchemyError as error:
            log.info("the lease of job %s could not be renewed yet: %s", job_id, error)
            # In line again at once, before those who would take the job.
            pause = 0.1


def _put_back(job_id: int, attempt: int, error: str) -> None:
    job = db.session.scalar(select(Job).where(*_taken(job_id, attempt)))
    if job is None:
        return
    job.error, job.leased_by = error, None
    if job.attempts > len(RETRIES):
        job.failed_at = now()
    else:
        job.due_at = now() + RETRIES[job.attempts - 1]
    db.session.commit()


def failed() -> list[Job]:
    """Jobs that were given up, newest first."""
    return list(db.session.scalars(select(Job).where(Job.failed_at.is_not(None)).order_by(Job.id.desc())))
