"""The time that measures speak of: windows, stretches of a customer's life. Moments know their zone."""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Window:
    """From a moment on, up to but without another."""

    since: datetime
    until: datetime

    def __post_init__(self) -> None:
        if self.until <= self.since:
            raise ValueError(f"a window ends after it begins: {self.since} to {self.until}")

    def __contains__(self, at: datetime) -> bool:
        return self.since <= at < self.until


@dataclass(frozen=True, slots=True)
class Stretch:
    """For how long one customer was something: under contract, on a stage. None as end: still is."""

    who: Hashable
    since: datetime
    until: datetime | None = None

    def covers(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)


def unbroken(stretches: Iterable[Stretch], grace: timedelta = timedelta()) -> list[Stretch]:
    """Each customer's stretches, those that overlap or meet joined to one: a renewal is no new beginning.

    Each lasts `grace` longer than it says, and may meet the next in that time.
    """
    of_each: dict[Hashable, list[Stretch]] = defaultdict(list)
    for one in sorted(stretches, key=lambda stretch: stretch.since):
        until = None if one.until is None else one.until + grace
        own = of_each[one.who]
        last = own[-1] if own else None
        if last and (last.until is None or one.since <= last.until):
            ends = [end for end in (last.until, until) if end is not None]
            own[-1] = Stretch(one.who, last.since, max(ends) if len(ends) == 2 else None)
        else:
            own.append(Stretch(one.who, one.since, until))
    return [stretch for own in of_each.values() for stretch in own]


def days(length: timedelta) -> float:
    """A length of time in days of 24 hours."""
    return length / timedelta(days=1)
