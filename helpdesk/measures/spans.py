"""The time that measures speak of: windows, stretches of a customer's life. Moments know their zone."""

from collections.abc import Hashable
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


def days(length: timedelta) -> float:
    """A length of time in days of 24 hours."""
    return length / timedelta(days=1)
