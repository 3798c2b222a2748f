"""Everything that happens to a customer, each fact stamped with the stage of its moment.

Stage, health, cues, surveys and reports are read from here, and every claim on screen links to the
events that are its evidence. `docs/timeline.md` says of each kind when it happens and who reacts.
"""

import enum
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from datetime import datetime
from typing import Any, Protocol, cast

from flask import current_app
from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.clock import now
from helpdesk.core.db import Model, db

# Longer than any honest chain of reactions; two rules that chase each other stop here.
LONGEST_CHAIN = 5


class Kind(enum.Enum):
    """Every fact that can happen. The values are data: never renamed without a migration."""

    CUSTOMER_ADDED = "customer.added"
    CONTACT_ADDED = "contact.added"
    CUSTOMER_MERGED = "customer.merged"
    CUSTOMER_PARTED = "customer.parted"

    TICKET_OPENED = "ticket.opened"
    TICKET_HEARD = "ticket.heard"
    TICKET_REPLIED = "ticket.replied"
    TICKET_NOTED = "ticket.noted"
    TICKET_ASSIGNED = "ticket.assigned"
    TICKET_CHANGED = "ticket.changed"
    TICKET_RESOLVED = "ticket.resolved"
    TICKET_REOPENED = "ticket.reopened"
    TICKET_TIED = "ticket.tied"
    CHAT_ENDED = "chat.ended"
    LETTER_FAILED = "letter.failed"
    LETTER_RETRIED = "letter.retried"

    HELP_SEARCHED = "help.searched"
    ARTICLE_READ = "article.read"
    ARTICLE_VOTED = "article.voted"

    STAGE_ENTERED = "stage.entered"
    STAGE_LOCKED = "stage.locked"
    STAGE_UNLOCKED = "stage.unlocked"
    MOVE_DECLINED = "move.declined"
    OVERLAY_OPENED = "overlay.opened"
    OVERLAY_CLOSED = "overlay.closed"
    CUE_ANSWERED = "cue.answered"

    SURVEY_INVITED = "survey.invited"
    SURVEY_SKIPPED = "survey.skipped"
    SURVEY_ANSWERED = "survey.answered"

    TRIAL_STARTED = "trial.started"
    TRIAL_ENDED = "trial.ended"
    ORDER_PAID = "order.paid"
    ORDER_CHANGED = "order.changed"
    ORDER_REFUNDED = "order.refunded"
    SUBSCRIPTION_STARTED = "sub.started"
    SUBSCRIPTION_CHANGED = "sub.changed"
    SUBSCRIPTION_ENDED = "sub.ended"
    PAYMENT_FAILED = "payment.failed"
    PAYMENT_RECOVERED = "payment.recovered"
    USAGE_REPORTED = "usage.daily"
    VALUE_REACHED = "value.reached"
    CHECKLIST_DONE = "checklist.done"
    REFERRAL_ACCEPTED = "referral.accepted"


class Event(Model):
    """One fact. Written once, never changed."""

    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_customer_id_occurred_at_id", "customer_id", "occurred_at", "id"),
        Index("ix_events_customer_id_kind_occurred_at", "customer_id", "kind", "occurred_at"),
        Index("ix_events_ticket_id_id", "ticket_id", "id"),
        Index("ix_events_kind_occurred_at", "kind", "occurred_at"),
    )

    kind: Mapped[Kind]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"))
    # What it happened to: a table's name and the row's id.
    subject_type: Mapped[str]
    subject_id: Mapped[int]
    # The stage the customer stood on at that moment.
    stage_id: Mapped[int | None] = mapped_column(ForeignKey("stages.id"))
    # Who did it; both empty where the house itself did.
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id", ondelete="SET NULL"))
    # The fact that led to this one.
    cause_id: Mapped[int | None] = mapped_column(ForeignKey("events.id", ondelete="SET NULL"))
    depth: Mapped[int] = mapped_column(default=0)
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    source: Mapped[str] = mapped_column(default="house")
    idempotency_key: Mapped[str | None] = mapped_column(unique=True)
    details: Mapped[dict[str, Any]]


class CustomerOfRecord(Protocol):
    """What the timeline needs to know of a customer."""

    id: Any
    stage_id: Any


class Actor(Protocol):
    """An agent or a contact: whoever can do things."""

    id: Any

    @property
    def actor_column(self) -> str:
        """`agent_id` or `contact_id`: where an event names this actor."""
        ...


Reaction = Callable[[Any, Event], None]
Reactions = Mapping[Kind | None, Sequence[Reaction]]

_cause: ContextVar[Event | None] = ContextVar("cause", default=None)


def record(
    kind: Kind, subject: Model, *, by: Actor | None = None, once: str | None = None, **details: Any
) -> Event:
    """Note that `kind` happened to `subject`, and let the house react before the commit.

    A reaction may write rows and ask for jobs; it must not send, fetch or index anything itself.
    once: what no second fact may be known by. Raises `RuntimeError` where reactions chase each other.
    """
    event = note_past(kind, subject, at=now(), by=by, idempotency_key=once, **details)
    _let_react(subject, event)
    return event


def note_past(
    kind: Kind,
    subject: Model,
    *,
    at: datetime,
    by: Actor | None = None,
    source: str = "house",
    idempotency_key: str | None = None,
    **details: Any,
) -> Event:
    """Write that `kind` happened to `subject` at `at`, without any reaction: history, told silently.

    It has its number after the next flush, so that many are written at once.
    """
    event = _written(kind, subject, details, at=at, by=by)
    return _kept(event, source, idempotency_key)


def take_in(
    kind: Kind,
    subject: Model,
    details: dict[str, Any],
    *,
    at: datetime,
    source: str,
    idempotency_key: str | None = None,
    quietly: bool = False,
) -> Event:
    """Write what another system says happened at `at`; the house reacts as ever, but not where `quietly`."""
    event = _kept(_written(kind, subject, details, at=at), source, idempotency_key)
    db.session.flush()
    if not quietly:
        _let_react(subject, event)
    return event


def _written(
    kind: Kind, subject: Model, details: dict[str, Any], *, at: datetime, by: Actor | None = None
) -> Event:
    if subject.id is None:
        db.session.flush()
    customer = cast(CustomerOfRecord, getattr(subject, "customer", subject))
    cause = _cause.get()
    event = Event(
        kind=kind,
        customer_id=customer.id,
        ticket_id=subject.id if subject.__tablename__ == "tickets" else getattr(subject, "ticket_id", None),
        subject_type=subject.__tablename__,
        subject_id=subject.id,
        stage_id=customer.stage_id,
        cause_id=cause.id if cause else None,
        depth=cause.depth + 1 if cause else 0,
        occurred_at=at,
        recorded_at=now(),
        details=details,
    )
    if by is not None:
        setattr(event, by.actor_column, by.id)
    return event


def _kept(event: Event, source: str, idempotency_key: str | None) -> Event:
    event.source, event.idempotency_key = source, idempotency_key
    db.session.add(event)
    return event


def _let_react(subject: Model, event: Event) -> None:
    if event.depth > LONGEST_CHAIN:
        raise RuntimeError(f"{event.kind.value} follows from itself: see events up to {event.cause_id}")
    reactions: Reactions = current_app.extensions["helpdesk.reactions"]
    within = _cause.set(event)
    try:
        for react in (*reactions.get(event.kind, ()), *reactions.get(None, ())):
            react(subject, event)
    finally:
        _cause.reset(within)
