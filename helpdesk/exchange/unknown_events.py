"""Events of types that nobody knew: looked at by type, taken as a type we know, or dropped."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select

from helpdesk.core.db import db
from helpdesk.core.jobs import task
from helpdesk.exchange import outside
from helpdesk.exchange.faults import Refused
from helpdesk.exchange.models import UnknownEvent
from helpdesk.timeline import Kind

AT_ONCE = 200


@dataclass(frozen=True)
class Group:
    """All unknown events of one type; example: the newest."""

    type: str
    count: int
    example: UnknownEvent


def groups() -> list[Group]:
    """What lies in quarantine, the most frequent first."""
    counted = select(UnknownEvent.type, func.count(), func.max(UnknownEvent.id)).group_by(UnknownEvent.type)
    rows = db.session.execute(counted.order_by(func.count().desc(), UnknownEvent.type)).all()
    examples = _by_id([row[2] for row in rows])
    return [Group(row[0], row[1], examples[row[2]]) for row in rows]


@task
def take_as(type: str, kind: str, after_id: int) -> None:
    """Take the next events of this type as facts of a kind we know; what does not fit stays."""
    rows = db.session.scalars(
        select(UnknownEvent)
        .where(UnknownEvent.type == type, UnknownEvent.id > after_id)
        .order_by(UnknownEvent.id)
        .limit(AT_ONCE)
    ).all()
    for row in rows:
        _take(row, Kind(kind))
    if len(rows) == AT_ONCE:
        take_as.later(key=f"{type}:{kind}", type=type, kind=kind, after_id=rows[-1].id)


def drop(type: str) -> int:
    """Drop all of this type; how many."""
    gone = db.session.execute(delete(UnknownEvent).where(UnknownEvent.type == type))
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _take(row: UnknownEvent, kind: Kind) -> None:
    try:
        with db.session.begin_nested():
            outside.check(row.occurred_at, row.payload)
            key = row.idempotency_key
            outside.take(kind, row.customer, row.occurred_at, row.payload, source=row.source, key=key)
            db.session.delete(row)
    except Refused:
        return


def _by_id(ids: Sequence[int]) -> dict[int, Any]:
    found = db.session.scalars(select(UnknownEvent).where(UnknownEvent.id.in_(ids)))
    return {row.id: row for row in found}
