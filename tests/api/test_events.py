"""What other systems tell of customers."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.jobs import Job
from helpdesk.customers.models import Contact
from helpdesk.exchange.models import UnknownEvent
from helpdesk.lifecycle.models import Stay
from helpdesk.timeline import Event, Kind


def event(carol, type="order.paid", ago=timedelta(0), **others):
    at = (now() - ago).isoformat()
    return {"customer": {"email": "Carol@example.org"}, "type": type, "occurred_at": at, **others}


def tell(api, *events):
    answer = api.post("/api/v1/events", json={"events": list(events), "source": "shop"})
    assert answer.status_code == 200, answer.text
    return answer.json["items"]


def told(kind=Kind.ORDER_PAID) -> list[Event]:
    return list(db.session.scalars(select(Event).where(Event.kind == kind).order_by(Event.id)))


def reviews() -> list[dict]:
    return [
        job.arguments for job in db.session.scalars(select(Job).where(Job.task.endswith("stages.review")))
    ]


@pytest.fixture
def at_rest(carol, work_off):
    """Carol, with nothing left to review."""
    work_off()
    return carol


def test_what_just_happened_is_a_fact_and_the_house_reacts(api, at_rest):
    [told_it] = tell(api, event(at_rest, payload={"amount": 5000, "at": "shop", "kind": "x"}))
    [fact] = told()

    assert told_it == {"index": 0, "result": "recorded", "event": fact.id, "reason": ""}
    assert (fact.details["amount"], fact.source, fact.occurred_at) == (5000, "shop", now())
    assert reviews() == [{"customer_id": at_rest.customer_id}]


def test_a_payment_moves_the_customer_on(api, at_rest, work_off):
    tell(api, event(at_rest, payload={"amount": 5000}))
    work_off()

    assert db.session.scalars(Stay.of(at_rest.customer)).all()[-1].stage.key == "onboarding"


def test_history_is_told_quietly_with_the_stage_of_its_moment(api, at_rest, clock, work_off):
    clock.shift(timedelta(days=30))
    tell(api, event(at_rest, ago=timedelta(days=2)), event(at_rest, ago=timedelta(days=90)))
    late, early = told()

    assert (late.stage_id, early.stage_id) == (at_rest.customer.stage_id, None)
    assert reviews() == [{"customer_id": at_rest.customer_id, "quiet": True}]
    work_off()
    assert db.session.scalars(Stay.of(at_rest.customer)).all()[-1].stage.key != "prospect"


def test_the_same_key_twice_is_one_event(api, carol):
    once = event(carol, idempotency_key="order-1")
    results = [*tell(api, once, once), *tell(api, once)]

    assert [each["result"] for each in results] == ["recorded", "duplicate", "duplicate"]
    assert len({each["event"] for each in results}) == len(told()) == 1


def test_an_unknown_type_is_kept_aside(api, carol):
    strange = event(carol, "cart.updated", payload={"items": 3}, idempotency_key="cart-1")
    results = [*tell(api, strange), *tell(api, strange)]
    kept = db.session.scalars(select(UnknownEvent)).one()

    assert [each["result"] for each in results] == ["quarantined", "duplicate"]
    assert (kept.customer, kept.type, kept.payload, kept.source) == (
        carol.customer, "cart.updated", {"items": 3}, "shop",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"customer": {"email": "nobody@example.org"}}, "no such customer"),
        ({"customer": {"id": 4711}}, "no such customer"),
        ({"customer": {}}, "one of"), ({"customer": {"id": 1, "email": "carol@example.org"}}, "one of"),
        ({"type": "survey.answered"}, "sees this for itself"), ({"type": "ticket.opened"}, "for itself"),
        ({"payload": {"price": "much"}}, "payload.price"), ({"payload": {"amount": True}}, "payload.amount"),
        ({"payload": {"product": ["a"]}}, "payload.product"), ({"payload": {"a": "\u0000"}}, "NUL"),
        ({"payload": {"a": "x" * 20_001}}, "at most"),
        ({"occurred_at": "2027-01-01T00:00:00Z"}, "not happened"),
    ],
)  # fmt: skip
def test_a_bad_event_is_refused_and_the_others_are_not(api, carol, change, reason):
    refused, good = tell(api, {**event(carol), **change}, event(carol))

    assert (refused["result"], good["result"]) == ("refused", "recorded")
    assert reason in refused["reason"]
    assert len(told()) == 1
    assert told(Kind.SURVEY_ANSWERED) == []


def test_a_customer_is_named_in_one_of_three_ways(api, carol):
    carol.customer.external_id = "crm-1"
    ways = ({"id": carol.customer_id}, {"external_id": "crm-1"}, {"email": "carol@example.org"})

    assert [each["result"] for each in tell(api, *(event(carol, customer=way) for way in ways))] == [
        "recorded"
    ] * 3


def test_the_whole_batch_is_refused_where_its_form_is_wrong(api, carol):
    wrong = api.post("/api/v1/events", json={"events": [event(carol), {"type": "order.paid"}]})

    assert (wrong.status_code, wrong.json["errors"][0]["field"]) == (422, "events.1.customer")
    assert told() == []


def test_a_retried_batch_is_one(api, carol):
    batch = {"json": {"events": [event(carol)]}, "headers": {"Idempotency-Key": "b"}}
    first, again = api.post("/api/v1/events", **batch), api.post("/api/v1/events", **batch)

    assert first.json == again.json
    assert len(told()) == 1


def test_other_people_are_not_touched(api, carol, work_off):
    Contact.meet("dave@example.org")
    work_off()
    tell(api, event(carol))

    assert {each.customer_id for each in told()} == {carol.customer_id}


def test_a_key_that_was_used_for_something_else_is_refused(api, carol):
    tell(api, event(carol, idempotency_key="k", payload={"amount": 1}))
    [other] = tell(api, event(carol, idempotency_key="k", payload={"amount": 2}))
    tell(api, event(carol, "cart.updated", idempotency_key="c"))
    [strange] = tell(api, event(carol, "cart.emptied", idempotency_key="c"))

    assert (other["result"], strange["result"]) == ("refused", "refused")
    assert "used for another event" in other["reason"]
    assert [fact.details for fact in told()] == [{"amount": 1}]
