"""How long customers stay on stages, and whereto they move on. Durations are in days of 24 hours."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from helpdesk.core.statistics import Estimate, proportion
from helpdesk.measures.spans import Window, days
from helpdesk.measures.survival import Curve, kaplan_meier, since

Stage = str


@dataclass(frozen=True, slots=True)
class Stay:
    """One uninterrupted time of one customer on one stage; without an end he is still there."""

    who: Hashable
    stage: Stage
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """From the end of one stay to the stage of the next."""

    who: Hashable
    source: Stage
    target: Stage
    at: datetime


def dwell(stays: Iterable[Stay], as_of: datetime) -> dict[Stage, float]:
    """One customer's days on each stage in all, several stays added up, the running one up to `as_of`."""
    found: dict[Stage, float] = defaultdict(float)
    for stay in stays:
        if stay.since < as_of:
            found[stay.stage] += days(min(stay.until or as_of, as_of) - stay.since)
    return dict(found)


def current_stay(stays: Iterable[Stay], as_of: datetime) -> tuple[Stage, float] | None:
    """Where one customer stands at `as_of` and for how many days; None where nowhere."""
    for stay in stays:
        if stay.since <= as_of and (stay.until is None or as_of < stay.until):
            return stay.stage, days(as_of - stay.since)
    return None


def dwell_curves(stays: Iterable[Stay], as_of: datetime) -> dict[Stage, Curve]:
    """How long a stay on each stage lasts, running ones taken as far as they came. Read the medians."""
    waits = defaultdict(list)
    for stay in stays:
        wait = since(stay.since, stay.until, as_of)
        if wait is not None:
            waits[stay.stage].append(wait)
    return {stage: kaplan_meier(own) for stage, own in waits.items()}


def moves(stays: Iterable[Stay]) -> list[Move]:
    """Every move from a stay to the customer's next, in order of time.

    A move happens when the next stay begins. Who ends a stay and begins no other has not moved.
    """
    found = [
        Move(earlier.who, earlier.stage, later.stage, later.since)
        for own in _courses(stays).values()
        for earlier, later in pairwise(own)
        if earlier.stage != later.stage
    ]
    return sorted(found, key=lambda move: move.at)


def transitions(moved: Iterable[Move], window: Window | None = None) -> dict[Stage, dict[Stage, Estimate]]:
    """Of the moves out of each stage, the share to each other one; the count is share x n.

    A stay from which nobody has moved counts in no row: the shares of a row add up to 1.
    """
    counts: dict[Stage, Counter[Stage]] = defaultdict(Counter)
    for move in moved:
        if window is None or move.at in window:
            counts[move.source][move.target] += 1
    return {source: _shares(row) for source, row in counts.items()}


def open_stays(stays: Iterable[Stay], as_of: datetime) -> Counter[Stage]:
    """How many stand on each stage at `as_of`: what a row of transitions does not tell."""
    return Counter(
        stay.stage for stay in stays if stay.since <= as_of and (stay.until is None or as_of < stay.until)
    )


@dataclass(frozen=True, slots=True)
class Funnel:
    """A start cohort's way: the share that reached each stage in time, and how many are too young to tell."""

    reached: Mapping[Stage, Estimate]
    n: int
    too_young: int


def funnel(
    stays: Iterable[Stay],
    stages: Sequence[Stage],
    window: Window,
    *,
    within: timedelta,
    as_of: datetime,
) -> Funnel:
    """Of those who first stood on the first of `stages` in the window, who ever reached the others in time.

    Only who began at least `within` before `as_of` counts, so that all had the same time. Without such
    there are no shares. A later stage is reached also by who skipped those between.
    """
    courses = [_from_first(own, stages[0]) for own in _courses(stays).values()]
    cohort = [own for own in courses if own and own[0].since in window]
    ripe = [own for own in cohort if as_of - own[0].since >= within]
    reached = {}
    for stage in stages:
        there = sum(any(s.stage == stage and s.since - own[0].since <= within for s in own) for own in ripe)
        share = proportion(there, len(ripe))
        if share is not None:
            reached[stage] = share
    return Funnel(reached, len(ripe), len(cohort) - len(ripe))


def _from_first(course: Sequence[Stay], stage: Stage) -> Sequence[Stay]:
    """A customer's stays from the first on that stage on."""
    return next((course[at:] for at, stay in enumerate(course) if stay.stage == stage), [])


def _courses(stays: Iterable[Stay]) -> dict[Hashable, list[Stay]]:
    """Each customer's stays in order."""
    found: dict[Hashable, list[Stay]] = defaultdict(list)
    for stay in sorted(stays, key=lambda one: one.since):
        found[stay.who].append(stay)
    return found


def _shares(row: Counter[Stage]) -> dict[Stage, Estimate]:
    shares = {stage: proportion(count, row.total()) for stage, count in row.items()}
    return {stage: share for stage, share in shares.items() if share is not None}
