"""What one purchase of a customer will be worth: the Gamma-Gamma model of spending.

Each customer's mean is drawn towards that of all, the more the fewer his purchases. Fader and Hardie 2013,
"The Gamma-Gamma Model of Monetary Value". It holds only where value and frequency have little to do with
each other: show `correlation` beside what it says.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf, lgamma, log
from statistics import correlation as pearson

from helpdesk.measures.buying import FEWEST_REPEATERS, Buying, TooFew
from helpdesk.measures.fitting import most_likely
from helpdesk.measures.histories import History


@dataclass(frozen=True, slots=True)
class Spending:
    """The fitted model, and on how many repeaters it rests; `correlation` from -1 to 1, None where all
    bought equally often or for equally much."""

    p: float
    q: float
    gamma: float
    correlation: float | None
    n: int

    @property
    def mean(self) -> float:
        """The mean worth of a purchase over all customers, also those to come; infinite for q up to 1."""
        return self.p * self.gamma / (self.q - 1) if self.q > 1 else inf

    def expected(self, history: History) -> float:
        """What a purchase of this customer is worth on average, in the money of the data."""
        if history.repeats == 0 or history.value <= 0:
            return self.mean
        weight = self.p * history.repeats
        return self.p * (self.gamma + history.repeats * history.value) / (weight + self.q - 1)


def fit(histories: Iterable[History]) -> Spending:
    """The model of those who bought again for more than nothing. Raises `TooFew` under 20, `NoFit`."""
    known = [one for one in histories if one.repeats and one.value > 0]
    if len(known) < FEWEST_REPEATERS:
        raise TooFew(f"{len(known)} customers bought again for money")
    average = sum(one.value for one in known) / len(known)
    start = (2.0, 3.0, average)
    (p, q, gamma), _ = most_likely(lambda at: _likelihood(at, known), start, len(known))
    counts, values = [one.repeats for one in known], [one.value for one in known]
    varied = len(set(counts)) > 1 and len(set(values)) > 1
    return Spending(p, q, gamma, pearson(counts, values) if varied else None, len(known))


def expected_value(
    buying: Buying,
    spending: Spending,
    history: History,
    *,
    weeks: float,
    margin: float = 1.0,
    discount: float = 0.0,
) -> float:
    """What this customer will bring in the next `weeks`: purchases x worth of one x margin.

    `discount` is the interest of a week; with it each week's purchases count at that week's end. Show the
    model's error of the past (see `backtest`) beside this figure: it has no interval of its own.
    """
    if discount == 0:
        purchases = buying.expected(history, weeks)
    else:
        ends = [min(float(week + 1), weeks) for week in range(int(-(-weeks // 1)))]
        sums = [0.0, *(buying.expected(history, end) for end in ends)]
        purchases = sum(
            (after - before) / (1 + discount) ** end
            for end, before, after in zip(ends, sums, sums[1:], strict=False)
        )
    return purchases * spending.expected(history) * margin


def _likelihood(parameters: Sequence[float], known: Sequence[History]) -> tuple[float, Sequence[float]]:
    """The paper's equation 1a summed over customers, as a logarithm, and its gradient."""
    p, q, gamma = parameters
    gammas = {
        x: (lgamma(p * x + q) - lgamma(p * x), digamma(p * x + q), digamma(p * x))
        for x in {h.repeats for h in known}
    }
    height, by_p, by_q, by_gamma = 0.0, 0.0, 0.0, 0.0
    for one in known:
        x, total = one.repeats, one.repeats * one.value
        ratio, upper, lower = gammas[x]
        whole = log(gamma + total)
        share = log(total) - whole
        height += ratio + p * x * share - q * whole - log(one.value)
        by_p += x * (upper - lower + share)
        by_q += upper - whole
        by_gamma -= (p * x + q) / (gamma + total)
    n = len(known)
    height += n * (q * log(gamma) - lgamma(q))
    return height, (by_p, by_q + n * (log(gamma) - digamma(q)), by_gamma + n * q / gamma)


def digamma(x: float) -> float:
    """The slope of lgamma, for x > 0 (Abramowitz and Stegun 6.3.5 and 6.3.18; within 1e-12)."""
    shift = 0.0
    while x < 10:
        shift -= 1 / x
        x += 1
    square = 1 / (x * x)
    tail = square * (1 / 12 - square * (1 / 120 - square * (1 / 252 - square * (1 / 240 - square / 132))))
    return shift + log(x) - 1 / (2 * x) - tail
