"""A word that a letter has come, where the mailbox gives one. Never to a machine, never twice (RFC 3834)."""

from typing import Any

from markupsafe import Markup
from sqlalchemy import select

from helpdesk.channels.email.leaving.voice import filled, in_frame
from helpdesk.channels.email.mailboxes import LetterStyle, Mailbox, MailTemplate
from helpdesk.channels.email.models import UNANSWERED, RawLetter, ReplyAddress
from helpdesk.core import ceilings
from helpdesk.core.db import db
from helpdesk.core.i18n import company_name, spoken
from helpdesk.core.jobs import task
from helpdesk.core.mail import Letter
from helpdesk.core.markup import markdown
from helpdesk.core.plain_markdown import plain_text
from helpdesk.core.signing import is_marked, mark
from helpdesk.core.smtp import mailbox as written
from helpdesk.core.text import addressed, one_line
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Channel, Message
from helpdesk.timeline import Event

# What our automatic letters carry, so that we know them again whatever became of their other headers.
LOOP_HEADER = "X-Helpdesk-Loop"
PURPOSE = "acknowledgement"


def acknowledge(ticket: Ticket, event: Event) -> None:
    """Ask for the word that the first letter of a ticket has come; a reaction."""
    if ticket.mailbox_id and ticket.channel is Channel.EMAIL:
        send.later(key=str(ticket.id), ticket_id=ticket.id)


@task
def send(ticket_id: int) -> None:
    """Write it, once, unless nobody waits for it.

    To whom our border does not vouch for, nothing of the letter is repeated: its sender may have named
    somebody else, who would get a stranger's words from us.
    """
    ticket = db.session.get(Ticket, ticket_id)
    mailbox = db.session.get(Mailbox, ticket.mailbox_id) if ticket and ticket.mailbox_id else None
    if ticket is None or mailbox is None or not _is_wanted(ticket, mailbox):
        return
    contact, is_proved = ticket.contact, _first(ticket).proof == "verified"
    lang = spoken(ticket.language)
    own = MailTemplate.of(mailbox, PURPOSE, lang)
    letter = Letter.from_template(
        "tickets/acknowledgement",
        to=written(contact.name if is_proved else "", str(contact.address)),
        lang=ticket.language,
        ticket_id=ticket.id,
        headers=_headers(ticket),
        about=_about(mailbox),
        **worded(mailbox, ticket, own, addressed(contact.name, lang), is_proved, lang),
    )
    if mailbox.style is LetterStyle.PLAIN:
        letter.html = None


def worded(
    mailbox: Mailbox, ticket: Any, own: Any, salutation: str, is_proved: bool, lang: str
) -> dict[str, Any]:
    """What mail/tickets/acknowledgement is told.

    ticket: whatever has a number and a subject. own: a subject and a body of the mailbox's own, or None.
    """
    salutation = salutation if is_proved else ""
    fields = {
        "salutation": salutation,
        "company": company_name(lang),
        "number": ticket.number,
        "subject": ticket.subject if is_proved else "",
        "signature": mailbox.signature or mailbox.name,
    }
    framed = in_frame(own.body, fields) if own else ""
    return {
        "ticket": ticket,
        "mailbox": mailbox,
        "is_proved": is_proved,
        "salutation": salutation,
        "own_subject": one_line(filled(own.subject, fields)) if own else "",
        "signature": fields["signature"],
        "body_text": plain_text(framed, lang),
        "body_html": markdown(framed, lang) if framed else Markup(),
    }


def is_our_echo(header: str) -> bool:
    """Whether this loop header is one that we wrote."""
    number, _, given = header.strip().partition(".")
    return bool(given) and is_marked("loop", number, given)


def _is_wanted(ticket: Ticket, mailbox: Mailbox) -> bool:
    from helpdesk.channels.email.letters.automatic import reads_like_absence  # noqa: PLC0415  (a worker does)

    heard = _first(ticket)
    if not mailbox.acknowledges or heard.is_automatic or heard.proof == "suspicious":
        return False
    wish = select(RawLetter.id).where(RawLetter.turn_id == heard.id, RawLetter.reason == UNANSWERED)
    if db.session.scalar(wish.limit(1)) is not None:
        return False
    if ticket.contact.address is None or reads_like_absence(ticket.subject):
        return False
    if not ceilings.has_room_at(Letter, ticket.contact.address, PURPOSE):
        return False
    said = select(Letter.id).where(Letter.ticket_id == ticket.id, Letter.purpose == PURPOSE)
    return db.session.scalar(said.limit(1)) is None


def _first(ticket: Ticket) -> Message:
    return db.session.scalars(
        select(Message).where(Message.ticket_id == ticket.id).order_by(Message.id).limit(1)
    ).one()


def _about(mailbox: Mailbox) -> dict[str, Any]:
    particulars = {"sender": mailbox.sender, "mailbox_id": mailbox.id}
    return {"purpose": PURPOSE, "is_automatic": True, **particulars}


def _headers(ticket: Ticket) -> dict[str, str]:
    number = str(ticket.id)
    headers = {
        "Auto-Submitted": "auto-replied",
        "Reply-To": str(ReplyAddress.given_to(ticket.contact, ticket)),
        LOOP_HEADER: f"{number}.{mark('loop', number)}",
    }
    theirs = select(RawLetter.message_id).where(RawLetter.ticket_id == ticket.id, RawLetter.message_id != "")
    heard = db.session.scalar(theirs.order_by(RawLetter.id).limit(1))
    return headers | ({"In-Reply-To": heard, "References": heard} if heard else {})
