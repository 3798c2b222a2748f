"""What other systems tell of orders and plans, as rows; they end the same whichever event comes first.

A row is what its events say together, in the order in which they happened and not in which they came. An
event names its order or plan as the other system does, by `order` or `subscription` in its details; a plan
without a name is the one unnamed plan of the customer.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import select

from helpdesk.core.db import db, insert_into
from helpdesk.customers.models import Customer
from helpdesk.customers.orders import Order, Subscription
from helpdesk.timeline import Event, Kind

OF_ORDERS = (Kind.ORDER_PAID, Kind.ORDER_CHANGED, Kind.ORDER_REFUNDED)
OF_PLANS = (
    *(Kind.TRIAL_STARTED, Kind.TRIAL_ENDED),
    *(Kind.SUBSCRIPTION_STARTED, Kind.SUBSCRIPTION_CHANGED, Kind.SUBSCRIPTION_ENDED),
)
# What details may say of a row; moments are written as ISO 8601.
NUMBERS = frozenset({"amount", "refunded", "price", "seats", "seats_used"})
MOMENTS = frozenset(
    {"placed_at", "refunded_at", "started_at", "trial_ends_at", "paid_from", "renews_at", "ended_at"}
)
_ORDER = frozenset({"product", "amount", "currency", "placed_at", "refunded", "refunded_at"})
_PLAN = frozenset({"plan", "seats", "seats_used", "price", "currency", *MOMENTS}) - _ORDER | {"currency"}

T = TypeVar("T", Order, Subscription)
Subject = Customer | Order | Subscription


class OfAnother(ValueError):
    """The order or the plan of this name is another customer's; says which of the two it is."""


def about(kind: Kind, customer: Customer, details: dict[str, Any], at: datetime) -> Subject:
    """The row that an event is of, made where it is the first to name it; else the customer.

    Raises `OfAnother`. Whoever writes the event settles the row with it.
    """
    if kind in OF_ORDERS:
        return _order_of(kind, customer, details.get("order"), at)
    if kind in OF_PLANS:
        return _plan_of(customer, details.get("subscription"), at)
    return customer


def settle(subject: object) -> None:
    """Let an order or a plan say what its events say by now; anything else is left alone."""
    if isinstance(subject, Order):
        _set(subject, order_as_told(_events(subject, OF_ORDERS)))
    elif isinstance(subject, Subscription):
        _set(subject, plan_as_told(_events(subject, OF_PLANS)))


def order_as_told(events: Iterable[Any]) -> dict[str, Any]:
    """The columns of an order that its events state; each has kind, occurred_at and details."""
    told = sorted(events, key=_in_time)
    said: dict[str, Any] = {}
    counted_at = None
    for event in told:
        if event.kind is Kind.ORDER_PAID:
            said["placed_at"] = event.occurred_at
        if event.kind is not Kind.ORDER_REFUNDED:
            stated = _stated(event.details, _ORDER)
            said |= stated
            counted_at = event.occurred_at if "refunded" in stated else counted_at
    for event in told:
        if event.kind is Kind.ORDER_REFUNDED and (counted_at is None or event.occurred_at > counted_at):
            # Without an amount all of it went back.
            amount = event.details.get("amount", said.get("amount", 0))
            said["refunded"] = said.get("refunded", 0) + round(amount)
            said["refunded_at"] = event.occurred_at
    return said


def plan_as_told(events: Iterable[Any]) -> dict[str, Any]:
    """The columns of a subscription that its events state."""
    said: dict[str, Any] = {}
    for event in sorted(events, key=_in_time):
        kind, at = event.kind, event.occurred_at
        if kind in (Kind.TRIAL_STARTED, Kind.SUBSCRIPTION_STARTED):
            said.setdefault("started_at", at)
            said["ended_at"] = None
        if kind is Kind.SUBSCRIPTION_STARTED and not event.details.get("trial"):
            said.setdefault("paid_from", at)
        if kind is Kind.TRIAL_ENDED:
            said["trial_ends_at"] = at
        if kind is Kind.SUBSCRIPTION_ENDED or (kind is Kind.TRIAL_ENDED and "paid_from" not in said):
            said["ended_at"] = at
        said |= _stated(event.details, _PLAN)
    return said


def _order_of(kind: Kind, customer: Customer, name: str | None, at: datetime) -> Order | Customer:
    if name is not None:
        return _named(Order, customer, name, {"product": "", "amount": 0, "placed_at": at})
    if kind is not Kind.ORDER_PAID:
        return customer
    order = Order(customer=customer, product="", amount=0, placed_at=at)
    db.session.add(order)
    return order


def _plan_of(customer: Customer, name: str | None, at: datetime) -> Subscription:
    # No seat is known before one is told.
    first = {"plan": "", "seats": 0, "started_at": at}
    if name is not None:
        return _named(Subscription, customer, name, first)
    unnamed = select(Subscription).where(
        Subscription.customer_id == customer.id, Subscription.external_id.is_(None)
    )
    newest = unnamed.order_by(Subscription.started_at.desc(), Subscription.id.desc()).limit(1)
    plan = db.session.scalar(newest.with_for_update()) or Subscription(customer=customer, **first)
    db.session.add(plan)
    return plan


def _named(table: type[T], customer: Customer, name: str, first: dict[str, Any]) -> T:
    """The row of that name, held until the commit, so that two events of it wait for each other."""
    db.session.flush()
    made = insert_into(table).values(customer_id=customer.id, external_id=name, **_spare(table), **first)
    db.session.execute(made.on_conflict_do_nothing(index_elements=["external_id"]))
    found = db.session.scalars(select(table).where(table.external_id == name).with_for_update()).one()
    if found.customer_id != customer.id:
        raise OfAnother("order" if table is Order else "subscription")
    return found


def _spare(table: type[T]) -> dict[str, Any]:
    both = {"currency": "JPY"}
    return both | ({"refunded": 0} if table is Order else {"seats_used": 0, "price": 0})


def _events(subject: Order | Subscription, kinds: Sequence[Kind]) -> Sequence[Any]:
    theirs = select(Event.kind, Event.occurred_at, Event.details).where(
        Event.customer_id == subject.customer_id,
        Event.kind.in_(kinds),
        Event.subject_type == subject.__tablename__,
        Event.subject_id == subject.id,
    )
    return db.session.execute(theirs).all()


def _set(subject: object, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(subject, name, value)


def _in_time(event: Any) -> tuple[datetime, str]:
    # Of one moment, what they say decides: never which came first.
    return event.occurred_at, repr((event.kind.value, sorted(event.details.items(), key=repr)))


def _stated(details: dict[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: _read(name, details[name]) for name in names & details.keys()}


def _read(name: str, value: Any) -> Any:
    if name in NUMBERS:
        return round(value)
    return datetime.fromisoformat(value) if name in MOMENTS and value is not None else value
