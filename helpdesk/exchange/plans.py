"""What taking a line would do, and the rows that a batch touches on its way."""

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import insert, select

from helpdesk.core.clock import now
from helpdesk.core.db import Model, db, insert_into
from helpdesk.customers.models import Contact, ContactAddress, Customer
from helpdesk.exchange.drafts import Draft
from helpdesk.exchange.faults import Refused
from helpdesk.exchange.models import Batch, Touched
from helpdesk.timeline import Event, Kind


class Outcome(enum.Enum):
    CREATED = "created"
    UPDATED = "updated"
    SKIPPED = "skipped"
    # An event of a type that nobody knows: kept aside.
    QUARANTINED = "quarantined"
    REFUSED = "refused"


@dataclass
class Plan:
    """One line and what becomes of it. known: the row it is of, if there is one; changes: its new values."""

    draft: Draft
    outcome: Outcome = Outcome.CREATED
    known: Any = None
    changes: dict[str, Any] = field(default_factory=dict)
    customer_id: int = 0
    fault: Refused | None = None

    def refuse(self, words: str, name: str, **values: Any) -> None:
        self.outcome, self.fault = Outcome.REFUSED, Refused(words, name, **values)


class Hand(Protocol):
    """How one kind of line is taken: first looked up, which writes nothing, then written."""

    def plan(self, drafts: Sequence[Draft]) -> list[Plan]: ...

    def write(self, plans: Sequence[Plan], batch: Batch) -> None: ...


class People:
    """The customers that some lines name, in three statements however many they are."""

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        wanted = set(names)
        ids = {name for way, name in wanted if way == "external_id" and name}
        emails = {name for way, name in wanted if way == "email" and name}
        columns = select(Customer.external_id, Customer.id, Customer.merged_into_id)
        self._found: dict[tuple[str, str], int] = {}
        for row in db.session.execute(columns.where(Customer.external_id.in_(ids))):
            self._found["external_id", row.external_id] = _standing(row.id, row.merged_into_id)
        people = select(ContactAddress.address, Contact.customer_id).join(Contact)
        for address, customer_id in db.session.execute(people.where(ContactAddress.address.in_(emails))):
            self._found["email", address] = customer_id

    def id_of(self, name: tuple[str, str]) -> int | None:
        return self._found.get(name)


def _standing(id: int, merged_into_id: int | None) -> int:
    """Whoever was put into another is that other now."""
    while merged_into_id is not None:
        id = merged_into_id
        merged_into_id = db.session.scalar(select(Customer.merged_into_id).where(Customer.id == id))
    return id


def as_json(values: Mapping[str, Any]) -> dict[str, Any]:
    """Columns as `Touched` keeps them."""
    return {name: _plain(value) for name, value in values.items()}


def touch(
    batch: Batch, table: type[Model], rows: Iterable[tuple[int, dict[str, Any] | None, dict[str, Any]]]
) -> None:
    """Keep what stood in these rows (id, before, after); of a row touched twice the first `before` stays."""
    told = [
        {
            "batch_id": batch.id,
            "subject_type": table.__tablename__,
            "subject_id": id,
            "before": None if before is None else as_json(before),
            "after": as_json(after),
        }
        for id, before, after in rows
    ]
    if told:
        row = insert_into(Touched)
        again = row.on_conflict_do_update(
            index_elements=["batch_id", "subject_type", "subject_id"], set_={"after": row.excluded.after}
        )
        db.session.execute(again, told)


def fact(
    batch: Batch,
    kind: Kind,
    subject: tuple[str, int],
    customer_id: int,
    at: datetime,
    *,
    stage_id: int | None = None,
    key: str | None = None,
    details: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A row of the timeline, told silently; `tell` writes it."""
    return {
        "kind": kind,
        "customer_id": customer_id,
        "subject_type": subject[0],
        "subject_id": subject[1],
        "stage_id": stage_id,
        "depth": 0,
        "occurred_at": at,
        "recorded_at": now(),
        "source": batch.source,
        "idempotency_key": key,
        "details": details or {},
    }


def tell(facts: Sequence[dict[str, Any]]) -> None:
    """Write facts past the reactions: an import is history."""
    if facts:
        db.session.execute(insert(Event), facts)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value.value if isinstance(value, enum.Enum) else value
