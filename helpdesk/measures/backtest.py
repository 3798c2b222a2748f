"""How far a model of buying would have been off: fitted to the past up to a day, asked for what followed."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import date

from helpdesk.measures.buying import Buying, fit
from helpdesk.measures.histories import WEEK, histories
from helpdesk.measures.repeating import Purchase

# Rarer numbers of repeats are told together.
TOP = 7


@dataclass(frozen=True, slots=True)
class Line:
    """Those with equally many repeats in the first part: how many, and days with a purchase of each after."""

    customers: int
    expected: float
    actual: float


@dataclass(frozen=True, slots=True)
class Backtest:
    """Days with a purchase in the second part, expected and actual, of all and by repeats (7: or more)."""

    model: Buying
    expected: float
    actual: int
    lines: dict[int, Line]

    @property
    def error(self) -> float | None:
        """How far the model was off, as a share of what happened (-0.12: too low); None where nothing did."""
        return self.expected / self.actual - 1 if self.actual else None


def backtest(purchases: Iterable[Purchase], learnt_until: date, known_until: date) -> Backtest:
    """Learn from purchases up to and with the first day, then foretell those up to and with the second.

    Raises `ValueError` for days in the wrong order, and what `buying.fit` raises.
    """
    if known_until <= learnt_until:
        raise ValueError(f"nothing to foretell from {learnt_until} to {known_until}")
    known = list(purchases)
    learnt = histories(known, learnt_until)
    model = fit(learnt.values())
    bought = _days_after(known, learnt_until, known_until)
    weeks = (known_until - learnt_until) / WEEK
    expected: dict[int, float] = defaultdict(float)
    customers, actual = Counter[int](), Counter[int]()
    for who, history in learnt.items():
        line = min(history.repeats, TOP)
        customers[line] += 1
        expected[line] += model.expected(history, weeks)
        actual[line] += bought[who]
    lines = {
        at: Line(customers[at], expected[at] / customers[at], actual[at] / customers[at])
        for at in sorted(customers)
    }
    return Backtest(model, sum(expected.values()), actual.total(), lines)


def _days_after(purchases: Iterable[Purchase], after: date, until: date) -> Counter[Hashable]:
    return Counter(who for who, _ in {(one.who, one.day) for one in purchases if after < one.day <= until})
