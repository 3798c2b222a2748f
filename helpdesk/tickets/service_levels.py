"""When a first reply is due, how much time is left, and whether it came late. Targets are handed in."""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from flask import current_app

from helpdesk.core.clock import now
from helpdesk.core.hours import Hours
from helpdesk.core.i18n import zone
from helpdesk.tickets.models import Ticket

# Where nothing says otherwise: one working day.
REPLY_WITHIN = timedelta(hours=8)

_DAY = ((9 * 60, 12 * 60), (13 * 60, 18 * 60))
_YEAR_END = frozenset({(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)})


def business_hours() -> Hours:
    """When we answer: weekdays 9 to 12 and 13 to 18 of the workspace's zone, but not on Japanese holidays."""
    return _hours(current_app.config["HELPDESK_TIMEZONE"])


def answers_again_at() -> datetime | None:
    """When somebody works again; None while somebody does."""
    opens = business_hours().add(now(), timedelta())
    return opens if opens > now() else None


def usual_reply_by(asked_at: datetime) -> datetime:
    """When whoever asked then has a first reply, by what the house promises to everybody."""
    return business_hours().add(asked_at, REPLY_WITHIN)


def promise_reply(ticket: Ticket, within: timedelta) -> None:
    """Let the first reply be due after `within` of business time; reckoned once, in today's calendar."""
    if ticket.first_replied_at is None:
        ticket.reply_due_at = business_hours().add(ticket.opened_at, within)


def due_in(reply_due_at: datetime | None, first_replied_at: datetime | None) -> timedelta | None:
    """Business time left to the first reply, negative where it is late; None where none is due any more."""
    if reply_due_at is None or first_replied_at is not None:
        return None
    return business_hours().between(now(), reply_due_at)


def is_late(ticket: Any, at: datetime) -> bool:
    """Whether the first reply came after it was due, or is overdue. ticket: one, or a row of its columns."""
    return ticket.reply_due_at is not None and (ticket.first_replied_at or at) > ticket.reply_due_at


@lru_cache(maxsize=8)
def _hours(_zone_name: str) -> Hours:
    week = dict.fromkeys(range(5), _DAY)
    return Hours(zone(), week, yearly_closures=_YEAR_END, japanese_holidays=True)
