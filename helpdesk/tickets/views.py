"""A ticket's nouns: each change of a ticket is a POST of one, and its files and lines are read here."""

from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response as BaseResponse

from helpdesk.accounts.models import Agent, Team
from helpdesk.accounts.permissions import me, staff_only
from helpdesk.core.db import db, reading
from helpdesk.core.files import serve
from helpdesk.core.text import one_line
from helpdesk.core.web import Answer, answer, go
from helpdesk.tickets import lines as thread
from helpdesk.tickets import once
from helpdesk.tickets.choices import choices, teams
from helpdesk.tickets.forms import LONGEST_SUBJECT, LONGEST_TOPIC, NewTicketForm
from helpdesk.tickets.frames import FRAME_POLICY, framed
from helpdesk.tickets.kinds import Priority, Status
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.opening import open_by
from helpdesk.tickets.thread import Attachment, Message

bp = Blueprint("tickets", __name__, url_prefix="/desk/tickets")
staff_only(bp)


@bp.get("/new")
def new() -> str:
    return render_template("tickets/new.html", form=NewTicketForm().offer(teams()))


@bp.post("")
def create() -> Answer:
    form = NewTicketForm().offer(teams())
    if not form.validate():
        return render_template("tickets/new.html", form=form), 422
    mark = once.mark_of(None, writer=me())
    place = page_of(once.opened(mark) or open_by(me(), form, once=mark))
    db.session.commit()
    return go(place)


@bp.post("/<int:number>/resolution")
def resolve(number: int) -> Answer:
    ticket = visible(number)
    ticket.resolve(by=me())
    db.session.commit()
    return _changed(ticket)


@bp.post("/<int:number>/reopening")
def reopen(number: int) -> Answer:
    ticket = visible(number)
    ticket.reopen(by=me())
    db.session.commit()
    return _changed(ticket)


@bp.post("/<int:number>/assignment")
def assign(number: int) -> Answer:
    """Give it to a colleague one may see, or to nobody."""
    ticket = visible(number)
    chosen = request.form.get("assignee", default=0, type=int)
    agent = db.one_or_404(Agent.visible_to(me()).where(Agent.id == chosen)) if chosen else None
    ticket.assign(agent, by=me())
    db.session.commit()
    return _changed(ticket)


@bp.post("/<int:number>/particulars")
def change(number: int) -> Answer:
    """Set what the form holds, and nothing else, so that two people who change different facts both win."""
    ticket = visible(number)
    if status := request.form.get("status", type=Status):
        ticket.put(status, by=me())
    ticket.change(by=me(), **_particulars())
    db.session.commit()
    return _changed(ticket)


@bp.post("/<int:number>/tags")
def tag(number: int) -> Answer:
    ticket = visible(number)
    ticket.tag(request.form.get("tags", "")[:500].replace("、", ",").split(","), by=me())
    db.session.commit()
    return _changed(ticket)


@bp.get("/<int:number>/lines")
def lines(number: int) -> Answer:
    """News of the thread, 204 where there is none; or, with `before`, a piece of its past."""
    ticket = visible(number)
    if before := request.args.get("before", type=int):
        return render_template("tickets/_earlier.html", ticket=ticket, thread=thread.newest(ticket, before))
    seen = request.args.get("after", 0, int), request.args.get("event", 0, int)
    news = thread.after(ticket, *seen)
    if not news.lines:
        return Response(status=204)
    return render_template("tickets/_news.html", ticket=ticket, thread=news, choices=choices(me()))


@bp.get("/<int:number>/files/<int:attachment_id>/<name>")
def file(number: int, attachment_id: int, name: str) -> Response:
    ticket = visible(number)
    own = select(Attachment).join(Message).where(Message.ticket_id == ticket.id)
    attachment = db.one_or_404(own.where(Attachment.id == attachment_id))
    return serve(attachment.file, attachment.name)


@bp.post("/<int:number>/messages/<int:message_id>/confirmation")
def confirm(number: int, message_id: int) -> BaseResponse:
    """Let the customer read what was held back: the sender was not proved, or is somebody else."""
    ticket = visible(number)
    own = select(Message).where(Message.ticket_id == ticket.id, Message.id == message_id)
    db.one_or_404(own).confirm()
    db.session.commit()
    flash(_("The customer can read it now."))
    return redirect(f"{page_of(ticket)}#message-{message_id}", code=303)


@bp.get("/<int:number>/messages/<int:message_id>/html")
def frame(number: int, message_id: int) -> Response:
    """A stranger's HTML as a page of its own, to be shown in a sandboxed frame only."""
    ticket = visible(number)
    own = select(Message).where(Message.ticket_id == ticket.id, Message.html.is_not(None))
    message = db.one_or_404(own.where(Message.id == message_id))
    page = make_response(framed(message))
    page.headers["Content-Security-Policy"] = FRAME_POLICY
    return page


@bp.errorhandler(StaleDataError)
def overtaken(_error: StaleDataError) -> tuple[str, int]:
    """Somebody else changed the ticket in the same moment: nothing was written."""
    db.session.rollback()
    with reading():
        return render_template("tickets/overtaken.html"), 409


def visible(number: int) -> Ticket:
    """The ticket, or 404: a ticket that the agent may not see does not exist for them."""
    found: Ticket = db.one_or_404(Ticket.visible_to(me()).where(Ticket.id == number))
    return found


def page_of(ticket: Ticket) -> str:
    """Where agents read it."""
    return url_for("desk.ticket", number=ticket.id)


def _particulars() -> dict[str, Any]:
    """The facts that the form holds. What is no subject or no priority changes nothing; no team is a 404."""
    given = request.form
    found: dict[str, Any] = {}
    if subject := one_line(given.get("subject", ""))[:LONGEST_SUBJECT]:
        found["subject"] = subject
    if "topic" in given:
        found["topic"] = one_line(given["topic"])[:LONGEST_TOPIC]
    if priority := given.get("priority", type=Priority):
        found["priority"] = priority
    if "team" in given:
        found["team"] = db.one_or_404(select(Team).where(Team.id == given.get("team", type=int)))
    return found


def _changed(ticket: Ticket) -> Answer:
    """The ticket's head and facts anew; the inbox, where it went to people whose tickets one does not see."""
    with reading():
        if db.session.scalar(Ticket.visible_to(me()).where(Ticket.id == ticket.id)) is None:
            flash(_("The ticket is now with another team."))
            return go(url_for("desk.inbox"))
        place = page_of(ticket)
        return answer("tickets/_changed.html", otherwise=place, ticket=ticket, choices=choices(me()))
