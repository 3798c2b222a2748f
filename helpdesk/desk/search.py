"""Tickets and customers that contain what was typed, in any message, and only what the viewer may see.

The full-text index finds them; permission and filters stand in the same statement. Only columns are
read, and of each ticket one message: the newest in which something was found.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import Select, func, select

from helpdesk.accounts.models import Agent
from helpdesk.core import fulltext
from helpdesk.core.db import db
from helpdesk.core.i18n import whens
from helpdesk.core.words import snippet
from helpdesk.customers.models import Contact, Customer, CustomerType, who_writes
from helpdesk.desk.asked import Asked
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Message, MessageKind, shown_excerpt

PER_PAGE = 25
MOST_CUSTOMERS = 4
# Nothing is counted further; the page then says "100+": the figure tells whether to narrow the search.
COUNTED_UP_TO = 100
# A find further down in a message is not shown; the page would load whole pasted logs for it.
_READ_OF_A_MESSAGE = 8_000
_LONGEST_SUBJECT = 300


@dataclass(frozen=True)
class Hit:
    """A ticket found; subject and snippet are safe HTML with the finds in <mark>."""

    id: int
    subject: Markup
    snippet: Markup
    # Whether the snippet is of a note, which no customer ever saw.
    is_note: bool
    status: str
    who: str
    # When it was last touched, in the reader's words.
    at: str


@dataclass(frozen=True)
class Person:
    """A customer found."""

    id: int
    name: Markup
    is_company: bool


@dataclass(frozen=True)
class Found:
    """One page: tickets, the newest (or the best fitting) first, and on the first page customers too."""

    hits: Sequence[Hit] = ()
    # At most `COUNTED_UP_TO` + 1; None where the page is not the first of the newest.
    count: int | None = None
    # The place where the next page begins; None at the end.
    older: int | None = None
    customers: Sequence[Person] = ()


def search(viewer: Agent, asked: Asked, *, before: int | None = None, is_ranked: bool = False) -> Found:
    """What `viewer` gets, the newest tickets first, or the best fitting where `is_ranked`.

    before: the last ticket of the page before this one; the best are not paged.
    """
    if not asked:
        return Found()
    if is_ranked and asked.query:
        best = fulltext.best("tickets", asked.query, visible=_visible(viewer, asked)).limit(PER_PAGE)
        return Found(_hits(viewer, asked, list(db.session.scalars(best))))
    ids = list(db.session.scalars(_newest(viewer, asked, before)))
    shown, older = ids[:PER_PAGE], ids[PER_PAGE - 1] if len(ids) > PER_PAGE else None
    if before is not None:
        return Found(_hits(viewer, asked, shown), older=older)
    if asked.number is not None:
        shown = [asked.number, *(id for id in shown if id != asked.number)]
    return Found(_hits(viewer, asked, shown), len(ids), older, _customers(viewer, asked))


def _newest(viewer: Agent, asked: Asked, before: int | None) -> Select[int]:
    """A page and one more. For the first page so many that they are counted by the way: numbers only, it
    costs less than to ask twice.
    """
    visible, enough = _visible(viewer, asked), PER_PAGE + 1 if before else COUNTED_UP_TO + 1
    if asked.query:
        return fulltext.newest("tickets", asked.query, visible=visible, before=before).limit(enough)
    newest = visible.with_only_columns(Ticket.id).order_by(Ticket.id.desc())
    return (newest.where(Ticket.id < before) if before else newest).limit(enough)


def _visible(viewer: Agent, asked: Asked) -> Select[Ticket]:
    return Ticket.visible_to(viewer).where(*asked.conditions(viewer))


def _hits(viewer: Agent, asked: Asked, ids: Sequence[int]) -> list[Hit]:
    """The tickets in the order of `ids`; one whose number was typed may be none, or not theirs to see."""
    rows = {row.id: row for row in db.session.execute(_columns(viewer, ids))}
    words = {row.ticket_id: row for row in db.session.execute(_said(asked, [*rows]))}
    when = whens()
    return [_hit(rows[id], words.get(id), asked, when) for id in ids if id in rows]


def _columns(viewer: Agent, ids: Sequence[int]) -> Select[Any]:
    """What a row shows; asked through the viewer once more, for a number that was typed is no permission."""
    columns: Any = (
        *(Ticket.id, Ticket.subject, Ticket.excerpt, Ticket.status, Ticket.updated_at),
        *(Customer.name.label("customer"), Customer.type.label("customer_type")),
        Contact.name.label("contact"),
    )
    found = Ticket.visible_to(viewer).with_only_columns(*columns).where(Ticket.id.in_(ids))
    return found.join(Ticket.customer).join(Ticket.contact)


def _said(asked: Asked, ids: Sequence[int]) -> Select[Any]:
    """Of each ticket the newest message in which something was found."""
    beginning = func.substr(Message.body, 1, _READ_OF_A_MESSAGE).label("body")
    parts = fulltext.newest_parts("tickets", asked.query, ids)
    return select(Message.ticket_id, Message.kind, beginning).where(Message.id.in_(parts))


def _hit(row: Any, said: Any | None, asked: Asked, when: Callable[[datetime], str]) -> Hit:
    return Hit(
        id=row.id,
        subject=snippet(row.subject, asked.query, length=_LONGEST_SUBJECT),
        snippet=snippet(said.body if said else shown_excerpt(row.excerpt), asked.query),
        is_note=said is not None and said.kind is MessageKind.NOTE,
        status=row.status.value,
        who=who_writes(row.customer, row.customer_type, row.contact),
        at=when(row.updated_at),
    )


def _customers(viewer: Agent, asked: Asked) -> list[Person]:
    """The best fitting; none beside a filter, for filters are about tickets."""
    if not asked.query or asked.is_narrowed:
        return []
    visible = Customer.visible_to(viewer)
    best = fulltext.best("customers", asked.query, visible=visible).limit(MOST_CUSTOMERS)
    ids = list(db.session.scalars(best))
    columns = visible.with_only_columns(Customer.id, Customer.name, Customer.type).where(Customer.id.in_(ids))
    rows = {row.id: row for row in db.session.execute(columns)}
    return [
        Person(id, snippet(rows[id].name, asked.query), rows[id].type is CustomerType.COMPANY)
        for id in ids
        if id in rows
    ]
