"""Who stayed: customer retention and churn, counted from identities and never from totals.

Somebody who joined and left inside the window touches neither figure; somebody who left and came back
inside it was kept, and is named.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from helpdesk.core.statistics import Estimate, proportion
from helpdesk.measures.spans import Stretch, Window, days, unbroken

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Keeping:
    """The customers active at the start and at the end of a window; `returned` had left in between."""

    start: Set[Hashable]
    end: Set[Hashable]
    returned: Set[Hashable] = frozenset()

    @property
    def kept(self) -> Set[Hashable]:
        return self.start & self.end

    @property
    def left(self) -> Set[Hashable]:
        return self.start - self.end

    @property
    def joined(self) -> Set[Hashable]:
        """Who is active at the end and was not at the start."""
        return self.end - self.start

    @property
    def retention(self) -> Estimate | None:
        """The share of those active at the start who are active at the end; None where nobody was."""
        return proportion(len(self.kept), len(self.start))

    @property
    def churn(self) -> Estimate | None:
        """One less the retention, over the same people."""
        return proportion(len(self.left), len(self.start))


def subscribers(stretches: Iterable[Stretch], window: Window, grace: timedelta = timedelta()) -> Keeping:
    """Retention under contract: each stretch is a subscription.

    For `grace` after its end a subscription still counts, so a renewal within it is no return. A pause is
    no end: hand in a paused subscription as one stretch.
    """
    known = unbroken(stretches, grace)
    start = {one.who for one in known if one.covers(window.since)}
    end = {one.who for one in known if one.covers(window.until)}
    stayed = {one.who for one in known if one.covers(window.since) and one.covers(window.until)}
    return Keeping(start, end, (start & end) - stayed)


def buyers(
    purchases: Mapping[Hashable, Iterable[datetime]],
    window: Window,
    *,
    gaps: float = 3.0,
    otherwise: timedelta,
) -> Keeping:
    """Retention without contract: {who: moments of purchase}.

    One is active for `gaps` times one's own median gap after a purchase, as the purchases up to that moment
    tell it; for `otherwise` as long as there is no gap to go by. What is not yet known at a moment plays
    no part in it.
    """
    of_each = {who: sorted(moments) for who, moments in purchases.items()}

    def active(at: datetime) -> set[Hashable]:
        return {who for who, moments in of_each.items() if _buys(moments, at, gaps, otherwise)}

    start, end = active(window.since), active(window.until)
    returned = {
        who
        for who in start & end
        if any(at in window and not _buys(of_each[who], at, gaps, otherwise) for at in of_each[who])
    }
    return Keeping(start, end, returned)


def yearly(monthly: float) -> float:
    """The churn of a year from that of a month (shares): 1 - (1 - m)^12, never twelve times it."""
    return float(1 - (1 - monthly) ** MONTHS)


def monthly(yearly: float) -> float:
    """The churn of a month from that of a year (shares)."""
    return float(1 - (1 - yearly) ** (1 / MONTHS))


def _buys(moments: Sequence[datetime], at: datetime, gaps: float, otherwise: timedelta) -> bool:
    """Whether the last purchase before `at` is recent enough for this buyer."""
    past = [moment for moment in moments if moment < at]
    if not past:
        return False
    between = [days(later - earlier) for earlier, later in pairwise(past) if later > earlier]
    patience = timedelta(days=gaps * median(between)) if between else otherwise
    return at - past[-1] <= patience
