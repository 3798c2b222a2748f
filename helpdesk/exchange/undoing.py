"""Taking an import back: its rows go, its values return, unless somebody changed them since."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, and_, delete, exists, or_, select
from sqlalchemy.orm import Session, aliased

from helpdesk.core import fulltext, live
from helpdesk.core.clock import now
from helpdesk.core.db import Model, db
from helpdesk.core.uprooting import unchecked, uproot
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

    What is done is forgotten with it, so that a crash begins where it was. What goes, goes in a
    transaction of its own before; nothing may be pending in the caller's.
    """
    source, number = batch.source, batch.id
    after = batch.reading.get("events_after")
    db.session.rollback()
    if after is not None and _forget_events(source, after):
        return True
    rows = db.session.scalars(
        select(Touched).where(Touched.batch_id == number).order_by(Touched.id.desc()).limit(CHUNK)
    ).all()
    if not rows:
        _finish(batch)
        return False
    names = {name: [row.id for row in rows if row.subject_type == name] for name in _TABLES}
    db.session.rollback()
    for name, touched in names.items():
        if touched:
            _drop_made(_TABLES[name], touched, source)
    for name, touched in names.items():
        _restore(batch, _TABLES[name], touched)
    live.announce(batch.topic)
    return True


def _forget_events(source: str, after: int) -> bool:
    """Drop some of the facts that the batch told; whether there were any."""
    own = and_(Event.id > after, Event.source == source)
    with unchecked() as session:
        ids = session.scalars(select(Event.id).where(own).order_by(Event.id).limit(_EVENTS_AT_ONCE)).all()
        uproot(session, _rows(Event), ids)
        if not ids:
            session.execute(delete(UnknownEvent).where(UnknownEvent.source == source))
    return bool(ids)


def _drop_made(table: type[Model], touched_ids: Sequence[int], source: str) -> None:
    """Delete the rows that the batch made, where they say what it wrote and nothing else hangs on them."""
    with unchecked() as session:
        touched = session.scalars(select(Touched).where(Touched.id.in_(touched_ids))).all()
        made = {row.subject_id: row for row in touched if row.before is None}
        held = _held(session, table, list(made), source)
        found: dict[int, Any] = {
            row.id: row for row in session.scalars(select(table).where(table.id.in_(made)))
        }
        going = [
            id for id, row in made.items() if id not in held and id in found and _is_as_left(found[id], row)
        ]
        concerned = [] if table is Customer else [found[id].customer_id for id in going]
        session.expunge_all()
        uproot(session, _rows(table), going)
        if table is Customer:
            for id in going:
                fulltext.forget(session, "customers", id)
        session.execute(delete(Touched).where(Touched.id.in_([made[id].id for id in going])))
    _look_again(concerned)


def _restore(batch: Batch, table: type[Model], touched_ids: Sequence[int]) -> None:
    """Put back what stands; what the batch made and is still there stays, and is told."""
    touched = db.session.scalars(select(Touched).where(Touched.id.in_(touched_ids))).all()
    ids = [row.subject_id for row in touched]
    found: dict[int, Any] = {
        row.id: row for row in db.session.scalars(select(table).where(table.id.in_(ids)))
    }
    for row in touched:
        subject = found.get(row.subject_id)
        if subject is None:
            continue
        if row.before is None:
            _tell_of(batch, subject, [])
        else:
            _put_back(batch, subject, row)
    _look_again([each.id if table is Customer else each.customer_id for each in found.values()])
    db.session.execute(delete(Touched).where(Touched.id.in_(touched_ids)))


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


def _held(session: Session, table: type[Model], ids: Sequence[int], source: str) -> set[int]:
    """Which of these rows something hangs on that the batch did not bring."""
    if table is Customer:
        heard = exists().where(
            Event.customer_id == Customer.id, Event.source != source, Event.kind.not_in(_BY_ITSELF)
        )
        merged = aliased(Customer)
        bought = [exists().where(other.customer_id == Customer.id) for other in (Order, Subscription)]
        condition = or_(heard, exists().where(merged.merged_into_id == Customer.id), *bought)
    elif table is Contact:
        condition = exists().where(Event.customer_id == Contact.customer_id, Event.contact_id == Contact.id)
    else:
        theirs = and_(Event.subject_type == table.__tablename__, Event.subject_id == table.id)
        condition = exists().where(Event.customer_id == _rows(table).c.customer_id, theirs)
    return set(session.scalars(select(table.id).where(table.id.in_(ids), condition)))


def _rows(table: type[Model]) -> Table:
    return cast(Table, table.__table__)


def _look_again(customer_ids: Sequence[int]) -> None:
    """The course of the customers who stay is looked at once more, without what was taken back."""
    for id in sorted(set(customer_ids)):
        stages.look_again.later(key=f"{id}:again", customer_id=id)


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
