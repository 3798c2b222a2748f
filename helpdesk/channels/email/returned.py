"""Reports that a letter of ours did not arrive."""

from sqlalchemy import select

from helpdesk.channels.email.letter import Bounce
from helpdesk.core.db import db
from helpdesk.core.mail import Letter, LetterState
from helpdesk.core.message_ids import is_ours
from helpdesk.tickets.models import Ticket


def mark(bounce: Bounce) -> Ticket | None:
    """Mark the letter that came back, and return its ticket; None where none of ours is proved to be meant.

    Anybody can write such a report: it counts only with a Message-ID that our letter carried.
    """
    original = bounce.original_message_id
    if original is None or not is_ours(original):
        return None
    letter = db.session.scalar(select(Letter).where(Letter.message_id == original))
    if letter is None:
        return None
    if bounce.is_final and letter.state is not LetterState.FAILED:
        letter.fail(f"{bounce.status} returned by {', '.join(bounce.recipients[:3]) or 'the mail server'}")
    return db.session.get(Ticket, letter.ticket_id) if letter.ticket_id else None
