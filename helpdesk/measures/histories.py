"""A buyer's history in four numbers, as the models of non-contract buying take it."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from helpdesk.measures.repeating import Purchase

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class History:
    """How often one bought again (days with a purchase after the first), and when; times in weeks.

    `last` runs from the first purchase to the last, `age` from the first to the end of what is known.
    `value` is the mean of the repeats, a day's purchases taken together, without the first day's.
    """

    repeats: int
    last: float
    age: float
    value: float = 0.0

    def __post_init__(self) -> None:
        if not (self.repeats >= 0 and 0 <= self.last <= self.age and (self.repeats > 0) == (self.last > 0)):
            raise ValueError(f"no such history: {self}")


def histories(purchases: Iterable[Purchase], known_until: date) -> dict[Hashable, History]:
    """Each buyer's history up to and with the day `known_until`; later purchases are left out."""
    of_each: Mapping[Hashable, dict[date, float]] = defaultdict(lambda: defaultdict(float))
    for purchase in purchases:
        if purchase.day <= known_until:
            of_each[purchase.who][purchase.day] += purchase.value
    return {who: _history(own, known_until) for who, own in of_each.items()}


def _history(by_day: Mapping[date, float], known_until: date) -> History:
    first, *repeats = sorted(by_day)
    last = (repeats[-1] - first) / WEEK if repeats else 0.0
    value = sum(by_day[day] for day in repeats) / len(repeats) if repeats else 0.0
    return History(len(repeats), last, (known_until - first) / WEEK, value)
