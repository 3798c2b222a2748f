"""When the support desk of the demo company is open: weekdays nine to six, but no holidays."""

from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from helpdesk.core.hours import is_japanese_holiday

ZONE = ZoneInfo("Asia/Tokyo")
OPENS, CLOSES = time(9), time(18)
# The house is closed over New Year, as (month, day).
_CLOSED = {(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)}


def next_open(at: datetime) -> datetime:
    """`at` where the desk is open then, else the next opening."""
    local = at.astimezone(ZONE)
    if is_workday(local.date()) and OPENS <= local.time() < CLOSES:
        return at
    day = local.date() if local.time() < OPENS else local.date() + timedelta(days=1)
    while not is_workday(day):
        day += timedelta(days=1)
    return datetime.combine(day, OPENS, ZONE).astimezone(at.tzinfo)


def after(at: datetime, minutes: float) -> datetime:
    """The moment when the desk has been open for so many minutes since `at`."""
    at, left = next_open(at), timedelta(minutes=minutes)
    while True:
        closes = datetime.combine(at.astimezone(ZONE).date(), CLOSES, ZONE).astimezone(at.tzinfo)
        if at + left < closes:
            return at + left
        left -= closes - at
        at = next_open(closes)


@cache
def is_workday(day: date) -> bool:
    """Whether the desk opens on this day at all."""
    return day.weekday() < 5 and (day.month, day.day) not in _CLOSED and not is_japanese_holiday(day)
