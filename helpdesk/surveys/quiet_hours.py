"""When people are left in peace: at night and on holidays. Pure."""

from datetime import datetime, time, timedelta

from helpdesk.core.hours import is_japanese_holiday
from helpdesk.core.i18n import local


def quiet_until(at: datetime, hours: str, *, has_holidays: bool = True) -> datetime | None:
    """When the quiet ends that `at` falls into; None where it falls into none.

    hours: "20-9" is quiet from 20:00 until 9:00 by the workspace's clock; empty is never quiet.
    has_holidays: whether Japan's national holidays are quiet all day.
    """
    if not hours:
        return None
    begin, end = (int(hour) for hour in hours.split("-"))
    moment = local(at)
    if not _is_quiet(moment, begin, end, has_holidays):
        return None
    while _is_quiet(moment, begin, end, has_holidays):
        moment = _next(moment, end)
    return moment


def _is_quiet(moment: datetime, begin: int, end: int, has_holidays: bool) -> bool:
    night = begin <= moment.hour < end if begin <= end else moment.hour >= begin or moment.hour < end
    return night or (has_holidays and is_japanese_holiday(moment.date()))


def _next(moment: datetime, end: int) -> datetime:
    """The next time that the clock shows the full hour `end`."""
    day = moment.date() + timedelta(days=moment.hour >= end)
    return datetime.combine(day, time(end), tzinfo=moment.tzinfo)
