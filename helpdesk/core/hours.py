"""Business time: when we work, and how much of that lies between two moments."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

# A calendar that never opens is found out after so many days, not searched for ever.
FURTHEST = 366 * 3

# From and until, minutes after local midnight: (540, 720) is 9:00 to 12:00, (0, 1440) the whole day.
Span = tuple[int, int]


class NeverOpen(ValueError):
    """The calendar has no open time within three years."""


@dataclass(frozen=True)
class Hours:
    """When a team works.

    week: spans of each weekday, Monday is 0, in order; a day left out is closed.
    closures: single days off. yearly_closures: days off every year, as (month, day).
    japanese_holidays: whether public holidays of Japan are off.
    """

    zone: ZoneInfo
    week: Mapping[int, tuple[Span, ...]]
    closures: frozenset[date] = field(default_factory=frozenset)
    yearly_closures: frozenset[tuple[int, int]] = field(default_factory=frozenset)
    japanese_holidays: bool = False

    def is_open(self, at: datetime) -> bool:
        """Whether somebody works at that moment."""
        return any(opens <= at < closes for opens, closes in self._spans(self._day(at)))

    def add(self, at: datetime, worked: timedelta) -> datetime:
        """The moment by which `worked` of business time has passed since `at`. Raises `NeverOpen`."""
        left, day = worked, self._day(at)
        for _ in range(FURTHEST):
            for opens, closes in self._spans(day):
                begins = max(opens, at.astimezone(UTC))
                if begins < closes:
                    if left <= closes - begins:
                        return begins + left
                    left -= closes - begins
            day += timedelta(days=1)
        raise NeverOpen

    def between(self, begins: datetime, ends: datetime) -> timedelta:
        """The business time from one moment to another; negative where `ends` comes first."""
        if ends < begins:
            return -self.between(ends, begins)
        total, day = timedelta(), self._day(begins)
        while day <= self._day(ends):
            for opens, closes in self._spans(day):
                total += max(timedelta(), min(closes, ends) - max(opens, begins))
            day += timedelta(days=1)
        return total

    def _day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def _spans(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        if self._is_off(day):
            return
        for opens, closes in self.week.get(day.weekday(), ()):
            yield self._moment(day, opens), self._moment(day, closes)

    def _moment(self, day: date, minutes: int) -> datetime:
        """In UTC: a clock change makes a day longer or shorter, and the spans with it."""
        day += timedelta(days=minutes // 1440)
        clock = time(minutes % 1440 // 60, minutes % 60)
        return datetime.combine(day, clock, self.zone).astimezone(UTC)

    def _is_off(self, day: date) -> bool:
        if day in self.closures or (day.month, day.day) in self.yearly_closures:
            return True
        return self.japanese_holidays and is_japanese_holiday(day)


@lru_cache(maxsize=4096)
def is_japanese_holiday(day: date) -> bool:
    """Whether it is a public holiday of Japan."""
    # Its tables cost 35 ms: paid by the few who reckon, not by every start.
    import jpholiday  # noqa: PLC0415

    return bool(jpholiday.is_holiday(day))
