"""What is told late changes the past, whatever the order in which it comes, and keeps what was known."""

from datetime import timedelta
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import select

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.customers.models import Contact
from helpdesk.exchange import outside
from helpdesk.lifecycle import stages
from helpdesk.lifecycle.keeping import is_void
from helpdesk.lifecycle.models import Overlay, Stay
from helpdesk.timeline import Kind
from tests.conftest import NINE

numbers = count()
# Whole hours, so that two facts may well be of one moment.
HOURS_AGO = some.integers(min_value=26, max_value=24 * 700)
FACTS = some.one_of(
    some.tuples(
        some.just(Kind.ORDER_PAID), HOURS_AGO, some.sampled_from([{"product": "a"}, {"product": "b"}])
    ),
    some.tuples(some.just(Kind.TRIAL_STARTED), HOURS_AGO, some.just({})),
    some.tuples(some.just(Kind.TRIAL_ENDED), HOURS_AGO, some.just({})),
    some.tuples(
        some.just(Kind.SUBSCRIPTION_STARTED),
        HOURS_AGO,
        some.fixed_dictionaries({"seats": some.just(10), "seats_used": some.sampled_from([2, 9])}),
    ),
    some.tuples(
        some.sampled_from(
            [Kind.SUBSCRIPTION_ENDED, Kind.PAYMENT_FAILED, Kind.PAYMENT_RECOVERED, Kind.VALUE_REACHED]
        ),
        HOURS_AGO,
        some.just({}),
    ),
    some.tuples(some.sampled_from([Kind.CHECKLIST_DONE, Kind.REFERRAL_ACCEPTED]), HOURS_AGO, some.just({})),
    some.tuples(some.just(Kind.USAGE_REPORTED), HOURS_AGO, some.just({"active_people": 2})),
)


def newcomer():
    person = Contact.meet(f"late{next(numbers)}@example.org", "Late")
    db.session.flush()
    return person.customer


def tell(customer, kind, at, details):
    outside.take(kind, customer, at, details, source="shop", key=None)
    db.session.flush()


def course(customer):
    """The stays and overlays that hold: what, from when, until when."""
    db.session.flush()
    stays = [
        (stay.stage.key, stay.entered_at, stay.left_at) for stay in db.session.scalars(Stay.of(customer))
    ]
    theirs = (
        select(Overlay).where(Overlay.customer_id == customer.id).order_by(Overlay.opened_at, Overlay.kind)
    )
    overlays = [(o.kind, o.opened_at, o.closed_at) for o in db.session.scalars(theirs) if not is_void(o)]
    return stays, overlays


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=some.lists(FACTS, min_size=1, max_size=7), data=some.data())
def test_facts_lead_to_one_course_in_whatever_order_they_are_told(app, told, data):
    courses = []
    for order in (sorted(told, key=lambda fact: -fact[1]), data.draw(some.permutations(told))):
        customer = newcomer()
        for kind, hours_ago, details in order:
            tell(customer, kind, now() - timedelta(hours=hours_ago), details)
            if data.draw(some.booleans()):
                stages.review(customer_id=customer.id, quiet=True)
        stages.review(customer_id=customer.id, quiet=True)
        courses.append(course(customer))
    db.session.rollback()

    assert courses[0] == courses[1]


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=some.lists(FACTS, min_size=1, max_size=5))
def test_a_replay_of_what_was_told_in_time_changes_nothing(app, clock, told):
    clock.move_to(NINE - timedelta(hours=24 * 701))
    customer = newcomer()
    for kind, hours_ago, details in sorted(told, key=lambda fact: -fact[1]):
        sweep_until(clock, customer, NINE - timedelta(hours=hours_ago))
        tell(customer, kind, now(), details)
        stages.review(customer_id=customer.id)
    sweep_until(clock, customer, NINE)
    lived = course(customer)

    first = NINE - timedelta(hours=max(hours for _, hours, _ in told))
    stages.replaying.replay({customer.id: first})
    again = course(customer)
    db.session.rollback()

    assert again == lived


def sweep_until(clock, customer, end):
    """Night after night, at a quarter past two."""
    while (night := (now() + timedelta(days=1)).replace(hour=2, minute=15)) < end:
        clock.move_to(night)
        stages.review(customer_id=customer.id)
    clock.move_to(end)
