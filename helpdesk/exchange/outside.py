"""Facts that other systems tell, by the API or in a file: which they may, and what becomes of each."""

import json
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.customers import dealings
from helpdesk.customers.models import Customer
from helpdesk.exchange.faults import N_, Refused
from helpdesk.lifecycle import stages
from helpdesk.lifecycle.models import Stay
from helpdesk.timeline import Event, Kind, take_in

# What happened longer ago is history: told without reactions, and reviewed quietly.
HISTORY_AFTER = timedelta(hours=24)
# Clocks differ; what lies further ahead has not happened.
AHEAD = timedelta(minutes=10)
# Letters of a payload as JSON.
LARGEST_PAYLOAD = 20_000
# More than any order: what is larger is a mistake, and would burst the column.
LARGEST_NUMBER = 10**15
LONGEST_NAME = 200
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
NUMBERS = (
    *("amount", "price", "price_before", "seats", "seats_used", "seats_before"),
    *("active_people", "share", "refunded"),
)
TEXTS = ("product", "plan", "currency", "reason", "order", "subscription")
MOMENTS = tuple(sorted(dealings.MOMENTS))
_KINDS = {kind.value: kind for kind in Kind}
# NUL, or half a character: a high surrogate that no low one follows, or a low one alone, as JSON writes them.
_BAD = re.compile(r"\\u(?:0000|d[89ab]..(?!\\ud[c-f])|(?<!\\ud[89ab]..\\u)d[c-f]..)")


def kind_of(type: str) -> Kind | None:
    """The fact of this name that may be told; None for a name that we do not know. Raises `Refused`."""
    kind = _KINDS.get(type)
    if kind is not None and kind not in FROM_OUTSIDE:
        raise Refused(N_("The house sees this for itself."), "type")
    return kind


def check(occurred_at: datetime, payload: dict[str, Any]) -> None:
    """Raise `Refused` for what cannot have happened or cannot be kept."""
    if occurred_at > now() + AHEAD:
        raise Refused(N_("This has not happened yet."), "occurred_at")
    for name in NUMBERS:
        if name in payload:
            _check_number(name, payload[name])
    for name in TEXTS:
        if name in payload and not (type(payload[name]) is str and len(payload[name]) <= LONGEST_NAME):
            raise Refused(
                N_("%(name)s must be a text of at most %(most)s characters."),
                f"payload.{name}",
                name=f"payload.{name}",
                most=LONGEST_NAME,
            )
    for name in MOMENTS:
        if payload.get(name) is not None:
            _check_moment(name, payload[name])
    _check_size(payload)


def take(
    kind: Kind, customer: Customer, at: datetime, payload: dict[str, Any], *, source: str, key: str | None
) -> Event:
    """Write the fact, with the order or the plan it is of; what is history is told without reactions.

    Raises `Refused` as `subject_of` does.
    """
    subject = subject_of(kind, customer, at, payload)
    is_history = at < now() - HISTORY_AFTER
    made = take_in(kind, subject, payload, at=at, source=source, idempotency_key=key, quietly=is_history)
    dealings.settle(subject)
    if is_history:
        made.stage_id = StagesThen([customer.id]).at(customer.id, at)
        stages.review.later(key=f"{customer.id}:quiet", customer_id=customer.id, quiet=True)
    return made


def subject_of(kind: Kind, customer: Customer, at: datetime, payload: dict[str, Any]) -> dealings.Subject:
    """What the fact is of, made where this is the first to name it.

    Raises `Refused` where the order or plan of that name is another customer's, or was paid already.
    """
    try:
        subject = dealings.about(kind, customer, payload, at)
    except dealings.OfAnother as other:
        raise Refused(N_("This name belongs to another customer."), f"payload.{other}") from other
    if kind is Kind.ORDER_PAID and payload.get("order") is not None:
        _refuse_paid(customer, subject.id)
    return subject


class StagesThen:
    """Where some customers stood at any moment; read once for all of them."""

    def __init__(self, customer_ids: Iterable[int]) -> None:
        stays = select(Stay.customer_id, Stay.entered_at, Stay.stage_id)
        theirs = stays.where(Stay.customer_id.in_(set(customer_ids)), Stay.superseded_at.is_(None))
        theirs = theirs.order_by(Stay.entered_at, Stay.id)
        self._stays: dict[int, list[Any]] = {}
        for row in db.session.execute(theirs):
            self._stays.setdefault(row.customer_id, []).append(row)

    def at(self, customer_id: int, moment: datetime) -> int | None:
        """The stage of that moment; None before we met."""
        stays = self._stays.get(customer_id, ())
        return next((row.stage_id for row in reversed(stays) if row.entered_at <= moment), None)


def _refuse_paid(customer: Customer, order_id: int) -> None:
    """An order is paid once: a second payment of the same name would count twice."""
    known = select(Event.id).where(
        Event.customer_id == customer.id,
        Event.kind == Kind.ORDER_PAID,
        Event.subject_type == "orders",
        Event.subject_id == order_id,
    )
    if db.session.scalar(known.limit(1)) is not None:
        raise Refused(N_("This order is paid already."), "payload.order")


def _check_number(name: str, value: Any) -> None:
    if type(value) not in (int, float):
        raise Refused(N_("%(name)s must be a number."), f"payload.{name}", name=f"payload.{name}")
    if not 0 <= value <= LARGEST_NUMBER:
        raise Refused(
            N_("%(name)s must be from 0 to %(most)s."),
            f"payload.{name}",
            name=f"payload.{name}",
            most=LARGEST_NUMBER,
        )


def _check_moment(name: str, value: Any) -> None:
    try:
        is_moment = datetime.fromisoformat(value).tzinfo is not None
    except (TypeError, ValueError):
        is_moment = False
    if not is_moment:
        raise Refused(
            N_("%(name)s must be a moment with its time zone."), f"payload.{name}", name=f"payload.{name}"
        )


def _check_size(payload: dict[str, Any]) -> None:
    try:
        written = json.dumps(payload, allow_nan=False)
    except ValueError as error:
        raise Refused(N_("payload has a number that is none."), "payload") from error
    if len(written) > LARGEST_PAYLOAD or _BAD.search(written):
        raise Refused(
            N_("payload must be at most %(most)s letters of JSON, without NUL."),
            "payload",
            most=LARGEST_PAYLOAD,
        )
