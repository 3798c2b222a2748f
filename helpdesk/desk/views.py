"""The agent's pages, and the stream that keeps them fresh."""

from flask import Blueprint, Response, render_template, request
from sqlalchemy import select

from helpdesk.accounts.models import Team
from helpdesk.accounts.permissions import me, staff_only
from helpdesk.core import streaming
from helpdesk.core.db import db
from helpdesk.desk import inbox as boxes
from helpdesk.desk import ticket_page
from helpdesk.desk.rows import rows, stage_names
from helpdesk.tickets.filters import Filters

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
    page = ticket_page.read(number, me(), before=request.args.get("before", type=int))
    return render_template("desk/ticket.html", page=page, ticket=page.ticket)


@bp.get("/events")
def events() -> Response:
    """Signals for an agent's pages: names of what has news, never what the news is."""
    topics = frozenset(filter(None, request.args.get("topics", "").split(",")))
    return streaming.answer(topics, request.headers.get("Last-Event-ID", type=int))


def _teams() -> list[tuple[int, str]]:
    """The teams whose tickets one sees, as one may filter by them."""
    if me().sees_all:
        return [
            (row.id, row.name) for row in db.session.execute(select(Team.id, Team.name).order_by(Team.name))
        ]
    return [(team.id, team.name) for team in me().teams]
