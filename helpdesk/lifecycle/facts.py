"""What is known of one customer, read in a few statements, each only when something asks for it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import and_, case, func, or_, select, union_all
from sqlalchemy.orm import aliased

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.customers.models import Customer
from helpdesk.customers.orders import Subscription
from helpdesk.lifecycle.models import HealthReading, Overlay, Stage
from helpdesk.tickets.models import Status, Ticket
from helpdesk.timeline import Event, Kind

# A row of named columns; SQLAlchemy types rows by place, which says nothing here.
Record = Any

# What customers said, paid, reached and were told: read as far back as it matters.
TOLD = (
    *(Kind.SURVEY_ANSWERED, Kind.CUE_ANSWERED, Kind.TICKET_REOPENED, Kind.REFERRAL_ACCEPTED),
    *(Kind.TRIAL_STARTED, Kind.TRIAL_ENDED, Kind.ORDER_PAID, Kind.ORDER_REFUNDED),
    *(Kind.SUBSCRIPTION_STARTED, Kind.SUBSCRIPTION_CHANGED, Kind.SUBSCRIPTION_ENDED),
    *(Kind.PAYMENT_FAILED, Kind.PAYMENT_RECOVERED, Kind.VALUE_REACHED, Kind.CHECKLIST_DONE),
)
TRIED = (Kind.HELP_SEARCHED, Kind.ARTICLE_READ, Kind.ARTICLE_VOTED)
TRIED_WITHIN = timedelta(hours=24)
MOST_EVENTS, MOST_TICKETS = 300, 200
# Tickets that were closed before this time say nothing any more.
TICKETS_WITHIN = timedelta(days=180)
# Seven windows of 28 days: the present one and the six before.
WINDOW, WINDOWS = timedelta(days=28), 7
# How far back "before" lies when we say that health rose or fell.
BEFORE = timedelta(days=14)


class Facts:
    """One customer at one moment. Nothing is read twice; nothing is written."""

    def __init__(self, customer_id: int, at: datetime | None = None) -> None:
        self.customer_id = customer_id
        self.at = at or now()

    @cached_property
    def standing(self) -> Sequence[Record]:
        """Customer, stage and next stage; one row per open overlay, at least one."""
        following = aliased(Stage)
        after = and_(following.set_id == Stage.set_id, following.position == Stage.position + 1)
        found = (
            select(*_CUSTOMER, *_STAGE, *_following(following), *_OVERLAY)
            .outerjoin(Stage, Stage.id == Customer.stage_id)
            .outerjoin(following, after)
            .outerjoin(Overlay, and_(Overlay.customer_id == Customer.id, Overlay.closed_at.is_(None)))
            .where(Customer.id == self.customer_id)
            .order_by(Overlay.id)
        )
        return db.session.execute(found).all()

    @property
    def customer(self) -> Record:
        """The customer's own columns, with those of the stage (`stage_…`) and of the next (`next_…`)."""
        return self.standing[0]

    @property
    def overlays(self) -> list[Record]:
        """What lies over the stage now, oldest first."""
        return [row for row in self.standing if row.overlay_id is not None]

    @cached_property
    def subscriptions(self) -> Sequence[Record]:
        """Every plan the customer ever had, newest first."""
        found = select(*_SUBSCRIPTION).where(Subscription.customer_id == self.customer_id)
        return db.session.execute(
            found.order_by(Subscription.started_at.desc(), Subscription.id.desc())
        ).all()

    @cached_property
    def tickets(self) -> Sequence[Record]:
        """Open tickets, and those opened in the last 180 days; newest first, at most 200."""
        recent = or_(Ticket.status != Status.RESOLVED, Ticket.opened_at > self.at - TICKETS_WITHIN)
        found = select(*_TICKET).where(Ticket.customer_id == self.customer_id, recent)
        return db.session.execute(found.order_by(Ticket.id.desc()).limit(MOST_TICKETS)).all()

    @cached_property
    def events(self) -> Sequence[Record]:
        """What was told, what was tried in the last day, and the newest reply of ours; newest first."""
        ours = select(*_EVENT).where(Event.customer_id == self.customer_id)
        newest = Event.occurred_at.desc(), Event.id.desc()
        tried = ours.where(Event.kind.in_(TRIED), Event.occurred_at > self.at - TRIED_WITHIN)
        parts = [
            ours.where(Event.kind.in_(TOLD)).order_by(*newest).limit(MOST_EVENTS).subquery(),
            tried.order_by(*newest).limit(20).subquery(),
            ours.where(Event.kind == Kind.TICKET_REPLIED).order_by(*newest).limit(1).subquery(),
        ]
        rows = db.session.execute(union_all(*(select(part) for part in parts))).all()
        return sorted(rows, key=lambda row: (row.occurred_at, row.id), reverse=True)

    def told(self, *kinds: Kind) -> list[Record]:
        """The events of these kinds, newest first."""
        return [event for event in self.events if event.kind in kinds]

    @cached_property
    def usage(self) -> Sequence[Record]:
        """Days of use, newest first, over seven windows of 28 days."""
        since = self.at - WINDOW * WINDOWS
        ours = and_(Event.customer_id == self.customer_id, Event.kind == Kind.USAGE_REPORTED)
        found = select(*_EVENT).where(ours, Event.occurred_at > since).order_by(Event.occurred_at.desc())
        return db.session.execute(found.limit(WINDOW.days * WINDOWS)).all()

    @cached_property
    def readings(self) -> Sequence[Record]:
        """The last readings of health, newest first."""
        found = select(HealthReading.id, HealthReading.at, HealthReading.score).where(
            HealthReading.customer_id == self.customer_id
        )
        return db.session.execute(found.order_by(HealthReading.at.desc()).limit(100)).all()

    @cached_property
    def usual_mood(self) -> float:
        """The mean of everybody's CSAT in the last 90 days, 0 to 100; 80 where nobody answered."""
        score = Event.details["csat"].as_float()
        recent = and_(Event.kind == Kind.SURVEY_ANSWERED, Event.occurred_at > self.at - timedelta(days=90))
        mean = db.session.scalar(select(func.avg(case((score > 0, score)))).where(recent))
        return 80.0 if mean is None else (float(mean) - 1) / 4 * 100


_CUSTOMER = (
    *(Customer.id, Customer.name, Customer.type, Customer.needs_care, Customer.created_at),
    *(Customer.stage_id, Customer.stage_since, Customer.source, Customer.language),
    *(Customer.health, Customer.health_coverage, Customer.health_band, Customer.health_before),
)
_STAGE = (
    *(
        Stage.key.label("stage_key"),
        Stage.name_ja.label("stage_name_ja"),
        Stage.name_en.label("stage_name_en"),
    ),
    *(
        Stage.anchor.label("stage_anchor"),
        Stage.no_sell.label("stage_no_sell"),
        Stage.guide.label("stage_guide"),
    ),
    *(Stage.position.label("stage_position"), Stage.set_id.label("stage_set_id")),
    Stage.reply_within.label("stage_reply_within"),
)
_OVERLAY = (
    *(Overlay.id.label("overlay_id"), Overlay.kind.label("overlay_kind")),
    *(Overlay.opened_at.label("overlay_opened_at"), Overlay.reason.label("overlay_reason")),
)
_SUBSCRIPTION = (
    *(Subscription.id, Subscription.plan, Subscription.seats, Subscription.seats_used, Subscription.price),
    *(Subscription.started_at, Subscription.trial_ends_at, Subscription.paid_from),
    *(Subscription.renews_at, Subscription.ended_at),
)
_TICKET = (
    *(Ticket.id, Ticket.contact_id, Ticket.status, Ticket.topic, Ticket.cycle, Ticket.opened_at),
    *(Ticket.first_replied_at, Ticket.waiting_since, Ticket.reply_due_at, Ticket.assignee_id, Ticket.team_id),
)
_EVENT = (Event.id, Event.kind, Event.ticket_id, Event.subject_id, Event.occurred_at, Event.details)


def _following(stage: Any) -> tuple[Any, ...]:
    names = stage.name_ja.label("next_name_ja"), stage.name_en.label("next_name_en")
    return (*names, stage.key.label("next_key"), stage.entry_rule.label("next_entry_rule"))
