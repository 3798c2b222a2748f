"""How long it lasts, where many are still on their way: Kaplan and Meier's curve and what is read from it.

Those still on their way are neither dropped nor taken to last for ever: each counts as long as it was
watched. Kaplan and Meier 1958; variance by Greenwood 1926; limits on the log-log scale (Kalbfleisch and
Prentice 1980); the median's by Brookmeyer and Crowley 1982.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from math import exp, inf, log, sqrt

from helpdesk.core.statistics import Estimate, Z, proportion
from helpdesk.measures.spans import days

# Shares are products of many fractions; a half must be met in spite of their rounding.
_NEARLY = 1e-12


@dataclass(frozen=True, slots=True)
class Wait:
    """How long one was watched (any unit, one for all), and whether it ended then or still goes on."""

    lasted: float
    ended: bool

    def __post_init__(self) -> None:
        if not 0 <= self.lasted < inf:
            raise ValueError(f"a wait lasts from 0 on: {self.lasted}")


@dataclass(frozen=True, slots=True)
class Step:
    """The curve from `at` on: who was still watched there, how many ended, and the share that goes on."""

    at: float
    at_risk: int
    ended: int
    share: float
    low: float
    high: float
    # Greenwood's sum up to here: the variance by the square of the share.
    spread: float


@dataclass(frozen=True, slots=True)
class Curve:
    """A survival curve; without waits `n` is 0 and every figure None."""

    n: int
    ended: int
    longest: float
    steps: tuple[Step, ...]

    def at(self, moment: float) -> Estimate | None:
        """The share that lasts longer than `moment`, and the n that began.

        None past the longest wait, unless all had ended by then: the data do not reach there.
        """
        if self.n == 0 or (moment > self.longest and self.steps[-1].share > 0):
            return None
        before = bisect_right(self.steps, moment, key=lambda step: step.at)
        step = self.steps[before - 1]
        return Estimate(step.share, step.low, step.high, self.n)

    @property
    def median(self) -> Estimate | None:
        """When half have ended; None where that is not reached. A limit not reached is infinite."""
        reached = self._falls_to_half([(step.at, step.share) for step in self.steps])
        if self.n == 0 or reached == inf:
            return None
        low = self._falls_to_half([(step.at, step.low) for step in self.steps if step.at > 0])
        high = self._falls_to_half([(step.at, step.high) for step in self.steps])
        return Estimate(reached, low, high, self.n)

    def mean(self, horizon: float | None = None) -> Estimate | None:
        """The mean wait up to `horizon`, beyond which nothing counts (without one: the longest wait).

        None where the horizon lies past the data. Say the horizon beside the figure: it is part of it.
        """
        limit = self.longest if horizon is None else horizon
        if self.n == 0 or self.at(limit) is None:
            return None
        corners = [step for step in self.steps if step.at < limit]
        edges = [step.at for step in corners] + [limit]
        areas = [
            step.share * (end - begin) for step, (begin, end) in zip(corners, pairwise(edges), strict=True)
        ]
        variance, rest = 0.0, sum(areas)
        for step, area in zip(corners, areas, strict=True):
            if 0 < step.ended < step.at_risk:
                variance += rest**2 * step.ended / (step.at_risk * (step.at_risk - step.ended))
            rest -= area
        half = Z * sqrt(variance)
        return Estimate(sum(areas), max(sum(areas) - half, 0.0), min(sum(areas) + half, limit), self.n)

    @staticmethod
    def _falls_to_half(points: Iterable[tuple[float, float]]) -> float:
        return next((at for at, share in points if share <= 0.5 + _NEARLY), inf)


def kaplan_meier(waits: Iterable[Wait]) -> Curve:
    """The share that goes on, step by step; who ends at a moment is still watched at that moment."""
    known = list(waits)
    n = len(known)
    if n == 0:
        return Curve(0, 0, 0.0, ())
    gone = Counter(wait.lasted for wait in known)
    ended = Counter(wait.lasted for wait in known if wait.ended)
    nobody = proportion(n, n)
    steps = [Step(0.0, n, 0, 1.0, nobody.low if nobody else 0.0, 1.0, 0.0)]
    at_risk = n
    for at in sorted(gone):
        if ended[at]:
            steps.append(_next(steps[-1], at, at_risk, ended[at]))
        at_risk -= gone[at]
    return Curve(n, sum(ended.values()), max(gone), tuple(steps))


def since(began: datetime, ended: datetime | None, as_of: datetime) -> Wait | None:
    """The wait in days from its beginning to its end, or to `as_of` where it has not ended by then.

    None for what begins after `as_of`. Raises `ValueError` for an end before the beginning.
    """
    if began > as_of:
        return None
    over = ended is not None and ended <= as_of
    return Wait(days((ended if over and ended else as_of) - began), over)


def _next(last: Step, at: float, at_risk: int, ended: int) -> Step:
    if ended == at_risk:
        # The last ones ended: no variance is left to reckon with, and the limit before still holds.
        return Step(at, at_risk, ended, 0.0, 0.0, last.high, last.spread)
    share = last.share * (1 - ended / at_risk)
    spread = last.spread + ended / (at_risk * (at_risk - ended))
    half = Z * sqrt(spread) / -log(share)
    return Step(at, at_risk, ended, share, share ** exp(half), share ** exp(-half), spread)
