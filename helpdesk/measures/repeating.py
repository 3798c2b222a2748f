"""Who buys again. Days are the workspace's; several orders of one day are one purchase."""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from helpdesk.core.statistics import Estimate, proportion


@dataclass(frozen=True, slots=True)
class Purchase:
    """An order that stands: not cancelled, not refunded in full. `value` in minor units, if known."""

    who: Hashable
    day: date
    value: float = 0.0
    is_renewal: bool = False


def naive_repeat_rate(
    purchases: Iterable[Purchase], since: date, until: date, *, renewals: bool = False
) -> Estimate | None:
    """Of those who bought from `since` until before `until`, the share who did on two days or more.

    It favours long windows and old customers: show it beside the fair one. `renewals`: whether a
    subscription that renews itself counts as a purchase.
    """
    days = buying_days((p for p in purchases if since <= p.day < until), renewals=renewals)
    return proportion(sum(len(own) > 1 for own in days.values()), len(days))


def fair_repeat_rate(
    purchases: Iterable[Purchase], today: date, *, within: int = 90, renewals: bool = False
) -> Estimate | None:
    """Of those who first bought at least `within` days before `today`, the share who did again in that time.

    So everybody had the same time for it. None where nobody is known for so long.
    """
    limit = timedelta(days=within)
    days = buying_days((p for p in purchases if p.day <= today), renewals=renewals)
    ripe = [own for own in days.values() if today - own[0] >= limit]
    return proportion(sum(len(own) > 1 and own[1] - own[0] <= limit for own in ripe), len(ripe))


def buying_days(purchases: Iterable[Purchase], *, renewals: bool = False) -> dict[Hashable, list[date]]:
    """On which days each bought, in order."""
    found = defaultdict(set)
    for purchase in purchases:
        if renewals or not purchase.is_renewal:
            found[purchase.who].add(purchase.day)
    return {who: sorted(days) for who, days in found.items()}
