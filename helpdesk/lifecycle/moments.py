"""The moments at which something was new about a customer, whatever time alone may add."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from helpdesk.lifecycle.archive import KINDS
from helpdesk.lifecycle.bygone import Bygone
from helpdesk.lifecycle.decided import locks
from helpdesk.lifecycle.flipping import WEEK, week_after
from helpdesk.lifecycle.locks import RESPECT_FOR
from helpdesk.lifecycle.models import Cause
from helpdesk.timeline import Kind

# No rule on stages reads these.
_UNREAD = frozenset({Kind.CUE_ANSWERED, Kind.HELP_SEARCHED, Kind.ARTICLE_READ, Kind.ARTICLE_VOTED})
READ = tuple(kind for kind in KINDS if kind not in _UNREAD)
_AN_INSTANT = timedelta(microseconds=1)


def moments(known: Bygone, since: datetime, until: datetime) -> set[datetime]:
    """Every moment from `since` up to `until`, these two among them, at which the rules have to be asked."""
    found = {since, until}
    found.update(at for at in _of_facts(known) if since <= at <= until)
    for at in (*_of_plans(known), *_of_tickets(known), *_of_people(known)):
        if at is not None and since <= at <= until:
            found.add(at)
    return found


def _of_facts(known: Bygone) -> Iterator[datetime]:
    """Each fact at its moment; days of use once a week, but where use begins again at once."""
    used_at = None
    for event in known.events:
        at = event.occurred_at
        if event.kind is Kind.USAGE_REPORTED:
            is_news = used_at is None or at - used_at > WEEK
            used_at = at
            yield at if is_news else week_after(at)
        elif event.kind not in _UNREAD:
            yield at


def _of_plans(known: Bygone) -> Iterator[Any]:
    for plan in known.plans:
        yield from (plan.started_at, plan.paid_from, plan.trial_ends_at, plan.ended_at, plan.renews_at)


def _of_tickets(known: Bygone) -> Iterator[Any]:
    for ticket in known.tickets:
        yield ticket.opened_at
        if ticket.reply_due_at is not None:
            yield ticket.reply_due_at + _AN_INSTANT


def _of_people(known: Bygone) -> Iterator[Any]:
    for stay in known.stays:
        yield stay.entered_at
        if stay.cause is Cause.MANUAL:
            yield stay.recorded_at + RESPECT_FOR
    for overlay in known.overlays:
        if overlay.cause is not Cause.RULE:
            yield from (overlay.opened_at, overlay.closed_at)
    for begun, ended in locks(known.events):
        yield from (begun, ended)
