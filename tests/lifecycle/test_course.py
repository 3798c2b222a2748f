"""The course of a customer as agents read it: then and now, locked, proposed, declined, and beside others."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, func, select

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.customers.models import Contact
from helpdesk.exchange import outside
from helpdesk.lifecycle import history, locks, stages
from helpdesk.lifecycle.dwelling import dwelling, peers
from helpdesk.lifecycle.facts import Facts
from helpdesk.lifecycle.models import Cause, Stage, StageLock, Stay
from helpdesk.lifecycle.money import FIELDS
from helpdesk.lifecycle.support import FIELDS as SUPPORT
from helpdesk.timeline import Event, Kind
from tests.lifecycle.conftest import standing


@pytest.fixture
def address(customer):
    return f"/desk/customers/{customer.id}"


@pytest.fixture
def late_order(customer, reviewed, clock):
    """Known as a prospect for twenty days; then an order of ten days ago is told."""
    clock.shift(timedelta(days=20))
    reviewed()
    outside.take(
        Kind.ORDER_PAID, customer, now() - timedelta(days=10), {"product": "a"}, source="shop", key=None
    )
    reviewed()


def test_times_on_stages_are_those_of_the_worked_example():
    days = {"consider": (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 11, tzinfo=UTC))}
    consider, buy = Stage(id=1, set_id=1, position=0), Stage(id=2, set_id=1, position=1)
    begun = [(consider, days["consider"][0]), (buy, datetime(2026, 2, 1, tzinfo=UTC))]
    begun += [(consider, days["consider"][1]), (buy, datetime(2026, 3, 1, tzinfo=UTC))]
    stays = [Stay(stage=stage, stage_id=stage.id, entered_at=at) for stage, at in begun]

    found = dwelling(stays, datetime(2026, 3, 15, tzinfo=UTC))

    assert [(stage.id, time.days) for stage, time in found.total] == [(1, 49), (2, 24)]
    assert (found.current.days, found.furthest) == (14, buy)


def test_a_late_order_changes_the_past_as_of_now_and_not_as_known_then(customer, late_order, ada, clock):
    today, before = (
        history.read(customer, ada),
        history.read(customer, ada, known_on=(now() - timedelta(days=5)).date()),
    )

    assert [segment.name for segment in today.ribbon] == ["Prospect", "Onboarding"]
    assert round(today.ribbon[1].share) == 50
    assert [segment.name for segment in before.ribbon] == ["Prospect"]


def test_a_fact_keeps_the_stage_of_which_its_report_spoke(customer, happened, clock):
    clock.shift(timedelta(days=20))
    stamped = happened(Kind.VALUE_REACHED, days_ago=0.5)
    outside.take(
        Kind.ORDER_PAID, customer, now() - timedelta(days=10), {"product": "a"}, source="shop", key=None
    )
    stages.review(customer_id=customer.id)

    now_known = outside.StagesThen([customer.id]).at(customer.id, stamped.occurred_at)
    assert db.session.get_one(Stage, stamped.stage_id).key == "prospect"
    assert db.session.get_one(Stage, now_known).key == "onboarding"
    told = select(Event).where(Event.kind == Kind.STAGE_ENTERED).order_by(Event.id)
    assert [event.details.get("late") for event in db.session.scalars(told)] == [None, True]


def test_without_what_was_taken_back_the_course_is_as_if_it_had_never_been(customer, late_order):
    db.session.execute(delete(Event).where(Event.kind == Kind.ORDER_PAID))
    stages.look_again(customer_id=customer.id)

    (stay,) = db.session.scalars(Stay.of(customer))
    assert (stay.stage.key, stay.entered_at, stay.left_at) == ("prospect", customer.created_at, None)


def test_a_move_by_hand_stays_whatever_comes_in_late(customer, ada, clock, reviewed):
    clock.shift(timedelta(days=20))
    stages.move(customer, stages.ensure_default().stages[3], by=ada, reason="they use it")
    clock.shift(timedelta(days=1))
    happened = now() - timedelta(days=10)
    outside.take(Kind.ORDER_PAID, customer, happened, {"product": "a"}, source="shop", key=None)

    assert reviewed() == "adoption"
    course = [(stay.stage.key, stay.cause) for stay in db.session.scalars(Stay.of(customer))]
    assert course == [
        ("prospect", Cause.START),
        ("onboarding", Cause.RULE),
        ("adoption", Cause.MANUAL),
    ]


def test_stays_that_hold_no_more_are_shown_with_why(desk, customer, address, ada):
    desk.post(f"{address}/stage", data={"stage": "growth", "code": "data"})
    desk.post(f"{address}/stage/undo")

    page = desk.get(f"{address}/history").text
    assert "<s><strong>Growth</strong></s>" in page
    assert "taken back" in page
    assert "<s>" not in desk.get(f"{address}/history").text.split("Move by hand")[1]


@pytest.mark.parametrize("day", ["2099-01-01", "9999-12-31", "yesterday", "2026-02-30"])
def test_a_day_that_is_none_or_has_not_come_is_refused(desk, address, day):
    page = desk.get(f"{address}/history?known={day}")

    assert page.status_code == 422
    assert "Choose a day up to today." in page.text


def test_a_lock_holds_rules_back_until_it_ends(desk, ticket, address, plan, reviewed, clock):
    until = (now() + timedelta(days=5)).date().isoformat()
    desk.post(f"{address}/lock", data={"until": until, "reason": "contract talks"})
    plan(paid_ago=0)
    db.session.commit()

    assert reviewed() == "prospect"
    page = desk.get(f"{address}/history").text
    assert "until 23 Sep 2026: contract talks" in page
    assert "Stage locked until 23 Sep 2026" in desk.get(f"/desk/tickets/{ticket.id}").text
    assert "Proposal: to Onboarding" in page
    clock.shift(timedelta(days=7))
    assert reviewed() == "onboarding"


def test_a_lock_is_ended_by_hand(desk, customer, address, plan, reviewed):
    until = (now() + timedelta(days=5)).date().isoformat()
    desk.post(f"{address}/lock", data={"until": until, "reason": "talks"})
    desk.post(f"{address}/lock/end")
    plan(paid_ago=0)

    assert reviewed() == "onboarding"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"until": "2036-09-18", "reason": "x"}, "at most a year"),
        ({"until": "2020-01-01", "reason": "x"}, "ends after today"),
        ({"until": "9999-12-31", "reason": "x"}, "needs its last day"),
        ({"until": "2026-09-30", "reason": " "}, "and a reason"),
    ],
)
def test_a_lock_that_cannot_be_is_refused_in_words(desk, address, data, words):
    page = desk.post(f"{address}/lock", data=data)

    assert page.status_code == 422
    assert words in page.text
    assert db.session.scalar(select(func.count(StageLock.id))) == 0


def test_a_declined_proposal_is_silent_until_its_evidence_changes(desk, customer, address, plan, ada):
    plan(paid_ago=0)
    stages.move(customer, stages.ensure_default().stages[1], by=ada, reason="second trial")
    db.session.commit()
    desk.post(f"{address}/proposal", data={"stage": "onboarding", "answer": "decline"})
    assert "Proposal:" not in desk.get(f"{address}/history").text

    plan(paid_ago=3, name="more")
    db.session.commit()
    assert "Proposal: to Onboarding" in desk.get(f"{address}/history").text


def test_an_accepted_proposal_moves_with_its_evidence(desk, customer, address, plan, ada):
    plan(paid_ago=0)
    stages.move(customer, stages.ensure_default().stages[1], by=ada, reason="second trial")
    db.session.commit()

    desk.post(f"{address}/proposal", data={"stage": "onboarding", "answer": "accept"})

    stay = db.session.scalar(Stay.open_of(customer))
    assert (standing(customer), stay.reason_code) == ("onboarding", "accepted")
    assert stay.evidence["rule"] == {"set": "helpdesk", "version": 1}
    answer = desk.post(f"{address}/proposal", data={"stage": "onboarding", "answer": "accept"})
    assert answer.status_code == 409


def test_the_present_stay_is_told_beside_those_of_others(visit, ada, customer, clock, address):
    for number in range(5):
        clock.shift(timedelta(days=10))
        Contact.meet(f"peer{number}@example.org", "P")
    db.session.flush()
    clock.shift(timedelta(days=10))

    found = peers(customer, now())

    assert (found.customers, found.median.days, found.shorter) == (6, 35, 100)
    assert "60 days · median 35 days" in " ".join(visit(ada).get(f"{address}/history").text.split())


def test_a_past_moment_sees_only_what_had_happened_by_then(customer, ticket, happened, clock, ada):
    asked_at = now()
    clock.shift(timedelta(days=2))
    ticket.reply("Here it is.", by=ada)
    ticket.resolve(by=ada)
    clock.shift(timedelta(days=2))
    happened(Kind.ORDER_PAID, days_ago=3)

    def seen(field, **when):
        return field.read(Facts(customer.id, **when)).value

    day_after = asked_at + timedelta(days=1, hours=1)
    assert seen(SUPPORT["open_tickets"], at=day_after) == 1
    assert round(seen(SUPPORT["waiting_on_us_hours"], at=day_after)) == 25
    assert seen(SUPPORT["open_tickets"]) == 0
    assert seen(FIELDS["paid"], at=day_after) is True
    assert seen(FIELDS["paid"], at=asked_at) is False
    assert seen(FIELDS["paid"], at=day_after, known_by=day_after) is False
    assert locks.lock_of(customer.id) is None
