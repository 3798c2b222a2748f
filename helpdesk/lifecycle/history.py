"""The whole course of one customer: stays, overlays, health, with what each rests on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from helpdesk.accounts.models import Agent
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.i18n import day, local, zone
from helpdesk.customers.models import Customer
from helpdesk.lifecycle import reasons, stages
from helpdesk.lifecycle.dwelling import Dwelling, Peers, dwelling, peers
from helpdesk.lifecycle.keeping import is_void
from helpdesk.lifecycle.locks import last_day, lock_of
from helpdesk.lifecycle.models import Cause, HealthReading, Overlay, OverlayKind, Stage, StageLock, Stay
from helpdesk.lifecycle.presets import stages_in_use
from helpdesk.lifecycle.proposals import Proposed, proposed
from helpdesk.lifecycle.ribbon import Bar, Segment, as_known, band, ribbon
from helpdesk.lifecycle.wording import Fact, kept, overlay_name
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
KINDS = tuple(OverlayKind)
PARTS = {
    "support": _l("Support"),
    "sentiment": _l("Sentiment"),
    "usage": _l("Usage"),
    "commercial": _l("Payments and renewal"),
    "relation": _l("Keeping in touch"),
}


@dataclass(frozen=True)
class History:
    """What `lifecycle/history.html` takes; stays and overlays newest first.

    known_on: the day of which the strip shows what was known then; None is today. Among the stays are those
    that hold no more.
    """

    customer: Customer
    stages: Sequence[Stage]
    ribbon: tuple[Segment, ...]
    stays: Sequence[Stay]
    overlays: Sequence[Overlay]
    readings: Sequence[HealthReading]
    event: Event | None
    proposed: Proposed | None
    open_now: frozenset[OverlayKind]
    is_undoable: bool
    lock: StageLock | None
    dwelling: Dwelling | None
    peers: Peers | None
    band: tuple[Bar, ...]
    known_on: date | None

    @property
    def standing(self) -> int:
        """The stay that goes on, by which a form says what its reader saw; 0 for none."""
        return next((stay.id for stay in self.stays if stay.left_at is None), 0)


def read(
    customer: Customer, viewer: Agent, event_id: int | None = None, known_on: date | None = None
) -> History:
    """The course of `customer` as `viewer` may see it. event_id: a row of evidence to show beside it."""
    at = now()
    theirs = select(Stay).where(Stay.customer_id == customer.id).options(joinedload(Stay.agent))
    stays = db.session.scalars(theirs.order_by(Stay.entered_at.desc(), Stay.id.desc())).all()
    held = [stay for stay in reversed(stays) if stay.superseded_at is None]
    overlays = [each for each in _overlays(customer) if not is_void(each)]
    open_now = {overlay.kind for overlay in overlays if overlay.closed_at is None}
    readings = select(HealthReading).where(HealthReading.customer_id == customer.id)
    then = min(at, end_of(known_on)) if known_on else None
    return History(
        customer=customer,
        stages=stages_in_use(),
        ribbon=as_known(customer.id, then) if then else ribbon(customer.id, at, open_now),
        stays=stays,
        overlays=overlays,
        readings=db.session.scalars(readings.order_by(HealthReading.at.desc()).limit(12)).all(),
        event=_event(customer, viewer, event_id) if event_id else None,
        proposed=proposed(customer),
        open_now=frozenset(open_now),
        is_undoable=len(held) > 1 and stages.is_undoable(held[-1]),
        lock=lock_of(customer.id),
        dwelling=dwelling(held, at),
        peers=peers(customer, at),
        band=() if then else band(overlays, held[0].entered_at if held else None, at),
        known_on=known_on,
    )


def today() -> date:
    """This day where we are."""
    return local(now()).date()


def locked_until(lock: StageLock) -> str:
    """Its last day, as people write it."""
    return day(last_day(lock.until))


def end_of(chosen: date) -> datetime:
    """The end of that day where we are."""
    return datetime.combine(chosen + timedelta(days=1), time(), zone())


def is_back(stay: Stay, history: History) -> bool:
    """Whether it began by a step back."""
    held = (other for other in history.stays if other.superseded_at is None)
    before = next((other for other in held if other.left_at == stay.entered_at), None)
    if before is None or stay.superseded_at or before.stage.set_id != stay.stage.set_id:
        return False
    return before.stage.position > stay.stage.position


def why_superseded(stay: Stay) -> str:
    """Why it does not hold any more."""
    if stay.cause is Cause.MANUAL:
        return str(_("taken back"))
    return str(_("replaced when something earlier came in late"))


def rule_of(row: Stay | Overlay) -> str:
    """Of which set, and which version of it, the rule was; empty where no rule moved them."""
    rule = row.evidence.get("rule")
    return str(_("rule of “%(set)s”, version %(version)s", **rule)) if rule else ""


def _overlays(customer: Customer) -> Sequence[Overlay]:
    theirs = select(Overlay).where(Overlay.customer_id == customer.id)
    return db.session.scalars(theirs.order_by(Overlay.opened_at.desc(), Overlay.id.desc())).all()


def evidence(row: Stay | Overlay) -> tuple[Fact, ...]:
    """What was seen when it began, each with its address."""
    return tuple(kept(clause, row.customer_id) for clause in row.evidence.get("clauses", []))


def reason(row: Stay | Overlay) -> str:
    """Why people did it: as chosen from the list, and in their words."""
    return str(_(": ")).join(filter(None, [reasons.name(row.reason_code), row.reason]))


def words(row: Overlay) -> str:
    return name(row.kind)


def name(kind: OverlayKind) -> str:
    return overlay_name(kind)


def _event(customer: Customer, viewer: Agent, event_id: int) -> Event | None:
    """The event, unless it belongs to a ticket that the viewer may not see."""
    found = select(Event).where(Event.id == event_id, Event.customer_id == customer.id)
    return db.session.scalar(found.where(may_be_seen_by(viewer)))


def plain(details: dict[str, Any]) -> list[tuple[str, str]]:
    """The details of an event that a person can read."""
    readable = ((key, value) for key, value in details.items() if isinstance(value, (str, int, float)))
    return [(key, str(value)) for key, value in readable if value != ""]
