"""When a planned answer goes out: a ready choice or a moment of one's own, in the workspace's time."""

from datetime import datetime, time, timedelta

from flask_babel import gettext as _

from helpdesk.core.clock import now
from helpdesk.core.i18n import local, zone

# When a day's work begins.
MORNING = time(9, 0)
IN_HOURS = timedelta(hours=2)
LONGEST = timedelta(days=366)
WAYS = ("hours", "tomorrow", "monday", "at")


class NoSuchTime(ValueError):
    """No answer can go out then; the message says why, in the reader's words."""


def time_of(way: str, written: str = "") -> datetime | None:
    """The moment of one of `WAYS`, None for any other; `written` is that of "at": 2026-09-21T09:00.

    Raises `NoSuchTime`.
    """
    if way == "hours":
        return now() + IN_HOURS
    if way == "tomorrow":
        return _morning_in(1)
    if way == "monday":
        return _morning_in(7 - local(now()).weekday())
    return _at(written) if way == "at" else None


def _morning_in(days: int) -> datetime:
    day = local(now()).date() + timedelta(days=days)
    return datetime.combine(day, MORNING, tzinfo=zone())


def _at(written: str) -> datetime:
    try:
        at = datetime.fromisoformat(written)
    except ValueError as error:
        raise NoSuchTime(_("Choose a day and a time.")) from error
    at = at.replace(tzinfo=at.tzinfo or zone())
    if at <= now():
        raise NoSuchTime(_("This time has passed: choose a later one."))
    if at > now() + LONGEST:
        raise NoSuchTime(_("An answer can be scheduled up to a year ahead."))
    return at
