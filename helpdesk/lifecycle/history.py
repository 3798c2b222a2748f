"""The whole course of one customer: stays, overlays, health, with what each rests on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from helpdesk.accounts.models import Agent
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.customers.models import Customer
from helpdesk.lifecycle import locks, stages
from helpdesk.lifecycle.models import Cause, HealthReading, Overlay, OverlayKind, Stage, Stay
from helpdesk.lifecycle.presets import stages_in_use
from helpdesk.lifecycle.ribbon import Segment, ribbon
from helpdesk.lifecycle.wording import Fact, kept, overlay_name, told
from helpdesk.tickets.happenings import may_be_seen_by
from helpdesk.timeline import Event

CAUSES = {
    Cause.RULE: _l("by a rule"),
    Cause.MANUAL: _l("by hand"),
    Cause.IMPORT: _l("by an import"),
    Cause.START: _l("first contact"),
    Cause.MAPPING: _l("by a change of the stage set"),
    Cause.MERGE: _l("by putting two customers together"),
}
PARTS = {
    "support": _l("Support"),
    "sentiment": _l("Sentiment"),
    "usage": _l("Usage"),
    "commercial": _l("Payments and renewal"),
    "relation": _l("Keeping in touch"),
}


@dataclass(frozen=True)
class Proposed:
    """A move that the rules ask for and that people's own move holds back."""

    stage: Stage
    why: tuple[Fact, ...]


@dataclass(frozen=True)
class History:
    """What `lifecycle/history.html` takes; stays and overlays newest first."""

    customer: Customer
    stages: Sequence[Stage]
    ribbon: tuple[Segment, ...]
    stays: Sequence[Stay]
    overlays: Sequence[Overlay]
    readings: Sequence[HealthReading]
    event: Event | None
    proposed: Proposed | None
    is_paused: bool
    is_undoable: bool


def read(customer: Customer, viewer: Agent, event_id: int | None = None) -> History:
    """The course of `customer` as `viewer` may see it. event_id: a row of evidence to show beside it."""
    stays = list(reversed(db.session.scalars(Stay.of(customer)).all()))
    overlays = db.session.scalars(
        select(Overlay).where(Overlay.customer_id == customer.id).order_by(Overlay.opened_at.desc())
    ).all()
    readings = select(HealthReading).where(HealthReading.customer_id == customer.id)
    open_now = {overlay.kind for overlay in overlays if overlay.closed_at is None}
    return History(
        customer=customer,
        stages=stages_in_use(),
        ribbon=ribbon(customer.id, now(), open_now),
        stays=stays,
        overlays=overlays,
        readings=db.session.scalars(readings.order_by(HealthReading.at.desc()).limit(12)).all(),
        event=_event(customer, viewer, event_id) if event_id else None,
        proposed=_proposed(customer),
        is_paused=OverlayKind.PAUSED in open_now,
        is_undoable=len(stays) > 1 and stages.is_undoable(stays[0]),
    )


def evidence(row: Stay | Overlay) -> tuple[Fact, ...]:
    """What was seen when it began, each with its address."""
    return tuple(kept(clause, row.customer_id) for clause in row.evidence.get("clauses", []))


def words(row: Overlay) -> str:
    return overlay_name(row.kind)


def _proposed(customer: Customer) -> Proposed | None:
    wanted = stages.propose(customer.id)
    if wanted is None or not locks.is_held(customer):
        return None
    held = [answer for answer in wanted.trace.answers if answer.held]
    return Proposed(wanted.stage, tuple(told(answer, customer.id) for answer in held))


def _event(customer: Customer, viewer: Agent, event_id: int) -> Event | None:
    """The event, unless it belongs to a ticket that the viewer may not see."""
    found = select(Event).where(Event.id == event_id, Event.customer_id == customer.id)
    return db.session.scalar(found.where(may_be_seen_by(viewer)))


def plain(details: dict[str, Any]) -> list[tuple[str, str]]:
    """The details of an event that a person can read."""
    readable = ((key, value) for key, value in details.items() if isinstance(value, (str, int, float)))
    return [(key, str(value)) for key, value in readable if value != ""]
