"""What a handful of answers says about everybody: intervals for shares, means, medians, sums. Pure.

Every interval covers 95 %. Fewer than `FEWEST` answers show no figure at all; fewer than `FIRM` show it
pale, unranked and without an arrow.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from math import comb, exp, hypot, inf, log, pi, sqrt, tan
from statistics import median as middle
from typing import TypeVar

Number = TypeVar("Number", int, float)

Z = 1.959964
FEWEST = 5
FIRM = 20
# How many answers' weight the whole team's rate has against one's own (see `shrunk`).
PRIOR = 20
# Above this many values the normal distribution serves as well as the binomial.
MANY = 100


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
    low, high = _wilson(successes / n, n)
    return Estimate(successes / n, low, high, n)


def weighted_share(pairs: Iterable[tuple[float, float]]) -> Estimate | None:
    """The share of a sum that parts of its addends make up: (part, addend) for each, 0 <= part <= addend.

    Wilson's interval on Kish's effective number, so that a few large addends make it wide, and a share of
    all is not taken for proven. None where the sum is 0.
    """
    known = [pair for pair in pairs if pair[1] > 0]
    if not known:
        return None
    if any(not 0 <= part <= addend for part, addend in known):
        raise ValueError("a part lies outside of what it is part of")
    whole = sum(addend for _, addend in known)
    share = min(sum(part for part, _ in known) / whole, 1.0)
    low, high = _wilson(share, whole**2 / sum(addend**2 for _, addend in known))
    return Estimate(share, low, high, len(known))


def exactly(value: float, n: int) -> Estimate:
    """A figure that is known rather than estimated (a price, a plan): its interval is itself.

    `n`: on how many what it is joined with rests, where it rests on none itself.
    """
    return Estimate(value, value, value, n)


def counted(n: int) -> Estimate | None:
    """How often something comes about, seen n times: Poisson, with Byar's interval (Rothman 1979).

    None where it was not seen: nothing can be divided by it.
    """
    if n < 0:
        raise ValueError(f"{n} is no count")
    if n == 0:
        return None
    low = n * (1 - 1 / (9 * n) - Z / (3 * sqrt(n))) ** 3
    high = (n + 1) * (1 - 1 / (9 * (n + 1)) + Z / (3 * sqrt(n + 1))) ** 3
    return Estimate(n, max(low, 0.0), high, n)


def mean(tally: Mapping[Number, int]) -> Estimate | None:
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


def mean_of(values: Iterable[Number]) -> Estimate | None:
    """The mean of single values with Student's interval; None where there are none."""
    return mean(Counter(values))


def median(values: Iterable[float]) -> Estimate | None:
    """The median, its interval between two of the values themselves (binomial; the normal past `MANY`).

    None where there are no values. With fewer than six no two of them enclose it surely enough: the
    interval is infinite.
    """
    ordered = sorted(values)
    n = len(ordered)
    if n == 0:
        return None
    rank = _median_rank(n)
    low, high = (ordered[rank - 1], ordered[n - rank]) if rank else (-inf, inf)
    return Estimate(middle(ordered), low, high, n)


def ratio(pairs: Iterable[tuple[float, float]]) -> Estimate | None:
    """A sum by a sum, both over the same people: (above, below) for each, as revenue kept by revenue had.

    Its interval is the linearised one of ratio estimators (Cochran 1977, 6.4) with Student's point. None
    where the lower sum is not positive.
    """
    known = list(pairs)
    n, below = len(known), sum(part for _, part in known)
    if below <= 0:
        return None
    share = sum(part for part, _ in known) / below
    if n == 1:
        return Estimate(share, -inf, inf, 1)
    squares = sum((above - share * part) ** 2 for above, part in known)
    half = _student(n - 1) * sqrt(squares * n / (n - 1)) / below
    return Estimate(share, share - half, share + half, n)


def product(*factors: Estimate) -> Estimate:
    """Positive figures of which none depends on another, multiplied.

    Their limits are joined on the scale of logarithms (Zou and Donner 2008). A factor whose lower limit
    is not positive leaves the product's at 0. `n` is the smallest of theirs.
    """
    value, below, above = 1.0, 0.0, 0.0
    for factor in factors:
        if factor.value <= 0:
            raise ValueError(f"{factor.value} is not positive")
        value *= factor.value
        below = hypot(below, log(factor.value / factor.low) if factor.low > 0 else inf)
        above = hypot(above, log(factor.high / factor.value) if factor.high < inf else inf)
    low, high = value * exp(-below), value * exp(above)
    return Estimate(value, low, high, min(factor.n for factor in factors))


def quotient(above: Estimate, below: Estimate) -> Estimate:
    """One positive figure by another that does not depend on it."""
    low = 1 / below.high
    high = 1 / below.low if below.low > 0 else inf
    return product(above, Estimate(1 / below.value, low, high, below.n))


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


def _wilson(share: float, n: float) -> tuple[float, float]:
    weight = Z * Z / n
    centre = (share + weight / 2) / (1 + weight)
    half = Z * sqrt(share * (1 - share) / n + weight / (4 * n)) / (1 + weight)
    # At the ends the bound is exact, and rounding must not put it outside.
    return 0.0 if share == 0 else centre - half, 1.0 if share == 1 else centre + half


def _median_rank(n: int) -> int:
    """Which value from either end bounds the median; 0 where none does."""
    if n > MANY:
        return int((n - Z * sqrt(n)) / 2)
    # As many may be cut off at each end as make up at most 2.5 % of all 2^n cases.
    tails = accumulate(comb(n, k) for k in range(n))
    return sum(1 for tail in tails if tail * 40 <= 2**n)


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
