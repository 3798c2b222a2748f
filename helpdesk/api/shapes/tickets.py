"""Tickets and their messages as programs see them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from helpdesk.api.shapes.common import (
    STRICT,
    Address,
    AgentOut,
    In,
    Language,
    Line,
    Moment,
    Name,
    Named,
    Number,
    Out,
    Page,
    Paging,
    Prose,
    Subject,
    Tag,
)  # fmt: skip
from helpdesk.api.shapes.customers import ContactOut, StandingOut, standings
from helpdesk.tickets.kinds import Priority, Status
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Channel, Message, MessageKind

Tags = Annotated[list[Tag], Field(max_length=20)]


class TicketOut(Out):
    """A ticket, with the person who asks and where their customer of record stands."""

    number: str
    subject: str
    excerpt: str
    status: Status
    priority: Priority
    channel: Channel
    language: str | None
    topic: str
    tags: list[str]
    team: Named
    assignee: AgentOut | None
    contact: ContactOut
    customer: StandingOut
    opened_at: datetime
    updated_at: datetime
    first_replied_at: datetime | None
    waiting_since: datetime | None
    reply_due_at: datetime | None
    resolved_at: datetime | None
    version: int


class TicketList(Page[TicketOut]):
    """A piece of the list of tickets."""


class TicketQuery(Paging):
    """Which tickets, the last changed first; with `updated_since` the longest unchanged first."""

    status: Status | None = None
    customer: Number | None = None
    assignee: Number | None = None
    team: Number | None = None
    priority: Priority | None = None
    channel: Channel | None = None
    tag: Annotated[str, Field(max_length=50)] | None = None
    updated_since: Moment | None = None


class Requester(In):
    """Who asks; whoever writes from this address already is known again."""

    email: Address
    name: Line = ""
    language: Language | None = None


class TicketIn(In):
    """A question to open a ticket with, in the customer's words."""

    subject: Subject
    body: Prose
    requester: Requester
    channel: Channel = Channel.API
    priority: Priority = Priority.NORMAL
    tags: Tags = []
    team: Number | None = None


class TicketPatch(TypedDict, total=False):
    """What to change; what is left out stays.

    assignee: an agent's id or e-mail address, null for nobody. team: its id or its name.
    """

    __pydantic_config__ = STRICT  # type: ignore[misc]

    status: Status
    priority: Priority
    assignee: Number | Address | None
    team: Number | Name
    subject: Subject
    topic: Annotated[Line, Field(max_length=100)]
    tags: Tags


class AuthorOut(Out):
    """Who wrote: an agent or a contact."""

    type: str
    id: int
    name: str


class FileOut(Out):
    """A file of a message; size in bytes."""

    id: int
    name: str
    media_type: str
    size: int


class MessageOut(Out):
    """One turn of the thread; what is not public never leaves the desk."""

    id: int
    kind: MessageKind
    public: bool
    author: AuthorOut | None
    body: str
    channel: Channel
    is_automatic: bool
    attachments: list[FileOut]
    created_at: datetime

    @classmethod
    def of(cls, message: Message) -> "MessageOut":
        return cls(
            id=message.id,
            kind=message.kind,
            public=message.kind is not MessageKind.NOTE,
            author=_author(message),
            body=message.body,
            channel=message.channel,
            is_automatic=message.is_automatic,
            attachments=[
                FileOut(id=each.id, name=each.name, media_type=each.file.content_type, size=each.file.size)
                for each in message.attachments
            ],
            created_at=message.created_at,
        )


class MessageList(Page[MessageOut]):
    """A piece of a thread, oldest first."""


class MessageIn(In):
    """A reply to the customer; not public, it is a note for colleagues."""

    body: Prose
    public: bool = True


def tickets_out(tickets: Sequence[Ticket]) -> list[TicketOut]:
    """Tickets as they are answered; their number changes nothing in the number of statements."""
    standing = standings(ticket.customer for ticket in tickets)
    return [_ticket(ticket, standing[ticket.customer_id]) for ticket in tickets]


def _ticket(ticket: Ticket, standing: StandingOut) -> TicketOut:
    plain = ("number", "subject", "excerpt", "status", "priority", "channel", "language", "topic", "version")
    moments = ("opened_at", "updated_at", "first_replied_at", "waiting_since", "reply_due_at", "resolved_at")
    return TicketOut(
        **{name: getattr(ticket, name) for name in (*plain, *moments)},
        tags=ticket.tag_names,
        team=Named(id=ticket.team.id, name=ticket.team.name),
        assignee=AgentOut.of(ticket.assignee),
        contact=ContactOut.of(ticket.contact),
        customer=standing,
    )


def _author(message: Message) -> AuthorOut | None:
    writer = message.agent or message.contact
    if writer is None:
        return None
    return AuthorOut(type="agent" if message.agent else "contact", id=writer.id, name=writer.name)
