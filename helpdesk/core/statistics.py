"""What a handful of answers says about everybody: intervals for shares, means and differences. Pure.

Every interval covers 95 %. Fewer than `FEWEST` answers show no figure at all; fewer than `FIRM` show it
pale, unranked and without an arrow.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import pi, sqrt, tan

Z = 1.959964
FEWEST = 5
FIRM = 20
# How many answers' weight the whole team's rate has against one's own (see `shrunk`).
PRIOR = 20


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with what it rests on: its interval and the number of answers."""

    value: float
    low: float
    high: float
    n: int

    @property
    def is_hidden(self) -> bool:
        """Whether there are too few answers to show a figure."""
        return self.n < FEWEST

    @property
    def is_firm(self) -> bool:
        """Whether there are enough answers to compare and to rank."""
        return self.n >= FIRM


def proportion(successes: int, n: int) -> Estimate | None:
    """A share from 0.0 to 1.0 with Wilson's interval; None where nobody was asked."""
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} of {n} is no share")
    if n == 0:
        return None
    share, weight = successes / n, Z * Z / n
    centre = (share + weight / 2) / (1 + weight)
    half = Z * sqrt(share * (1 - share) / n + weight / (4 * n)) / (1 + weight)
    # At the ends the bound is exact, and rounding must not put it outside.
    low = 0.0 if successes == 0 else centre - half
    high = 1.0 if successes == n else centre + half
    return Estimate(share, low, high, n)


def mean(tally: Mapping[int, int]) -> Estimate | None:
    """The mean of scores counted as {score: how often}, with Student's interval on the same scale.

    None where there is no score. One score alone says nothing of the spread: its interval is infinite.
    """
    n = sum(tally.values())
    if n == 0:
        return None
    average = sum(score * count for score, count in tally.items()) / n
    if n == 1:
        return Estimate(average, float("-inf"), float("inf"), 1)
    squares = sum(count * (score - average) ** 2 for score, count in tally.items())
    half = _student(n - 1) * sqrt(squares / (n - 1) / n)
    return Estimate(average, average - half, average + half, n)


def difference(now: Estimate, before: Estimate) -> Estimate:
    """How far two independent shares lie apart (`now` less `before`), with Newcombe's interval.

    `n` is the smaller of the two numbers of answers: it bounds what may be said of the difference.
    """
    gap = now.value - before.value
    below = sqrt((now.value - now.low) ** 2 + (before.high - before.value) ** 2)
    above = sqrt((now.high - now.value) ** 2 + (before.value - before.low) ** 2)
    return Estimate(gap, gap - below, gap + above, min(now.n, before.n))


def direction(now: Estimate | None, before: Estimate | None) -> int:
    """1 for a proven rise, -1 for a proven fall, 0 for all that may be chance or rests on too little."""
    if now is None or before is None or not (now.is_firm and before.is_firm):
        return 0
    gap = difference(now, before)
    return 1 if gap.low > 0 else -1 if gap.high < 0 else 0


def shrunk(successes: int, n: int, team_share: float) -> float:
    """A share drawn towards the team's, the more the fewer answers there are: for ranking, never shown.

    So three lucky answers do not stand above forty-five good ones of fifty.
    """
    return (successes + PRIOR * team_share) / (n + PRIOR)


def _student(freedom: int) -> float:
    """Student's t at 97.5 %: exact for 1 and 2, else Abramowitz and Stegun 26.7.5 (within 0.2 %)."""
    if freedom == 1:
        return tan(0.475 * pi)
    if freedom == 2:
        return sqrt(2 / (0.05 * 1.95) - 2)
    z = Z
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return float(z + sum(term / freedom**power for power, term in enumerate(terms, start=1)))
