"""Imports and exports that the desk asks for: a worker looks through, takes in, writes out."""

import logging
from datetime import timedelta
from io import BytesIO
from time import monotonic
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

from sqlalchemy import func, select

from helpdesk.accounts.models import Agent
from helpdesk.core import live
from helpdesk.core.clock import now
from helpdesk.core.db import aside, db
from helpdesk.core.discarding import discard
from helpdesk.core.files import keep
from helpdesk.core.i18n import LANGUAGES
from helpdesk.core.jobs import task
from knowledge_base.transfers import FORMATS, Direction, Progress, Transfer

if TYPE_CHECKING:
    from knowledge_base.transfer.importing import Imported

log = logging.getLogger(__name__)

SUFFIXES = (".zip", ".jsonl", ".ndjson", ".json", ".md")
# Of a list that is kept with a transfer, and of a sample's text.
_MOST_TOLD = 100
_LONGEST_SAMPLE = 2_000
# Seconds between two signs of life.
_EVERY = 2.0
# Long enough to ask what went wrong, or to fetch an export after a holiday; the rows and their counts stay.
FILES_KEPT_FOR = timedelta(days=14)
_MOST_DROPPED = 200


def ask_for_import(content: bytes, name: str, lang: str, *, overwrite: bool, by: Agent) -> Transfer:
    """Have a file looked through; nothing is taken before somebody says so with `ask_to_take`."""
    options = {"lang": lang if lang in LANGUAGES else "", "overwrite": overwrite}
    made = Transfer(direction=Direction.IMPORT, agent_id=by.id, name=name, options=options)
    made.file = keep(content, name)
    db.session.add(made)
    db.session.flush()
    look_through.later(key=str(made.id), id=made.id)
    return made


def ask_to_take(transfer: Transfer) -> None:
    """Take in what was looked through; once only, and while its file is here."""
    if transfer.progress is Progress.READY and transfer.file_id is not None:
        transfer.progress = Progress.TAKING
        take_in.later(key=str(transfer.id), id=transfer.id)


def ask_for_export(form: str, lang: str, status: str, *, owners: bool, by: Agent) -> Transfer:
    """Have all articles written into a zip file."""
    options = {
        "form": form if form in FORMATS else FORMATS[0],
        "lang": lang,
        "status": status,
        "owners": owners,
    }
    name = f"articles-{options['form']}.zip"
    made = Transfer(direction=Direction.EXPORT, agent_id=by.id, name=name, options=options)
    db.session.add(made)
    db.session.flush()
    write_out.later(key=str(made.id), id=made.id)
    return made


def drop_old_files() -> None:
    """Drop what was handed in or made long ago; files that somebody else uses as well stay theirs."""
    last = func.coalesce(Transfer.finished_at, Transfer.created_at)
    old = select(Transfer).where(Transfer.file_id.is_not(None), last < now() - FILES_KEPT_FOR)
    done = db.session.scalars(old.order_by(Transfer.id).limit(_MOST_DROPPED)).all()
    ids = [transfer.file_id for transfer in done if transfer.file_id]
    for transfer in done:
        transfer.file, transfer.result = None, {**transfer.result, "samples": []}
    db.session.flush()
    discard(ids)


@task
def look_through(id: int) -> None:
    """Read an upload and say what taking it would do."""
    _import(id, Progress.WORKING, Progress.READY, dry_run=True)


@task
def take_in(id: int) -> None:
    """Take an upload in; with a fault nothing of it is taken."""
    _import(id, Progress.TAKING, Progress.DONE, dry_run=False)


@task
def write_out(id: int) -> None:
    """Write the articles into a zip file."""
    # Here and below: no page needs the rooms of foreign files, only a worker.
    from knowledge_base.transfer.exporting import Chosen, Zip, export  # noqa: PLC0415

    transfer = db.session.get(Transfer, id)
    if transfer is None or transfer.progress is not Progress.WORKING:
        return
    options, packed = transfer.options, BytesIO()
    with ZipFile(packed, "w") as archive:
        chosen = Chosen(options["lang"], options["status"], options["owners"])
        counts = export(Zip(archive), options["form"], chosen)
    transfer = db.session.get_one(Transfer, id)
    transfer.file = keep(packed.getvalue(), transfer.name)
    _finish(transfer, Progress.DONE, {"counts": counts})


def _import(id: int, before: Progress, after: Progress, *, dry_run: bool) -> None:
    from knowledge_base.transfer.importing import Imported, take  # noqa: PLC0415
    from knowledge_base.transfer.importing.pages import N_, Fault  # noqa: PLC0415

    transfer = db.session.get(Transfer, id)
    if transfer is None or transfer.progress is not before or transfer.file is None:
        return
    path, name, options, agent_id = transfer.file.path, transfer.name, transfer.options, transfer.agent_id
    by = None if dry_run else db.session.get(Agent, agent_id)
    if by is not None:
        db.session.expunge(by)
    # On SQLite nobody else could write while the pages are read.
    db.session.rollback()
    told = _Sign(id)
    try:
        more = {"dry_run": dry_run, "overwrite": options["overwrite"], "told": told}
        done = take(path, options["lang"], by=by, name=name, **more)
    except Exception:
        log.exception("transfer %s failed", id)
        done = Imported()
        done.fail(Fault(name, N_("this file could not be read; the log says why")))
    if done.faults:
        db.session.rollback()
    _finish(db.session.get_one(Transfer, id), Progress.FAILED if done.faults else after, _told(done))


def _finish(transfer: Transfer, progress: Progress, result: dict[str, Any]) -> None:
    transfer.progress, transfer.result, transfer.finished_at = progress, result, now()
    live.announce(transfer.topic)


def _told(done: "Imported") -> dict[str, Any]:
    lists = {"faults": done.faults, "warnings": done.warnings, "conflicts": done.conflicts}
    kept = {name: [fault.kept for fault in faults[:_MOST_TOLD]] for name, faults in lists.items()}
    samples = [{**each, "body": each["body"][:_LONGEST_SAMPLE]} for each in done.samples]
    counts = {**done.counts, **{name: len(faults) for name, faults in lists.items() if name != "warnings"}}
    return {**kept, "samples": samples, "counts": counts}


class _Sign:
    """Tells the open page how far the reading is; while rows are written nobody else could write a sign."""

    def __init__(self, id: int) -> None:
        self.id, self.at = id, monotonic()

    def __call__(self, step: str, at: int, of: int) -> None:
        if step != "read" or monotonic() - self.at < _EVERY:
            return
        self.at = monotonic()
        with aside() as session:
            transfer = session.get(Transfer, self.id)
            if transfer is not None:
                transfer.result = {**transfer.result, "at": at, "of": of}
                session.add(live.Signal(topic=transfer.topic, at=now()))
