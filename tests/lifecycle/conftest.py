"""What happens to Carol, in words."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.customers.models import Customer
from helpdesk.customers.orders import Subscription
from helpdesk.lifecycle import stages
from helpdesk.lifecycle.models import Stage
from helpdesk.timeline import Event, Kind, note_past


@pytest.fixture
def customer(carol) -> Customer:
    return carol.customer


@pytest.fixture
def happened(customer) -> Callable[..., Event]:
    """`happened(Kind.ORDER_PAID, days_ago=3, product="x")`: a fact of Carol's, told silently."""

    def note(kind: Kind, *, days_ago: float = 0, **details) -> Event:
        return note_past(kind, customer, at=now() - timedelta(days=days_ago), **details)

    return note


@pytest.fixture
def plan(customer) -> Callable[..., Subscription]:
    """A plan of Carol's; `…_ago` and `…_in` are days."""

    def make(*, paid_ago=None, trial_in=None, renews_in=None, ended_ago=None, **values) -> Subscription:
        made = Subscription(
            customer=customer,
            plan=values.pop("name", "standard"),
            started_at=now() - timedelta(days=paid_ago or 20),
            paid_from=None if paid_ago is None else now() - timedelta(days=paid_ago),
            trial_ends_at=None if trial_in is None else now() + timedelta(days=trial_in),
            renews_at=None if renews_in is None else now() + timedelta(days=renews_in),
            ended_at=None if ended_ago is None else now() - timedelta(days=ended_ago),
            **values,
        )
        db.session.add(made)
        db.session.flush()
        return made

    return make


@pytest.fixture
def reviewed(customer) -> Callable[[], str]:
    """Lets the rules look, and says where Carol stands."""

    def review() -> str:
        stages.review(customer_id=customer.id)
        db.session.commit()
        return standing(customer)

    return review


@pytest.fixture
def put(customer) -> Callable[..., None]:
    """`put("growth", days_ago=100)`: Carol stands there since then, moved by a rule."""

    def place(key: str, *, days_ago: float = 0) -> None:
        chosen = next(s for s in stages.ensure_default().stages if s.key == key)
        stay = stages.enter(customer, chosen, stages.Cause.RULE)
        stay.entered_at = stay.recorded_at = customer.stage_since = now() - timedelta(days=days_ago)
        db.session.commit()

    return place


def standing(customer: Customer) -> str:
    return db.session.get_one(Stage, customer.stage_id).key
