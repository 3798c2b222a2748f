"""What is known of a customer, read in a few statements, each only when something asks for it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from types import SimpleNamespace
from typing import Any

from sqlalchemy import and_, case, func, select

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.predicates import Seen, Trace
from helpdesk.lifecycle import archive
from helpdesk.lifecycle.models import Overlay, Stage
from helpdesk.lifecycle.statements import MANY, ONE, Statements
from helpdesk.timeline import Event, Kind

# A row of named columns; SQLAlchemy types rows by place, which says nothing here.
Record = Any

TRIED_WITHIN = timedelta(hours=24)
# Tickets that were opened and closed before this time say nothing any more.
TICKETS_WITHIN = timedelta(days=180)
# Seven windows of 28 days: the present one and the six before.
WINDOW, WINDOWS = timedelta(days=28), 7
SIZES = {"tickets": TICKETS_WITHIN, "tried": TRIED_WITHIN, "usage": WINDOW * WINDOWS}
# How far back "before" lies when we say that health rose or fell.
BEFORE = timedelta(days=14)
# What mood is usual while too few have answered to know.
USUAL_MOOD, LEAST_ANSWERS = 80.0, 20


class Facts:
    """One customer at one moment. Nothing is read twice; nothing is written.

    at: a moment of the past, of which only what had happened by then is seen; None is now. known_by: of that,
    only what was recorded by then.
    """

    def __init__(
        self, customer_id: int, at: datetime | None = None, *, known_by: datetime | None = None
    ) -> None:
        self.customer_id = customer_id
        self.at = at or now()
        self._read_before: Mapping[str, Sequence[Record]] = {}
        # By the name of a field: see `catalogue.py`.
        self.seen: dict[str, Seen] = {}
        if at is not None:
            self._look_back(known_by)

    @classmethod
    def of_many(cls, customer_ids: Sequence[int]) -> dict[int, "Facts"]:
        """The facts of these customers by their ids, all read at once; who does not exist is left out."""
        at = now()
        found: dict[int, dict[str, list[Record]]] = {
            id: {what: [] for what in Statements._fields} for id in customer_ids
        }
        for what, statement in zip(Statements._fields, MANY, strict=True):
            for row in db.session.execute(statement, {"customer_ids": customer_ids, **_limits(at)}):
                found[row.customer_id][what].append(row)
        mood, every = usual_mood(at), {}
        for id, rows in found.items():
            if rows["standing"]:
                every[id] = facts = cls(id)
                facts.at, facts._read_before, facts.usual_mood = at, rows, mood
        return every

    @cached_property
    def customer(self) -> Record:
        """The customer's own columns, with those of the stage (`stage_…`) and of the next (`next_…`)."""
        return SimpleNamespace(**self._standing[0]._mapping)

    @cached_property
    def overlays(self) -> list[Record]:
        """What lies over the stage now, oldest first."""
        return [row for row in self._standing if row.overlay_id is not None]

    def stand_on(self, stage: Stage, since: datetime) -> None:
        """Somebody just moved the customer there."""
        self.customer.stage_id, self.customer.stage_since = stage.id, since
        for name in ("key", "anchor", "position", "no_sell"):
            setattr(self.customer, f"stage_{name}", getattr(stage, name))

    def hear(self, trace: Trace) -> None:
        """A rule was asked, with this result; facts of now do not care."""

    def look_again_over(self) -> None:
        """Somebody just wrote what lies over the stage."""
        lying = select(Overlay.id, Overlay.kind, Overlay.opened_at, Overlay.reason).where(
            Overlay.customer_id == self.customer_id, Overlay.closed_at.is_(None)
        )
        rows = db.session.execute(lying.order_by(Overlay.id))
        self.overlays = [
            SimpleNamespace(**{f"overlay_{name}": value for name, value in row._mapping.items()})
            for row in rows
        ]

    @cached_property
    def subscriptions(self) -> Sequence[Record]:
        """Every plan the customer ever had, newest first."""
        return self._read("subscriptions")

    @cached_property
    def tickets(self) -> Sequence[Record]:
        """Open tickets, and those opened in the last 180 days; newest first, at most 200."""
        return self._read("tickets")

    @cached_property
    def events(self) -> Sequence[Record]:
        """What was told, what was tried in the last day, and the newest reply of ours; newest first."""
        return sorted(self._read("events"), key=_age_of, reverse=True)

    def told(self, *kinds: Kind) -> list[Record]:
        """The events of these kinds, newest first."""
        if len(kinds) == 1:
            return self._by_kinds.get(kinds, [])
        if kinds not in self._by_kinds:
            found = [event for kind in kinds for event in self._by_kinds.get((kind,), ())]
            self._by_kinds[kinds] = sorted(found, key=_age_of, reverse=True)
        return self._by_kinds[kinds]

    @cached_property
    def answers(self) -> list[Record]:
        """The newest version of each answered survey, newest first."""
        newest = {event.subject_id: event for event in reversed(self.told(Kind.SURVEY_ANSWERED))}
        return sorted(newest.values(), key=_age_of, reverse=True)

    @cached_property
    def usage(self) -> Sequence[Record]:
        """Days of use, newest first, over seven windows of 28 days."""
        return self._read("usage")

    @cached_property
    def readings(self) -> Sequence[Record]:
        """The last readings of health, newest first."""
        return self._read("readings")

    @cached_property
    def held_since(self) -> dict[str, datetime]:
        """Since when conditions for a step back have held, by the name of their rule."""
        return {row.rule: row.since for row in self._read("holds")}

    @cached_property
    def usual_mood(self) -> float:
        """The mean of everybody's CSAT in the last 90 days, 0 to 100; 80 until twenty have answered."""
        return usual_mood(self.at)

    def _look_back(self, known_by: datetime | None) -> None:
        known = archive.read([self.customer_id], known_by)[self.customer_id]
        self._read_before = {**known.rows(self.at, SIZES), "standing": known.standing(self.at)}

    @cached_property
    def _standing(self) -> Sequence[Record]:
        return self._read("standing")

    @cached_property
    def _by_kinds(self) -> dict[tuple[Kind, ...], list[Record]]:
        found: dict[tuple[Kind, ...], list[Record]] = {}
        for event in self.events:
            found.setdefault((event.kind,), []).append(event)
        return found

    def _read(self, what: str) -> Sequence[Record]:
        if what in self._read_before:
            return self._read_before[what]
        asked = {"customer_id": self.customer_id, **_limits(self.at)}
        return db.session.execute(getattr(ONE, what), asked).all()


def _limits(at: datetime) -> dict[str, datetime]:
    """How far back is looked for what grows old."""
    return {f"{what}_since": at - size for what, size in SIZES.items()}


def usual_mood(at: datetime) -> float:
    score = Event.details["csat"].as_float()
    lately = Event.occurred_at.between(at - timedelta(days=90), at)
    recent = and_(Event.kind == Kind.SURVEY_ANSWERED, lately)
    given = case((score > 0, score))
    number, mean = db.session.execute(select(func.count(given), func.avg(given)).where(recent)).one()
    return USUAL_MOOD if number < LEAST_ANSWERS else (float(mean) - 1) / 4 * 100


def _age_of(event: Record) -> tuple[datetime, int]:
    return event.occurred_at, event.id
