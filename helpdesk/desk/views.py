"""The agent's pages, and the stream that keeps them fresh."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, render_template, request

from helpdesk.accounts.models import Team
from helpdesk.accounts.permissions import me, staff_only
from helpdesk.core import streaming
from helpdesk.core.db import db
from helpdesk.desk import inbox as boxes
from helpdesk.desk import ticket_page
from helpdesk.desk.rows import rows, stage_names
from helpdesk.lifecycle.reading import strip
from helpdesk.tickets.filters import Filters
from helpdesk.tickets.happenings import happenings
from helpdesk.tickets.models import Ticket

bp = Blueprint("desk", __name__)
staff_only(bp)


@bp.get("/desk")
def inbox() -> str:
    """One view of the inbox; an unknown one is one's own tickets."""
    view = request.args.get("view", "")
    view = view if view in boxes.VIEWS else "mine"
    filters = Filters.of(request.args)
    page = boxes.read(me(), view, filters, boxes.Place.of(request.args.get("from", "")))
    stages = stage_names()
    return render_template(
        "desk/inbox.html",
        view=view,
        filters=filters,
        page=page,
        rows=rows(page.rows, stages),
        counts=boxes.counts(me()),
        stages=stages,
        teams=_teams(),
    )


@bp.get("/desk/tickets/<int:number>")
def ticket(number: int) -> str:
    asked = {name: request.args.get(name, type=int) for name in ("before", "draft")}
    page = ticket_page.read(number, me(), **asked)
    return render_template("desk/ticket.html", page=page, ticket=page.ticket)


@bp.get("/desk/tickets/<int:number>/strip")
def ticket_strip(number: int) -> str:
    """The ten seconds above a ticket; asked again whenever the ticket has news."""
    found = db.one_or_404(Ticket.visible_to(me()).where(Ticket.id == number))
    ties = [each for each in happenings(found) if each.other]
    return render_template("lifecycle/_strip.html", strip=strip(found), ties=ties)


@bp.get("/events")
def events() -> Response:
    """Signals for an agent's pages: names of what has news, never what the news is."""
    topics = frozenset(filter(None, request.args.get("topics", "").split(",")))
    return streaming.answer(topics, request.headers.get("Last-Event-ID", type=int))


def _teams() -> Sequence[Any]:
    """The teams whose tickets one sees, as (id, name), to filter by."""
    return db.session.execute(Team.visible_to(me()).with_only_columns(Team.id, Team.name)).all()
