"""What people and the team decided in the past, which a walk through it leaves as it was."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from helpdesk.lifecycle.models import Anchor, Stage, StageSet
from helpdesk.timeline import Kind

_NEVER = datetime.max.replace(tzinfo=UTC)


def locks(events: Iterable[Any]) -> list[tuple[datetime, datetime]]:
    """From when until when rules were to leave the customer alone. events: oldest first."""
    found: list[tuple[datetime, datetime]] = []
    for event in events:
        if event.kind not in (Kind.STAGE_LOCKED, Kind.STAGE_UNLOCKED):
            continue
        if found and found[-1][1] > event.occurred_at:
            found[-1] = found[-1][0], event.occurred_at
        if event.kind is Kind.STAGE_LOCKED:
            found.append((event.occurred_at, datetime.fromisoformat(event.details["until"])))
    return found


def counterpart(old: Stage, after: StageSet) -> Stage:
    """Where somebody who stood on `old` goes when `after` comes into use."""
    key, order = after.mapping.get(old.key, old.key), list(Anchor)
    named = [stage for stage in after.stages if stage.key == key]
    like = [stage for stage in after.stages if stage.anchor is old.anchor]
    before = [stage for stage in after.stages if order.index(stage.anchor) <= order.index(old.anchor)]
    return next(iter([*named, *like, *reversed(before)]), after.stages[0])
