"""A ticket with its verbs: one customer, one question, one thread."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, false, func, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.accounts.models import Agent, Team
from helpdesk.core import fulltext
from helpdesk.core.clock import now
from helpdesk.core.db import Model, db
from helpdesk.core.live import announce
from helpdesk.customers.models import Contact, Customer
from helpdesk.tickets.kinds import Priority, Status
from helpdesk.tickets.thread import Channel, Message, MessageKind, TicketTag
from helpdesk.timeline import Kind, record

_NOBODYS = text("assignee_id IS NULL")


class Ticket(Model):
    """One customer, one question, one thread."""

    __tablename__ = "tickets"
    __table_args__ = (
        Index("ix_tickets_status_updated_at_id", "status", "updated_at", "id"),
        Index("ix_tickets_team_id_status_updated_at_id", "team_id", "status", "updated_at", "id"),
        Index(
            "ix_tickets_unassigned",
            *("team_id", "status", "updated_at", "id", "assignee_id"),
            sqlite_where=_NOBODYS,
            postgresql_where=_NOBODYS,
        ),
        Index("ix_tickets_in_hands", "assignee_id", "status", "updated_at", "id", "team_id"),
        Index("ix_tickets_customer_id_id", "customer_id", "id"),
        Index("ix_tickets_contact_id_id", "contact_id", "id"),
        # What people say on the phone; a number is never given twice.
        {"sqlite_autoincrement": True},
    )

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    mailbox_id: Mapped[int | None] = mapped_column(ForeignKey("mailboxes.id", ondelete="SET NULL"))
    subject: Mapped[str]
    excerpt: Mapped[str] = mapped_column(default="")
    status: Mapped[Status] = mapped_column(default=Status.OPEN)
    priority: Mapped[Priority] = mapped_column(default=Priority.NORMAL)
    channel: Mapped[Channel]
    language: Mapped[str | None]
    topic: Mapped[str] = mapped_column(default="")
    # Which resolution this is: 1 until first reopened. A survey is asked once per cycle.
    cycle: Mapped[int] = mapped_column(default=1)
    # The stage the customer stood on when they wrote.
    stage_id: Mapped[int | None] = mapped_column(ForeignKey("stages.id"))
    opened_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)
    first_replied_at: Mapped[datetime | None]
    # Since when it is our turn; None while it is theirs.
    waiting_since: Mapped[datetime | None]
    # Promised in the calendar of its opening; None where no target applies.
    reply_due_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    customer: Mapped[Customer] = relationship()
    contact: Mapped[Contact] = relationship()
    team: Mapped[Team] = relationship()
    assignee: Mapped[Agent | None] = relationship()
    messages: Mapped[list["Message"]] = relationship(back_populates="ticket", order_by="Message.id")
    tags: Mapped[list["TicketTag"]] = relationship(
        order_by="TicketTag.name", lazy="selectin", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"version_id_col": version}

    # From its opening until its first message, which `opened` tells of.
    _is_new = False

    @classmethod
    def visible_to(cls, agent: Agent) -> Select["Ticket"]:
        """Tickets of the agent's teams, and those in their own hands; all of them for an admin."""
        if agent.sees_all:
            return select(cls)
        is_theirs = cls.team_id.in_(agent.team_ids) | (cls.assignee_id == agent.id)
        # A check only: led by an index, it would walk whole teams to find what the caller names.
        return select(cls).where(func.coalesce(is_theirs, false()))

    @classmethod
    def of_contact(cls, contact: Contact) -> Select["Ticket"]:
        """What a signed-in customer may see: one's own requests, not those of colleagues.

        One that somebody opened in their name, it seems, is there once an agent confirmed or answered it.
        """
        messages = select(Message.id).where(Message.ticket_id == cls.id).correlate(cls)
        forged = messages.where(Message.proof == "suspicious").exists()
        others = messages.where(Message.kind != MessageKind.NOTE, Message.proof != "suspicious").exists()
        return select(cls).where(cls.contact_id == contact.id, ~forged | others)

    @classmethod
    def open_for(cls, contact: Contact, *, subject: str, via: Channel, **particulars: Any) -> "Ticket":
        """Open an empty ticket; what they wrote is then `hear`d, and `opened` tells the house."""
        ticket = cls(
            customer=contact.customer,
            contact=contact,
            team=particulars.pop("team", None) or Team.default(),
            subject=subject,
            channel=via,
            stage_id=contact.customer.stage_id,
            waiting_since=now(),
            **particulars,
        )
        ticket._is_new = True
        db.session.add(ticket)
        db.session.flush()
        ticket.reindex()
        return ticket

    @property
    def number(self) -> str:
        """What people say on the phone. Public, never a secret."""
        return str(self.id)

    @property
    def is_resolved(self) -> bool:
        return self.status is Status.RESOLVED

    @property
    def tag_names(self) -> list[str]:
        return [tag.name for tag in self.tags]

    def reindex(self) -> None:
        """Let the ticket be found by its number and its subject as they are now."""
        fulltext.index(db.session(), "tickets", fulltext.Part(self.id, 0, f"{self.id} {self.subject}"))

    def opened(self, *, once: str | None = None, **details: Any) -> None:
        """Tell the house that the ticket stands, its first message included. once: as of `reply`."""
        channel = self.channel.value
        record(Kind.TICKET_OPENED, self, by=self.contact, once=once, channel=channel, **details)

    def hear(
        self, body: str, *, by: Contact | None = None, once: str | None = None, **particulars: Any
    ) -> "Message":
        """Add what the customer wrote; an answer to a resolved ticket reopens it. once: as of `reply`."""
        is_first = self._is_new
        writer = by or self.contact
        message = self._say(MessageKind.CUSTOMER, body, contact=writer, **particulars)
        self.reopen(by=writer)
        if self.status is Status.WAITING:
            self.status = Status.OPEN
        self.waiting_since = self.waiting_since or message.created_at
        if not is_first:
            record(Kind.TICKET_HEARD, self, by=writer, once=once, message_id=message.id)
        return message

    def overhear(self, body: str, *, by: Contact, **particulars: Any) -> "Message":
        """Add what a machine wrote in their name: nothing reopens, nobody waits for an answer."""
        return self._say(MessageKind.CUSTOMER, body, contact=by, **particulars)

    def reply(self, body: str, *, by: Agent, once: str | None = None, **particulars: Any) -> "Message":
        """Answer the customer; now it is their turn. once: by what the fact is known, so that it is one."""
        message = self._say(MessageKind.AGENT, body, agent=by, **particulars)
        self.first_replied_at = self.first_replied_at or message.created_at
        self.waiting_since = None
        if self.status is Status.OPEN:
            self.status = Status.WAITING
        if self.assignee_id is None:
            self.assign(by, by=by)
        record(Kind.TICKET_REPLIED, self, by=by, once=once, message_id=message.id)
        return message

    def note(self, body: str, *, by: Agent | None, once: str | None = None, **particulars: Any) -> "Message":
        """Write something down for colleagues; it never leaves the desk. by: None for the house itself."""
        message = self._say(MessageKind.NOTE, body, agent=by, **particulars)
        record(Kind.TICKET_NOTED, self, by=by, once=once, message_id=message.id)
        return message

    def resolve(self, *, by: Agent | Contact | None) -> None:
        """Close the ticket. Resolving twice is the same as once."""
        if not self.is_resolved:
            self.status, self.resolved_at, self.waiting_since = Status.RESOLVED, now(), None
            self._touch()
            record(Kind.TICKET_RESOLVED, self, by=by, cycle=self.cycle)

    def reopen(self, *, by: Agent | Contact) -> None:
        """Take it up again: a new cycle begins. A ticket that is not resolved stays as it is."""
        if self.is_resolved:
            self.status, self.resolved_at, self.waiting_since = Status.OPEN, None, now()
            self.cycle += 1
            self._touch()
            record(Kind.TICKET_REOPENED, self, by=by, cycle=self.cycle)

    def assign(self, agent: Agent | None, *, by: Agent) -> None:
        """Put it in the hands of `agent`, or of nobody."""
        if self.assignee is not agent:
            before = self.assignee_id
            self.assignee = agent
            self._touch()
            record(Kind.TICKET_ASSIGNED, self, by=by, before=before, after=agent.id if agent else None)

    def change(self, *, by: Agent, **values: Any) -> None:
        """Set plain facts (priority, status, team, subject, topic); what stays the same is not noted."""
        changed = {name: value for name, value in values.items() if getattr(self, name) != value}
        for name, value in changed.items():
            setattr(self, name, value)
        if "subject" in changed:
            self.reindex()
        if changed:
            self._note_change(by, changed)

    def put(self, status: Status, *, by: Agent) -> None:
        """Say whose turn it is; resolving and reopening are what they always are."""
        if status is Status.RESOLVED:
            return self.resolve(by=by)
        self.reopen(by=by)
        self.waiting_since = (self.waiting_since or now()) if status is Status.OPEN else None
        return self.change(by=by, status=status)

    def tag(self, names: Iterable[str], *, by: Agent) -> None:
        """Make `names` its tags, no others."""
        wanted = {name.strip().lower() for name in names} - {""}
        if wanted != set(self.tag_names):
            self.tags = [tag for tag in self.tags if tag.name in wanted]
            self.tags += [TicketTag(name=name) for name in sorted(wanted - set(self.tag_names))]
            self._note_change(by, {"tags": sorted(wanted)})

    def _note_change(self, by: Agent, changed: dict[str, Any]) -> None:
        told = {name: getattr(value, "value", getattr(value, "id", value)) for name, value in changed.items()}
        self._touch()
        record(Kind.TICKET_CHANGED, self, by=by, changed=told)

    def _say(self, kind: MessageKind, body: str, **particulars: Any) -> "Message":
        # By its ticket, not by `self.messages`: a long thread is not loaded to add a line to it.
        message = Message(ticket=self, kind=kind, body=body, **{"channel": self.channel, **particulars})
        self._is_new = False
        db.session.add(message)
        if kind is not MessageKind.NOTE:
            self.excerpt = message.excerpt
        self._touch()
        db.session.flush()
        fulltext.index(db.session(), "tickets", fulltext.Part(self.id, message.id, body))
        return message

    def _touch(self) -> None:
        self.updated_at = now()
        announce(f"ticket-{self.id}", "inbox")
