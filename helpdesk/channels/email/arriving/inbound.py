"""A letter becomes a message: of its ticket where that is proved, else of a new one."""

import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import select

from helpdesk.accounts.models import Agent
from helpdesk.channels.email.arriving import colleagues, returned
from helpdesk.channels.email.arriving.following import as_of_now
from helpdesk.channels.email.arriving.hearing import fit_name, hear, is_quiet, mailbox_of
from helpdesk.channels.email.arriving.passing_on import is_passed_on, pass_on
from helpdesk.channels.email.arriving.placing import Place, place
from helpdesk.channels.email.arriving.self_testing import note_return
from helpdesk.channels.email.leaving.acknowledging import LOOP_HEADER, is_our_echo
from helpdesk.channels.email.letters.letter import Address, ParsedLetter, Unreadable
from helpdesk.channels.email.letters.reading import read_letter
from helpdesk.channels.email.mailboxes import asked_once, is_own
from helpdesk.channels.email.models import UNANSWERED, RawLetter
from helpdesk.core.db import db
from helpdesk.core.message_ids import is_ours
from helpdesk.tickets.thread import Message

# A machine says that it has our letter: worth nothing unless it belongs to a ticket.
_RECEIPTS = frozenset(("autoreply", "empty-return-path", "read-receipt", "calendar-reply", "delivery-report"))


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


def understood(content: bytes) -> ParsedLetter | Unreadable:
    """What the bytes of a letter say, or why nobody can tell. It may take seconds: hold no transaction."""
    try:
        return read_letter(content)
    except Unreadable as error:
        return error


def accept(raw: RawLetter, letter: ParsedLetter | Unreadable) -> Taken:
    """Do what a kept letter asks for. One that cannot be read goes to quarantine."""
    if raw.is_settled:
        return _duplicate_of(raw)
    if isinstance(letter, Unreadable):
        return _quarantine(raw, letter.reason)
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
    with asked_once():
        return _take(raw, letter)


def _take(raw: RawLetter, letter: ParsedLetter) -> Taken:
    """A letter of somebody: whose, and is it for the thread?"""
    writer, home = _writer(letter), mailbox_of(raw, letter)
    raw.mailbox = home if home.id is not None else None
    if _is_our_own(letter):
        note_return(letter)
        return _ignore(raw, "own-letter")
    if not writer.address or is_own(writer.address):
        return _quarantine(raw, "own-address" if writer.address else "no-sender")
    where = place(letter, writer.address)
    agent = Agent.by_email(writer.address)
    if agent is not None:
        return _take_of_staff(raw, letter, agent, where)
    return _take_of_anybody(raw, letter, writer, where)


def _take_of_staff(raw: RawLetter, letter: ParsedLetter, agent: Agent, where: Place) -> Taken:
    """What a colleague writes is ours only where that is proved; else it goes to nobody."""
    if where.is_vouched and is_quiet(letter):
        return _ignore(raw, f"automatic: {letter.automatic_because or 'absence'}")
    try:
        message = colleagues.say(letter, agent, where)
    except colleagues.NotAsStaff as refusal:
        return _quarantine(raw, refusal.reason)
    if message is not None:
        return _settle(raw, message, "appended")
    if where.ticket is None and is_passed_on(letter):
        return _settle(raw, pass_on(raw, letter, agent), "opened")
    return _take_of_anybody(raw, letter, _writer(letter), where)


def _take_of_anybody(raw: RawLetter, letter: ParsedLetter, writer: Address, where: Place) -> Taken:
    if where.ticket is None and _is_receipt(letter):
        return _ignore(raw, f"automatic: {letter.automatic_because}")
    if not is_quiet(letter):
        where = as_of_now(where, writer.address)
    message = hear(raw, letter, writer, where)
    hint = str(where.hint) if where.hint else ""
    wish = UNANSWERED if letter.is_suppressing else ""
    return _settle(raw, message, "appended" if where.ticket else "opened", hint, wish)


def _settle(raw: RawLetter, message: Message, result: str, hint: str = "", wish: str = "") -> Taken:
    raw.settle(wish, ticket_id=message.ticket_id, turn_id=message.id)
    return Taken(result, message.ticket.number, message.id, hint)


def _writer(letter: ParsedLetter) -> Address:
    """Who wrote. A form on our own site writes in our name, and says whom to answer."""
    named, sender = letter.sender, letter.sender.address
    if is_own(sender) and letter.reply_to:
        named = letter.reply_to[0]
        sender = named.address if len(letter.reply_to) == 1 else sender
    return Address(fit_name(named), sender)


def _is_our_own(letter: ParsedLetter) -> bool:
    """Whether we wrote it, though a server on its way gave it another Message-ID."""
    echo = letter.headers.get(LOOP_HEADER.lower(), ("",))[0]
    return is_our_echo(echo) or (letter.message_id is not None and is_ours(letter.message_id))


def _is_receipt(letter: ParsedLetter) -> bool:
    answers = ("auto-replied" in "".join(letter.headers.get("auto-submitted", ())).lower()) or (
        letter.headers.get("precedence", ("",))[0].strip().lower() in ("auto_reply", "auto-reply")
    )
    if letter.automatic_because in _RECEIPTS:
        return True
    return letter.is_automatic and (answers or letter.is_absence_notice)


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
