"""The guards, put to an answer on its ticket: what they need to know is read here, where it is needed."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from helpdesk.core.db import db
from helpdesk.core.text import is_company
from helpdesk.customers.models import Contact
from helpdesk.tickets import copies, planning
from helpdesk.tickets.copies import Choice
from helpdesk.tickets.findings import Finding
from helpdesk.tickets.guards import missing_file, outsiders, placeholders, silent
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.participants import Participant
from helpdesk.tickets.reach import Reader
from helpdesk.tickets.salutations import Known, misaddressed
from helpdesk.tickets.thread import Message

# People of a company whose names are known to the guard, and messages in which further ones are looked for.
MOST_PEOPLE, MOST_HEARD = 200, 50


def findings(
    ticket: Ticket, text: str, *, has_files: bool, people: Sequence[Choice], reader: Reader
) -> list[Finding]:
    """What stands against sending `text` as it is, in the order in which it is shown."""
    found = [] if planning.is_in_chat(ticket) else silent(_silent_among(reader, people))
    found += _names(ticket, text, people)
    if added := copies.added(people):
        found += outsiders(added, copies.near_domains(ticket))
    return found + missing_file(text, has_files) + placeholders(text)


def _silent_among(reader: Reader, people: Sequence[Choice]) -> list[str]:
    """The customer's address, and those chosen for copies, that letters do not reach."""
    theirs = [reader.to.address] if reader.to and reader.to.silence else []
    return theirs + [each.address for each in people if each.is_chosen and each.silence]


def _names(ticket: Ticket, text: str, people: Sequence[Choice]) -> list[Finding]:
    """First by the nearest names; what these do not know is asked of all that was written."""
    near = [ticket.contact.name, ticket.contact.kana, ticket.customer.name, *(each.name for each in people)]
    first = misaddressed(text, _known(near))
    return misaddressed(text, _known([*near, *_others(ticket)], _heard(ticket))) if first else []


def _known(names: Sequence[str], heard: str = "") -> Known:
    companies = [name for name in names if is_company(name)]
    return Known([name for name in names if name and name not in companies], companies, heard)


def _others(ticket: Ticket) -> list[str]:
    """The names of the customer's people, and of those who take part."""
    house = select(Contact).where(Contact.customer_id == ticket.customer_id).limit(MOST_PEOPLE)
    taking = db.session.scalars(Participant.of(ticket).options(joinedload(Participant.contact)))
    people = [*db.session.scalars(house), *(each.contact for each in taking)]
    return [name for each in people for name in (each.name, each.kana)]


def _heard(ticket: Ticket) -> str:
    """What was written in the ticket: names of further people may stand there."""
    said = select(Message.body, Message.quoted).where(Message.ticket_id == ticket.id)
    rows = db.session.execute(said.order_by(Message.id.desc()).limit(MOST_HEARD))
    return "\n".join([ticket.subject, *(f"{row.body}\n{row.quoted}" for row in rows)])
