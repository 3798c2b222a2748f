"""A batch of events from another system: whose each is, whether it is known, new or history."""

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from helpdesk.accounts.models import Agent
from helpdesk.api.models import UnknownEvent
from helpdesk.api.shapes.events import (
    LARGEST_PAYLOAD,
    EventIn,
    EventResult,
    EventsIn,
    Result,
    WhoseIn,
)  # fmt: skip
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.customers.models import Contact, ContactAddress, Customer, normal_address
from helpdesk.lifecycle import stages
from helpdesk.lifecycle.models import Stay
from helpdesk.timeline import Event, Kind, take_in

# What happened longer ago is history: told without reactions, and reviewed quietly.
HISTORY_AFTER = timedelta(hours=24)
# Clocks differ; what lies further ahead has not happened.
AHEAD = timedelta(minutes=10)
# What other systems may tell. All else the house sees for itself, and nobody may claim it.
FROM_OUTSIDE = frozenset(
    {
        *(Kind.TRIAL_STARTED, Kind.TRIAL_ENDED, Kind.ORDER_PAID, Kind.ORDER_REFUNDED),
        *(Kind.SUBSCRIPTION_STARTED, Kind.SUBSCRIPTION_CHANGED, Kind.SUBSCRIPTION_ENDED),
        *(Kind.PAYMENT_FAILED, Kind.PAYMENT_RECOVERED, Kind.USAGE_REPORTED, Kind.VALUE_REACHED),
        *(Kind.CHECKLIST_DONE, Kind.REFERRAL_ACCEPTED),
    }
)
# What rules reckon with must be of its type, or one bad number would stop a customer's reviews.
_NUMBERS = dict.fromkeys(
    ("amount", "price", "price_before", "seats", "seats_before", "active_people", "share"), (int, float)
)
_TEXTS = dict.fromkeys(("product", "plan", "currency", "reason"), (str,))
_KINDS = {kind.value: kind for kind in Kind}


class Refused(ValueError):
    """The event cannot be taken in; says why."""


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
    index: int, event: EventIn, customers: dict[Any, Customer], known: dict[str, int | None], *, source: str
) -> EventResult:
    customer = customers.get(_whose(event.customer))
    if customer is None:
        raise Refused("There is no such customer.")
    key = event.idempotency_key
    if key is not None and key in known:
        return EventResult(index=index, result=Result.DUPLICATE, event=known[key])
    kind = _KINDS.get(event.type)
    _check(kind, event)
    if kind is None:
        _quarantine(customer, event, source)
    number = _take(kind, customer, event, source) if kind else None
    if key is not None:
        known[key] = number
    return EventResult(index=index, result=Result.RECORDED if kind else Result.QUARANTINED, event=number)


def _check(kind: Kind | None, event: EventIn) -> None:
    if kind is not None and kind not in FROM_OUTSIDE:
        raise Refused("The house sees this for itself.")
    if event.occurred_at > now() + AHEAD:
        raise Refused("This has not happened yet.")
    _check_payload(event.payload)


def _check_payload(payload: dict[str, Any]) -> None:
    for name, kinds in (*_NUMBERS.items(), *_TEXTS.items()):
        if name in payload and type(payload[name]) not in kinds:
            raise Refused(f"payload.{name} must be a {'text' if str in kinds else 'number'}.")
    try:
        written = json.dumps(payload, allow_nan=False)
    except ValueError as error:
        raise Refused("payload has a number that is none.") from error
    if len(written) > LARGEST_PAYLOAD or "\\u0000" in written:
        raise Refused(f"payload must be at most {LARGEST_PAYLOAD} letters of JSON, without NUL.")


def _take(kind: Kind, customer: Customer, event: EventIn, source: str) -> int:
    is_history = event.occurred_at < now() - HISTORY_AFTER
    made = take_in(
        kind,
        customer,
        event.payload,
        at=event.occurred_at,
        source=source,
        idempotency_key=event.idempotency_key,
        quietly=is_history,
    )
    if is_history:
        made.stage_id = _stage_at(customer, made)
        stages.review.later(key=f"{customer.id}:quiet", customer_id=customer.id, quiet=True)
    return made.id


def _stage_at(customer: Customer, event: Event) -> int | None:
    """Where the customer stood at that moment; None before we met."""
    began = Stay.of(customer).where(Stay.entered_at <= event.occurred_at).with_only_columns(Stay.stage_id)
    return db.session.scalar(began.order_by(None).order_by(Stay.entered_at.desc(), Stay.id.desc()).limit(1))


def _quarantine(customer: Customer, event: EventIn, source: str) -> None:
    kept = UnknownEvent(customer=customer, type=event.type, occurred_at=event.occurred_at, source=source)
    kept.idempotency_key, kept.payload = event.idempotency_key, event.payload
    db.session.add(kept)


def _customers(whose: list[WhoseIn], viewer: Agent) -> dict[Any, Customer]:
    """The customers of a batch, by the way each was named; at most three statements."""
    seen = Customer.visible_to(viewer)
    found: dict[Any, Customer] = {}
    if ids := {each.id for each in whose if each.id}:
        found |= {("id", c.id): c for c in db.session.scalars(seen.where(Customer.id.in_(ids)))}
    if names := {each.external_id for each in whose if each.external_id}:
        theirs = db.session.scalars(seen.where(Customer.external_id.in_(names)))
        found |= {("external_id", c.external_id): c for c in theirs}
    if emails := {normal_address(each.email) for each in whose if each.email}:
        people = seen.join(Customer.contacts).join(Contact.addresses).add_columns(ContactAddress.address)
        rows = db.session.execute(people.where(ContactAddress.address.in_(emails)))
        found |= {("email", row[1]): row[0] for row in rows}
    return found


def _whose(given: WhoseIn) -> tuple[str, Any] | None:
    named = [(name, value) for name, value in given if value is not None]
    if len(named) != 1:
        raise Refused("Name the customer by one of id, external_id and email.")
    name, value = named[0]
    return (name, normal_address(value)) if name == "email" else (name, value)


def _known_keys(keys: Iterable[str | None]) -> dict[str, int | None]:
    """Which of `keys` were taken in before, and the event of each; None for those in quarantine."""
    wanted = {key for key in keys if key is not None}
    kept = db.session.scalars(
        select(UnknownEvent.idempotency_key).where(UnknownEvent.idempotency_key.in_(wanted))
    )
    known: dict[str, int | None] = {str(key): None for key in kept}
    told = select(Event.idempotency_key, Event.id).where(Event.idempotency_key.in_(wanted))
    return known | {str(row[0]): row[1] for row in db.session.execute(told)}
