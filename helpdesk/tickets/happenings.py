"""What happened to a ticket between its messages, as one line each, read from the timeline."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Row, exists, select
from sqlalchemy.orm import aliased

from helpdesk.accounts.models import Agent
from helpdesk.core.db import db
from helpdesk.customers.models import Contact
from helpdesk.tickets import ties
from helpdesk.tickets.models import Ticket
from helpdesk.timeline import Event, Kind

SHOWN = (
    *(Kind.TICKET_ASSIGNED, Kind.TICKET_CHANGED, Kind.TICKET_TIED),
    *(Kind.TICKET_RESOLVED, Kind.TICKET_REOPENED),
)
# The newest of them; a ticket with more has been handed round by a rule.
MOST = 100

_ICONS = {
    Kind.TICKET_ASSIGNED: "user-plus",
    Kind.TICKET_CHANGED: "sliders-horizontal",
    Kind.TICKET_RESOLVED: "circle-check",
    Kind.TICKET_REOPENED: "rotate-ccw",
    Kind.TICKET_TIED: "link",
}


@dataclass(frozen=True)
class Happening:
    """One line; `id` is the event that is its evidence."""

    id: int
    at: datetime
    icon: str
    words: str
    # The number of another ticket that it tells of; None for what is this ticket's alone.
    other: int | None = None


def happenings(
    ticket: Ticket,
    *,
    after: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Happening]:
    """The newest of them, oldest first: after an event's number, or within two moments."""
    told = (Event.id, Event.kind, Event.occurred_at, Event.details)
    columns = (*told, Agent.name, Contact.name.label("contact"))
    found = (
        select(*columns)
        .outerjoin(Agent, Agent.id == Event.agent_id)
        .outerjoin(Contact, Contact.id == Event.contact_id)
        .where(Event.ticket_id == ticket.id, Event.kind.in_(SHOWN))
    )
    if after is not None:
        found = found.where(Event.id > after)
    if since is not None:
        found = found.where(Event.occurred_at >= since)
    if until is not None:
        found = found.where(Event.occurred_at <= until)
    rows = db.session.execute(found.order_by(Event.id.desc()).limit(MOST)).all()[::-1]
    names = _names(rows)
    return [_line(row, names) for row in rows]


def _names(rows: Sequence[Row[Any]]) -> dict[int, str]:
    """The agents into whose hands it was given."""
    wanted = {row.details.get("after") for row in rows if row.kind is Kind.TICKET_ASSIGNED} - {None}
    if not wanted:
        return {}
    found = select(Agent.id, Agent.name).where(Agent.id.in_(wanted))
    return {row.id: row.name for row in db.session.execute(found)}


def _line(row: Row[Any], names: dict[int, str]) -> Happening:
    other = row.details["ticket"] if row.kind is Kind.TICKET_TIED else None
    return Happening(row.id, row.occurred_at, _ICONS[row.kind], _words(row, names), other)


def _words(row: Row[Any], names: dict[int, str]) -> str:
    if row.kind is Kind.TICKET_TIED:
        return ties.words(row.details)
    who = row.name or row.contact
    if row.kind is Kind.TICKET_RESOLVED:
        return str(_("Resolved by %(who)s", who=who) if who else _("Resolved automatically"))
    if row.kind is Kind.TICKET_REOPENED:
        return str(_("Reopened by %(who)s", who=who) if who else _("Reopened"))
    if row.kind is Kind.TICKET_ASSIGNED:
        return _assigned(who, names.get(row.details.get("after", 0)))
    facts = str(_(", ")).join(fact_name(name) for name in row.details.get("changed", ()))
    return str(_("%(who)s changed: %(facts)s", who=who or _("A rule"), facts=facts))


def _assigned(who: str | None, to: str | None) -> str:
    if to is None:
        return str(_("Put back by %(who)s", who=who) if who else _("Put back"))
    if who in (None, to):
        return str(_("Taken by %(whom)s", whom=to) if who else _("Assigned to %(whom)s", whom=to))
    return str(_("Assigned to %(whom)s by %(who)s", whom=to, who=who))


def may_be_seen_by(viewer: Agent) -> ColumnElement[bool]:
    """Whether an event is of no ticket, or of one that `viewer` may see: for every list of events.

    Looked up ticket by ticket: to list all that the viewer may see would take longer than a page of events.
    """
    theirs = aliased(Ticket, Ticket.visible_to(viewer).subquery())
    return Event.ticket_id.is_(None) | exists().where(theirs.id == Event.ticket_id)


def fact_name(name: str) -> str:
    """What people call a fact of a ticket that can be changed."""
    words: dict[str, str] = {
        "status": _("status"),
        "priority": _("priority"),
        "team": _("team"),
        "subject": _("subject"),
        "topic": _("topic"),
        "tags": _("tags"),
    }
    return words.get(name, name)
