"""Imports that the desk asks for: a worker looks through, takes, takes back; a chunk in each job."""

import logging
from datetime import timedelta
from time import monotonic

from sqlalchemy import func, select

from helpdesk.accounts.models import Agent
from helpdesk.core import live
from helpdesk.core.clock import now
from helpdesk.core.db import aside, db
from helpdesk.core.discarding import discard
from helpdesk.core.files import keep
from helpdesk.core.jobs import task
from helpdesk.exchange import taking, undoing
from helpdesk.exchange.columns import proposed, remember
from helpdesk.exchange.faults import N_, Fault
from helpdesk.exchange.looking import look, prepared
from helpdesk.exchange.models import Batch, Progress, What
from helpdesk.exchange.reading import sniff

log = logging.getLogger(__name__)

# Seconds between two signs of life.
_EVERY = 2.0
# Long enough to ask what went wrong; the counts, and what is needed to take it back, stay.
FILES_KEPT_FOR = timedelta(days=14)
_MOST_DROPPED = 200


def hand_in(what: What, content: bytes, name: str, by: Agent | None = None) -> Batch:
    """Keep a file and propose how to read it. Raises `Refused` where it cannot be read at all."""
    file = keep(content, name)
    told = sniff(file.path, name)
    told["columns"] = {}
    made = Batch(what=what, name=name, file=file, agent_id=by.id if by else None, reading=told)
    # It waits for somebody to say which column is what.
    made.progress = Progress.READY
    db.session.add(made)
    db.session.flush()
    return made


def ask_to_look(batch: Batch, columns: dict[str, str]) -> None:
    """Have the file looked through with this meaning of its columns, which is remembered."""
    if batch.progress is not Progress.READY or batch.file_id is None:
        return
    batch.reading = {**batch.reading, "columns": columns}
    remember(batch.what, batch.reading["header"], columns)
    batch.progress, batch.result = Progress.READING, {}
    look_through.later(key=str(batch.id), id=batch.id)


def ask_to_take(batch: Batch, *, keeps_good: bool) -> None:
    """Take what was looked through; with a fault only the lines without one, where that is asked for."""
    faults = batch.result.get("counts", {}).get("faults", 0)
    if batch.progress is Progress.READY and batch.result and (keeps_good or not faults):
        taking.begin(batch, keeps_good=keeps_good)
        take_next.later(key=str(batch.id), id=batch.id)


def ask_to_undo(batch: Batch) -> None:
    """Take a batch back; once only."""
    if batch.progress in (Progress.DONE, Progress.TAKING):
        undoing.begin(batch)
        undo_next.later(key=str(batch.id), id=batch.id)


def columns_of(batch: Batch) -> dict[str, str]:
    """What the columns were said to be, or what we take them for."""
    return batch.reading.get("columns") or proposed(batch.what, batch.reading["header"])


@task
def look_through(id: int) -> None:
    """Say what taking the file would do."""
    batch = db.session.get(Batch, id)
    if batch is None or batch.progress is not Progress.READING or batch.file is None:
        return
    path = batch.file.path
    db.session.expunge(batch)
    # On SQLite nobody else could write while the file is read.
    db.session.rollback()
    try:
        result = look(batch, path, _Sign(id))
    except Exception:
        log.exception("import %s could not be read", id)
        fault = Fault(0, "", N_("This file could not be read; the log says why."))
        result = {"faults": [fault.kept], "warnings": [], "samples": [], "counts": {"faults": 1}}
    batch = db.session.get_one(Batch, id)
    batch.result, batch.progress = result, Progress.READY
    live.announce(batch.topic)


@task
def take_next(id: int) -> None:
    """Take some lines, then ask for those after them."""
    batch = db.session.get(Batch, id)
    if batch is None or batch.progress is not Progress.TAKING:
        return
    following = take_next if taking.step(batch) else undo_next
    if batch.is_waiting:
        following.later(key=str(id), id=id)


@task
def undo_next(id: int) -> None:
    """Take some of it back, then ask for more."""
    batch = db.session.get(Batch, id)
    if batch is not None and batch.progress is Progress.UNDOING and undoing.step(batch):
        undo_next.later(key=str(id), id=id)


def drop_old_files() -> None:
    """Drop what was handed in long ago, and what was laid ready of it."""
    last = func.coalesce(Batch.finished_at, Batch.created_at)
    old = select(Batch).where(Batch.file_id.is_not(None), last < now() - FILES_KEPT_FOR)
    idle = Batch.progress.in_((Progress.READY, Progress.DONE, Progress.FAILED, Progress.UNDONE))
    done = db.session.scalars(old.where(idle).order_by(Batch.id).limit(_MOST_DROPPED)).all()
    ids = [batch.file_id for batch in done if batch.file_id]
    for batch in done:
        prepared(batch).unlink(missing_ok=True)
        batch.file, batch.result = None, {**batch.result, "samples": []}
    db.session.flush()
    discard(ids)


class _Sign:
    """Tells the open page how far the reading is."""

    def __init__(self, id: int) -> None:
        self.id, self.at = id, monotonic()

    def __call__(self, at: int, of: int) -> None:
        if monotonic() - self.at < _EVERY:
            return
        self.at = monotonic()
        with aside() as session:
            batch = session.get(Batch, self.id)
            if batch is not None:
                batch.result = {"at": at, "of": of}
                session.add(live.Signal(topic=batch.topic, at=now()))
