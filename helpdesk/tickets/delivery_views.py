"""What became of the letters of a ticket, and another try for one that failed."""

from flask import abort, flash, redirect, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from helpdesk.accounts.permissions import me
from helpdesk.core.db import db
from helpdesk.core.delivering import send_again
from helpdesk.core.mail import Letter, LetterState, unreached
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.people_views import bp

__all__ = ["bp"]


@bp.post("/<int:number>/messages/<int:message_id>/delivery")
def deliver_again(number: int, message_id: int) -> BaseResponse:
    """Try once more whom the letter of an answer did not reach."""
    ticket = db.one_or_404(Ticket.visible_to(me()).where(Ticket.id == number))
    own = select(Letter).where(Letter.ticket_id == ticket.id, Letter.reply_id == message_id)
    letter = db.session.scalar(own.order_by(Letter.id.desc()).limit(1))
    if letter is None:
        abort(404)
    if letter.state is LetterState.FAILED or unreached(letter.copies):
        send_again(letter)
        flash(_("It is sent again."))
    db.session.commit()
    return redirect(f"{url_for('desk.ticket', number=number)}#message-{message_id}", code=303)
