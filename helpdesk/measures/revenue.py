"""What stayed of the money: churn of revenue, and gross and net retention of one cohort's monthly revenue.

The cohort are the customers who paid at the start of the window; whoever joined later is left out. Money
is in minor units (yen), without one-off charges, in one currency at the month's fixed rate.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from helpdesk.core.statistics import Estimate, ratio, weighted_share

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Paying:
    """One customer's monthly revenue at the start and at the end of a window; 0 at the end has left."""

    who: Hashable
    before: float
    after: float

    def __post_init__(self) -> None:
        if self.before < 0 or self.after < 0:
            raise ValueError(f"monthly revenue is not negative: {self.before}, {self.after}")


@dataclass(frozen=True, slots=True)
class Revenue:
    """Sums per month over the cohort, and the shares they make; a share is None where nobody paid."""

    start: float
    lost: float
    contraction: float
    expansion: float
    churn: Estimate | None
    gross_retention: Estimate | None
    net_retention: Estimate | None


def revenue(customers: Iterable[Paying]) -> Revenue:
    """What became of the monthly revenue of those who paid at the start.

    Churn is (lost + contraction) / start; gross retention one less that, never above 1; net retention adds
    the expansion. Their intervals take customers as the sample, so one large customer makes them wide.
    """
    cohort = [one for one in customers if one.before > 0]
    return Revenue(
        start=sum(one.before for one in cohort),
        lost=sum(one.before for one in cohort if one.after == 0),
        contraction=sum(one.before - one.after for one in cohort if 0 < one.after < one.before),
        expansion=sum(max(one.after - one.before, 0) for one in cohort),
        churn=weighted_share((max(one.before - one.after, 0), one.before) for one in cohort),
        gross_retention=weighted_share((min(one.before, one.after), one.before) for one in cohort),
        net_retention=ratio((one.after, one.before) for one in cohort),
    )


def per_month(price: float, months: int) -> float:
    """The monthly revenue of a contract paid for several months at once: a yearly price by twelve."""
    if months < 1:
        raise ValueError(f"a contract runs for a month at least, not {months}")
    return price / months
