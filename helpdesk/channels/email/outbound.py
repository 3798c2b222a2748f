"""An answer leaves as a letter, unless its reader is still in the chat and sees it there."""

import re
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import column, func, select, table

from helpdesk.channels.email.mailboxes import own_address
from helpdesk.channels.email.models import RawLetter, ReplyAddress
from helpdesk.core.clock import now
from helpdesk.core.db import UTCDateTime, db
from helpdesk.core.delivering import deliver
from helpdesk.core.i18n import spoken
from helpdesk.core.jobs import task
from helpdesk.core.live import announce
from helpdesk.core.mail import Letter, LetterState
from helpdesk.core.mail_words import rendered
from helpdesk.core.markup import markdown
from helpdesk.core.smtp import mailbox
from helpdesk.core.text import addressed, one_line
from helpdesk.customers.models import PRESENT_FOR, Contact, ContactAddress, normal_address
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Message, MessageKind
from helpdesk.timeline import Event, Kind, record

# Whoever is in the chat has so long to see an answer there before it is mailed.
CHAT_GRACE = timedelta(minutes=3)
# Characters of their own words that a letter quotes, and ids of a thread that it refers to.
LONGEST_QUOTE = 4000
MOST_REFERENCES = 20

# By name: the chat's room stands beside this one.
_windows = table("chat_sessions", column("ticket_id"), column("seen_at", UTCDateTime()), column("ended_at"))

_RE = re.compile(r"\s*(?:re|aw|sv|返信)\s*[:：]", re.IGNORECASE)
_GREETED = re.compile(r"\s*(?:hi|hello|dear|good (?:morning|afternoon|day))\b", re.IGNORECASE)
# The mailbox is not there (RFC 3463); a full one, or a letter not liked, says nothing of the address.
_DEAD = re.compile(r"\b5\.(?:0\.0|1\.\d{1,3}|2\.[01])\b")


def post_reply(ticket: Ticket, event: Event) -> None:
    """Write the letter of an answer; the worker words it and sends it, once the reader left the chat."""
    message = db.session.get_one(Message, event.details["message_id"])
    contact = ticket.contact
    if contact.address is None:
        if contact.addresses:
            record(Kind.LETTER_FAILED, ticket, message_id=message.id, error="no working address")
        return
    letter = Letter.draft(
        recipient=mailbox(contact.name, contact.address),
        subject=ticket.subject,
        text="",
        envelope_from=own_address(),
        ticket_id=ticket.id,
        purpose="reply",
        reply_id=message.id,
    )
    seen_at = _seen_at(ticket)
    is_here = seen_at is not None and seen_at > now() - PRESENT_FOR
    post.later(letter_id=letter.id, after=CHAT_GRACE if is_here else timedelta(0))


@task
def post(letter_id: int) -> None:
    """Word and send the letter of an answer, with its files, unless the reader has seen it in the chat."""
    letter = db.session.get(Letter, letter_id)
    if letter is None:
        return None
    message = db.session.get(Message, letter.reply_id)
    if letter.state is LetterState.QUEUED and message is not None:
        if _is_seen(message):
            return letter.cancel()
        _word(letter, message)
        db.session.flush()
    return deliver(letter_id=letter_id)


def note_failure(letter: Letter, address: str, error: str) -> None:
    """Show on the ticket whom its letter did not reach; a dead address is not written to again."""
    if _DEAD.search(error):
        _mark_dead(address, error)
    ticket = db.session.get(Ticket, letter.ticket_id) if letter.ticket_id else None
    if ticket is not None:
        told: dict[str, Any] = {"letter_id": letter.id, "message_id": letter.reply_id}
        record(Kind.LETTER_FAILED, ticket, error=error, recipient=address, **told)
        announce(f"ticket-{ticket.id}", "inbox")


def _word(letter: Letter, message: Message) -> None:
    """Fill the letter in, here and not where it was written: no writer should wait for a page to be made."""
    ticket, contact = message.ticket, message.ticket.contact
    lang, asked = spoken(ticket.language or contact.language), _asked(ticket, message)
    is_as_it_was = asked is None or _RE.match(ticket.subject)
    words = rendered(
        "tickets/reply",
        lang,
        ticket=ticket,
        message=message,
        subject=ticket.subject if is_as_it_was else f"Re: {ticket.subject}",
        salutation=_salutation(contact, message.body, lang),
        body_html=markdown(message.body, lang),
        asked=asked,
        asker=addressed(asked.author_name, lang) if asked else "",
        longest_quote=LONGEST_QUOTE,
    )
    letter.subject, letter.text, letter.html = one_line(words.subject), words.text, words.html
    letter.headers = {"Reply-To": str(ReplyAddress.given_to(contact, ticket)), **_threading(letter)}
    enclosed = [{"file_id": each.file_id, "name": each.name} for each in message.attachments]
    letter.enclosures = {"files": enclosed}


def _salutation(contact: Contact, body: str, lang: str) -> str:
    """田中様, or Carol; empty where the agent has greeted them already."""
    name = addressed(contact.name, lang)
    is_greeted = name in body.strip()[:120] if lang == "ja" else bool(_GREETED.match(body))
    return "" if is_greeted else name


def _asked(ticket: Ticket, answer: Message) -> Message | None:
    """What the customer said last before the answer."""
    theirs = select(Message).where(Message.is_for_customer(ticket), Message.kind == MessageKind.CUSTOMER)
    last = theirs.where(Message.id < answer.id, Message.is_automatic.is_(False))
    return db.session.scalar(last.order_by(Message.id.desc()).limit(1))


def _threading(letter: Letter) -> dict[str, str]:
    thread = _thread(letter)
    if not thread:
        return {}
    referred = " ".join(thread if len(thread) <= MOST_REFERENCES else _ends(thread))
    return {"In-Reply-To": thread[-1], "References": referred}


def _thread(letter: Letter) -> list[str]:
    """The ids of the ticket's letters before this one that the customer knows, oldest first."""
    theirs = select(RawLetter.received_at, RawLetter.message_id).where(
        RawLetter.ticket_id == letter.ticket_id,
        # Not what an agent wrote to us from their own mail program.
        RawLetter.turn_id.in_(
            select(Message.id).where(
                Message.kind == MessageKind.CUSTOMER, Message.ticket_id == letter.ticket_id
            )
        ),
        RawLetter.message_id.is_not(None),
        RawLetter.received_at <= letter.written_at,
    )
    ours = select(Letter.written_at, Letter.message_id).where(
        *(Letter.ticket_id == letter.ticket_id, Letter.reply_id.is_not(None), Letter.id < letter.id),
        Letter.state != LetterState.CANCELLED,
    )
    told = [(at, str(message_id)) for each in (theirs, ours) for at, message_id in db.session.execute(each)]
    return list(dict.fromkeys(message_id for _, message_id in sorted(told)))


def _ends(thread: list[str]) -> list[str]:
    return [thread[0], *thread[1 - MOST_REFERENCES :]]


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
