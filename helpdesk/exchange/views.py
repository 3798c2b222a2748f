"""Imports at the desk: a file is handed in, its columns are named, it is looked through, then taken."""

from datetime import datetime
from itertools import islice
from typing import Any

from flask import Blueprint, Response, flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from helpdesk.accounts.models import Role
from helpdesk.accounts.permissions import me, staff_only
from helpdesk.core.db import db, reading
from helpdesk.core.i18n import LANGUAGES, language, moment
from helpdesk.core.spreadsheets import csv_bytes
from helpdesk.core.text import clean_filename
from helpdesk.core.web import Answer, go
from helpdesk.customers import dealings
from helpdesk.customers.models import Customer
from helpdesk.exchange import working
from helpdesk.exchange.columns import columns
from helpdesk.exchange.faults import Refused, said
from helpdesk.exchange.models import Batch, Progress, What
from helpdesk.exchange.reading import lines
from helpdesk.exchange.reviewing import concerned

bp = Blueprint("imports", __name__, url_prefix="/desk/settings/imports")
staff_only(bp, Role.LEAD)

SUFFIXES = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".json")
NAMES = {
    What.CUSTOMERS: _l("Customers"),
    What.ORDERS: _l("Orders"),
    What.SUBSCRIPTIONS: _l("Subscriptions"),
    What.EVENTS: _l("Events"),
}
_NEWEST, _SHOWN, _LOOKED_AT = 20, 50, 3
MOMENTS = dealings.MOMENTS | {"created_at", "occurred_at"}


@bp.get("")
def index(fault: str = "") -> str:
    newest = db.session.scalars(Batch.newest_first().limit(_NEWEST)).all()
    suffixes = ",".join(SUFFIXES)
    return render_template(
        "exchange/imports.html",
        newest=newest,
        fault=fault,
        names=NAMES,
        suffixes=suffixes,
        languages=LANGUAGES,
    )


@bp.post("")
def upload() -> Answer:
    """Keep the file; on its own page one says which column is what."""
    file, what = request.files.get("file"), request.form.get("what", "")
    name = clean_filename(file.filename or "") if file else ""
    if file is None or not file.filename:
        return index(_("Choose a file.")), 422
    if what not in {each.value for each in What}:
        return index(_("Choose from the list.")), 422
    try:
        made = working.hand_in(What(what), file.read(), name, by=me())
    except Refused as refused:
        db.session.rollback()
        with reading():
            return index(_(refused.message, **refused.values)), 422
    return _to(made)


@bp.get("/<int:id>")
def batch(id: int) -> str:
    found = _found(id)
    ours = columns(found.what)
    shown = found.result.get("faults", [])[:_SHOWN], found.result.get("warnings", [])[:_SHOWN]
    return render_template(
        "exchange/import.html",
        batch=found,
        name=NAMES[found.what],
        ours=ours,
        labels={column.name: column.label(language()) for column in ours},
        columns=working.columns_of(found),
        examples=_examples(found),
        samples=[_shown(sample) for sample in found.result.get("samples", [])],
        faults=[said(each) for each in shown[0]],
        warnings=[said(each) for each in shown[1]],
        concerned=_concerned(found),
    )


@bp.post("/<int:id>/columns")
def match(id: int) -> Answer:
    """Say which column is what, and have the file looked through."""
    found = _found(id)
    known = {column.name for column in columns(found.what)}
    chosen = {
        name: request.form.get(f"column-{number}", "") for number, name in enumerate(found.reading["header"])
    }
    named = [ours for ours in chosen.values() if ours]
    if not named or not known.issuperset(named) or len(named) != len(set(named)):
        flash(_("Choose something for one column at least, and nothing twice."), "error")
        return _to(found)
    working.ask_to_look(found, chosen)
    return _to(found)


@bp.post("/<int:id>/taking")
def take(id: int) -> Answer:
    """Take what was looked through, all of it or the lines without fault."""
    found = _found(id)
    working.ask_to_take(found, keeps_good="good" in request.form)
    if found.progress is not Progress.TAKING:
        flash(_("This file was taken already, or cannot be taken."), "error")
    return _to(found)


@bp.post("/<int:id>/undoing")
def undo(id: int) -> Answer:
    """Take the import back."""
    found = _found(id)
    working.ask_to_undo(found)
    if found.progress is not Progress.UNDOING:
        flash(_("This import cannot be taken back any more."), "error")
    return _to(found)


@bp.get("/<int:id>/faults.csv")
def faults(id: int) -> BaseResponse:
    """What is wrong, for a spreadsheet beside the file."""
    found = _found(id)
    told = [said(each) for each in found.result.get("faults", [])]
    rows: list[list[Any]] = [[_("Line"), _("Field"), _("What is wrong")]]
    rows += [[each["line"], each["field"], each["message"]] for each in told]
    return _csv(rows, f"import-{id}-faults.csv")


@bp.get("/templates/<string:name>")
def template(name: str) -> BaseResponse:
    """An empty table with the headers that are understood: `customers.ja.csv`."""
    known = {f"{what.value}.{lang}.csv": (what, lang) for what in What for lang in LANGUAGES}
    if name not in known:
        return Response(status=404)
    what, lang = known[name]
    return _csv([[column.header(lang) for column in columns(what)]], name)


def _csv(rows: list[list[Any]], name: str) -> Response:
    answer = Response(csv_bytes(rows), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _shown(sample: dict[str, Any]) -> dict[str, Any]:
    """A sample with its moments as people read them."""
    values = {
        name: moment(datetime.fromisoformat(value)) if name in MOMENTS else value
        for name, value in sample["values"].items()
    }
    return {**sample, "values": values}


def _examples(found: Batch) -> dict[str, list[str]]:
    """What the first lines say in each column, as long as one chooses."""
    if found.file is None or found.progress is not Progress.READY or found.result:
        return {}
    try:
        first = [*islice(lines(found.file.path, found.reading), _LOOKED_AT)]
    except (Refused, OSError):
        return {}
    header = found.reading["header"]
    return {name: [str(line.cells.get(name) or "")[:40] for line in first] for name in header}


def _concerned(found: Batch) -> list[Customer]:
    """Some of the customers whom a batch that was taken concerns."""
    if found.progress is not Progress.DONE:
        return []
    theirs = Customer.visible_to(me()).where(Customer.id.in_(concerned(found, 0)))
    return list(db.session.scalars(theirs.order_by(Customer.id)))


def _found(id: int) -> Batch:
    found: Batch = db.one_or_404(select(Batch).where(Batch.id == id))
    return found


def _to(made: Batch) -> BaseResponse:
    db.session.commit()
    with reading():
        return go(url_for(".batch", id=made.id))
