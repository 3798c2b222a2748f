"""Colleagues who answer from their own mail program, and what else comes in their name.

A letter counts as an agent's only with the reply address that was given to this very agent, and where our
border vouches for From; whether they still work here and may see the ticket is asked when it is read. All
else that claims to be theirs goes to quarantine, and nothing of it to a customer.
"""

import re
import unicodedata
from typing import Any

from helpdesk.accounts.models import Agent
from helpdesk.channels.email.arriving.hearing import sorted_files
from helpdesk.channels.email.arriving.news import ABOVE
from helpdesk.channels.email.arriving.placing import Place
from helpdesk.channels.email.letters.automatic import reads_like_absence
from helpdesk.channels.email.letters.letter import Attachment as Enclosed
from helpdesk.channels.email.letters.letter import ParsedLetter
from helpdesk.channels.email.letters.quotes import split_reply
from helpdesk.core import files
from helpdesk.core.db import db
from helpdesk.core.mail import Letter
from helpdesk.core.smtp import mailbox
from helpdesk.customers.models import Contact
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.participants import Participant
from helpdesk.tickets.thread import Attachment, Channel, Message

# Smaller pictures that the letter shows in place are the logos of signatures.
SMALLEST_PICTURE = 10_000

# Stands above what `news` writes: whatever is below it was never the agent's own words.
_BELOW = re.compile(rf"^[>＞|\s]*{ABOVE} [^\n]{{5,100}} {ABOVE}", re.MULTILINE)
_CUT = "\N{OBJECT REPLACEMENT CHARACTER}cut"
# Rather one note too many than one that a customer reads: what follows the word does not matter.
_NOTE = re.compile(r"\s*# ?(?:notes?|memo|メモ|社内メモ|内部メモ)[:,. 、。]*", re.IGNORECASE)


class NotAsStaff(Exception):
    """It is not taken as a colleague's; `reason` is why, as the quarantine lists it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def say(letter: ParsedLetter, agent: Agent, where: Place) -> Message | None:
    """Add what `agent` answers; None where they write for themselves, as any customer does.

    Raises `NotAsStaff` for all that is not proved to be theirs to say.
    """
    if not where.is_vouched:
        raise NotAsStaff("staff-unproved")
    if not agent.is_active:
        raise NotAsStaff("staff-left")
    if where.ticket is None or _is_their_own(where, agent):
        return None
    if where.token is None or where.token.agent_id != agent.id:
        raise _refused(agent, "staff-unproved")
    if db.session.scalar(Ticket.visible_to(agent).where(Ticket.id == where.ticket.id)) is None:
        raise _refused(agent, "staff-no-access")
    return _add(letter, agent, where.ticket)


def own_words(text: str) -> str:
    """What the agent wrote: without our letter below it, other quotations and the signature; may be empty."""
    above, *below = _BELOW.split(text, maxsplit=1)
    words = split_reply(f"{above}\n> {_CUT}" if below else text)
    is_all_quoted = not re.search(r"^\s*[^>＞\s]", words.visible, re.MULTILINE)
    return "" if _CUT in words.visible or is_all_quoted else words.visible


def note_of(words: str) -> str | None:
    """The rest, where the first line begins with #note or #メモ; None for an answer to the customer."""
    first, _, rest = words.lstrip().partition("\n")
    marked = _NOTE.match(unicodedata.normalize("NFKC", first))
    if marked is None:
        return None
    return f"{unicodedata.normalize('NFKC', first)[marked.end() :]}\n{rest}".strip()


def _is_their_own(where: Place, agent: Agent) -> bool:
    """Whether they are the customer of the ticket themselves, and do not write as its agent."""
    contact = Contact.known_as(agent.email)
    is_customer = contact is not None and where.ticket is not None and contact.id == where.ticket.contact_id
    return is_customer and (where.token is None or where.token.agent_id is None)


def _add(letter: ParsedLetter, agent: Agent, ticket: Ticket) -> Message:
    words = own_words(letter.text)
    kept, refused = sorted_files(tuple(each for each in letter.attachments if not _is_logo(each)))
    note = note_of(words)
    if not kept and not (words if note is None else note):
        raise _refused(agent, "staff-empty")
    if note is None and letter.is_absence_notice and not reads_like_absence(ticket.subject):
        note = words  # a machine that does not say that it is one
    attachments = [Attachment(file=files.keep(each.content, each.name), name=each.name) for each in kept]
    particulars: dict[str, Any] = {"channel": Channel.EMAIL, "proof": "verified"}
    particulars["attachments"] = attachments
    if refused:
        ticket.note(refused, by=agent)
    if note is not None:
        return ticket.note(note, by=agent, **particulars)
    return ticket.reply(words, by=agent, recipients=_readers(ticket), **particulars)


def _is_logo(enclosed: Enclosed) -> bool:
    return enclosed.is_inline and len(enclosed.content) < SMALLEST_PICTURE


def _readers(ticket: Ticket) -> dict[str, list[str]]:
    """The customer, and those whom an agent put in copy, as an answer from the desk offers them."""
    copied = db.session.scalars(Participant.of(ticket).where(Participant.is_copied))
    fields = {"to": [ticket.contact], "cc": [each.contact for each in copied]}
    return {
        field: [mailbox(each.name, each.address) for each in people if each.address]
        for field, people in fields.items()
    }


def _refused(agent: Agent, reason: str) -> NotAsStaff:
    """Tell the agent, whose address is proved, that nothing was sent."""
    Letter.from_template("colleagues/refused", to=agent.email, lang=agent.language, reason=reason)
    return NotAsStaff(reason)
