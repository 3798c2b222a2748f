"""What a customer is worth, by rules of thumb: the plain product, and two formulas for contracts.

They answer for customers on average. What one buyer may still bring is in `buying.py`. Money is in minor
units; a margin is a share from 0 to 1.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from helpdesk.core.statistics import Estimate, exactly, mean_of, product, quotient, ratio
from helpdesk.measures.repeating import Purchase

YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Habits:
    """Of customers with a purchase in the last year: the worth of a purchase, and how many a year."""

    value: Estimate
    per_year: Estimate


def habits(purchases: Iterable[Purchase], today: date) -> Habits | None:
    """The two first factors of the plain value, over the 365 days before `today`; None without purchases.

    Several orders of one day are one purchase, worth what they are worth together.
    """
    of_each = defaultdict(list)
    for purchase in purchases:
        if today - YEAR <= purchase.day < today:
            of_each[purchase.who].append(purchase)
    often = {who: len({one.day for one in own}) for who, own in of_each.items()}
    value = ratio((sum(one.value for one in own), often[who]) for who, own in of_each.items())
    per_year = mean_of(often.values())
    return Habits(value, per_year) if value and per_year else None


def plain_value(
    value: Estimate, per_period: Estimate, periods: Estimate, *, margin: float = 1.0
) -> Estimate | None:
    """Average purchase value x purchases per period x number of periods (x gross margin).

    For customers who are still here take as `periods` the mean of a survival curve, with its horizon
    named, not the mean of those who left. None where nobody is counted.
    """
    if 0 in (value.n, per_period.n, periods.n):
        return None
    return product(value, per_period, periods, exactly(_share(margin), value.n))


def contract_value(revenue: Estimate, churn: Estimate, *, margin: float) -> Estimate | None:
    """Monthly revenue per account x margin / monthly churn: as if this churn went on for ever.

    None where nobody left: no end can be foreseen from that.
    """
    if churn.value == 0:
        return None
    return quotient(product(revenue, exactly(_share(margin), revenue.n)), churn)


def bounded_value(
    revenue: Estimate, retention: Estimate, *, margin: float, months: int = 36, discount: float = 0.01
) -> Estimate:
    """The sum over the first `months` of revenue x margin x retention^m / (1 + discount)^m, from m = 0.

    `retention` and `discount` are per month. Unlike the endless formula it promises nothing beyond what
    can be planned for, and a payment far off is worth less.
    """
    if months < 1 or discount <= -1:
        raise ValueError(f"no sum over {months} months at {discount}")

    def worth(kept: float) -> float:
        return sum((min(max(kept, 0.0), 1.0) / (1 + discount)) ** month for month in range(months))

    duration = Estimate(worth(retention.value), worth(retention.low), worth(retention.high), retention.n)
    return product(revenue, exactly(_share(margin), revenue.n), duration)


def _share(margin: float) -> float:
    if not 0 < margin <= 1:
        raise ValueError(f"a margin is a share above 0, up to 1: {margin}")
    return margin
