"""All that ever happened to some customers, read in a few statements; see `bygone.py` for its use."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import joinedload

from helpdesk.core.db import db
from helpdesk.customers.models import Customer
from helpdesk.customers.orders import Subscription
from helpdesk.lifecycle.bygone import OF_TICKETS, Bygone, Row
from helpdesk.lifecycle.models import HealthReading, Overlay, Stay
from helpdesk.lifecycle.statements import TOLD, TRIED
from helpdesk.tickets.models import Ticket
from helpdesk.timeline import Event, Kind

# What rules read, what a ticket's state follows from, and what held the rules back.
KINDS = (*TOLD, *TRIED, *OF_TICKETS, Kind.USAGE_REPORTED, Kind.STAGE_LOCKED, Kind.STAGE_UNLOCKED)
_EVENT = (
    *(Event.customer_id, Event.id, Event.kind, Event.ticket_id, Event.subject_type, Event.subject_id),
    *(Event.occurred_at, Event.recorded_at, Event.details),
)
_CUSTOMER = (
    *(Customer.id.label("customer_id"), Customer.id, Customer.name, Customer.type, Customer.needs_care),
    *(Customer.created_at, Customer.source, Customer.language),
)
_TICKET = (
    *(Ticket.customer_id, Ticket.id, Ticket.contact_id, Ticket.topic, Ticket.opened_at, Ticket.resolved_at),
    *(Ticket.reply_due_at, Ticket.team_id, Ticket.assignee_id),
)
_PLAN = (
    *(Subscription.customer_id, Subscription.id, Subscription.plan, Subscription.seats),
    *(Subscription.seats_used, Subscription.price, Subscription.started_at, Subscription.trial_ends_at),
    *(Subscription.paid_from, Subscription.renews_at, Subscription.ended_at),
)
_READING = (
    *(HealthReading.customer_id, HealthReading.id, HealthReading.at),
    *(HealthReading.score, HealthReading.coverage),
)
_ALL_READINGS = cast(Select[Any], select(*_READING))
# Nothing of a past moment: which stage was next, and what its rule asks, is a question of today.
_BLANK = {
    **{f"next_{name}": None for name in ("key", "name_ja", "name_en", "entry_rule")},
    **{f"overlay_{name}": None for name in ("id", "kind", "opened_at", "reason")},
    **{"health": None, "health_coverage": 0.0, "health_band": "", "health_before": None},
    "locked_until": None,
}


def read(customer_ids: Sequence[int], known_by: datetime | None = None) -> dict[int, Bygone]:
    """These customers by their ids; who does not exist is left out.

    known_by: only what was recorded by then, and the course that held then.
    """
    found = {
        row.id: Bygone(Row(**{**row._mapping, **_BLANK}))
        for row in db.session.execute(select(*_CUSTOMER).where(Customer.id.in_(customer_ids)))
    }
    parts = {
        "events": _events(customer_ids, known_by),
        "plans": select(*_PLAN).where(Subscription.customer_id.in_(customer_ids)),
        "tickets": select(*_TICKET).where(Ticket.customer_id.in_(customer_ids)).order_by(Ticket.id),
        "readings": _known(_ALL_READINGS, HealthReading, HealthReading.at, customer_ids, known_by),
    }
    for name, statement in parts.items():
        _share(found, name, db.session.execute(statement))
    _share(found, "stays", db.session.scalars(_stays(customer_ids, known_by)))
    overlays = _known(select(Overlay), Overlay, Overlay.opened_at, customer_ids, known_by)
    _share(found, "overlays", db.session.scalars(overlays))
    return found


def _events(customer_ids: Sequence[int], known_by: datetime | None) -> Select[Any]:
    told = select(*_EVENT).where(Event.customer_id.in_(customer_ids), Event.kind.in_(KINDS))
    if known_by is not None:
        told = told.where(Event.recorded_at <= known_by)
    return told.order_by(Event.occurred_at, Event.id)


def _stays(customer_ids: Sequence[int], known_by: datetime | None) -> Select[Any]:
    theirs = select(Stay).where(Stay.customer_id.in_(customer_ids)).options(joinedload(Stay.stage))
    if known_by is None:
        theirs = theirs.where(Stay.superseded_at.is_(None))
    else:
        held = or_(Stay.superseded_at.is_(None), Stay.superseded_at > known_by)
        theirs = theirs.where(and_(held, Stay.recorded_at <= known_by))
    return theirs.order_by(Stay.entered_at, Stay.id)


def _known(
    found: Select[Any], table: Any, moment: Any, customer_ids: Sequence[int], known_by: datetime | None
) -> Select[Any]:
    theirs = found.where(table.customer_id.in_(customer_ids))
    return (theirs if known_by is None else theirs.where(moment <= known_by)).order_by(moment, table.id)


def _share(found: dict[int, Bygone], name: str, rows: Any) -> None:
    parts: dict[int, list[Any]] = {}
    for row in rows:
        parts.setdefault(row.customer_id, []).append(row)
    for id, theirs in parts.items():
        if id in found:
            setattr(found[id], name, theirs)
