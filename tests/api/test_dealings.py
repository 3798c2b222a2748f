"""Orders and plans that other systems tell of: one row each, whichever event comes first."""

from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy import delete, select

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.customers.orders import Order, Subscription
from helpdesk.lifecycle.facts import Facts
from helpdesk.lifecycle.money import FIELDS
from helpdesk.timeline import Event

PAID = ("order.paid", 9, {"order": "A-1", "product": "Pot", "amount": 5000, "currency": "JPY"})
REFUNDS = (("order.refunded", 5, {"order": "A-1", "amount": 1000}),) * 2
PLAN = (
    ("trial.started", 40, {"subscription": "S-1", "plan": "Light"}),
    ("sub.started", 30, {"subscription": "S-1", "plan": "Light", "price": 900, "seats": 2}),
    ("sub.changed", 20, {"subscription": "S-1", "plan": "Team", "price": 1900}),
    ("sub.ended", 10, {"subscription": "S-1", "reason": "price"}),
)


@pytest.fixture
def tell(api, carol):
    def tell(*events, address="carol@example.org"):
        batch = [
            {
                "customer": {"email": address},
                "type": type,
                "occurred_at": (now() - timedelta(days=ago)).isoformat(),
                "payload": payload,
            }
            for type, ago, payload in events
        ]
        return api.post("/api/v1/events", json={"events": batch}).json["items"]

    return tell


def rows(table, *columns):
    return [tuple(row) for row in db.session.execute(select(*(getattr(table, name) for name in columns)))]


def test_a_refund_may_come_before_its_payment(tell):
    for events in permutations((PAID, *REFUNDS)):
        tell(*events)
        assert rows(Order, "product", "amount", "refunded", "placed_at", "refunded_at") == [
            ("Pot", 5000, 2000, now() - timedelta(days=9), now() - timedelta(days=5))
        ]
        db.session.execute(delete(Event))
        db.session.execute(delete(Order))


def test_an_end_may_come_before_its_beginning(tell):
    days = {ago: now() - timedelta(days=ago) for ago in (40, 30, 10)}
    for events in permutations(PLAN):
        tell(*events)
        assert rows(Subscription, "plan", "price", "seats", "started_at", "paid_from", "ended_at") == [
            ("Team", 1900, 2, days[40], days[30], days[10])
        ]
        db.session.execute(delete(Event))
        db.session.execute(delete(Subscription))


def test_a_plan_without_a_name_is_the_one_plan_and_may_come_back(tell):
    unnamed = [(type, ago, {"plan": "Light"}) for type, ago, _ in (PLAN[1], PLAN[3])]
    tell(*unnamed, ("sub.started", 3, {"plan": "Light"}))

    assert rows(Subscription, "plan", "ended_at", "paid_from") == [
        ("Light", None, now() - timedelta(days=30))
    ]


def test_an_order_is_paid_once(tell):
    tell(PAID)
    [again] = tell(PAID)
    [fresh] = tell(("order.paid", 0, {"amount": 7}))

    assert (again["result"], again["reason"]) == ("refused", "This order is paid already.")
    assert fresh["result"] == "recorded"
    assert rows(Order, "external_id", "amount") == [("A-1", 5000), (None, 7)]


def test_numbers_that_no_order_has_are_refused(tell):
    told = tell(
        ("order.paid", 0, {"amount": -1}),
        ("order.paid", 0, {"amount": 10**40}),
        ("sub.started", 0, {"renews_at": "soon"}),
    )

    assert {each["result"] for each in told} == {"refused"}
    assert "from 0" in told[0]["reason"]


def test_what_rules_reckon_counts_nothing_twice(tell, carol):
    tell(PAID, *PLAN[:2])
    seen = {name: FIELDS[name].read(Facts(carol.customer_id)).value for name in ("product_lines", "paid")}

    assert seen == {"product_lines": 2, "paid": True}


def test_a_trial_whose_end_nobody_told_runs(tell, carol):
    tell(("trial.started", 3, {"plan": "Light"}))
    assert FIELDS["trial_running"].read(Facts(carol.customer_id)).value is True

    tell(("trial.ended", 1, {}))
    assert FIELDS["trial_running"].read(Facts(carol.customer_id)).value is False
