"""People beside the customer who take part in a ticket: put in copy, or writing themselves."""

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, Select, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.accounts.models import Agent
from helpdesk.core.clock import now
from helpdesk.core.db import Model, db
from helpdesk.customers.models import Contact
from helpdesk.tickets.models import Ticket


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
