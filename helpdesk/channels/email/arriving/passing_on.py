"""A colleague passes on what a customer wrote to their own address: the customer's ticket, not theirs."""

from dataclasses import replace

from flask_babel import gettext as _

from helpdesk.accounts.models import Agent
from helpdesk.channels.email.arriving.hearing import fit_name, hear
from helpdesk.channels.email.arriving.placing import Place
from helpdesk.channels.email.letters.letter import Address, ParsedLetter
from helpdesk.channels.email.letters.quote_marks import FORWARDED, ORIGINAL, block_length
from helpdesk.channels.email.mailboxes import is_own
from helpdesk.channels.email.models import RawLetter
from helpdesk.core.i18n import in_language
from helpdesk.tickets.thread import Message


def is_passed_on(letter: ParsedLetter) -> bool:
    """Whether it holds a letter of somebody who is neither us nor one of us."""
    inner = letter.forwarded
    if inner is None or not inner.sender.address or is_own(inner.sender.address):
        return False
    return Agent.by_email(inner.sender.address) is None


def pass_on(raw: RawLetter, letter: ParsedLetter, agent: Agent) -> Message:
    """Open a ticket for the first sender, and note who passed it on with which words.

    The first sender is what a proved colleague says, and no border saw them: the message is unverified.
    The note is the house's own: without their reply address, a letter speaks for no agent.
    """
    inner = letter.forwarded
    assert inner is not None  # for the type checker: `is_passed_on` was asked
    first = replace(
        letter,
        sender=inner.sender,
        subject=inner.subject or letter.subject,
        text=inner.text,
        html=None,
        to=(),
        cc=(),
        attachments=tuple(file for file in letter.attachments if file.content_type != "message/rfc822"),
        automatic_because=None,
    )
    writer = Address(fit_name(inner.sender), inner.sender.address)
    message = hear(raw, first, writer, Place(None, "unverified"))
    with in_language(None):
        told = _(
            "%(name)s forwarded this letter by mail. Its first sender is the customer here.", name=agent.name
        )
        if words := _above(letter.text):
            told = "\n\n".join((told, _("They wrote above it:"), words))
    message.ticket.note(told, by=None, is_automatic=True)
    return message


def _above(text: str) -> str:
    """What the colleague wrote over it: for us, never for the customer."""
    lines = text.split("\n")
    for index, line in enumerate(lines):
        if FORWARDED.match(line) or ORIGINAL.match(line) or block_length(lines, index):
            return "\n".join(lines[:index]).strip()
    return text.strip()
