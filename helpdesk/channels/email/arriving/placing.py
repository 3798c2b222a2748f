"""Whose letter, which ticket: a From line alone gives nobody a right.

A reply address of ours, or a reference that carries our mark, proves that the sender has had our letter:
such a letter goes to its ticket, whoever sent it, and is shown as what From says: the customer reads it only
where that is the customer. One to a colleague's own reply address, from somebody else whom nobody vouches
for, counts as forged. A number or a Message-ID that anybody may know counts only
with a sender who takes part and whose domain our border vouches for; else it is a hint for agents, no more.
"""

import re
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import select

from helpdesk.channels.email.arriving.authenticity import Verdict, verdict
from helpdesk.channels.email.letters.letter import ParsedLetter
from helpdesk.channels.email.models import RawLetter, ReplyAddress
from helpdesk.core.db import db
from helpdesk.core.message_ids import ticket_of
from helpdesk.customers.models import Contact
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.participants import Participant, named_in_letters
from helpdesk.tickets.ties import Tie

_NUMBER = re.compile(r"\[#(\d{1,12})\]")
# How a message is marked for what the border says of its sender.
_PROOFS = {Verdict.PASS: "verified", Verdict.UNKNOWN: "unverified", Verdict.FAIL: "suspicious"}


@dataclass(frozen=True)
class Hint:
    """An older ticket that a new one belongs to, or may belong to."""

    ticket: Ticket
    why: Tie

    def __str__(self) -> str:
        return f"{'follows' if self.why is Tie.FOLLOWS else 'may belong to'} {self.ticket.number}"


@dataclass(frozen=True)
class Place:
    """Where a letter belongs."""

    # None asks for a new ticket.
    ticket: Ticket | None
    # As `Message.proof`.
    proof: str
    # What the new ticket is tied to; for agents to judge.
    hint: Hint | None = None
    # The reply address it was sent to; None where a reference or a number led here.
    token: ReplyAddress | None = None

    @property
    def is_vouched(self) -> bool:
        """Whether our border vouches for the sender's domain."""
        return self.proof == _PROOFS[Verdict.PASS]

    @property
    def is_suspicious(self) -> bool:
        """Whether our border says that it is not from whom it claims: nothing follows from what it names."""
        return self.proof == _PROOFS[Verdict.FAIL]


def place(letter: ParsedLetter, writer: str) -> Place:
    """Where the letter is heard, and how far `writer` (an address) is proved to have sent it."""
    found = verdict(letter, current_app.config["HELPDESK_AUTHSERV_ID"])
    if found is Verdict.PASS and writer != letter.sender.address:
        found = Verdict.UNKNOWN  # the border vouches for From, not for whom a form says to answer
    token = ReplyAddress.among(_recipients(letter), writer)
    if found is Verdict.UNKNOWN and token is not None and token.agent_id and not token.is_of(writer):
        found = Verdict.FAIL  # customers learn each other's reply addresses by Cc, but never a colleague's
    proof = _PROOFS[found]
    proved = token.ticket if token is not None else _referred(letter)
    if proved is not None:
        return Place(proved, proof, token=token)
    hint = _hint(letter, writer)
    joins = current_app.config["HELPDESK_UNSIGNED_REPLIES"] == "append" and found is Verdict.PASS
    if hint is not None and hint.why is Tie.TAKES_PART and joins:
        return Place(hint.ticket, proof)
    return Place(None, proof, hint=hint)


def takes_part(writer: str, ticket: Ticket) -> bool:
    """Whether the address is the customer's, or of somebody whom an agent added; writing adds nobody."""
    contact = Contact.known_as(writer)
    if contact is None or contact.id == ticket.contact_id:
        return contact is not None
    is_added = Participant.is_copied | Participant.agent_id.is_not(None)
    theirs = Participant.of(ticket).where(Participant.contact_id == contact.id, is_added)
    return db.session.scalar(theirs) is not None


def _recipients(letter: ParsedLetter) -> tuple[str, ...]:
    return (*(mailbox.address for mailbox in (*letter.to, *letter.cc)), *letter.delivered_to)


def _referred(letter: ParsedLetter) -> Ticket | None:
    """The ticket of a reference that only a reader of our letter can know."""
    for reference in _references(letter):
        if (ticket_id := ticket_of(reference)) is not None:
            return db.session.get(Ticket, ticket_id)
    return None


def _hint(letter: ParsedLetter, writer: str) -> Hint | None:
    """The ticket of an earlier letter that it answers, or of the number in its subject: claims, no proof.

    A number anybody can count up to: it says nothing of a stranger's letter.
    """
    answered, number = _answered(letter), _NUMBER.search(letter.subject)
    ticket = answered or (db.session.get(Ticket, int(number[1])) if number else None)
    if ticket is None:
        return None
    if takes_part(writer, ticket):
        return Hint(ticket, Tie.TAKES_PART)
    if writer in named_in_letters(ticket):
        return Hint(ticket, Tie.NAMED)
    return Hint(ticket, Tie.ANSWERS) if answered else None


def _answered(letter: ParsedLetter) -> Ticket | None:
    references = _references(letter)
    earlier = select(RawLetter.ticket_id).where(
        RawLetter.message_id.in_(references), RawLetter.ticket_id.is_not(None)
    )
    newest = earlier.order_by(RawLetter.id.desc()).limit(1)
    ticket_id = db.session.scalar(newest) if references else None
    return db.session.get(Ticket, ticket_id) if ticket_id is not None else None


def _references(letter: ParsedLetter) -> list[str]:
    """The nearest first."""
    nearest = [letter.in_reply_to] if letter.in_reply_to else []
    return list(dict.fromkeys([*nearest, *reversed(letter.references)]))
