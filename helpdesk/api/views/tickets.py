"""Tickets: read, opened, changed, resolved."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, Select, exists, select, union_all
from sqlalchemy.orm import joinedload

from helpdesk.accounts.models import Team
from helpdesk.api import paging
from helpdesk.api.problems import Problem
from helpdesk.api.routes import etag, expect, route
from helpdesk.api.shapes.customers import assignable
from helpdesk.api.shapes.tickets import TicketIn, TicketList, TicketOut, TicketPatch, TicketQuery, tickets_out
from helpdesk.api.tokens import caller
from helpdesk.core.db import db
from helpdesk.customers.models import Contact
from helpdesk.tickets.kinds import Status
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import TicketTag

Shown = tuple[TicketOut, dict[str, str]]


@route("/v1/tickets", "GET", _("List tickets"), query=TicketQuery, out=TicketList)
def index(query: TicketQuery) -> TicketList:
    shown, last = paging.cut(_listed(query), query.limit)
    following = paging.mark(last.updated_at, last.id) if last else None
    return TicketList(items=tickets_out(shown), next=following)


@route("/v1/tickets", "POST", _("Open a ticket"), body=TicketIn, out=TicketOut, status=201, scope="write")
def create(body: TicketIn) -> Shown:
    asked = body.requester
    ticket = Ticket.open_for(
        Contact.meet(asked.email, asked.name, language=asked.language, source="api"),
        subject=body.subject,
        via=body.channel,
        priority=body.priority,
        team=_team(body.team) if body.team else None,
    )
    ticket.hear(body.body)
    ticket.opened(by_agent=caller().id)
    ticket.tag(body.tags, by=caller())
    return _shown(ticket, {"Location": url_for("api.tickets_show", number=ticket.id)})


@route("/v1/tickets/<int:number>", "GET", _("Read a ticket"), out=TicketOut)
def show(number: int) -> Shown:
    return _shown(visible(number))


@route(
    "/v1/tickets/<int:number>", "PATCH", _("Change a ticket"), body=TicketPatch, out=TicketOut, scope="write"
)
def change(number: int, body: TicketPatch) -> Shown:
    ticket = visible(number)
    expect(ticket.version)
    if "assignee" in body:
        ticket.assign(_assignee(body["assignee"]), by=caller())
    if "tags" in body:
        ticket.tag(body["tags"], by=caller())
    ticket.change(by=caller(), **_plain(body))
    if "status" in body:
        ticket.put(body["status"], by=caller())
    return _shown(ticket)


@route("/v1/tickets/<int:number>/resolution", "POST", _("Resolve a ticket"), out=TicketOut, scope="write")
def resolve(number: int) -> Shown:
    ticket = visible(number)
    ticket.resolve(by=caller())
    return _shown(ticket)


def visible(number: int) -> Ticket:
    """The ticket, or 404: what the token's agent may not see does not exist for them."""
    found: Ticket = db.one_or_404(Ticket.visible_to(caller()).where(Ticket.id == number))
    return found


def _shown(ticket: Ticket, headers: dict[str, str] | None = None) -> Shown:
    db.session.flush()  # the version is counted by the write
    return tickets_out([ticket])[0], {**etag(ticket.version), **(headers or {})}


def _listed(query: TicketQuery) -> Sequence[Ticket]:
    """One row more than asked for, so that it is known whether there are more."""
    place = paging.place(query.cursor, datetime, int)
    statuses = [query.status] if query.status else list(Status)
    if query.customer:  # few enough to be sorted
        pieces = [_piece(query, Ticket.status.in_(statuses), place)]
    else:  # each piece comes in order from the index of its status
        pieces = [_piece(query, Ticket.status == status, place) for status in statuses]
    ids = union_all(*(select(piece.subquery().c.id) for piece in pieces))
    whole = joinedload(Ticket.customer), joinedload(Ticket.contact), joinedload(Ticket.team)
    found = select(Ticket).where(Ticket.id.in_(ids)).options(*whole, joinedload(Ticket.assignee))
    return db.session.scalars(_in_order(query, found)).all()


def _piece(query: TicketQuery, status: ColumnElement[bool], place: tuple[Any, ...] | None) -> Select[Any]:
    chosen = {
        Ticket.customer_id: query.customer,
        Ticket.assignee_id: query.assignee,
        Ticket.team_id: query.team,
        Ticket.priority: query.priority,
        Ticket.channel: query.channel,
    }
    found = Ticket.visible_to(caller()).where(status).with_only_columns(Ticket.id)
    found = found.where(*(column == value for column, value in chosen.items() if value is not None))
    if query.tag is not None:
        name = query.tag.strip().lower().replace("\0", "")
        found = found.where(exists().where(TicketTag.ticket_id == Ticket.id, TicketTag.name == name))
    if query.updated_since:
        found = found.where(Ticket.updated_at >= query.updated_since)
    if place:
        beyond = paging.after if query.updated_since else paging.before
        found = found.where(beyond(Ticket.updated_at, Ticket.id, place))  # type: ignore[arg-type]
    return _in_order(query, found)


def _in_order(query: TicketQuery, found: Select[Any]) -> Select[Any]:
    order = (Ticket.updated_at, Ticket.id)
    newest_first = (column.desc() for column in order)
    return found.order_by(*(order if query.updated_since else newest_first)).limit(query.limit + 1)


def _plain(body: TicketPatch) -> dict[str, Any]:
    given: dict[str, Any] = {**body}
    plain = {name: given[name] for name in ("priority", "subject", "topic") if name in given}
    return plain | ({"team": _team(given["team"])} if "team" in given else {})


def _team(given: int | str) -> Team:
    is_it = Team.id == given if isinstance(given, int) else Team.name == given
    team = db.session.scalar(select(Team).where(is_it))
    if team is None:
        raise Problem(422, "invalid", fields=[("team", "There is no such team.")])
    return team


def _assignee(given: int | str | None) -> Any:
    agent = assignable(caller(), given) if given is not None else None
    if given is not None and agent is None:
        raise Problem(422, "invalid", fields=[("assignee", "There is no such colleague.")])
    return agent
