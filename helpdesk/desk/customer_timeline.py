"""Everything that happened to a customer, newest first, each fact with its evidence and its cause.

A constant number of statements, whatever the length: one page is read along the index that holds a
customer's events in order, and what its facts name (messages, agents, causes) is read once for all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, select, tuple_
from sqlalchemy.orm import aliased

from helpdesk.accounts.models import Agent
from helpdesk.core.db import db
from helpdesk.core.i18n import language, local
from helpdesk.core.text import excerpt
from helpdesk.customers.models import Contact
from helpdesk.desk.happenings import FACES, FAMILIES, Fact, tone, words
from helpdesk.lifecycle import places
from helpdesk.lifecycle.models import Stage
from helpdesk.tickets.happenings import may_be_seen_by
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Message
from helpdesk.timeline import Event, Kind

PER_PAGE = 50
# Of a message, so much is shown.
_EXCERPT = 90
# A working day of use is no news: it stands under its own family only.
_ONLY_ON_DEMAND = (Kind.USAGE_REPORTED,)


@dataclass(frozen=True)
class Why:
    """The fact that led to another."""

    words: str
    href: str


@dataclass(frozen=True)
class Line:
    """One fact. `href` is its evidence; `about` the ticket's subject where the words do not say it."""

    id: int
    at: datetime
    # Of the day, as 10:30.
    hour: str
    icon: str
    tone: str
    words: str
    href: str
    about: str
    who: str
    why: Why | None


@dataclass(frozen=True)
class Timeline:
    """One page; `older` is the event before which the next begins, None at the end."""

    lines: Sequence[Line]
    older: int | None
    # A key of `FAMILIES`, or empty for everything.
    family: str


def read(customer_id: int, viewer: Agent, *, family: str = "", before: int | None = None) -> Timeline:
    """A page of what happened, without what happened in tickets that `viewer` may not see."""
    family = family if family in FAMILIES else ""
    found = _events(viewer).where(Event.customer_id == customer_id, _is_of(family), *_behind(before))
    rows = db.session.execute(
        found.order_by(Event.occurred_at.desc(), Event.id.desc()).limit(PER_PAGE + 1)
    ).all()
    is_more, shown = len(rows) > PER_PAGE, rows[:PER_PAGE]
    causes = _causes(shown, viewer)
    named = _Named.by([*shown, *causes.values()])
    lines = [_line(row, customer_id, named, causes) for row in shown]
    return Timeline(lines, shown[-1].id if is_more else None, family)


def _events(viewer: Agent) -> Select[Any]:
    """The events that `viewer` may see, with the names they carry."""
    person = aliased(Contact)
    columns = (
        *(Event.id, Event.kind, Event.occurred_at, Event.details, Event.cause_id, Event.ticket_id),
        *(Event.subject_type, Event.subject_id),
        *(Agent.name.label("agent"), Contact.name.label("contact"), person.name.label("person")),
        Ticket.subject.label("subject"),
    )
    is_about = and_(Event.subject_type == "contacts", person.id == Event.subject_id)
    return (
        select(*columns)
        .outerjoin(Agent, Agent.id == Event.agent_id)
        .outerjoin(Contact, Contact.id == Event.contact_id)
        .outerjoin(person, is_about)
        .outerjoin(Ticket, Ticket.id == Event.ticket_id)
        .where(may_be_seen_by(viewer))
    )


def _is_of(family: str) -> ColumnElement[bool]:
    if not family:
        return Event.kind.not_in(_ONLY_ON_DEMAND)
    return Event.kind.in_([kind for kind, face in FACES.items() if face.family == family])


def _behind(before: int | None) -> list[ColumnElement[bool]]:
    """Older than that event, which may be of any customer: it is only a place in time."""
    at = db.session.scalar(select(Event.occurred_at).where(Event.id == before)) if before else None
    if at is None:
        return []
    return [
        tuple_(Event.occurred_at, Event.id) < tuple_(literal(at, Event.occurred_at.type), literal(before))
    ]


def _causes(rows: Sequence[Any], viewer: Agent) -> dict[int, Any]:
    ids = {row.cause_id for row in rows} - {None}
    found = db.session.execute(_events(viewer).where(Event.id.in_(ids))) if ids else ()
    return {row.id: row for row in found}


@dataclass(frozen=True)
class _Named:
    """What the facts of a page name, by number or key."""

    said: Mapping[int, str]
    agents: Mapping[int, str]
    stages: Mapping[str, str]

    @classmethod
    def by(cls, rows: Sequence[Any]) -> "_Named":
        details = [row.details for row in rows]
        messages = {each.get("message_id") for each in details} - {None}
        agents = {each.get("after") for each in details if isinstance(each.get("after"), int)}
        name = Stage.name_in(language())
        bodies = select(Message.id, func.substr(Message.body, 1, 4 * _EXCERPT).label("body"))
        names = select(Agent.id, Agent.name).where(Agent.id.in_(agents))
        return cls(
            {r.id: r.body for r in db.session.execute(bodies.where(Message.id.in_(messages)))},
            {row.id: row.name for row in db.session.execute(names)},
            {row.key: row.name for row in db.session.execute(select(Stage.key, name.label("name")))},
        )

    def fact(self, row: Any) -> Fact:
        return Fact(
            kind=row.kind,
            details=row.details,
            subject=row.subject or "",
            said=excerpt(self.said.get(row.details.get("message_id"), ""), _EXCERPT),
            person=row.person or "",
            agents=self.agents,
            stages=self.stages,
        )


def _line(row: Any, customer_id: int, named: _Named, causes: Mapping[int, Any]) -> Line:
    fact, cause = named.fact(row), causes.get(row.cause_id)
    return Line(
        id=row.id,
        at=row.occurred_at,
        hour=f"{local(row.occurred_at):%H:%M}",
        icon=FACES[row.kind].icon,
        tone=tone(fact),
        words=words(fact),
        href=_evidence(row, customer_id),
        about=row.subject if row.ticket_id and row.kind is not Kind.TICKET_OPENED else "",
        who=row.agent or row.contact or "",
        why=Why(words(named.fact(cause)), _evidence(cause, customer_id)) if cause else None,
    )


def _evidence(row: Any, customer_id: int) -> str:
    """Where it can be read: the stay, the message, the ticket, the article, or the bare event."""
    details = row.details
    if row.subject_type in ("stays", "overlays"):
        return places.evidence(f"{row.subject_type}/{row.subject_id}", customer_id)
    if row.ticket_id:
        message = details.get("message_id")
        return places.ticket(row.ticket_id) + (f"#message-{message}" if message else "")
    return places.article(details) or places.evidence(f"events/{row.id}", customer_id)
