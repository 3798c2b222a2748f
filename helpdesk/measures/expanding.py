"""Customers who take more: upsell, cross-sell, and to which suggestion an expansion may be put down."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from helpdesk.core.statistics import Estimate, proportion
from helpdesk.measures.spans import Stretch, Window, unbroken

# Who has been here for less is still buying for the first time.
SETTLED = timedelta(days=30)
# A suggestion presented earlier than that is not why somebody bought.
CREDIT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Expansion:
    """A larger plan, more seats, an addition; or the first purchase in another category."""

    who: Hashable
    at: datetime


@dataclass(frozen=True, slots=True)
class Presentation:
    """A suggestion that was really presented to the customer, not merely shown to an agent."""

    who: Hashable
    at: datetime
    key: Hashable


def expansion_rate(
    contracts: Iterable[Stretch],
    expansions: Iterable[Expansion],
    window: Window,
    *,
    settled: timedelta = SETTLED,
) -> Estimate | None:
    """Of customers active since `settled` before the window began, the share who expanded in it.

    A renewed contract goes on from its first day. Hand in upsells or cross-sells; two by one customer are
    one. None where nobody has been here for so long.
    """
    eligible = {
        contract.who
        for contract in unbroken(contracts)
        if contract.covers(window.since) and window.since - contract.since >= settled
    }
    expanded = {expansion.who for expansion in expansions if expansion.at in window}
    return proportion(len(eligible & expanded), len(eligible))


def cross_sales(purchases: Iterable[tuple[Hashable, datetime, Hashable]]) -> list[Expansion]:
    """First purchases in another category than any before, from (who, when, category); in order of time.

    What somebody buys at the very first moment is no cross-sale, whatever its categories.
    """
    begun: dict[Hashable, datetime] = {}
    known: dict[Hashable, set[Hashable]] = {}
    found = []
    for who, at, category in sorted(purchases, key=lambda purchase: purchase[1]):
        begun.setdefault(who, at)
        had = known.setdefault(who, set())
        if category not in had and at > begun[who]:
            found.append(Expansion(who, at))
        had.add(category)
    return found


def credited(
    expansions: Iterable[Expansion], presentations: Iterable[Presentation], *, within: timedelta = CREDIT
) -> Mapping[Expansion, Hashable]:
    """To which suggestion each expansion may be put down: the last one presented at most `within` before.

    An expansion without one is left out.
    """
    shown: dict[Hashable, list[Presentation]] = {}
    for presentation in sorted(presentations, key=lambda one: one.at):
        shown.setdefault(presentation.who, []).append(presentation)
    found = {}
    for expansion in expansions:
        earlier = [
            one for one in shown.get(expansion.who, []) if timedelta() <= expansion.at - one.at <= within
        ]
        if earlier:
            found[expansion] = earlier[-1].key
    return found
