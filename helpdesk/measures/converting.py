"""From first contact to first value: trials that became contracts, deals won, and how long it took."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from helpdesk.core.statistics import Estimate, proportion
from helpdesk.measures.spans import Window
from helpdesk.measures.survival import Curve, kaplan_meier, since


@dataclass(frozen=True, slots=True)
class Trial:
    """One trial; `extended_until` where it was given longer than all."""

    who: Hashable
    started: datetime
    paid: datetime | None = None
    extended_until: datetime | None = None

    def closes(self, length: timedelta) -> datetime:
        return self.extended_until or self.started + length


@dataclass(frozen=True, slots=True)
class Conversion:
    """The share of decided ones that succeeded, None where none is decided; and how many are still open."""

    rate: Estimate | None
    succeeded: int
    decided: int
    open: int


def trial_conversion(trials: Iterable[Trial], as_of: datetime, *, length: timedelta) -> Conversion:
    """Paid before the trial's end, by trials whose end has come.

    Trials that still run count on neither side, also those that have paid already: else the quick would
    stand for all. An extended trial ends where it was extended to.
    """
    begun = [trial for trial in trials if trial.started <= as_of]
    closed = [trial for trial in begun if trial.closes(length) <= as_of]
    paid = sum(trial.paid is not None and trial.paid <= trial.closes(length) for trial in closed)
    return Conversion(proportion(paid, len(closed)), paid, len(closed), len(begun) - len(closed))


@dataclass(frozen=True, slots=True)
class Deal:
    """One chance to sell; without `decided` it is open and `won` says nothing."""

    who: Hashable
    opened: datetime
    decided: datetime | None = None
    won: bool = False


def win_rate(deals: Iterable[Deal], window: Window) -> Conversion:
    """Won by won and lost, of what was decided in the window; open are those open at the window's end."""
    known = list(deals)
    decided = [deal for deal in known if deal.decided is not None and deal.decided in window]
    won = sum(deal.won for deal in decided)
    still_open = sum(
        deal.opened < window.until and (deal.decided is None or deal.decided >= window.until)
        for deal in known
    )
    return Conversion(proportion(won, len(decided)), won, len(decided), still_open)


@dataclass(frozen=True, slots=True)
class Wanted:
    """From when on something was waited for (first contact, start of the contract), and when it came."""

    who: Hashable
    began: datetime
    reached: datetime | None = None


def time_until(waiting: Iterable[Wanted], as_of: datetime) -> Curve:
    """How long it takes, in days: to the first payment, or to the first value. Read the curve's median.

    Those who still wait at `as_of` are taken as far as they came. Leaving them out would count only the
    quick and name a time too short.
    """
    waits = (since(one.began, one.reached, as_of) for one in waiting)
    return kaplan_meier(wait for wait in waits if wait is not None)
