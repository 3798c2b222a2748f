"""Reports that a letter of ours did not arrive."""

from sqlalchemy import select

from helpdesk.channels.email.letters.letter import Bounce
from helpdesk.core.db import db
from helpdesk.core.mail import RETURNED, Letter, unreached
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
    if bounce.is_final:
        _note(letter, bounce)
    return db.session.get(Ticket, letter.ticket_id) if letter.ticket_id else None


def _note(letter: Letter, bounce: Bounce) -> None:
    """It came back from these readers; a report that names none of them speaks of whom it was written to."""
    named = {address.lower() for address in bounce.recipients}
    gone = [address for address in letter.readers if address.lower() in named] or letter.readers[:1]
    missed = unreached(letter.copies)
    status = "" if bounce.status in bounce.said else bounce.status
    why = f"{status} {bounce.said}".strip() or RETURNED
    letter.settle({address: why for address in gone if address not in missed})
