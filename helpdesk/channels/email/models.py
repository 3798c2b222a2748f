"""What the mail door keeps: raw letters, and the reply addresses that tell whose answer it is."""

import enum
import re
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Select, false, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.accounts.models import Agent, Role, Team, memberships
from helpdesk.channels.email.mailboxes import Mailbox
from helpdesk.core.clock import now
from helpdesk.core.db import Model, db
from helpdesk.core.signing import MARK_LENGTH, mark
from helpdesk.customers.models import Contact
from helpdesk.tickets.models import Ticket

# The first version of how reply addresses are made; a later one reads both.
_TOKEN = re.compile(rf"\+r1([a-z2-7]{{{MARK_LENGTH}}})@", re.IGNORECASE)

# Stands as the reason of a letter that was taken, and wishes for no automatic answer.
UNANSWERED = "auto-response-suppressed"

# Of one letter; no honest one has more than a few.
MOST_TOKENS = 20


class RawState(enum.Enum):
    RECEIVED = "received"
    TAKEN = "taken"
    QUARANTINED = "quarantined"


class RawLetter(Model):
    """The bytes as they came, committed before anything reads them."""

    __tablename__ = "raw_letters"
    __table_args__ = (Index("ix_raw_letters_state_id", "state", "id"),)

    sha256: Mapped[str] = mapped_column(unique=True)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    size: Mapped[int] = mapped_column(default=0)
    state: Mapped[RawState] = mapped_column(default=RawState.RECEIVED)
    # Why it lies in quarantine, or was ignored; or `UNANSWERED`.
    reason: Mapped[str] = mapped_column(default="")
    # As the letter says, once it is read: for the list of those that lie in quarantine.
    sender: Mapped[str] = mapped_column(default="")
    subject: Mapped[str] = mapped_column(default="")
    # The sender's Message-ID: a hint against duplicates, never the only key.
    message_id: Mapped[str | None] = mapped_column(index=True)
    # Of what the letter says, whichever way it came; unique, so that two who take it at once store it once.
    fingerprint: Mapped[str | None] = mapped_column(unique=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id", ondelete="SET NULL"), index=True)
    turn_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="SET NULL"), index=True)
    received_at: Mapped[datetime] = mapped_column(default=now, index=True)
    # Which of our addresses it came to, where its door knew; and that door: pipe, imap or hook.
    mailbox_id: Mapped[int | None] = mapped_column(
        ForeignKey("mailboxes.id", ondelete="SET NULL"), index=True
    )
    door: Mapped[str] = mapped_column(default="pipe")
    # How often it was begun to do what it says; one that ten processes ended at is not tried again by itself.
    tries: Mapped[int] = mapped_column(default=0)
    # When its bytes were dropped, as long after its receipt as the settings say.
    dropped_at: Mapped[datetime | None]

    mailbox: Mapped[Mailbox | None] = relationship()

    @classmethod
    def quarantined_for(cls, agent: Agent) -> Select["RawLetter"]:
        """Letters that could not be taken in: for admins, and for leads of the team where they would land."""
        waiting = select(cls).where(cls.state == RawState.QUARANTINED).order_by(cls.id.desc())
        if agent.sees_all:
            return waiting
        if not agent.may(Role.LEAD):
            return waiting.where(false())
        landing = select(Team.id).join(memberships).where(Team.is_default, memberships.c.agent_id == agent.id)
        with_team = select(Mailbox.id).where(Mailbox.team_id.is_not(None))
        theirs = with_team.where(Mailbox.team_id.in_(agent.team_ids))
        is_nobodys = cls.mailbox_id.is_(None) | cls.mailbox_id.not_in(with_team)
        return waiting.where(cls.mailbox_id.in_(theirs) | (is_nobodys & landing.exists()))

    @property
    def is_settled(self) -> bool:
        return self.state is RawState.TAKEN

    def settle(self, reason: str = "", *, ticket_id: int | None = None, turn_id: int | None = None) -> None:
        """It is taken care of: as a message, or by the decision to ignore it for `reason`."""
        self.state, self.reason = RawState.TAKEN, reason
        self.ticket_id, self.turn_id = ticket_id, turn_id

    def quarantine(self, reason: str) -> None:
        """Set it aside for people, who may try again."""
        self.state, self.reason = RawState.QUARANTINED, reason[:300]


class ReplyAddress(Model):
    """Lets one participant answer on one ticket; kept as a keyed hash, revocable."""

    __tablename__ = "reply_addresses"
    __table_args__ = (
        Index("uq_reply_addresses_ticket_id_contact_id", "ticket_id", "contact_id", unique=True),
        Index("uq_reply_addresses_ticket_id_agent_id", "ticket_id", "agent_id", unique=True),
        CheckConstraint("(contact_id IS NULL) <> (agent_id IS NULL)", name="somebody"),
    )

    mac: Mapped[str] = mapped_column(unique=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"))
    # One of the two: a customer's side, or a colleague who answers from their own mail program.
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    # Counts up with each revocation, so that a revoked address never works again.
    generation: Mapped[int] = mapped_column(default=1)
    revoked_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)

    ticket: Mapped[Ticket] = relationship()
    contact: Mapped[Contact | None] = relationship()
    agent: Mapped[Agent | None] = relationship()

    @classmethod
    def given_to(cls, person: Contact | Agent, ticket: Ticket) -> "ReplyAddress":
        """Where `person` answers on `ticket`; made at first need, and made anew after a revocation."""
        whose = {person.actor_column: person.id}
        theirs = select(cls).filter_by(ticket_id=ticket.id, **whose)
        given = db.session.scalar(theirs) or cls(ticket_id=ticket.id, generation=0, **whose)
        if given.generation == 0 or given.revoked_at is not None:
            given.generation, given.revoked_at = given.generation + 1, None
            given.mac = mark("kept", given._token)
            db.session.add(given)
            db.session.flush()
        return given

    @classmethod
    def among(cls, addresses: Iterable[str], writer: str) -> "ReplyAddress | None":
        """The valid one among these that was given to `writer` (an address), else the first; or None.

        Who answers to all of a letter names those of others as well.
        """
        tokens = [found[1].lower() for address in addresses if (found := _TOKEN.search(address))]
        macs = [mark("kept", token) for token in list(dict.fromkeys(tokens))[:MOST_TOKENS]]
        known = select(cls).where(cls.mac.in_(macs), cls.revoked_at.is_(None))
        valid = sorted(db.session.scalars(known), key=lambda given: macs.index(given.mac)) if macs else []
        return next((given for given in valid if given.is_of(writer)), next(iter(valid), None))

    def is_of(self, address: str) -> bool:
        """Whether whoever has this mail address was given it."""
        if self.agent_id is not None:
            agent = Agent.by_email(address)
            return agent is not None and agent.id == self.agent_id
        contact = Contact.known_as(address)
        return contact is not None and contact.id == self.contact_id

    def __str__(self) -> str:
        """support+r1…@example.com; made anew from the secret key, so no stored row gives it away."""
        ticket = db.session.get_one(Ticket, self.ticket_id)
        local, _, domain = Mailbox.answering(ticket.mailbox_id).address.partition("@")
        return f"{local}+r1{self._token}@{domain}"

    def revoke(self) -> None:
        """Mail to it is from now on mail to nobody in particular."""
        self.revoked_at = self.revoked_at or now()

    @property
    def _token(self) -> str:
        whose = self.contact_id or f"agent-{self.agent_id}"
        return mark("reply-address", f"{self.ticket_id}:{whose}:{self.generation}")
