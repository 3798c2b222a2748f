"""The thread as an agent reads it: what was said, and what happened between, newest last.

Columns are listed, so that the HTML of long letters is not loaded to show their text.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import Row, Select, column, select, table

from helpdesk.accounts.models import Agent
from helpdesk.accounts.permissions import me
from helpdesk.core.db import db
from helpdesk.core.files import SHOWN_TYPES, StoredFile
from helpdesk.core.markup import linked, markdown
from helpdesk.customers.models import Contact
from helpdesk.tickets.deliveries import Delivery, deliveries
from helpdesk.tickets.happenings import Happening, happenings
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.recipients import Chip, chips
from helpdesk.tickets.thread import Attachment, Channel, Message, MessageKind

# By name: the mail room is above this one.
_letters = table("raw_letters", column("turn_id"))

# So many messages are read at once; the rest is behind a link.
MOST_MESSAGES = 50


@dataclass(frozen=True)
class File:
    """An attachment as a link: its size is in bytes."""

    id: int
    name: str
    size: int
    is_image: bool


@dataclass(frozen=True)
class Said:
    """One message, ready to show; `body` is safe HTML."""

    id: int
    kind: str
    author: str
    channel: Channel
    at: datetime
    body: Markup
    quoted: str
    has_html: bool
    # Whether it came as a letter; and whether the viewer may read the letter itself.
    is_by_mail: bool
    has_source: bool
    is_automatic: bool
    proof: str
    # Whether the customer reads it too.
    is_for_customer: bool
    # Of a letter of somebody who is not the customer: colleague (of the same customer of record) or other.
    standing: str
    recipients: Sequence[Chip]
    files: Sequence[File]
    delivery: Delivery | None


@dataclass(frozen=True)
class Lines:
    """A piece of the thread; where it goes on, and from where news would come."""

    lines: Sequence[Said | Happening]
    newest_message: int
    newest_event: int
    # Older messages wait before this one; None where the beginning is shown.
    earlier_than: int | None = None

    @property
    def messages(self) -> list[Said]:
        return [line for line in self.lines if isinstance(line, Said)]

    @property
    def ties(self) -> list[Happening]:
        """What is said of other tickets."""
        return [line for line in self.lines if isinstance(line, Happening) and line.other]


def newest(ticket: Ticket, before: int | None = None) -> Lines:
    """The newest messages (of those before number `before`), with what happened among them."""
    found = _messages(ticket).order_by(Message.id.desc()).limit(MOST_MESSAGES + 1)
    rows = list(db.session.execute(found if before is None else found.where(Message.id < before)))
    is_more, shown = len(rows) > MOST_MESSAGES, rows[:MOST_MESSAGES][::-1]
    since = shown[0].created_at if is_more else None
    events = happenings(ticket, since=since, until=shown[-1].created_at if before and shown else None)
    return _woven(ticket, shown, events, earlier_than=shown[0].id if is_more else None)


def after(ticket: Ticket, message_id: int, event_id: int) -> Lines:
    """What came after these two; no lines where nothing did."""
    rows = db.session.execute(_messages(ticket).where(Message.id > message_id).order_by(Message.id)).all()
    return _woven(ticket, rows, happenings(ticket, after=event_id), message_id=message_id, event_id=event_id)


def newer_than(ticket: Ticket, message_id: int, *, reader: Agent) -> list[Said]:
    """What customer and colleagues said since `reader` looked; notes included, one's own left out."""
    unseen = _messages(ticket).where(Message.id > message_id, Message.agent_id.is_distinct_from(reader.id))
    rows = db.session.execute(unseen.order_by(Message.id).limit(MOST_MESSAGES)).all()
    return _said(ticket, rows)


def _messages(ticket: Ticket) -> Select[Any]:
    columns: tuple[Any, ...] = (
        Message.id,
        Message.kind,
        Message.channel,
        Message.created_at,
        Message.body,
        Message.quoted,
        Message.html.is_not(None).label("has_html"),
        Message.is_automatic,
        Message.proof,
        Message.is_for_customer(ticket).label("is_for_customer"),
        select(_letters.c.turn_id).where(_letters.c.turn_id == Message.id).exists().label("is_by_mail"),
        Message.recipients,
        Message.contact_id,
        Message.agent_id,
        Contact.customer_id,
        Agent.name.label("agent_name"),
        Contact.name.label("contact_name"),
    )
    from_writers: Select[Any] = select(*columns).outerjoin(Message.agent).outerjoin(Message.contact)
    return from_writers.where(Message.ticket_id == ticket.id)


def _woven(
    ticket: Ticket,
    rows: Sequence[Row[Any]],
    events: Sequence[Happening],
    *,
    message_id: int = 0,
    event_id: int = 0,
    earlier_than: int | None = None,
) -> Lines:
    """Messages and events in order of time; at the same moment the message comes first."""
    said = _said(ticket, rows)
    lines: list[Said | Happening] = [*said, *events]
    lines.sort(key=lambda line: line.at)
    return Lines(
        lines,
        newest_message=max([message_id, *(message.id for message in said)]),
        newest_event=max([event_id, *(event.id for event in events)]),
        earlier_than=earlier_than,
    )


def _said(ticket: Ticket, rows: Sequence[Row[Any]]) -> list[Said]:
    files = _files(row.id for row in rows)
    letters = deliveries(row.id for row in rows if row.kind is MessageKind.AGENT)
    named = chips(ticket, rows)
    return [
        _one(
            row,
            files=files.get(row.id, ()),
            delivery=letters.get(row.id),
            standing=_standing(row, ticket),
            recipients=named.get(row.id, ()),
        )
        for row in rows
    ]


def _standing(row: Row[Any], ticket: Ticket) -> str:
    if row.kind is not MessageKind.CUSTOMER or row.contact_id in (None, ticket.contact_id):
        return ""
    return "colleague" if row.customer_id == ticket.customer_id else "other"


def _one(row: Row[Any], **found: Any) -> Said:
    is_ours = row.kind is not MessageKind.CUSTOMER
    return Said(
        id=row.id,
        kind=row.kind.value,
        author=row.agent_name or row.contact_name or (_("Automatic") if is_ours else _("Somebody")),
        channel=row.channel,
        at=row.created_at,
        body=markdown(row.body) if is_ours else linked(row.body),
        quoted=row.quoted,
        has_html=row.has_html,
        is_by_mail=row.is_by_mail,
        # A colleague's own letter shows the address that speaks for them.
        has_source=row.is_by_mail and row.agent_id in (None, me().id),
        is_automatic=row.is_automatic,
        proof=row.proof,
        is_for_customer=row.is_for_customer,
        **found,
    )


def _files(message_ids: Iterable[int]) -> dict[int, list[File]]:
    columns: tuple[Any, ...] = (
        Attachment.message_id,
        Attachment.id,
        Attachment.name,
        StoredFile.size,
        StoredFile.content_type,
    )
    found = select(*columns).join(Attachment.file).where(Attachment.message_id.in_(list(message_ids)))
    files: dict[int, list[File]] = {}
    for row in db.session.execute(found.order_by(Attachment.id)):
        file = File(row.id, row.name, row.size, row.content_type in SHOWN_TYPES)
        files.setdefault(row.message_id, []).append(file)
    return files
