"""A batch of events from another system: whose each is, whether it is known, new or history."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select

from helpdesk.accounts.models import Agent
from helpdesk.api.shapes.events import EventIn, EventResult, EventsIn, Result, WhoseIn
from helpdesk.core.db import db
from helpdesk.customers.models import Contact, ContactAddress, Customer, normal_address
from helpdesk.exchange.faults import Refused
from helpdesk.exchange.models import UnknownEvent
from helpdesk.exchange.outside import check, kind_of, take
from helpdesk.timeline import Event


@dataclass(frozen=True)
class _Known:
    """What a key was used for; event: None where it lies in quarantine."""

    event: int | None
    type: str
    customer_id: int
    occurred_at: datetime
    payload: dict[str, Any]

    def says(self, event: EventIn, customer: Customer) -> bool:
        """Whether the other event is this one, told again."""
        return (self.type, self.customer_id, self.occurred_at, self.payload) == (
            *(event.type, customer.id, event.occurred_at, event.payload),
        )


def tell(batch: EventsIn, viewer: Agent) -> list[EventResult]:
    """Take the events of `batch` in, in their order; a bad one does not stop the others."""
    customers = _customers([event.customer for event in batch.events], viewer)
    known = _known_keys(event.idempotency_key for event in batch.events)
    results = []
    for index, event in enumerate(batch.events):
        try:
            results.append(_tell(index, event, customers, known, source=batch.source))
        except Refused as why:
            results.append(EventResult(index=index, result=Result.REFUSED, reason=str(why)))
    return results


def _tell(
    index: int, event: EventIn, customers: dict[Any, Customer], known: dict[str, _Known], *, source: str
) -> EventResult:
    customer = customers.get(_whose(event.customer))
    if customer is None:
        raise Refused("There is no such customer.")
    key = event.idempotency_key
    if key is not None and key in known:
        if not known[key].says(event, customer):
            raise Refused("This idempotency_key was used for another event.")
        return EventResult(index=index, result=Result.DUPLICATE, event=known[key].event)
    kind = kind_of(event.type)
    check(event.occurred_at, event.payload)
    if kind is None:
        _quarantine(customer, event, source)
    number = (
        take(kind, customer, event.occurred_at, event.payload, source=source, key=key).id if kind else None
    )
    if key is not None:
        known[key] = _Known(number, event.type, customer.id, event.occurred_at, event.payload)
    return EventResult(index=index, result=Result.RECORDED if kind else Result.QUARANTINED, event=number)


def _quarantine(customer: Customer, event: EventIn, source: str) -> None:
    kept = UnknownEvent(customer=customer, type=event.type, occurred_at=event.occurred_at, source=source)
    kept.idempotency_key, kept.payload = event.idempotency_key, event.payload
    db.session.add(kept)


def _customers(whose: list[WhoseIn], viewer: Agent) -> dict[Any, Customer]:
    """The customers of a batch, by the way each was named, in a few statements."""
    seen = Customer.visible_to(viewer)
    found: dict[Any, Customer] = {}
    ids = {each.id for each in whose if each.id}
    names = {each.external_id for each in whose if each.external_id}
    if ids:
        found |= {("id", c.id): c for c in db.session.scalars(seen.where(Customer.id.in_(ids)))}
    if names:
        theirs = db.session.scalars(seen.where(Customer.external_id.in_(names)))
        found |= {("external_id", c.external_id): c for c in theirs}
    if emails := {normal_address(each.email) for each in whose if each.email}:
        people = seen.join(Customer.contacts).join(Contact.addresses).add_columns(ContactAddress.address)
        rows = db.session.execute(people.where(ContactAddress.address.in_(emails)))
        found |= {("email", row[1]): row[0] for row in rows}
    return found | _standing_for(ids - {c.id for c in found.values()}, names, seen)


def _standing_for(ids: set[int], names: set[str], seen: Select["Customer"]) -> dict[Any, Customer]:
    """Who stands for those that were put into another: other systems go on naming the one they know."""
    gone = select(Customer.id, Customer.external_id).where(Customer.merged_into_id.is_not(None))
    named = or_(Customer.id.in_(ids), Customer.external_id.in_(names))
    found: dict[Any, Customer] = {}
    for row in db.session.execute(gone.where(named)) if ids or names else ():
        successor = db.session.scalar(seen.where(Customer.id == Customer.successor_of(row.id)))
        if successor is not None:
            found |= {("id", row.id): successor, ("external_id", row.external_id): successor}
    return found


def _whose(given: WhoseIn) -> tuple[str, Any] | None:
    named = [(name, value) for name, value in given if value is not None]
    if len(named) != 1:
        raise Refused("Name the customer by one of id, external_id and email.")
    name, value = named[0]
    return (name, normal_address(value)) if name == "email" else (name, value)


def _known_keys(keys: Iterable[str | None]) -> dict[str, _Known]:
    """Which of `keys` were used before, and for what."""
    wanted = {key for key in keys if key is not None}
    kept = db.session.scalars(select(UnknownEvent).where(UnknownEvent.idempotency_key.in_(wanted)))
    known = {
        str(each.idempotency_key): _Known(None, each.type, each.customer_id, each.occurred_at, each.payload)
        for each in kept
    }
    for told in db.session.scalars(select(Event).where(Event.idempotency_key.in_(wanted))):
        known[str(told.idempotency_key)] = _Known(
            told.id, told.kind.value, told.customer_id, told.occurred_at, told.details
        )
    return known
