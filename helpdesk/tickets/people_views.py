"""Who takes part in a ticket beside its customer: put in copy by an agent, and taken out again."""

from flask import flash, redirect, request
from flask_babel import gettext as _
from sqlalchemy import delete
from werkzeug.wrappers import Response as BaseResponse

from helpdesk.accounts.permissions import me
from helpdesk.core.db import db
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.participants import Participant, offered, put_in_copy

# The one blueprint of tickets: the app takes it from here, these pages included.
from helpdesk.tickets.planned_views import bp as bp
from helpdesk.tickets.views import page_of, visible


@bp.post("/<int:number>/participants")
def add_participant(number: int) -> BaseResponse:
    """Let answers go to somebody whom the ticket knows: named in a letter, or a writer of one."""
    ticket = visible(number)
    known = {each.address: each for each in offered(ticket)}
    person = known.get(request.form.get("address", ""))
    if person is None:
        flash(_("This person is no longer part of the ticket."), "error")
        return _people_of(ticket)
    put_in_copy(ticket, person.address, "" if person.name == person.address else person.name, by=me())
    db.session.commit()
    flash(_("%(name)s gets our answers in Cc from now on.", name=person.name))
    return _people_of(ticket)


@bp.post("/<int:number>/participants/<int:contact_id>/removal")
def remove_participant(number: int, contact_id: int) -> BaseResponse:
    """Take somebody out: no copies, and no letter of theirs joins the ticket by its number."""
    ticket = visible(number)
    theirs = delete(Participant).where(
        Participant.ticket_id == ticket.id, Participant.contact_id == contact_id
    )
    db.session.execute(theirs)
    db.session.commit()
    flash(_("They no longer get our answers."))
    return _people_of(ticket)


def _people_of(ticket: Ticket) -> BaseResponse:
    return redirect(f"{page_of(ticket)}#people", code=303)
