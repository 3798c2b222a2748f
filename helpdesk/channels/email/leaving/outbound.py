"""An answer leaves as a letter, unless its reader is still in the chat and sees it there."""

import re
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any

from sqlalchemy import column, func, select, table

from helpdesk.channels.email.leaving.voice import word
from helpdesk.channels.email.mailboxes import Mailbox, is_own
from helpdesk.core.clock import now
from helpdesk.core.db import UTCDateTime, db
from helpdesk.core.delivering import deliver
from helpdesk.core.jobs import task
from helpdesk.core.live import announce
from helpdesk.core.mail import SILENT, Letter, LetterState
from helpdesk.core.smtp import mailbox
from helpdesk.customers.models import PRESENT_FOR, ContactAddress, normal_address
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Message
from helpdesk.timeline import Event, Kind, record

# Whoever is in the chat has so long to see an answer there before it is mailed.
CHAT_GRACE = timedelta(minutes=3)
# By name: the chat's room stands beside this one.
_windows = table("chat_sessions", column("ticket_id"), column("seen_at", UTCDateTime()), column("ended_at"))

# The mailbox is not there (RFC 3463); a full one, or a letter not liked, says nothing of the address.
_DEAD = re.compile(r"\b5\.(?:0\.0|1\.\d{1,3}|2\.[01])\b")


def post_reply(ticket: Ticket, event: Event) -> None:
    """Write the letter of an answer; the worker words it and sends it, once the reader left the chat."""
    message = db.session.get_one(Message, event.details["message_id"])
    contact, home = ticket.contact, Mailbox.answering(ticket.mailbox_id)
    address = contact.address or next((each.address for each in contact.addresses), None)
    if address is None:
        return
    copied = _in_copy(message, address)
    letter = Letter.draft(
        sender=home.sender,
        recipient=mailbox(contact.name, address),
        copies=_beside(message, copied),
        subject=ticket.subject,
        text="",
        envelope_from=home.address,
        mailbox_id=home.id,
        ticket_id=ticket.id,
        purpose="reply",
        reply_id=message.id,
    )
    if silent := ContactAddress.silent_among(letter.readers):
        letter.settle(dict.fromkeys(silent, SILENT))
    seen_at = _seen_at(ticket)
    is_here = seen_at is not None and seen_at > now() - PRESENT_FOR
    post.later(letter_id=letter.id, after=CHAT_GRACE if is_here else timedelta(0))


@task
def post(letter_id: int) -> None:
    """Word and send the letter of an answer, with its files, unless the reader has seen it in the chat."""
    letter = db.session.get(Letter, letter_id)
    message = db.session.get(Message, letter.reply_id) if letter is not None else None
    # Worded once: sent again, it is the same letter.
    if letter is not None and message is not None and not letter.text:
        if letter.state is LetterState.QUEUED and _is_seen(message):
            return letter.cancel()
        word(letter, message)
        db.session.flush()
    return deliver(letter_id=letter_id)


def post_again(ticket: Ticket, event: Event) -> None:
    """Send an answer to whom it did not reach; a reaction."""
    post.later(letter_id=event.details["letter_id"])


def note_failure(letter: Letter, address: str, error: str) -> None:
    """Show on the ticket whom its letter did not reach; a dead address is not written to again.

    Neither is one whose silence was lifted for this letter, whatever it failed of.
    """
    if _DEAD.search(error) or address in letter.copies.get("lifted", ()):
        _mark_dead(address, error)
    ticket = db.session.get(Ticket, letter.ticket_id) if letter.ticket_id else None
    # News for an agent are nothing that happened to the customer: the doctor counts those.
    if ticket is not None and letter.purpose != "news":
        told: dict[str, Any] = {"letter_id": letter.id, "message_id": letter.reply_id}
        record(Kind.LETTER_FAILED, ticket, error=error, recipient=address, **told)
        announce(f"ticket-{ticket.id}", "inbox")


def _beside(message: Message, copied: list[str]) -> dict[str, Any]:
    """As `Letter.copies`."""
    told = {"cc": copied, "lifted": message.recipients.get("lifted", [])}
    return {name: named for name, named in told.items() if named}


def _in_copy(message: Message, address: str) -> list[str]:
    """Whom the agent put in copy: neither the customer again nor ourselves."""
    named: list[str] = message.recipients.get("cc", [])
    others = {parseaddr(each)[1].lower(): each for each in named}
    return [each for plain, each in others.items() if plain and plain != address and not is_own(plain)]


def _is_seen(message: Message) -> bool:
    """Whether their chat window asked for news since the answer was there."""
    seen_at = _seen_at(message.ticket)
    return seen_at is not None and seen_at >= message.created_at


def _seen_at(ticket: Ticket) -> datetime | None:
    """When this ticket's chat was last in view of its visitor; None where no window of it is open.

    The window and not the person counts: whoever only claims their address, or has another chat open,
    does not read this one for them.
    """
    windows = select(func.max(_windows.c.seen_at)).where(_windows.c.ticket_id == ticket.id)
    seen_at: datetime | None = db.session.scalar(windows.where(_windows.c.ended_at.is_(None)))
    return seen_at


def _mark_dead(address: str, error: str) -> None:
    known = select(ContactAddress).where(ContactAddress.address == normal_address(address))
    dead = db.session.scalar(known)
    if dead is not None:
        dead.bounced_at, dead.silent_because = dead.bounced_at or now(), error[:300]
