"""What was known of a customer at any moment of the past, from all that ever happened to them.

`Bygone` holds one customer whole and cuts it to a moment, as rows named as `statements.py` names
them; `archive.py` reads it.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from types import SimpleNamespace
from typing import Any

from helpdesk.customers.dealings import OF_PLANS, plan_as_told
from helpdesk.lifecycle.models import Overlay, Stage, Stay
from helpdesk.lifecycle.statements import MOST_DAYS, MOST_EVENTS, MOST_TICKETS, TOLD, TRIED
from helpdesk.tickets.kinds import Status
from helpdesk.timeline import Kind

TURNS = (Kind.TICKET_HEARD, Kind.TICKET_REPLIED, Kind.TICKET_RESOLVED, Kind.TICKET_REOPENED)
OF_TICKETS = (*TURNS, Kind.TICKET_CHANGED)
_TOLD, _TRIED = frozenset(TOLD), frozenset(TRIED)


class Row(SimpleNamespace):
    """A row made here that reads as one of a statement."""

    @property
    def _mapping(self) -> dict[str, Any]:
        return vars(self)


@dataclass
class Bygone:
    """One customer; events and readings oldest first, stays and overlays those that hold."""

    customer: Row
    events: Sequence[Any] = ()
    plans: Sequence[Any] = ()
    tickets: Sequence[Any] = ()
    readings: list[Any] = field(default_factory=list)
    stays: list[Stay] = field(default_factory=list)
    overlays: list[Overlay] = field(default_factory=list)

    def rows(self, at: datetime, sizes: dict[str, timedelta]) -> dict[str, list[Any]]:
        """Everything but where the customer stood, cut to `at`. sizes: how far back each is read."""
        return {
            "events": _latest(self._told, at, MOST_EVENTS)
            + [e for e in _latest(self._tried, at) if e.occurred_at > at - sizes["tried"]]
            + _latest(self._replies, at, 1),
            "usage": [e for e in _latest(self._usage, at, MOST_DAYS) if e.occurred_at > at - sizes["usage"]],
            "subscriptions": self._plans_at(at),
            "tickets": self._tickets_at(at, at - sizes["tickets"]),
            "readings": [reading for reading in reversed(self.readings) if reading.at <= at],
            "holds": [],
        }

    def standing(self, at: datetime) -> list[Row]:
        """Where the customer stood: one row for each overlay of that moment, at least one."""
        stay = next((stay for stay in reversed(self.stays) if stay.entered_at <= at), None)
        row = placed(self.customer, stay.stage if stay else None, stay.entered_at if stay else None)
        reading = next((reading for reading in reversed(self.readings) if reading.at <= at), None)
        row.health = reading.score if reading else None
        row.health_coverage = reading.coverage if reading else 0.0
        lying = [each for each in self.overlays if lies(each, at)]
        return [Row(**{**vars(row), **vars(over(each))}) for each in lying] or [row]

    @cached_property
    def _told(self) -> "_Line":
        return _Line(event for event in self.events if event.kind in _TOLD)

    @cached_property
    def _tried(self) -> "_Line":
        return _Line(event for event in self.events if event.kind in _TRIED)

    @cached_property
    def _replies(self) -> "_Line":
        return _Line(event for event in self.events if event.kind is Kind.TICKET_REPLIED)

    @cached_property
    def _usage(self) -> "_Line":
        return _Line(event for event in self.events if event.kind is Kind.USAGE_REPORTED)

    @cached_property
    def _plan_events(self) -> dict[int, list[Any]]:
        found: dict[int, list[Any]] = {}
        for event in self.events:
            if event.kind in OF_PLANS and event.subject_type == "subscriptions":
                found.setdefault(event.subject_id, []).append(event)
        return found

    @cached_property
    def _turns(self) -> dict[int, list["_Turn"]]:
        events: dict[int, list[Any]] = {}
        for event in self.events:
            if event.kind in OF_TICKETS:
                events.setdefault(event.ticket_id, []).append(event)
        return {ticket.id: _turns_of(ticket, events.get(ticket.id, ())) for ticket in self.tickets}

    def _plans_at(self, at: datetime) -> list[Any]:
        rows = [_plan_at(plan, self._plan_events.get(plan.id, ()), at) for plan in self.plans]
        found = [row for row in rows if row is not None]
        return sorted(found, key=lambda row: (row.started_at, row.id), reverse=True)

    def _tickets_at(self, at: datetime, since: datetime) -> list[Row]:
        found = []
        for ticket in self.tickets:
            if ticket.opened_at > at:
                continue
            turns = self._turns[ticket.id]
            turn = turns[bisect_right(turns, at, key=lambda turn: turn.at) - 1]
            if turn.status is not Status.RESOLVED or ticket.opened_at > since:
                found.append(Row(**{**ticket._mapping, **turn.columns}))
        return found[-MOST_TICKETS:][::-1]


class _Line:
    """Events of some kinds, oldest first, and their moments."""

    def __init__(self, events: Iterable[Any]) -> None:
        self.events = list(events)
        self.moments = [event.occurred_at for event in self.events]


@dataclass(frozen=True)
class _Turn:
    """Whose turn a ticket was from one moment on."""

    at: datetime
    status: Status
    waiting_since: datetime | None
    cycle: int
    first_replied_at: datetime | None

    @cached_property
    def columns(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in ("at", "columns")}


def placed(customer: Row, stage: Stage | None, since: datetime | None) -> Row:
    """The customer's row, standing on `stage`."""
    names = ("key", "name_ja", "name_en", "anchor", "no_sell", "guide", "position")
    columns = {f"stage_{name}": getattr(stage, name) if stage else None for name in names}
    return Row(**{**vars(customer), **columns, "stage_id": stage.id if stage else None, "stage_since": since})


def over(lying: Any) -> Row:
    """An overlay as a row of `standing` shows it."""
    named = {"id": lying.id or 0, "kind": lying.kind, "opened_at": lying.opened_at, "reason": lying.reason}
    return Row(**{f"overlay_{name}": value for name, value in named.items()})


def lies(overlay: Any, at: datetime) -> bool:
    return bool(overlay.opened_at <= at and (overlay.closed_at is None or overlay.closed_at > at))


def _latest(line: _Line, at: datetime, most: int | None = None) -> list[Any]:
    """The last events up to `at`, oldest first."""
    end = bisect_right(line.moments, at)
    return line.events[max(0, end - most) if most else 0 : end][::-1]


def _plan_at(plan: Any, events: Sequence[Any], at: datetime) -> Row | None:
    """The plan as its events said by then; one without events by its own dates."""
    if not events:
        if plan.started_at > at:
            return None
        ended = plan.ended_at if plan.ended_at is not None and plan.ended_at <= at else None
        return Row(**{**plan._mapping, "ended_at": ended})
    told = [event for event in events if event.occurred_at <= at]
    if not told:
        return None
    unsaid = {"trial_ends_at": None, "paid_from": None, "renews_at": None, "ended_at": None}
    return Row(**{**plan._mapping, **unsaid, **plan_as_told(told)})


def _turns_of(ticket: Any, events: Sequence[Any]) -> list[_Turn]:
    """From its opening on; where no event says that it was resolved, the ticket itself does."""
    turns = [_Turn(ticket.opened_at, Status.OPEN, ticket.opened_at, 1, None)]
    for event in events:
        turns.append(_turn(turns[-1], event.kind, event.occurred_at, event.details))
    resolved_at = ticket.resolved_at
    if resolved_at is not None and turns[-1].status is not Status.RESOLVED:
        at = max(resolved_at, turns[-1].at)
        turns.append(_turn(turns[-1], Kind.TICKET_RESOLVED, at, {}))
    return turns


def _turn(before: _Turn, kind: Kind, at: datetime, details: dict[str, Any]) -> _Turn:
    status, waiting, replied = before.status, before.waiting_since, before.first_replied_at
    cycle = before.cycle + (kind is Kind.TICKET_REOPENED)
    if kind is Kind.TICKET_CHANGED:
        changed = details.get("changed", {}).get("status")
        status = Status(changed) if changed else status
        waiting = (waiting or at) if status is Status.OPEN else None
    elif kind is Kind.TICKET_HEARD:
        status, waiting = Status.OPEN, waiting or at
    elif kind is Kind.TICKET_REPLIED:
        status = Status.WAITING if status is Status.OPEN else status
        waiting, replied = None, replied or at
    elif kind is Kind.TICKET_RESOLVED:
        status, waiting = Status.RESOLVED, None
    else:
        status, waiting = Status.OPEN, at
    return _Turn(at, status, waiting, cycle, replied)
