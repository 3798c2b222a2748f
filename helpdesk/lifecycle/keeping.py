"""What a walk found, written beside what was known: what is the same stays, the rest is superseded."""

from datetime import datetime, timedelta
from typing import Any

from helpdesk.core.db import db
from helpdesk.customers.models import Customer
from helpdesk.lifecycle.bygone import Bygone
from helpdesk.lifecycle.flipping import WEEK
from helpdesk.lifecycle.models import Cause, Overlay, Stay
from helpdesk.lifecycle.walking import BY_ITSELF, Lain, Step, Walk
from helpdesk.timeline import Kind, note_past

# A new stay, and the key of the stage before.
New = tuple[Stay, str | None]
# A review saw at most a day and its hour later what was true; a score, which drifts, a week later.
SWEEP, DRIFT = timedelta(hours=25), WEEK + timedelta(hours=25)


class Kept:
    """The stays from `since` on that the rules made: which of them hold, and which do not any more."""

    def __init__(self, known: Bygone, since: datetime) -> None:
        self._stays = [s for s in known.stays if s.entered_at >= since and s.cause in BY_ITSELF]
        self._told: dict[datetime, datetime] = {}
        for event in known.events:
            told_at = self._told.get(event.occurred_at, event.recorded_at)
            self._told[event.occurred_at] = max(told_at, event.recorded_at)
        self._used: set[int] = set()

    def find(self, step: Step) -> Stay | None:
        """The stay that says what `step` does, to the moment, or as a review in time could see it."""
        free = [s for s in self._stays if s.id not in self._used and s.stage_id == step.stage.id]
        exact = [stay for stay in free if stay.entered_at == step.entered_at]
        found = next(iter([*exact, *(stay for stay in free if self._saw_in_time(stay, step))]), None)
        if found is not None:
            self._used.add(found.id)
        return found

    def _saw_in_time(self, stay: Stay, step: Step) -> bool:
        told_at = self._told.get(step.entered_at)
        was_known = told_at is None or told_at <= stay.recorded_at
        return was_known and was_seen(stay) and abs(stay.entered_at - step.entered_at) <= SWEEP


def was_seen(stay: Stay) -> bool:
    """Whether it was written when it began, not afterwards."""
    return stay.recorded_at - stay.entered_at < timedelta(minutes=1)


def stand(customer: Customer, walk: Walk, at: datetime) -> list[New]:
    """Write the new stays, supersede those that do not hold, and let each last until the next.

    The new ones, to be told once they have their numbers.
    """
    held = [step.row or _begun(customer, step, at) for step in walk.steps]
    for stay in walk.known.stays:
        if stay not in held:
            stay.supersede()
    held.sort(key=lambda stay: stay.entered_at)
    for stay, following in zip(held, [*held[1:], None], strict=True):
        left_at = following.entered_at if following else None
        if stay.left_at != left_at and (stay.left_at is None or stay.left_at >= walk.since or not left_at):
            stay.left_at = left_at
    last = held[-1]
    if (customer.stage_id, customer.stage_since) != (last.stage.id, last.entered_at):
        customer.stage_id, customer.stage_since = last.stage.id, last.entered_at
    left = [None, *(stay.stage.key for stay in held)]
    return [(stay, before) for stay, before in zip(held, left, strict=False) if stay.id is None]


def lay(customer: Customer, walk: Walk, at: datetime) -> None:
    """The same for what lay over the stages."""
    ours = [each for each in walk.known.overlays if each.cause is Cause.RULE and not is_void(each)]
    free = [overlay for overlay in ours if overlay.opened_at >= walk.since]
    for lain in walk.lain:
        row = lain.row or _like(lain, free)
        if row is None:
            db.session.add(_laid(customer, lain, at))
            continue
        if row in free:
            free.remove(row)
        if not _is_meant(row, lain.closed_at, row.closed_at):
            row.closed_at = lain.closed_at
    for overlay in free:
        void(overlay, at)


def is_void(overlay: Overlay) -> bool:
    """Whether it is only kept to show what was known: it lay for no time at all."""
    return "superseded" in overlay.evidence


def void(overlay: Overlay, at: datetime) -> None:
    """Let it not have lain at all; its evidence keeps until when it did, as was known up to `at`."""
    closed_at = overlay.closed_at.isoformat() if overlay.closed_at else None
    overlay.evidence = {**overlay.evidence, "superseded": {"at": at.isoformat(), "closed_at": closed_at}}
    overlay.closed_at = overlay.opened_at


def _begun(customer: Customer, step: Step, at: datetime) -> Stay:
    stay = Stay(customer=customer, stage=step.stage, entered_at=step.entered_at, recorded_at=at)
    stay.cause, stay.evidence = step.cause, step.evidence
    db.session.add(stay)
    return stay


def tell(new: list[New]) -> None:
    """Note on the timeline, in the past and without any reaction, what was entered as we know now."""
    for stay, before in new:
        told: dict[str, Any] = {"stage": stay.stage.key, "before": before, "cause": stay.cause.value}
        made = note_past(Kind.STAGE_ENTERED, stay, at=stay.entered_at, **told, reason="", late=True)
        # The stage of that moment, not of today.
        made.stage_id = stay.stage.id


def _like(lain: Lain, free: list[Overlay]) -> Overlay | None:
    """The overlay that says the same, to the moment, or as a review in time could see it."""
    same = [overlay for overlay in free if overlay.kind is lain.kind]
    return next((each for each in same if _is_meant(each, lain.opened_at, each.opened_at)), None)


def _is_meant(overlay: Overlay, found: datetime | None, kept: datetime | None) -> bool:
    if found is None or kept is None or "recorded_at" in overlay.evidence:
        return found == kept
    return abs(found - kept) <= DRIFT


def _laid(customer: Customer, lain: Lain, at: datetime) -> Overlay:
    overlay = Overlay(customer=customer, kind=lain.kind, opened_at=lain.opened_at, closed_at=lain.closed_at)
    overlay.cause = Cause.RULE
    overlay.evidence = {**lain.evidence, "recorded_at": at.isoformat()}
    return overlay
