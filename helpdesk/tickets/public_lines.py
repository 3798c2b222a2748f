"""The thread as its customer reads it: no notes, nothing sent in their name by somebody unproved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup
from sqlalchemy import Select, select
from sqlalchemy.orm import defer, joinedload

from helpdesk.core.db import db
from helpdesk.core.markup import linked, markdown
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Attachment, Channel, Message, MessageKind


@dataclass(frozen=True)
class Turn:
    """One message, ready to show; `body` is safe HTML."""

    id: int
    is_mine: bool
    author: str
    at: datetime
    # As it was written.
    text: str
    body: Markup
    files: Sequence[Attachment]


def public_lines(ticket: Ticket, *, after: int = 0, heard_in: Channel | None = None) -> list[Turn]:
    """What the customer may read, oldest first; of it, what came after the message of number `after`.

    heard_in: of the customer's own words only those of this channel. Whoever holds a chat may have typed
    another's address, and must not read what its owner writes by mail.
    """
    found = _public(ticket, heard_in).where(Message.id > after).order_by(Message.id)
    with_names = found.options(joinedload(Message.agent), joinedload(Message.contact), defer(Message.html))
    return [_turn(message, ticket) for message in db.session.scalars(with_names)]


def public_attachments(ticket: Ticket, *, heard_in: Channel | None = None) -> Select[Attachment]:
    """The files that hang on what the customer may read, as in `public_lines`."""
    readable = _public(ticket, heard_in).with_only_columns(Message.id)
    return select(Attachment).where(Attachment.message_id.in_(readable))


def _public(ticket: Ticket, heard_in: Channel | None) -> Select[Message]:
    found = select(Message).where(Message.is_for_customer(ticket))
    if heard_in is None:
        return found
    return found.where((Message.kind == MessageKind.AGENT) | (Message.channel == heard_in))


def _turn(message: Message, ticket: Ticket) -> Turn:
    is_ours = message.kind is MessageKind.AGENT
    return Turn(
        id=message.id,
        is_mine=message.contact_id == ticket.contact_id and not is_ours,
        author=message.author_name,
        at=message.created_at,
        text=message.body,
        body=markdown(message.body) if is_ours else linked(message.body),
        files=message.attachments,
    )
