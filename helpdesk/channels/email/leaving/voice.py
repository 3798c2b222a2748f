"""In whose voice an answer leaves: name, signature, template and style of a mailbox; where in the thread."""

import re
from typing import Any

from sqlalchemy import select

from helpdesk.channels.email.leaving.file_links import enclosed, linked
from helpdesk.channels.email.mailboxes import LetterStyle, Mailbox, MailTemplate
from helpdesk.channels.email.models import RawLetter, ReplyAddress
from helpdesk.core.db import db
from helpdesk.core.i18n import company_name, spoken
from helpdesk.core.mail import Letter, LetterState
from helpdesk.core.mail_words import rendered
from helpdesk.core.markup import literal, markdown
from helpdesk.core.plain_markdown import plain_text
from helpdesk.core.text import addressed, is_company, one_line
from helpdesk.customers.models import Contact
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.participants import Participant
from helpdesk.tickets.thread import Message, MessageKind

# Characters of their own words that a letter quotes, and ids of a thread that it refers to.
LONGEST_QUOTE = 4000
MOST_REFERENCES = 20

_RE = re.compile(r"\s*(?:re|aw|sv|返信)\s*[:：]", re.IGNORECASE)
# What a mailbox's own template may name; anything else stays as it is written.
FIELDS = ("answer", "salutation", "agent", "signature", "company", "number", "subject")
_FIELD = re.compile(r"\{\{\s*([a-z]{1,20})\s*\}\}")


def word(letter: Letter, message: Message) -> None:
    """Fill the letter in, here and not where it was written: no writer should wait for a page to be made."""
    ticket, home = message.ticket, Mailbox.answering(message.ticket.mailbox_id)
    lang = spoken(ticket.language or ticket.contact.language or home.language)
    asked = _asked(ticket, message)
    is_as_it_was = asked is None or _RE.match(ticket.subject)
    subject = ticket.subject if is_as_it_was else f"Re: {ticket.subject}"
    words = rendered("tickets/reply", lang, **_told(message, home, lang, subject, asked))
    letter.subject, letter.text = one_line(words.subject), words.text
    letter.html = None if home.style is LetterStyle.PLAIN else words.html
    letter.headers = {"Reply-To": str(ReplyAddress.given_to(ticket.contact, ticket)), **_threading(letter)}
    if copied := letter.readers[1:]:
        answering = {address: _answering(address, ticket, home) for address in copied}
        letter.copies = {**letter.copies, "reply_to": answering}
    letter.enclosures = {"files": enclosed(message)}


def filled(template: str, fields: dict[str, str]) -> str:
    """A template of people's own with its fields put in: a list of words, never a program."""
    return _FIELD.sub(lambda found: fields.get(found[1], found[0]), template)


def in_frame(template: str, fields: dict[str, str]) -> str:
    """A template of people's own, as Markdown: only the answer brings marks of its own with it."""
    names = {name: literal(text) for name, text in fields.items() if name not in ("answer", "signature")}
    # Signatures are drawn with lines and stars, and name addresses.
    signature = literal(fields.get("signature", ""), keeps_links=True)
    return filled(template, fields | names | {"signature": signature}).strip()


def _told(message: Message, home: Mailbox, lang: str, subject: str, asked: Message | None) -> dict[str, Any]:
    ticket = message.ticket
    fields = {
        "answer": message.body,
        "salutation": _salutation(ticket.contact, message.body, lang),
        "agent": message.author_name,
        "signature": _signature(message, home, lang),
        "company": company_name(lang),
        "number": ticket.number,
        "subject": ticket.subject,
    }
    own = MailTemplate.of(home, "reply", lang)
    framed = in_frame(own.body, fields) if own else ""
    is_quoted = asked is not None and home.quotes and not _is_news_to_some(message, asked)
    return fields | {
        "ticket": ticket,
        "message": message,
        # The agent's own subject line goes before that of a template.
        "subject": (filled(own.subject, fields) if own and own.subject else "") or subject,
        "framed": bool(framed),
        "body_text": plain_text(framed or message.body, lang),
        "body_html": markdown(framed or message.body, lang),
        "above": _above(ticket.contact, fields["salutation"], home, lang),
        "files": linked(message),
        "asked": asked if is_quoted else None,
        "asker": addressed(asked.author_name, lang) if asked else "",
        "longest_quote": LONGEST_QUOTE,
        "is_plain": home.style is LetterStyle.PLAIN,
    }


def _answering(address: str, ticket: Ticket, home: Mailbox) -> str:
    """Where somebody in copy answers: an address of their own, so that nobody speaks as the customer.

    Of somebody unknown, only the mailbox: what their answer refers to leads to the ticket.
    """
    contact = Contact.known_as(address)
    return str(ReplyAddress.given_to(contact, ticket)) if contact is not None else home.address


def _signature(message: Message, home: Mailbox, lang: str) -> str:
    """The agent's own, else the mailbox's, else their name and the company's."""
    own = message.agent.signature if message.agent else ""
    return own or home.signature or "\n".join(filter(None, (message.author_name, company_name(lang))))


def _above(contact: Contact, salutation: str, home: Mailbox, lang: str) -> list[str]:
    """宛名 as Japanese companies write it, a line each: company, department, person."""
    if not salutation or lang != "ja" or home.style is not LetterStyle.PLAIN:
        return []
    company = contact.customer.name if is_company(contact.customer.name) else ""
    is_the_company = company == contact.name
    return [line for line in ("" if is_the_company else company, contact.department, salutation) if line]


def _salutation(contact: Contact, body: str, lang: str) -> str:
    """田中様, or Carol; empty where the agent has greeted them already."""
    # Many patterns, and only a worker words letters.
    from helpdesk.tickets.salutations import greets  # noqa: PLC0415

    return "" if greets(body) else addressed(contact.name, lang)


def _asked(ticket: Ticket, answer: Message) -> Message | None:
    """What the customer said last before the answer."""
    theirs = select(Message).where(Message.is_for_customer(ticket), Message.kind == MessageKind.CUSTOMER)
    last = theirs.where(Message.id < answer.id, Message.is_automatic.is_(False))
    return db.session.scalar(last.order_by(Message.id.desc()).limit(1))


def _is_news_to_some(answer: Message, asked: Message) -> bool:
    """Whether somebody in copy joined after what would be quoted: the past is not given to them."""
    if not answer.recipients.get("cc"):
        return False
    newer = Participant.of(answer.ticket).where(
        Participant.is_copied, Participant.joined_at > asked.created_at
    )
    return db.session.scalar(newer.limit(1)) is not None


def _threading(letter: Letter) -> dict[str, str]:
    thread = _thread(letter)
    if not thread:
        return {}
    referred = " ".join(thread if len(thread) <= MOST_REFERENCES else _ends(thread))
    return {"In-Reply-To": thread[-1], "References": referred}


def _thread(letter: Letter) -> list[str]:
    """The ids of the ticket's letters before this one that the customer knows, oldest first."""
    ticket = db.session.get_one(Ticket, letter.ticket_id)
    known = select(Message.id).where(Message.is_for_customer(ticket), Message.kind == MessageKind.CUSTOMER)
    theirs = select(RawLetter.received_at, RawLetter.message_id).where(
        RawLetter.ticket_id == letter.ticket_id,
        # Neither what an agent wrote to us from their own mail program, nor what is hidden from the customer.
        RawLetter.turn_id.in_(known),
        RawLetter.message_id.is_not(None),
        RawLetter.received_at <= letter.written_at,
    )
    ours = select(Letter.written_at, Letter.message_id).where(
        *(Letter.ticket_id == letter.ticket_id, Letter.reply_id.is_not(None), Letter.id < letter.id),
        Letter.state.not_in((LetterState.CANCELLED, LetterState.FAILED)),
    )
    told = [(at, str(message_id)) for each in (theirs, ours) for at, message_id in db.session.execute(each)]
    return list(dict.fromkeys(message_id for _, message_id in sorted(told)))


def _ends(thread: list[str]) -> list[str]:
    return [thread[0], *thread[1 - MOST_REFERENCES :]]
