"""How often people find the answer themselves, and how sure that is.

Sessions and searches count on the day they began, tickets on the day they were opened. A session counts once
its 24 hours are over. The number of statements does not grow with the steps.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, String, cast, func, select

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.statistics import Estimate, proportion
from helpdesk.reports.period import Window
from helpdesk.reports.satisfaction import place_among
from helpdesk.reports.self_service_choice import Choice
from helpdesk.reports.self_service_steps import (
    CONFIRMED,
    DECIDED_AFTER,
    SILENT,
    TICKET,
    searches,
    sessions,
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


def self_service(choice: Choice) -> Report:
    """The figures of the whole help centre; no row of any person."""
    window = choice.window
    parts, open_sessions = _deflections(choice)
    return Report(
        choice,
        _sum([part.deflection for part in parts]),
        open_sessions,
        _searching(window, choice.lang),
        _users(window, choice.lang),
        _askers(window, choice.lang),
        parts,
        now(),
    )


def _deflections(choice: Choice) -> tuple[list[Part], int]:
    windows = choice.parts
    told = sessions(choice.window.start, choice.window.end, choice.lang)
    is_over = told.c.ended <= now() - DECIDED_AFTER
    columns = (place_among(windows, told.c.began).label("part"), told.c.outcome, is_over.label("is_over"))
    inner = select(*columns).subquery()
    counted: Select[Any] = select(*inner.c, func.count()).group_by(*inner.c)
    rows = db.session.execute(counted).all()
    tallies: list[Counter[str]] = [Counter() for _ in windows]
    for part, outcome, over, count in rows:
        if over:
            tallies[part][outcome] += count
    parts = [
        Part(window, Deflection(tally[CONFIRMED], tally[TICKET], tally[SILENT]))
        for window, tally in zip(windows, tallies, strict=True)
    ]
    return parts, sum(count for _part, _outcome, over, count in rows if not over)


def _searching(window: Window, lang: str) -> Searching:
    each = searches(window.start, window.end, lang).c
    count = func.count()
    counted = select(
        count,
        count.filter(each.match == "none"),
        count.filter(each.match == "near"),
        func.count(each.place),
        func.coalesce(func.sum(1.0 / each.place), 0.0),
        count.filter(each.asked == 1),
    )
    row = db.session.execute(counted).one()
    return Searching(row[0], row[1], row[2], row[3], float(row[4]), row[5])


def _users(window: Window, lang: str) -> int:
    """Persons who searched or read; browsers that wrote as the same person are one."""
    person = func.min(Ticket.contact_id)
    known = select(HelpStep.visitor, person.label("person")).join(Ticket, Ticket.id == HelpStep.ticket_id)
    known_as = known.where(HelpStep.step == Step.WROTE).group_by(HelpStep.visitor).subquery()
    who = func.coalesce(cast(known_as.c.person, String), HelpStep.visitor)
    used = select(func.count(who.distinct())).outerjoin_from(
        HelpStep, known_as, known_as.c.visitor == HelpStep.visitor
    )
    chosen = used.where(
        HelpStep.step.in_((Step.SEARCHED, Step.READ)), HelpStep.at >= window.start, HelpStep.at < window.end
    )
    return db.session.scalar(chosen.where(HelpStep.lang == lang) if lang else chosen) or 0


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
