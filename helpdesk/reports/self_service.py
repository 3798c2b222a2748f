"""How often people find the answer themselves, and how sure that is.

Sessions and searches count on the day they began, tickets on the day they were opened. A session counts once
its 24 hours are over. The number of statements does not grow with the steps.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.statistics import Estimate, proportion
from helpdesk.reports.period import Window
from helpdesk.reports.self_service_choice import Choice
from helpdesk.reports.self_service_steps import (
    CONFIRMED,
    DECIDED_AFTER,
    SILENT,
    TICKET,
    Search,
    Session,
    Walked,
    as_milliseconds,
    walk,
)
from helpdesk.tickets.models import Ticket
from knowledge_base.steps import HelpStep, Step


@dataclass(frozen=True)
class Deflection:
    """Help sessions by how they ended within a day."""

    confirmed: int = 0
    ticket: int = 0
    silent: int = 0

    @property
    def count(self) -> int:
        return self.confirmed + self.ticket + self.silent

    @property
    def floor(self) -> Estimate | None:
        """Those who said that they were helped, of all: the silent are not counted as helped."""
        return proportion(self.confirmed, self.count)

    @property
    def ceiling(self) -> Estimate | None:
        """All who did not write, of all."""
        return proportion(self.confirmed + self.silent, self.count)

    @property
    def decided(self) -> Estimate | None:
        """Of those of whom it is known: who were helped."""
        return proportion(self.confirmed, self.confirmed + self.ticket)


@dataclass(frozen=True)
class Searching:
    """Searches, and what became of them."""

    count: int = 0
    none: int = 0
    near: int = 0
    chosen: int = 0
    # The sum of 1/place over those with a choice.
    reciprocal: float = 0.0
    asked: int = 0

    @property
    def without_result(self) -> Estimate | None:
        return proportion(self.none, self.count)

    @property
    def click_through(self) -> Estimate | None:
        return proportion(self.chosen, self.count)

    @property
    def then_ticket(self) -> Estimate | None:
        return proportion(self.asked, self.count)

    @property
    def mean_reciprocal_rank(self) -> float | None:
        """1.0 where always the first result was chosen; None where none was."""
        return self.reciprocal / self.chosen if self.chosen else None


@dataclass(frozen=True)
class Part:
    """One week or month of the chart."""

    window: Window
    deflection: Deflection


@dataclass(frozen=True)
class Report:
    """The answer to one choice."""

    choice: Choice
    deflection: Deflection
    # Sessions whose day is not over yet.
    open_sessions: int
    searching: Searching
    users: int
    askers: int
    parts: Sequence[Part]
    as_of: datetime

    @property
    def score(self) -> float | None:
        """Users of the help centre to each person who opened a ticket; None where nobody did."""
        return self.users / self.askers if self.askers else None


def self_service(choice: Choice, walked: Walked | None = None) -> Report:
    """The figures of the whole help centre; no row of any person. walked: where it is at hand."""
    window, (sessions, searches, users) = choice.window, walked or walk(choice)
    parts, open_sessions = _deflections(choice, sessions)
    return Report(
        choice,
        _sum([part.deflection for part in parts]),
        open_sessions,
        _searching(searches),
        _persons(users),
        _askers(window, choice.lang),
        parts,
        now(),
    )


def _deflections(choice: Choice, sessions: Sequence[Session]) -> tuple[list[Part], int]:
    windows, over = choice.parts, as_milliseconds(now() - DECIDED_AFTER)
    starts = [as_milliseconds(window.start) for window in windows]
    tallies: list[Counter[str]] = [Counter() for _ in windows]
    decided = [session for session in sessions if session.ended <= over]
    for session in decided:
        tallies[bisect_right(starts, session.began) - 1][session.outcome] += 1
    parts = [
        Part(window, Deflection(tally[CONFIRMED], tally[TICKET], tally[SILENT]))
        for window, tally in zip(windows, tallies, strict=True)
    ]
    return parts, len(sessions) - len(decided)


def _searching(searches: Sequence[Search]) -> Searching:
    matches = Counter(search.match for search in searches)
    places = Counter(search.place for search in searches if search.place is not None)
    return Searching(
        len(searches),
        matches["none"],
        matches["near"],
        places.total(),
        sum(count / place for place, count in places.items()),
        sum(search.asked for search in searches),
    )


def _persons(visitors: Set[str]) -> int:
    """How many persons they are: browsers that wrote as the same person are one."""
    person = select(HelpStep.visitor, func.min(Ticket.contact_id)).join(
        Ticket, Ticket.id == HelpStep.ticket_id
    )
    wrote = person.where(HelpStep.step == Step.WROTE).group_by(HelpStep.visitor)
    known: dict[str, int] = {row[0]: row[1] for row in db.session.execute(wrote)}
    return len({known.get(visitor, visitor) for visitor in visitors})


def _askers(window: Window, lang: str) -> int:
    opened = select(func.count(Ticket.contact_id.distinct())).where(
        Ticket.opened_at >= window.start, Ticket.opened_at < window.end
    )
    return db.session.scalar(opened.where(Ticket.language == lang) if lang else opened) or 0


def _sum(parts: Sequence[Deflection]) -> Deflection:
    return Deflection(
        sum(part.confirmed for part in parts),
        sum(part.ticket for part in parts),
        sum(part.silent for part in parts),
    )
