"""A letter becomes a message: of its ticket where that is proved, else of a new one."""

import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from helpdesk.accounts.models import Agent
from helpdesk.channels.email import returned
from helpdesk.channels.email.letter import Attachment, ParsedLetter, Unreadable
from helpdesk.channels.email.mailboxes import is_own
from helpdesk.channels.email.models import RawLetter
from helpdesk.channels.email.placing import Place, place
from helpdesk.channels.email.quotes import split_reply
from helpdesk.channels.email.reading import read_letter
from helpdesk.core import files
from helpdesk.core.db import db
from helpdesk.core.i18n import in_language
from helpdesk.core.markup import clean_html
from helpdesk.core.message_ids import is_ours
from helpdesk.customers.models import Contact
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Channel, Message

# A machine says that it has our letter: worth nothing unless it belongs to a ticket.
_RECEIPTS = frozenset(("autoreply", "empty-return-path", "read-receipt", "calendar-reply", "delivery-report"))
# People write these too: by way of a list, or from a mail program that wishes for no automatic answer.
_ALSO_PEOPLE = frozenset(("mailing-list", "auto-response-suppressed"))


@dataclass(frozen=True)
class Taken:
    """What became of a letter."""

    # opened, appended, duplicate, ignored, bounced or quarantined.
    result: str
    ticket: str | None = None
    message: int | None = None
    reason: str = ""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def accept(raw: RawLetter) -> Taken:
    """Read a kept letter and do what it asks for. A letter that cannot be read goes to quarantine."""
    if raw.is_settled:
        return _duplicate_of(raw)
    try:
        letter = read_letter(raw.content)
    except Unreadable as error:
        return _quarantine(raw, error.reason)
    raw.sender, raw.subject = str(letter.sender), letter.subject
    raw.message_id = letter.message_id
    twin = _twin(raw, letter)
    if twin is not None:
        raw.settle("duplicate", ticket_id=twin.ticket_id, turn_id=twin.turn_id)
        return _duplicate_of(raw)
    if letter.bounce is not None:
        ticket = returned.mark(letter.bounce)
        raw.settle("bounce", ticket_id=ticket.id if ticket else None)
        return Taken("bounced", ticket.number if ticket else None, reason=letter.bounce.status)
    return _take(raw, letter)


def _take(raw: RawLetter, letter: ParsedLetter) -> Taken:
    """A letter of somebody: whose, and is it for the thread?"""
    writer = _writer(letter)
    if letter.message_id and is_ours(letter.message_id):
        return _ignore(raw, "own-letter")
    if not writer or is_own(writer):
        return _quarantine(raw, "own-address" if writer else "no-sender")
    where = place(letter, writer)
    if Agent.by_email(writer) is not None and not where.is_vouched:
        return _quarantine(raw, "staff-unproved")
    if where.ticket is None and _is_receipt(letter):
        return _ignore(raw, f"automatic: {letter.automatic_because}")
    message = _hear(letter, writer, where)
    raw.settle(ticket_id=message.ticket_id, turn_id=message.id)
    hint = f"may belong to {where.hint.number}" if where.hint else ""
    return Taken("appended" if where.ticket else "opened", message.ticket.number, message.id, hint)


def _hear(letter: ParsedLetter, writer: str, where: Place) -> Message:
    contact = Contact.meet(writer, _name(letter), language=letter.language, source="email")
    ticket = where.ticket or _open(letter, contact)
    words = split_reply(letter.text)
    kept, refused = _sorted(letter.attachments)
    hear = ticket.overhear if where.ticket and _is_quiet(letter) else ticket.hear
    message = hear(
        "\n\n".join(part for part in (words.visible, refused) if part),
        by=contact,
        quoted="\n\n".join(part for part in (words.signature, words.quoted) if part),
        html=clean_html(letter.html) if letter.html else None,
        channel=Channel.EMAIL,
        proof=where.proof,
        is_automatic=letter.is_automatic,
    )
    for file in kept:
        message.attach(files.keep(file.content, file.name), file.name, file.content_id)
    if where.ticket is None:
        ticket.opened(**({"may_belong_to": where.hint.id} if where.hint else {}))
    return message


def _open(letter: ParsedLetter, contact: Contact) -> Ticket:
    with in_language(letter.language):
        subject = letter.subject or _("(no subject)")
    return Ticket.open_for(contact, subject=subject, via=Channel.EMAIL, language=letter.language)


def _sorted(attachments: tuple[Attachment, ...]) -> tuple[list[Attachment], str]:
    """The files to keep, and a word on those that are refused: the raw letter still has them."""
    kept, refused = [], []
    for attachment in attachments:
        try:
            files.check_name(attachment.name)
            kept.append(attachment)
        except files.FileRefused as refusal:
            refused.append(str(refusal))
    with in_language(None):
        told = [_("[Not kept: %(file)s. Programs are refused.]", file=file) for file in refused]
    return kept, "\n".join(told)


def _writer(letter: ParsedLetter) -> str:
    """The sender's address. A form on our own site writes in our name, and says whom to answer."""
    sender = letter.sender.address
    if is_own(sender) and len(letter.reply_to) == 1:
        return letter.reply_to[0].address
    return sender


def _name(letter: ParsedLetter) -> str:
    """Their name, unless it pretends to be an address."""
    named = letter.reply_to[0] if is_own(letter.sender.address) and letter.reply_to else letter.sender
    return "" if "@" in named.name else named.name


def _is_receipt(letter: ParsedLetter) -> bool:
    answers = ("auto-replied" in "".join(letter.headers.get("auto-submitted", ())).lower()) or (
        letter.headers.get("precedence", ("",))[0].strip().lower() in ("auto_reply", "auto-reply")
    )
    if letter.automatic_because in _RECEIPTS:
        return True
    return letter.is_automatic and (answers or letter.is_absence_notice)


def _is_quiet(letter: ParsedLetter) -> bool:
    """Whether it is only to be read: what a machine says opens nothing again."""
    if letter.automatic_because in _ALSO_PEOPLE:
        return letter.is_absence_notice
    return letter.is_automatic


def _twin(raw: RawLetter, letter: ParsedLetter) -> RawLetter | None:
    """The same letter, come another way. Two letters of one Message-ID that differ are two."""
    if letter.message_id is None and letter.sent_at is None:
        return None
    raw.fingerprint = None
    said = [
        letter.message_id,
        str(letter.sent_at),
        letter.sender.address,
        letter.subject,
        letter.text.split(),
    ]
    enclosed = sorted(sha256(attachment.content).hexdigest() for attachment in letter.attachments)
    fingerprint = sha256(json.dumps([*said, enclosed]).encode()).hexdigest()
    twin = db.session.scalar(
        select(RawLetter).where(RawLetter.fingerprint == fingerprint, RawLetter.id != raw.id)
    )
    if twin is None:
        raw.fingerprint = fingerprint
        db.session.flush()
    return twin


def _duplicate_of(raw: RawLetter) -> Taken:
    number = str(raw.ticket_id) if raw.ticket_id else None
    return Taken("duplicate", number, raw.turn_id, raw.reason if raw.reason != "duplicate" else "")


def _ignore(raw: RawLetter, reason: str) -> Taken:
    raw.settle(reason)
    return Taken("ignored", reason=reason)


def _quarantine(raw: RawLetter, reason: str) -> Taken:
    raw.quarantine(reason)
    return Taken("quarantined", reason=reason)
