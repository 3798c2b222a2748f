"""People beside the customer who take part in a ticket: put in copy, or writing themselves.

Whoever a letter only names stands in `Message.recipients` and nowhere else: a row here, and with it a
contact, is made when they write, or when an agent puts them in copy. So no stranger becomes a customer of
record because somebody typed an address into Cc.
"""

import enum
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr

from sqlalchemy import ForeignKey, Index, Select, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from helpdesk.accounts.models import Agent
from helpdesk.core.clock import now
from helpdesk.core.db import Model, db
from helpdesk.customers.models import Contact, ContactAddress, normal_address
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.reach import Silence, place_of
from helpdesk.tickets.thread import Message, MessageKind

# Of the newest letters of a ticket, and of the people whom they name.
LETTERS_READ, MOST_NAMED = 100, 30

# Nobody reads what is sent there.
_MACHINES = re.compile(
    r"(?:no|do-?not)[-_.]?reply|mailer-?daemon|postmaster|bounces?[-+@]|.*-(?:request|owner)@"
)


class Origin(enum.Enum):
    """How somebody came into a ticket."""

    # Named in To or Cc of a letter of the customer's.
    NAMED = "named"
    # Wrote to it without being the customer.
    WROTE = "wrote"
    # An agent put them in copy.
    ADDED = "added"


class Participant(Model):
    """Somebody of a ticket who is not its customer. Being one gives no reading rights at all."""

    __tablename__ = "participants"
    __table_args__ = (Index("uq_participants_ticket_id_contact_id", "ticket_id", "contact_id", unique=True),)

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"), index=True)
    origin: Mapped[Origin]
    # Whether answers go to them in copy; only what is newer than `joined_at`.
    is_copied: Mapped[bool] = mapped_column(default=False)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    joined_at: Mapped[datetime] = mapped_column(default=now)

    ticket: Mapped[Ticket] = relationship()
    contact: Mapped[Contact] = relationship()
    # Who put them in copy.
    agent: Mapped[Agent | None] = relationship()

    @classmethod
    def of(cls, ticket: Ticket) -> Select["Participant"]:
        return select(cls).where(cls.ticket_id == ticket.id).order_by(cls.id)

    @classmethod
    def note(cls, ticket: Ticket, contact: Contact, origin: Origin) -> "Participant | None":
        """Remember that they take part; None for the customer. Whoever is known already stays as they are."""
        if contact.id == ticket.contact_id:
            return None
        known = db.session.scalar(cls.of(ticket).where(cls.contact_id == contact.id))
        if known is not None:
            return known
        noted = cls(ticket_id=ticket.id, contact_id=contact.id, origin=origin)
        db.session.add(noted)
        db.session.flush()
        return noted


@dataclass(frozen=True)
class Offered:
    """Somebody whom an answer may go to in copy."""

    name: str
    # Bare and lower-case.
    address: str
    origin: Origin
    # Whether an agent put them in copy: then answers offer them ticked.
    is_copied: bool
    # None for somebody who is only named: `put_in_copy` makes the contact.
    contact_id: int | None
    # Whose letter named them; empty for others.
    named_by: str = ""
    # Why letters do not reach them; None where they do.
    silence: Silence | None = None


def offered(ticket: Ticket) -> list[Offered]:
    """Everybody whom an answer on `ticket` may be copied to, those who take part first.

    Those whom letters name count only where the letter is not suspicious; machines, our agents and the
    customer are none of them (our own mailboxes are left out when a letter is taken in).
    """
    named = named_in_letters(ticket)
    found = _taking_part(ticket, named)
    known = {each.address for each in found} | _addresses_of(ticket.contact_id)
    strangers = [address for address in named if address not in known]
    found_contacts, ours = _contacts_of(strangers), _ours_among(strangers)
    for address in strangers:
        name, by = named[address]
        contact_id, silence = found_contacts.get(address, (None, None))
        if address not in ours and not (contact_id and contact_id in {each.contact_id for each in found}):
            found.append(Offered(name or address, address, Origin.NAMED, False, contact_id, by, silence))
    return found


def put_in_copy(ticket: Ticket, address: str, name: str = "", *, by: Agent) -> Participant | None:
    """Let answers from now on go to `address` too; None for the customer's own."""
    origin = Origin.NAMED if normal_address(address) in named_in_letters(ticket) else Origin.ADDED
    participant = Participant.note(ticket, Contact.meet(address, name, source="email"), origin)
    if participant is not None and not participant.is_copied:
        participant.is_copied, participant.agent_id, participant.joined_at = True, by.id, now()
        db.session.flush()
    return participant


def named_in_letters(ticket: Ticket) -> dict[str, tuple[str, str]]:
    """Who is named in To and Cc: name and namer by address, of the newest letters that are not suspicious."""
    letters = select(Message.recipients, Contact.name).join(Message.contact)
    theirs = letters.where(Message.ticket_id == ticket.id, Message.kind == MessageKind.CUSTOMER)
    newest = theirs.where(Message.proof != "suspicious").order_by(Message.id.desc()).limit(LETTERS_READ)
    named: dict[str, tuple[str, str]] = {}
    for recipients, writer in db.session.execute(newest):
        for name, address in _read(recipients):
            if len(named) < MOST_NAMED and not is_machine(address):
                named.setdefault(address, (name, writer))
    return named


def is_machine(address: str) -> bool:
    """Whether it reads like an address behind which nobody sits, such as noreply@."""
    return bool(_MACHINES.match(address))


def _taking_part(ticket: Ticket, named: dict[str, tuple[str, str]]) -> list[Offered]:
    rows = db.session.scalars(Participant.of(ticket).options(joinedload(Participant.contact))).all()
    found = []
    for row in rows:
        if place := place_of(row.contact):
            by = named.get(place.address, ("", ""))[1] if row.origin is Origin.NAMED else ""
            told = (row.origin, row.is_copied, row.contact_id, by, place.silence)
            found.append(Offered(row.contact.name, place.address, *told))
    return found


def _read(recipients: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    for field in ("to", "cc"):
        for written in recipients.get(field, ()):
            name, address = parseaddr(written)
            if address:
                yield name, normal_address(address)


def _addresses_of(contact_id: int) -> set[str]:
    return set(
        db.session.scalars(select(ContactAddress.address).where(ContactAddress.contact_id == contact_id))
    )


def _contacts_of(addresses: Iterable[str]) -> dict[str, tuple[int, Silence | None]]:
    columns = (ContactAddress.contact_id, ContactAddress.bounced_at, ContactAddress.silent_because)
    known = select(ContactAddress.address, *columns).where(ContactAddress.address.in_(list(addresses)))
    return {
        address: (contact_id, Silence.at(since, because))
        for address, contact_id, since, because in db.session.execute(known)
    }


def _ours_among(addresses: Iterable[str]) -> set[str]:
    return set(db.session.scalars(select(Agent.email).where(Agent.email.in_(list(addresses)))))
