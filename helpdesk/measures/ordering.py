"""What an order is worth: the average order value and its median. Money in minor units, after discount."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from helpdesk.core.statistics import Estimate, median, ratio
from helpdesk.measures.spans import Window


@dataclass(frozen=True, slots=True)
class Order:
    """One order: `net` is after discount and before points; whether tax is in it, is the feed's to say."""

    key: Hashable
    at: datetime
    net: float


@dataclass(frozen=True, slots=True)
class Refund:
    """Money given back for an order, at its own moment."""

    order: Hashable
    at: datetime
    amount: float


@dataclass(frozen=True, slots=True)
class OrderValue:
    """Net sales of a window, its number of orders, and what one is worth; None where there was no order."""

    sales: float
    orders: int
    mean: Estimate | None
    median: Estimate | None


def order_value(
    orders: Iterable[Order], refunds: Iterable[Refund], window: Window, *, in_order_month: bool = False
) -> OrderValue:
    """Net sales by orders in the window.

    A refund is deducted in the window in which it was paid or, with `in_order_month`, in that of its order.
    An order refunded in full is neither sale nor refund nor order. The median is over the window's orders,
    less those of their own refunds that the window deducts.
    """
    given_back: Mapping[Hashable, list[Refund]] = defaultdict(list)
    for refund in refunds:
        given_back[refund.order].append(refund)
    pairs, worths = [], []
    for order in orders:
        own = given_back.get(order.key, [])
        if own and sum(refund.amount for refund in own) >= order.net:
            continue
        made = order.at in window
        deducted = sum(r.amount for r in own if (made if in_order_month else r.at in window))
        if made:
            worths.append(order.net - deducted)
        if made or deducted:
            pairs.append((order.net * made - deducted, float(made)))
    sales = sum(money for money, _ in pairs)
    return OrderValue(sales, len(worths), ratio(pairs), median(worths))
