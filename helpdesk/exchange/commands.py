"""`helpdesk import customers|orders|subscriptions|events FILE` and `helpdesk import undo BATCH`."""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.core.discarding import discard
from helpdesk.core.i18n import LANGUAGES, in_language
from helpdesk.exchange import taking, undoing, working
from helpdesk.exchange.columns import columns, remember
from helpdesk.exchange.faults import Fault, Refused, said
from helpdesk.exchange.looking import look, prepared
from helpdesk.exchange.models import Batch, Progress, What
from helpdesk.exchange.reading import LARGEST_FILE

import_group = AppGroup("import", help="Customers, orders, subscriptions and events of other systems.")


def _command(what: What) -> None:
    @import_group.command(what.value, help=f"Take in {what.value} from a file: CSV or JSON lines.")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
    @click.option(
        "--map", "chosen", type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help='JSON: {"a column of the file": "ours"}.',
    )  # fmt: skip
    @click.option("--good-rows", is_flag=True, help="Take the lines without fault though others have one.")
    @click.option("--lang", type=click.Choice(LANGUAGES), help="Of messages; the installation's if left out.")
    def run(file: Path, dry_run: bool, chosen: Path | None, good_rows: bool, lang: str | None) -> None:
        with in_language(lang):
            _say(_take(what, file, chosen, dry_run=dry_run, keeps_good=good_rows))


for each in What:
    _command(each)


@import_group.command("undo")
@click.argument("batch", type=int)
def undo(batch: int) -> None:
    """Take a batch back: its rows go, the values before return; what was changed since stays, and is told."""
    found = db.session.get(Batch, batch)
    if found is None or found.progress not in (Progress.DONE, Progress.TAKING, Progress.UNDOING):
        raise click.UsageError(f"no import {batch} that could be taken back")
    undoing.begin(found)
    db.session.commit()
    found = _to_the_end(found, undoing.step)
    click.echo(json.dumps({"batch": batch, "kept": found.result.get("kept", [])}, ensure_ascii=False))


def _take(what: What, file: Path, chosen: Path | None, *, dry_run: bool, keeps_good: bool) -> dict[str, Any]:
    """Look the file through and take it; what is printed."""
    if file.stat().st_size > LARGEST_FILE:
        words = Refused("The file is larger than %(most)s MB. Divide it.", most=LARGEST_FILE >> 20)
        return _told({}, [Fault.of(0, words).kept], None)
    try:
        batch = working.hand_in(what, file.read_bytes(), file.name)
    except Refused as refused:
        db.session.rollback()
        return _told({}, [Fault.of(0, refused).kept], None)
    begun = None if dry_run else _begun(batch)
    if begun is not None:
        db.session.delete(batch)
        return _taken(begun)
    batch.reading = {**batch.reading, "columns": _columns(batch, chosen)}
    batch.progress = Progress.READING
    db.session.commit()
    batch.result = result = look(batch, batch.file.path if batch.file else file)
    if dry_run or (result["faults"] and not keeps_good):
        _forget(batch)
        return _told(result["counts"] if dry_run else {}, result["faults"], None, result["warnings"])
    taking.begin(batch, keeps_good=keeps_good)
    db.session.commit()
    return _taken(batch)


def _taken(batch: Batch) -> dict[str, Any]:
    batch = _to_the_end(batch, taking.step)
    if batch.progress is Progress.UNDOING:
        batch = _to_the_end(batch, undoing.step)
        return _told({}, batch.result["faults"], None)
    prepared(batch).unlink(missing_ok=True)
    return _told(batch.result["done"], batch.result["faults"], batch.id, batch.result["warnings"])


def _to_the_end(batch: Batch, step: Callable[[Batch], bool]) -> Batch:
    """A transaction for each step; whoever kills this finds each of them whole, or not there."""
    while step(batch):
        number = batch.id
        db.session.commit()
        db.session.expunge_all()
        batch = db.session.get_one(Batch, number)
    db.session.commit()
    return batch


def _begun(batch: Batch) -> Batch | None:
    """The same file, of which an earlier run was killed in the middle: it goes on there."""
    same = select(Batch).where(
        Batch.what == batch.what,
        Batch.file_id == batch.file_id,
        Batch.progress == Progress.TAKING,
        Batch.agent_id.is_(None),
    )
    return db.session.scalar(same.limit(1))


def _columns(batch: Batch, chosen: Path | None) -> dict[str, str]:
    if chosen is None:
        return working.columns_of(batch)
    told = json.loads(chosen.read_text())
    header, ours = batch.reading["header"], {column.name for column in columns(batch.what)}
    wrong = [name for name in told if name not in header] + [
        str(name) for name in told.values() if name and name not in ours
    ]
    if wrong:
        raise click.UsageError(f"--map names what is not there: {', '.join(wrong)}")
    found = {name: told.get(name, "") for name in header}
    remember(batch.what, header, found)
    return found


def _forget(batch: Batch) -> None:
    """Leave nothing of a batch that was not taken."""
    prepared(batch).unlink(missing_ok=True)
    file_id = batch.file_id
    db.session.delete(batch)
    db.session.flush()
    discard([file_id] if file_id else [])
    db.session.commit()


def _told(
    counts: dict[str, Any],
    faults: list[dict[str, Any]],
    batch: int | None,
    warnings: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    done = taking.outcome_counts(counts)
    more: dict[str, Any] = {"quarantined": done["quarantined"]} if done["quarantined"] else {}
    more |= {"warnings": [said(warning) for warning in warnings]} if warnings else {}
    shown = {name: done[name] for name in ("created", "updated", "skipped")}
    return {**shown, **more, "errors": [said(fault) for fault in faults], "batch": batch}


def _say(told: dict[str, Any]) -> None:
    click.echo(json.dumps(told, ensure_ascii=False))
    sys.exit(1 if told["errors"] and told["batch"] is None else 0)
