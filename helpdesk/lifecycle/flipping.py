"""When time alone could change what a rule says: the days on which the past has to be looked at again."""

from datetime import UTC, datetime, timedelta
from typing import Any

from helpdesk.core.predicates import Answer
from helpdesk.lifecycle.catalogue import CATALOGUE
from helpdesk.lifecycle.facts import Facts
from helpdesk.lifecycle.fields import DAYS
from helpdesk.timeline import Kind

DAY, WEEK = timedelta(days=1), timedelta(days=7)
_START = datetime(1970, 1, 5, tzinfo=UTC)
_HEALTH = frozenset({"health", "health_coverage", "days_health_below_40"})
# What falls out of sight by and by, a clause of which looks back so many days.
_AGEING: dict[str, tuple[tuple[Kind, ...], int]] = {
    "low_csat_60d": ((Kind.SURVEY_ANSWERED,), 60),
    "nps_180d": ((Kind.SURVEY_ANSWERED,), 180),
    "open_trouble": ((Kind.SURVEY_ANSWERED,), 30),
    "contracted_90d": ((Kind.SUBSCRIPTION_CHANGED,), 90),
    "reopens_90d": ((Kind.TICKET_REOPENED,), 90),
}
_TICKETS = {"tickets_28d": 28, "same_topic_28d": 28, "writers_90d": 90, "breached_90d": 90}


def day_after(at: datetime) -> datetime:
    """The first day step at `at` or later. All steps are the same whenever they are asked for."""
    return _START - ((_START - at) // DAY) * DAY


def week_after(at: datetime) -> datetime:
    """The first weekly step later than `at`."""
    return _START + ((at - _START) // WEEK + 1) * WEEK


def flips(answer: Answer, facts: Facts) -> datetime | None:
    """The next day step on which `answer` could be another one without any new fact; None for never."""
    name, seen, at = answer.clause.field, answer.seen.value, facts.at
    if name in _HEALTH and facts.customer.health is not None:
        # A score drifts slowly, and each look costs.
        return week_after(at)
    if seen is None or isinstance(seen, str):
        return None
    if name in _AGEING:
        kinds, days = _AGEING[name]
        return _aged([event.occurred_at for event in facts.told(*kinds)], days, at)
    if name in _TICKETS:
        return _aged([ticket.opened_at for ticket in facts.tickets], _TICKETS[name], at)
    if name == "active_days_28":
        return _aged([day.occurred_at for day in facts.usage], 28, at)
    if not isinstance(seen, (int, float)) or isinstance(seen, bool):
        return None
    return _counted(answer, seen, facts)


def _counted(answer: Answer, seen: float, facts: Facts) -> datetime | None:
    """Of what grows, or shrinks, by one each day, hour or usual gap."""
    name, at = answer.clause.field, facts.at
    if name == "order_silence":
        since = at - facts.told(Kind.ORDER_PAID)[0].occurred_at
        waits = [since / seen * (mark - seen) for mark in _marks(answer) if mark > seen > 0]
        return day_after(at + min(waits)) if waits else None
    unit = CATALOGUE[name].unit
    if unit == "hours":
        hours = [timedelta(hours=mark - seen) for mark in _marks(answer) if mark > seen]
        return at + min(hours) if hours else None
    if unit != DAYS:
        return None
    shrinks = name == "days_to_renewal"
    ahead = [abs(mark - seen) for mark in _marks(answer) if (mark < seen if shrinks else mark > seen)]
    # Whole days are counted: the change comes within the day before, and is then looked for once more.
    return max(day_after(at + timedelta(days=min(ahead) - 1)), _next_step(at)) if ahead else None


def _marks(answer: Answer) -> list[float]:
    """The values at which the verdict can turn."""
    wanted: Any = answer.clause.wanted
    marks = wanted if isinstance(wanted, list) else [wanted]
    numbers = [mark for mark in marks if isinstance(mark, (int, float))]
    return [*numbers, *(mark + 1 for mark in numbers)]


def _aged(moments: list[datetime], days: int, at: datetime) -> datetime | None:
    passing = [moment + timedelta(days=days) for moment in moments]
    ahead = [moment for moment in passing if moment > at]
    return day_after(min(ahead)) if ahead else None


def _next_step(at: datetime) -> datetime:
    return day_after(at + timedelta(microseconds=1))
