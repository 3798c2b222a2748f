"""What other systems tell of customers, and the timeline as programs see it."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import select

from helpdesk.accounts.models import Agent
from helpdesk.api.shapes.common import MOST, Address, In, Moment, Number, Out, Page, Paging
from helpdesk.api.shapes.customers import ExternalId
from helpdesk.core.db import db
from helpdesk.customers.models import Contact
from helpdesk.lifecycle.models import Stage
from helpdesk.timeline import Event

EventType = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.-]{0,79}$")]


class Result(Enum):
    """What became of one event. quarantined: kept, but of an unknown type. refused: see the reason."""

    RECORDED = "recorded"
    DUPLICATE = "duplicate"
    QUARANTINED = "quarantined"
    REFUSED = "refused"


class WhoseIn(In):
    """Whose event it is: one of the three."""

    id: Number | None = None
    external_id: ExternalId | None = None
    email: Address | None = None


class EventIn(In):
    """One thing that happened to a customer elsewhere."""

    customer: WhoseIn
    type: EventType
    occurred_at: Moment
    payload: dict[str, Any] = {}
    idempotency_key: ExternalId | None = None


class EventsIn(In):
    """A batch, worked off in its order. source: the system that tells."""

    events: Annotated[list[EventIn], Field(min_length=1, max_length=MOST)]
    source: Annotated[str, Field(pattern="^[a-z0-9][a-z0-9_-]{0,39}$")] = "api"


class EventResult(Out):
    """What became of the event at this place of the batch; `event` is its number on the timeline."""

    index: int
    result: Result
    event: int | None = None
    reason: str = ""


class EventResults(Out):
    """One result for each event, in the order of the batch."""

    items: list[EventResult]


class ActorOut(Out):
    """Who did it: an agent or a contact."""

    type: str
    id: int
    name: str


class EventOut(Out):
    """One fact of the timeline; `stage` is where the customer stood at that moment."""

    id: int
    type: str
    occurred_at: datetime
    recorded_at: datetime
    source: str
    stage: str | None
    ticket: str | None
    actor: ActorOut | None
    subject_type: str
    subject_id: int
    cause: int | None
    details: dict[str, Any]


class Timeline(Page[EventOut]):
    """A piece of a timeline, newest first."""


class TimelineQuery(Paging):
    """Of which type; all of them where left out."""

    type: EventType | None = None


def events_out(events: Sequence[Event]) -> list[EventOut]:
    """Events as they are answered, in three statements more."""
    stages = _by_id(Stage.id, Stage.key, {event.stage_id for event in events})
    agents = _by_id(Agent.id, Agent.name, {event.agent_id for event in events})
    contacts = _by_id(Contact.id, Contact.name, {event.contact_id for event in events})
    return [
        EventOut(
            id=event.id,
            type=event.kind.value,
            occurred_at=event.occurred_at,
            recorded_at=event.recorded_at,
            source=event.source,
            stage=stages.get(event.stage_id),
            ticket=str(event.ticket_id) if event.ticket_id else None,
            actor=_actor("agent", event.agent_id, agents) or _actor("contact", event.contact_id, contacts),
            subject_type=event.subject_type,
            subject_id=event.subject_id,
            cause=event.cause_id,
            details=event.details,
        )
        for event in events
    ]


def _by_id(number: Any, name: Any, wanted: set[int | None]) -> dict[int | None, str]:
    ids = wanted - {None}
    return {row[0]: row[1] for row in db.session.execute(select(number, name).where(number.in_(ids)))}


def _actor(kind: str, number: int | None, names: dict[int | None, str]) -> ActorOut | None:
    return ActorOut(type=kind, id=number, name=names.get(number, "")) if number else None
