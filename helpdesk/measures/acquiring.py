"""What a new customer costs, when that is earned back, and what an action brought for its cost.

Money is in minor units. Months are the workspace's, each named by its first day.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from helpdesk.core.statistics import Estimate, counted, difference, exactly, proportion, quotient

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Cost:
    """What was spent in one month to win customers, in all."""

    advertising: float = 0
    people: float = 0
    systems: float = 0
    other: float = 0

    @property
    def total(self) -> float:
        return self.advertising + self.people + self.systems + self.other


@dataclass(frozen=True, slots=True)
class Acquisition:
    """The cost, the customers it is set against, and the cost of one; None where there was none to win."""

    cost: float
    customers: int
    each: Estimate | None


def acquisition_cost(
    costs: Mapping[date, Cost], newcomers: Mapping[date, int], months: Iterable[date], *, lag: int = 0
) -> Acquisition:
    """All cost of the given months by those who first paid `lag` months later: CAC.

    A month that is not named had no cost, or nobody new. The interval says how far the number of customers
    may be chance (Poisson); the cost is known.
    """
    if lag < 0:
        raise ValueError(f"customers do not come before their cost: {lag}")
    chosen = list(months)
    cost = sum(costs[month].total for month in chosen if month in costs)
    came = sum(newcomers.get(later(month, lag), 0) for month in chosen)
    number = counted(came)
    return Acquisition(cost, came, quotient(exactly(cost, came), number) if number and cost > 0 else None)


def later(month: date, by: int) -> date:
    """The first day of the month so many months later."""
    years, rest = divmod(month.month - 1 + by, MONTHS)
    return date(month.year + years, rest + 1, 1)


def value_to_cost(value: Estimate | None, cost: Estimate | None) -> Estimate | None:
    """CLV:CAC. Show it twice, with the plain value and with the margin's: only the second can pay a bill."""
    if value is None or cost is None or value.n == 0:
        return None
    return quotient(value, cost)


def payback(cost: Estimate | None, monthly_margin: float) -> Estimate | None:
    """After how many months a customer has earned what he cost; None where he earns nothing."""
    if cost is None or monthly_margin <= 0:
        return None
    return quotient(cost, exactly(monthly_margin, cost.n))


class Proof(StrEnum):
    """How sure one may be that the action brought the gain."""

    # With a comparison group, and chance is ruled out.
    PROVEN = "proven"
    # With a comparison group, and the interval of the difference covers 0.
    UNPROVEN = "unproven"
    # Without a comparison group.
    ESTIMATED = "estimated"


@dataclass(frozen=True, slots=True)
class Return:
    """(gain - cost) / cost, and how sure it is.

    `lift` is the difference of shares behind it, None without a comparison group: `value` is then a plain
    quotient whose interval nobody knows.
    """

    value: float
    low: float | None
    high: float | None
    n: int
    proof: Proof
    lift: Estimate | None = None


def simple_return(gain: float, cost: float, *, n: int) -> Return | None:
    """The return without a comparison group, of `n` customers reached; None where it cost nothing."""
    if cost <= 0 or n == 0:
        return None
    return Return((gain - cost) / cost, None, None, n, Proof.ESTIMATED)


@dataclass(frozen=True, slots=True)
class Group:
    """How many were in a group, and how many of them did what the action was for."""

    n: int
    succeeded: int


def compared_return(reached: Group, held_out: Group, *, each: float, cost: float) -> Return | None:
    """The return by comparison with those held out by lot: only successes beyond theirs are a gain.

    `each` is what one success brings. None where a group is empty or it cost nothing. The interval is
    Newcombe's of the difference, carried over.
    """
    with_it = proportion(reached.succeeded, reached.n)
    without = proportion(held_out.succeeded, held_out.n)
    if with_it is None or without is None or cost <= 0:
        return None
    lift = difference(with_it, without)

    def worth(share: float) -> float:
        return (share * reached.n * each - cost) / cost

    proof = Proof.UNPROVEN if lift.low <= 0 <= lift.high else Proof.PROVEN
    return Return(worth(lift.value), worth(lift.low), worth(lift.high), lift.n, proof, lift)
