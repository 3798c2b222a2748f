"""Another try for an answer whose letter did not reach somebody."""

from typing import Any

from flask import abort, flash, redirect, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from helpdesk.accounts.permissions import me
from helpdesk.core.db import db
from helpdesk.core.mail import Letter, unreached
from helpdesk.customers.models import ContactAddress
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.people_views import bp
from helpdesk.timeline import Kind, record

__all__ = ["bp"]


@bp.post("/<int:number>/messages/<int:message_id>/delivery")
def deliver_again(number: int, message_id: int) -> BaseResponse:
    """Try once more whom the letter of an answer did not reach, at addresses that are silent too."""
    ticket = db.one_or_404(Ticket.visible_to(me()).where(Ticket.id == number))
    own = select(Letter).where(Letter.ticket_id == ticket.id, Letter.reply_id == message_id)
    # Held, so that of two presses one sends.
    letter = db.session.scalar(own.order_by(Letter.id.desc()).limit(1).with_for_update())
    if letter is None:
        abort(404)
    if missed := sorted(unreached(letter.copies)):
        lifted = ContactAddress.lift(missed)
        letter.reopen()
        letter.copies = {**letter.copies, "lifted": lifted}
        told: dict[str, Any] = {"letter_id": letter.id, "message_id": message_id}
        told |= {"recipients": missed, "lifted": lifted}
        record(Kind.LETTER_RETRIED, ticket, by=me(), **told)
        flash(_("It is sent again to %(addresses)s.", addresses=", ".join(missed)))
    db.session.commit()
    return redirect(f"{url_for('desk.ticket', number=number)}#message-{message_id}", code=303)
