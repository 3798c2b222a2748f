"""What rules may ask about the tickets of a customer."""

from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l

from helpdesk.core.predicates import Fields, Seen, Type
from helpdesk.lifecycle.facts import Facts
from helpdesk.lifecycle.fields import FIELDS as VOICE
from helpdesk.lifecycle.fields import source
from helpdesk.tickets.kinds import Status
from helpdesk.tickets.service_levels import is_late
from helpdesk.timeline import Kind

FIELDS: Fields[Facts] = Fields()


@FIELDS.field("open_tickets", Type.NUMBER, _l("Open tickets"))
def _open_tickets(facts: Facts) -> Seen:
    return count(open_tickets(facts))


@FIELDS.field("tickets_28d", Type.NUMBER, _l("Tickets in 28 days"))
def _tickets_28d(facts: Facts) -> Seen:
    return count([t for t in facts.tickets if t.opened_at > facts.at - timedelta(days=28)])


@FIELDS.field("same_topic_28d", Type.NUMBER, _l("Tickets on one topic in 28 days"))
def _same_topic_28d(facts: Facts) -> Seen:
    topics: dict[str, list[Any]] = {}
    for ticket in facts.tickets:
        if ticket.topic and ticket.opened_at > facts.at - timedelta(days=28):
            topics.setdefault(ticket.topic, []).append(ticket)
    return count(max(topics.values(), key=len, default=[]))


@FIELDS.field("writers_90d", Type.NUMBER, _l("People who wrote in 90 days"))
def _writers_90d(facts: Facts) -> Seen:
    recent = [t for t in facts.tickets if t.opened_at > facts.at - timedelta(days=90)]
    newest = {ticket.contact_id: ticket for ticket in reversed(recent)}
    return count(list(newest.values()))


@FIELDS.field("reopens_90d", Type.NUMBER, _l("Reopened in 90 days"))
def _reopens_90d(facts: Facts) -> Seen:
    since = facts.at - timedelta(days=90)
    again = [event for event in facts.told(Kind.TICKET_REOPENED) if event.occurred_at > since]
    return Seen(len(again), tuple(map(source, again)))


@FIELDS.field("breached_90d", Type.NUMBER, _l("First replies that came late, 90 days"))
def _breached_90d(facts: Facts) -> Seen:
    recent = [t for t in facts.tickets if t.opened_at > facts.at - timedelta(days=90)]
    return count([ticket for ticket in recent if is_late(ticket, facts.at)])


@FIELDS.field("breached_open", Type.FLAG, _l("An open ticket is past its time"))
def _breached_open(facts: Facts) -> Seen:
    return some([t for t in open_tickets(facts) if t.first_replied_at is None and is_late(t, facts.at)])


@FIELDS.field("reopened_open", Type.FLAG, _l("An open ticket was reopened"))
def _reopened_open(facts: Facts) -> Seen:
    return some([ticket for ticket in open_tickets(facts) if ticket.cycle > 1])


@FIELDS.field("waiting_on_us_hours", Type.NUMBER, _l("Hours they wait for us"), "hours")
def _waiting_on_us_hours(facts: Facts) -> Seen:
    """The longest wait of an open ticket, calendar hours; 0 where nobody waits."""
    waiting = [ticket for ticket in open_tickets(facts) if ticket.waiting_since]
    if not waiting:
        return Seen(0)
    longest = min(waiting, key=lambda ticket: ticket.waiting_since)
    return Seen((facts.at - longest.waiting_since) / timedelta(hours=1), (source(longest, "tickets"),))


@FIELDS.field("open_trouble", Type.FLAG, _l("Open trouble"))
def _open_trouble(facts: Facts) -> Seen:
    """A ticket past its time or reopened, or a bad rating in the last 30 days."""
    late, again, bad = (
        _breached_open(facts),
        _reopened_open(facts),
        VOICE["days_since_bad_answer"].read(facts),
    )
    is_sore = isinstance(bad.value, int) and bad.value < 30
    sources = (*late.sources, *again.sources, *(bad.sources if is_sore else ()))
    return Seen(bool(late.value or again.value or is_sore), sources)


def open_tickets(facts: Facts) -> list[Any]:
    return [ticket for ticket in facts.tickets if ticket.status is not Status.RESOLVED]


def count(tickets: list[Any]) -> Seen:
    return Seen(len(tickets), tuple(source(ticket, "tickets") for ticket in tickets))


def some(tickets: list[Any]) -> Seen:
    return Seen(bool(tickets), tuple(source(ticket, "tickets") for ticket in tickets))
