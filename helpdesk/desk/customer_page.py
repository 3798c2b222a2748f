"""All that the page of one customer holds, in a constant number of statements."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, lazyload

from helpdesk.accounts.models import Agent
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.i18n import titled
from helpdesk.core.statistics import Estimate
from helpdesk.customers import leading_on
from helpdesk.customers.custom_values import Own, own_values
from helpdesk.customers.models import Contact, Customer, CustomerType
from helpdesk.customers.orders import Order, Subscription
from helpdesk.desk import customer_timeline, likeness_page
from helpdesk.desk.customer_timeline import Timeline
from helpdesk.desk.likeness_page import Likeness
from helpdesk.lifecycle.models import HealthReading, Overlay, Stage
from helpdesk.lifecycle.ribbon import Segment, ribbon
from helpdesk.surveys import scores
from helpdesk.surveys.models import Survey
from helpdesk.tickets.kinds import Status
from helpdesk.tickets.models import Ticket

# What stands in the column beside the timeline; the rest is behind a link.
MOST_TICKETS, MOST_ORDERS = 8, 5


@dataclass(frozen=True)
class Satisfaction:
    """What their answers say so far, of tickets that the viewer may see; None where nobody answered."""

    csat: Estimate | None
    ces: Estimate | None
    answers: int
    last_comment: str
    last_at: datetime | None


@dataclass(frozen=True)
class CustomerPage:
    """What `templates/desk/customer.html` takes."""

    customer: Customer
    # The name as one speaks of them: with 様 or 御中 in Japanese.
    title: str
    stage: Stage | None
    days: int
    overlays: Sequence[Overlay]
    ribbon: tuple[Segment, ...]
    health_parts: Mapping[str, Any]
    people: Sequence[Contact]
    tickets: Sequence[Any]
    open_tickets: int
    satisfaction: Satisfaction
    subscriptions: Sequence[Subscription]
    orders: Sequence[Order]
    # What the team's own fields say of them.
    own: Sequence[Own]
    timeline: Timeline
    likeness: Likeness


def find(customer_id: int, viewer: Agent) -> Customer:
    """The customer, or 404; of one that was put into another, the way to the other's page."""
    owner = joinedload(Customer.owner).options(lazyload(Agent.teams))
    return leading_on.find(customer_id, viewer, owner)


def read(customer_id: int, viewer: Agent, *, family: str = "", before: int | None = None) -> CustomerPage:
    """The page as `viewer` sees it. family, before: which part of the timeline."""
    customer, at = find(customer_id, viewer), now()
    overlays = db.session.scalars(Overlay.open_of(customer)).all()
    tickets = _tickets(customer, viewer)
    return CustomerPage(
        customer=customer,
        title=titled(customer.name, is_company=customer.type is CustomerType.COMPANY),
        stage=db.session.get(Stage, customer.stage_id) if customer.stage_id else None,
        days=(at - customer.stage_since).days + 1 if customer.stage_since else 0,
        overlays=overlays,
        ribbon=ribbon(customer.id, at, {overlay.kind for overlay in overlays}),
        health_parts=_health_parts(customer),
        people=_people(customer),
        tickets=tickets,
        open_tickets=sum(ticket.status is not Status.RESOLVED for ticket in tickets),
        satisfaction=_satisfaction(customer, viewer),
        subscriptions=_of(Subscription, customer, Subscription.started_at),
        orders=_of(Order, customer, Order.placed_at),
        own=own_values(customer.extra),
        timeline=customer_timeline.read(customer.id, viewer, family=family, before=before),
        likeness=likeness_page.likeness(customer, viewer),
    )


def _health_parts(customer: Customer) -> Mapping[str, Any]:
    """The parts of the newest reading, 0 to 100 each, None where unknown; empty before the first."""
    newest = select(HealthReading.parts).where(HealthReading.customer_id == customer.id)
    return db.session.scalar(newest.order_by(HealthReading.at.desc()).limit(1)) or {}


def _people(customer: Customer) -> Sequence[Contact]:
    return db.session.scalars(
        select(Contact).where(Contact.customer_id == customer.id).order_by(Contact.id)
    ).all()


def _tickets(customer: Customer, viewer: Agent) -> Sequence[Any]:
    """Those that wait for somebody, then the newest of the others."""
    columns = (Ticket.id, Ticket.subject, Ticket.status, Ticket.updated_at)
    theirs = Ticket.visible_to(viewer).with_only_columns(*columns).where(Ticket.customer_id == customer.id)
    order = ((Ticket.status == Status.RESOLVED), Ticket.id.desc())
    return db.session.execute(theirs.order_by(*order).limit(MOST_TICKETS + 1)).all()


def _satisfaction(customer: Customer, viewer: Agent) -> Satisfaction:
    columns = (Survey.csat, Survey.ces, Survey.comment, Survey.answered_at)
    theirs = Survey.visible_to(viewer).with_only_columns(*columns)
    answered = theirs.where(Survey.customer_id == customer.id, Survey.answered_at.is_not(None))
    rows = db.session.execute(answered.order_by(Survey.answered_at.desc())).all()
    return Satisfaction(
        csat=scores.csat(Counter(row.csat for row in rows if row.csat is not None)),
        ces=scores.ces(Counter(row.ces for row in rows if row.ces is not None)),
        answers=len(rows),
        last_comment=rows[0].comment if rows else "",
        last_at=rows[0].answered_at if rows else None,
    )


def _of(table: Any, customer: Customer, moment: Any) -> Sequence[Any]:
    """The newest rows of `table` that belong to the customer."""
    theirs = select(table).where(table.customer_id == customer.id)
    return db.session.scalars(theirs.order_by(moment.desc(), table.id.desc()).limit(MOST_ORDERS)).all()
