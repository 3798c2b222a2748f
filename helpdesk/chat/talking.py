"""What a visitor does in a chat, and what it leaves on the ticket."""

from sqlalchemy import func, select, update

from helpdesk.chat.forms import StartForm
from helpdesk.chat.models import ChatSession
from helpdesk.core.clock import now
from helpdesk.core.db import aside, db
from helpdesk.core.i18n import language
from helpdesk.core.mail import Letter
from helpdesk.core.signing import mark
from helpdesk.core.smtp import mailbox
from helpdesk.core.text import excerpt
from helpdesk.customers.models import PRESENT_FOR, Contact
from helpdesk.tickets import once
from helpdesk.tickets.kinds import Status
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.public_lines import public_lines
from helpdesk.tickets.thread import Channel
from knowledge_base.reading import pages, trail

SUBJECT_LENGTH = 80
# A sign of life is written at most this often, in seconds; the window asks for news more seldom than that.
SEEN_EVERY = 20


def start(form: StartForm, signed_in: Contact | None, page: str) -> str:
    """Open a chat, once for each form; returns the token that its browser is to hold.

    A stranger's address is what they say it is: answers follow it, but nothing of its past is shown.
    """
    form_mark = once.mark_of(None, writer=signed_in)
    # The same for the same form: whose answer was lost is given the chat that they opened.
    token = mark("chat-of-form", form_mark) if form_mark else ""
    if once.opened(form_mark) is not None:
        return token
    contact = signed_in or _introduced(form)
    body = form.body.data or ""
    ticket = Ticket.open_for(
        contact, subject=excerpt(body, SUBJECT_LENGTH), via=Channel.CHAT, language=language()
    )
    ticket.hear(body, proof=_proof(signed_in))
    trail.tell_what_was_tried(contact)
    trail.wrote(ticket.id)
    article = pages.numbered(form.article.data, signed_in)
    told = {"article": article.title, "article_id": article.id} if article else {}
    ticket.opened(once=form_mark, page=page, **told)
    return ChatSession.start(ticket, page, token=token)


def say(chat: ChatSession, body: str, signed_in: Contact | None) -> None:
    """Add a turn of the visitor's, once for each form."""
    form_mark = once.mark_of(chat.ticket, writer=signed_in)
    if once.done(chat.ticket, form_mark) is not None:
        return
    is_own = signed_in is not None and signed_in.id == chat.ticket.contact_id
    proof = _proof(signed_in if is_own else None)
    chat.ticket.hear(body, channel=Channel.CHAT, proof=proof, once=form_mark)


def note_seen(chat: ChatSession) -> None:
    """Remember that the visitor has the window before them; for a GET, so in a write of its own."""
    if chat.ended_at is not None or (now() - chat.seen_at).total_seconds() < SEEN_EVERY:
        return
    with aside() as own:
        own.execute(update(ChatSession).where(ChatSession.id == chat.id).values(seen_at=now()))


def mail_transcript(chat: ChatSession) -> bool:
    """Send the conversation to the visitor's address, once; False where nobody of ours has spoken in it.

    Until then all of it is a stranger's words to an address that may be somebody else's.
    """
    contact = chat.ticket.contact
    if chat.mailed_at is not None or not chat.is_answered or contact.address is None:
        return False
    Letter.from_template(
        "chat/transcript",
        to=mailbox(contact.name, contact.address),
        lang=chat.ticket.language,
        ticket_id=chat.ticket_id,
        about={"purpose": "transcript"},
        ticket=chat.ticket,
        name=contact.name,
        turns=public_lines(chat.ticket),
    )
    chat.mailed_at = now()
    return True


def ahead_of(chat: ChatSession) -> int:
    """How many others have waited longer for their first answer and are still here."""
    before = select(func.count(ChatSession.id)).join(ChatSession.ticket)
    waiting = before.where(
        ChatSession.ended_at.is_(None),
        ChatSession.id < chat.id,
        ChatSession.seen_at > now() - 3 * PRESENT_FOR,
        Ticket.first_replied_at.is_(None),
        Ticket.status == Status.OPEN,
    )
    return db.session.scalar(waiting) or 0


def _introduced(form: StartForm) -> Contact:
    return Contact.meet(form.email.data or "", form.name.data or "", language=language(), source="chat")


def _proof(signed_in: Contact | None) -> str:
    return "verified" if signed_in else "unverified"
