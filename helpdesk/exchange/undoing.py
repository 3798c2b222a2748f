"""Taking an import back: its rows go, its values return, unless somebody changed them since."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, delete, exists, or_, select

from helpdesk.core import fulltext, live
from helpdesk.core.clock import now
from helpdesk.core.db import Model, db
from helpdesk.customers.models import Contact, Customer, CustomerType
from helpdesk.customers.orders import Order, Subscription
from helpdesk.exchange.looking import MOST_KEPT
from helpdesk.exchange.models import Batch, Progress, Touched, UnknownEvent
from helpdesk.exchange.plans import as_json
from helpdesk.lifecycle import stages
from helpdesk.timeline import Event, Kind

CHUNK = 200
_EVENTS_AT_ONCE = 2000
_TABLES: dict[str, type[Model]] = {
    table.__tablename__: table for table in (Customer, Contact, Order, Subscription)
}
# What the house notes of everybody; it keeps nobody.
_BY_ITSELF = (Kind.STAGE_ENTERED, Kind.OVERLAY_OPENED, Kind.OVERLAY_CLOSED)


def begin(batch: Batch) -> None:
    """Let the batch be taken back; `step` does it."""
    batch.progress = Progress.UNDOING


def step(batch: Batch) -> bool:
    """Take back the next of it, and say whether there is more. The caller commits each time.

    What is done is forgotten with it, so that a crash begins where it was.
    """
    if _forget_events(batch):
        return True
    rows = db.session.scalars(
        select(Touched).where(Touched.batch_id == batch.id).order_by(Touched.id.desc()).limit(CHUNK)
    ).all()
    if not rows:
        _finish(batch)
        return False
    for name in dict.fromkeys(row.subject_type for row in rows):
        _restore(batch, _TABLES[name], [row for row in rows if row.subject_type == name])
    db.session.execute(delete(Touched).where(Touched.id.in_([row.id for row in rows])))
    live.announce(batch.topic)
    return True


def _forget_events(batch: Batch) -> bool:
    """Drop some of the facts that the batch told; whether there were any."""
    if "events_after" not in batch.reading:
        return False
    own = and_(Event.id > batch.reading["events_after"], Event.source == batch.source)
    ids = db.session.scalars(select(Event.id).where(own).order_by(Event.id).limit(_EVENTS_AT_ONCE)).all()
    db.session.execute(delete(Event).where(Event.id.in_(ids)))
    if not ids:
        db.session.execute(delete(UnknownEvent).where(UnknownEvent.source == batch.source))
    return bool(ids)


def _restore(batch: Batch, table: type[Model], touched: Sequence[Touched]) -> None:
    ids = [row.subject_id for row in touched]
    found: dict[int, Any] = {
        row.id: row for row in db.session.scalars(select(table).where(table.id.in_(ids)))
    }
    made = [row for row in touched if row.before is None and row.subject_id in found]
    held = _held(batch, table, [row.subject_id for row in made])
    going = [row for row in made if row.subject_id not in held and _is_as_left(found[row.subject_id], row)]
    for row in touched:
        subject = found.get(row.subject_id)
        if subject is None or row in going:
            continue
        if row.before is None:
            _tell_of(batch, subject, [])
        else:
            _put_back(batch, subject, row)
    _concern(
        table, [found[row.subject_id] for row in touched if row.subject_id in found and row not in going]
    )
    _drop(table, [row.subject_id for row in going])


def _is_as_left(subject: Any, row: Touched) -> bool:
    """Whether the row still says what the batch wrote."""
    return as_json({name: getattr(subject, name) for name in row.after}) == row.after


def _put_back(batch: Batch, subject: Any, row: Touched) -> None:
    """Give each column its value from before, but not where somebody wrote another since."""
    kept = []
    for name, value in (row.before or {}).items():
        if as_json({name: getattr(subject, name)})[name] == row.after[name]:
            setattr(subject, name, _typed(subject, name, value))
        else:
            kept.append(name)
    if kept:
        _tell_of(batch, subject, kept)
    if isinstance(subject, Customer):
        subject.reindex()


def _held(batch: Batch, table: type[Model], ids: Sequence[int]) -> set[int]:
    """Which of these rows something hangs on that the batch did not bring."""
    if table is Customer:
        heard = exists().where(
            Event.customer_id == Customer.id,
            Event.source != batch.source,
            Event.kind.not_in(_BY_ITSELF),
        )
        conditions = [heard, *(_has(other, Customer) for other in (Order, Subscription))]
        return _which(Customer, ids, or_(*conditions))
    if table is Contact:
        return _which(Contact, ids, exists().where(Event.contact_id == Contact.id))
    theirs = exists().where(Event.subject_type == table.__tablename__, Event.subject_id == table.id)
    return _which(table, ids, theirs.where(Event.customer_id == table.__table__.c.customer_id))


def _has(other: type[Model], table: type[Model]) -> ColumnElement[bool]:
    return exists().where(other.__table__.c.customer_id == table.id)


def _which(table: type[Model], ids: Sequence[int], condition: ColumnElement[bool]) -> set[int]:
    return set(db.session.scalars(select(table.id).where(table.id.in_(ids), condition)))


def _drop(table: type[Model], ids: Sequence[int]) -> None:
    if not ids:
        return
    rows: Table = table.__table__  # type: ignore[assignment]
    db.session.flush()
    db.session.execute(delete(rows).where(rows.c.id.in_(ids)))
    db.session.expire_all()
    if table is Customer:
        for id in ids:
            fulltext.forget(db.session(), "customers", id)


def _concern(table: type[Model], rows: Sequence[Any]) -> None:
    """The customers who stay are looked at once more, quietly."""
    ids = {row.id if table is Customer else row.customer_id for row in rows}
    for id in sorted(ids):
        stages.review.later(key=f"{id}:quiet", customer_id=id, quiet=True)


def _tell_of(batch: Batch, subject: Any, columns: list[str]) -> None:
    """Remember what stayed: the row, and which of its columns; none of them where the whole row did."""
    kept = batch.result.get("kept", [])
    counts = batch.result.get("kept_count", 0) + 1
    told = {"type": subject.__tablename__, "id": subject.id, "columns": columns, "name": _name(subject)}
    batch.result = {**batch.result, "kept": [*kept, told][:MOST_KEPT], "kept_count": counts}


def _name(subject: Any) -> str:
    return str(getattr(subject, "name", None) or getattr(subject, "external_id", None) or subject.id)


def _typed(subject: Any, name: str, value: Any) -> Any:
    now_there = getattr(subject, name)
    if isinstance(now_there, datetime) or name.endswith(("_at", "_from")):
        return datetime.fromisoformat(value) if value else None
    return CustomerType(value) if name == "type" else value


def _finish(batch: Batch) -> None:
    has_failed = batch.result.get("has_failed", False)
    batch.progress = Progress.FAILED if has_failed else Progress.UNDONE
    batch.undone_at = now()
    live.announce(batch.topic)
