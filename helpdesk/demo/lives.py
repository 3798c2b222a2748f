"""When each customer came, tried, paid, got value from it, grew, recommended or left. Dates only, no rows."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from random import Random
from typing import Any, NamedTuple

from helpdesk.demo import truth
from helpdesk.demo.people import House

# How long ago somebody on each path may have met us, in days.
_MET = {
    "prospect": (2, 40),
    "returned": (90, 535),
    "adoption": (125, 535),
    "left": (260, 540),
    "growth": (330, 540),
    "advocate": (350, 540),
}
# So many of those who stay came to us just before the fault in onboarding.
_HIT_BY_DEFECT = 10


class Span(NamedTuple):
    """A time on one stage; `until` is None where it lasts."""

    stage: str
    since: datetime
    until: datetime | None


@dataclass
class Life:
    """One customer's dates; None is not, or not yet."""

    house: House
    path: str
    met_at: datetime
    trial_at: datetime | None = None
    trial_ends_at: datetime | None = None
    returned_at: datetime | None = None
    paid_at: datetime | None = None
    value_at: datetime | None = None
    checklist_at: datetime | None = None
    adopted_at: datetime | None = None
    grown_at: datetime | None = None
    praised_at: datetime | None = None
    left_at: datetime | None = None
    # Share of the plan's seats in use today.
    usage: float = 0.0
    # Their rows, once they are made: `customer`, `contacts`, `subscription`, and what rules read as evidence.
    made: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def spans(self) -> list[Span]:
        """Where they stood, in order, without gaps. Asked for when all dates are known."""
        steps = (
            *(("prospect", self.met_at), ("trial", self.trial_at), ("prospect", self.returned_at)),
            *(("onboarding", self.paid_at), ("adoption", self.adopted_at)),
            *(("growth", self.grown_at), ("advocate", self.praised_at)),
        )
        taken = [(stage, since) for stage, since in steps if since is not None]
        ends = [since for _, since in taken[1:]]
        return [Span(stage, since, until) for (stage, since), until in zip(taken, [*ends, None], strict=True)]

    def stage_at(self, at: datetime) -> str:
        """Where they stood then; the first stage before they met us."""
        return next((span.stage for span in reversed(self.spans) if span.since <= at), self.spans[0].stage)


def lives(rng: Random, houses: list[House], at: datetime) -> list[Life]:
    """A life for each house, the paths in the numbers that the truth names."""
    paths = [path for path, count in truth.PATHS.items() for _ in range(count)]
    hit = iter(range(_HIT_BY_DEFECT))
    made = [_life(rng, house, path, at, hit) for house, path in zip(houses, paths, strict=True)]
    rng.shuffle(made)
    return made


def _life(rng: Random, house: House, path: str, at: datetime, hit: Iterator[int]) -> Life:
    if path in ("trial", "onboarding"):
        return _newcomer(rng, house, path, at)
    met_at = at - _days(rng, *_MET[path])
    if path == "adoption" and next(hit, None) is not None:
        met_at = at - timedelta(days=truth.DAYS - truth.DEFECT_FROM) - _days(rng, 22, 48)
    life = Life(house, path, met_at)
    if path == "prospect":
        return life
    _try(rng, life, life.met_at + _days(rng, 3, 20))
    if path == "returned":
        assert life.trial_ends_at
        life.returned_at = life.trial_ends_at + timedelta(days=14, hours=2)
        return life
    assert life.trial_at
    _settle_in(rng, life, life.trial_at + _days(rng, 8, 28))
    _go_on(rng, life, at)
    return life


def _newcomer(rng: Random, house: House, path: str, at: datetime) -> Life:
    """Somebody who tries it now, or has just paid."""
    if path == "trial":
        trial_at = at - _days(rng, 2, 27)
        life = Life(house, path, trial_at - _days(rng, 3, 20))
        _try(rng, life, trial_at)
        return life
    paid_at = at - _days(rng, 3, 26)
    trial_at = paid_at - _days(rng, 9, 28)
    life = Life(house, path, trial_at - _days(rng, 3, 20))
    _try(rng, life, trial_at)
    life.paid_at, life.usage = paid_at, rng.uniform(0.1, 0.5)
    if rng.random() < 0.5 and paid_at + timedelta(days=10) < at:
        life.value_at = paid_at + _days(rng, 2, 9)
    return life


def _try(rng: Random, life: Life, trial_at: datetime) -> None:
    life.trial_at = trial_at
    life.trial_ends_at = trial_at + timedelta(days=30 if rng.random() < 0.85 else 44)


def _settle_in(rng: Random, life: Life, paid_at: datetime) -> None:
    """Paid, first value, checklist done: adoption begins as its rule says."""
    life.paid_at = paid_at
    life.value_at = paid_at + _days(rng, 3, 24)
    life.checklist_at = paid_at + _days(rng, 14, 50)
    life.adopted_at = max(life.value_at, min(life.checklist_at, paid_at + timedelta(days=30)))
    life.usage = rng.uniform(0.3, 0.7)


def _go_on(rng: Random, life: Life, at: datetime) -> None:
    assert life.adopted_at
    ripe_at = life.adopted_at + timedelta(days=90) + _days(rng, 2, 60)
    if life.path == "left":
        life.left_at = _between(rng, life.adopted_at + timedelta(days=40), at - timedelta(days=15))
    elif life.path == "growth":
        life.grown_at, life.usage = ripe_at, rng.uniform(0.82, 1.0)
    elif life.path == "advocate":
        soonest = max(life.adopted_at + timedelta(days=60), at - timedelta(days=330))
        life.praised_at, life.usage = _between(rng, soonest, at - timedelta(days=20)), rng.uniform(0.5, 0.95)
        if ripe_at < life.praised_at and rng.random() < 0.5:
            life.grown_at = ripe_at


def _days(rng: Random, least: float, most: float) -> timedelta:
    return timedelta(days=rng.uniform(least, most))


def _between(rng: Random, first: datetime, last: datetime) -> datetime:
    return first + (last - first) * rng.random()
