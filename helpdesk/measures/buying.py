"""Who still buys where nothing says that a customer has left: the BG/NBD model of counted purchases.

Each buys at a rate of his own until he drops out, unseen, after some purchase. Fader, Hardie and Lee 2005,
"Counting Your Customers the Easy Way". Time is in weeks.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, log, log1p

from helpdesk.measures.fitting import most_likely
from helpdesk.measures.histories import History

FEWEST_CUSTOMERS = 100
FEWEST_REPEATERS = 20
# From here on the terms of the transformed series outgrow its sum.
_LARGE = 30.0
_STEP = log(1e200)

# Repeats, week of the last, weeks watched, and how many customers share the three.
Group = tuple[int, float, float, int]


class TooFew(ValueError):
    """Too few customers, or too few who bought again, to fit a model that could be trusted."""


@dataclass(frozen=True, slots=True)
class Buying:
    """The fitted model: rates are gamma (r, alpha), chances to drop out beta (a, b)."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    n: int

    def alive(self, history: History) -> float:
        """The chance from 0 to 1 that this customer still buys; 1 by construction without a repeat."""
        if history.repeats == 0:
            return 1.0
        return 1 - _chance(self._odds_of_being_gone(history))

    def expected(self, history: History, weeks: float) -> float:
        """How many days with a purchase to expect of this customer in the next `weeks`."""
        if weeks < 0:
            raise ValueError(f"there are no {weeks} weeks to come")
        # The formula divides by a - 1 and by a + b + x - 1, and has the same limit from both sides.
        a = self.a if abs(self.a - 1) > 1e-6 else 1 + 1e-6
        r, b = self.r + history.repeats, self.b + history.repeats
        c = a + b - 1 or 1e-9
        z = weeks / (self.alpha + history.age + weeks)
        if_alive = c / (a - 1) * (1 - _still(a, r, b, c, z))
        return float(if_alive * self.alive(history))

    def _odds_of_being_gone(self, history: History) -> float:
        """The logarithm of the odds that he dropped out after the last purchase."""
        x = history.repeats
        longer = log((self.alpha + history.age) / (self.alpha + history.last))
        return log(self.a / (self.b + x - 1)) + (self.r + x) * longer


def fit(histories: Iterable[History]) -> Buying:
    """The model under which these histories are most likely.

    Raises `TooFew` under 100 customers or 20 who bought again, `NoFit` where the data settle nothing.
    """
    known = Counter((one.repeats, one.last, one.age) for one in histories)
    customers = known.total()
    repeaters = sum(count for (x, _, _), count in known.items() if x)
    if customers < FEWEST_CUSTOMERS or repeaters < FEWEST_REPEATERS:
        raise TooFew(f"{customers} customers, of whom {repeaters} bought again")
    groups = [(x, last, age, count) for (x, last, age), count in known.items()]
    bought = sum(x * count for x, _, _, count in groups)
    watched = sum(age * count for _, _, age, count in groups)
    start = (1.0, max(watched, 1.0) / bought, 1.0, 2.0)
    (r, alpha, a, b), height = most_likely(lambda at: _likelihood(at, groups), start, customers)
    return Buying(r, alpha, a, b, height, customers)


def _likelihood(parameters: Sequence[float], groups: Sequence[Group]) -> tuple[float, Sequence[float]]:
    """The paper's equation 6 summed over customers, as a logarithm, and its gradient."""
    r, alpha, a, b = parameters
    ladder = _ladder(r, a, b, max(x for x, *_ in groups))
    height, by_r, by_alpha, by_a, by_b, n = 0.0, 0.0, 0.0, 0.0, 0.0, 0
    for x, last, age, count in groups:
        so_far, r_slope, a_slope, b_slope = ladder[x]
        power, here = r + x, log(alpha + age)
        one, rate, slowness = so_far - power * here, here, power / (alpha + age)
        if x:
            longer = here - log(alpha + last)
            odds = log(a / (b + x - 1)) + power * longer
            gone = _chance(odds)
            one += odds + log1p(exp(-odds)) if odds > 0 else log1p(exp(odds))
            rate -= gone * longer
            slowness += gone * (power / (alpha + last) - slowness)
            a_slope += gone / a
            b_slope -= gone / (b + x - 1)
        n += count
        height += count * one
        by_r += count * (r_slope - rate)
        by_alpha -= count * slowness
        by_a += count * a_slope
        by_b += count * b_slope
    return height + n * r * log(alpha), (by_r + n * log(alpha), by_alpha + n * r / alpha, by_a, by_b)


def _ladder(r: float, a: float, b: float, top: int) -> list[tuple[float, float, float, float]]:
    """For 0, 1, ... `top` repeats: the ratios of gamma functions as a logarithm, and its slopes."""
    steps = [(0.0, 0.0, 0.0, 0.0)]
    for k in range(top):
        so_far, by_r, by_a, by_b = steps[-1]
        both = 1 / (a + b + k)
        so_far += log((r + k) * (b + k) * both)
        steps.append((so_far, by_r + 1 / (r + k), by_a - both, by_b + 1 / (b + k) - both))
    return steps


def _chance(odds: float) -> float:
    """A chance from the logarithm of its odds, however large they are."""
    return 1 / (1 + exp(-odds)) if odds > -700 else 0.0


def _still(a: float, r: float, b: float, c: float, z: float) -> float:
    """The paper's (1 - z)^r 2F1(r, b; c; z), where c is a + b - 1.

    Euler's transformation of it has the smaller terms, and goes astray only where a is large.
    """
    if a < _LARGE:
        total, scale = _hypergeometric(c - r, a - 1, c, z)
        return float(total * exp(scale + (a - 1) * log1p(-z)))
    total, scale = _hypergeometric(r, b, c, z)
    return total * exp(scale + r * log1p(-z))


def _hypergeometric(a: float, b: float, c: float, z: float) -> tuple[float, float]:
    """Gauss's series 2F1(a, b; c; z) for 0 <= z < 1, as a number and the logarithm of its scale."""
    term = total = 1.0
    scale = 0.0
    for k in range(100_000):
        term *= (a + k) * (b + k) / ((c + k) * (k + 1)) * z
        total += term
        if abs(term) <= 1e-15 * abs(total):
            break
        if abs(total) > 1e200:
            term, total, scale = term / 1e200, total / 1e200, scale + _STEP
    return total, scale
