"""Where a customer stands, and what moves them."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select

from helpdesk.core.db import db
from helpdesk.core.jobs import Job
from helpdesk.customers.models import Contact
from helpdesk.lifecycle import stages
from helpdesk.lifecycle.models import Cause, Stage, Stay
from helpdesk.lifecycle.snapshots import Snapshot
from helpdesk.timeline import Event, Kind, record
from tests.lifecycle.conftest import standing


def stage(key):
    return db.session.scalar(select(Stage).where(Stage.key == key))


def last_stay(customer):
    return list(db.session.scalars(Stay.of(customer)))[-1]


def test_a_new_customer_stands_on_the_first_stage_at_once(customer, facts):
    stay = last_stay(customer)

    assert standing(customer) == "prospect"
    assert (stay.cause, stay.left_at) == (Cause.START, None)
    assert stay.evidence["clauses"][0]["field"] == "first_contact"
    assert facts()[:2] == [Kind.CUSTOMER_ADDED, Kind.STAGE_ENTERED]


def test_later_facts_are_stamped_with_the_stage_of_their_moment(customer, ticket):
    opened = db.session.scalar(select(Event).where(Event.kind == Kind.TICKET_OPENED))

    assert opened.stage_id == customer.stage_id == stage("prospect").id


def test_whatever_happens_asks_for_one_review_of_the_customer(customer, happened):
    for _ in range(3):
        record(Kind.VALUE_REACHED, customer)

    asked = db.session.scalar(select(func.count()).where(Job.task.endswith("stages.review")))
    assert asked == 1


def test_a_review_asks_for_no_further_review(customer, plan, work_off):
    work_off()
    plan(trial_in=9)
    stages.review(customer_id=customer.id)
    db.session.commit()

    assert db.session.scalar(select(func.count()).where(Job.task.endswith("stages.review"))) == 0


def test_a_running_trial_is_a_trial_with_its_evidence(customer, plan, reviewed):
    made = plan(trial_in=10)

    assert reviewed() == "trial"
    clause = last_stay(customer).evidence["clauses"][0]
    assert (clause["field"], clause["seen"]) == ("trial_running", True)
    assert clause["sources"] == [f"subscriptions/{made.id}"]


def test_the_first_payment_begins_onboarding(plan, reviewed):
    plan(paid_ago=0)

    assert reviewed() == "onboarding"


def test_value_and_a_finished_checklist_lead_to_adoption(plan, happened, reviewed, ticket):
    plan(paid_ago=12)
    happened(Kind.VALUE_REACHED, days_ago=2)
    assert reviewed() == "onboarding"

    happened(Kind.CHECKLIST_DONE, days_ago=1)
    assert reviewed() == "adoption"


def test_ninety_days_of_full_use_and_good_health_lead_to_growth(customer, plan, put, reviewed, ticket, ada):
    ticket.reply("Here it is.", by=ada)
    plan(paid_ago=200, seats=10, seats_used=8)
    put("adoption", days_ago=90)

    assert reviewed() == "growth"
    assert {clause["field"] for clause in last_stay(customer).evidence["clauses"]} >= {"health", "stage"}


def test_a_referral_skips_stages_and_open_trouble_forbids_it(
    customer, happened, reviewed, ticket, clock, plan
):
    plan(paid_ago=1)
    happened(Kind.REFERRAL_ACCEPTED)
    clock.shift(timedelta(days=3))
    assert reviewed() == "onboarding"

    ticket.resolve(by=None)
    assert reviewed() == "advocate"


def test_a_trial_that_ended_unpaid_leads_back_after_fourteen_days(plan, put, reviewed):
    put("trial", days_ago=44)
    made = plan(trial_in=-13)
    assert reviewed() == "trial"

    made.trial_ends_at -= timedelta(days=1)
    assert reviewed() == "prospect"


def test_a_step_back_waits_until_its_condition_has_held(plan, put, reviewed, clock):
    put("growth", days_ago=100)
    made = plan(paid_ago=200, seats=10, seats_used=4)
    assert reviewed() == "growth"

    clock.shift(timedelta(days=27))
    assert reviewed() == "growth"
    clock.shift(timedelta(days=1))
    assert reviewed() == "adoption"
    assert made.seats_used == 4


def test_a_condition_that_let_go_starts_again(plan, put, reviewed, clock):
    put("growth", days_ago=100)
    made = plan(paid_ago=200, seats=10, seats_used=4)
    reviewed()

    clock.shift(timedelta(days=20))
    made.seats_used = 9
    reviewed()
    made.seats_used = 4
    reviewed()
    clock.shift(timedelta(days=20))

    assert reviewed() == "growth"


def test_nobody_goes_back_to_onboarding_by_a_rule(plan, put, reviewed):
    put("adoption", days_ago=10)
    plan(paid_ago=5)

    assert reviewed() == "adoption"


def test_a_move_by_hand_is_respected_for_thirty_days(customer, plan, reviewed, ada, clock):
    plan(paid_ago=0)
    stages.move(customer, stage("trial"), by=ada, reason="they asked for a second trial")
    assert reviewed() == "trial"
    assert stages.propose(customer.id).stage.key == "onboarding"

    clock.shift(timedelta(days=30))
    assert reviewed() == "onboarding"


def test_moving_to_where_one_stands_is_no_move(customer, ada):
    before = last_stay(customer)

    assert stages.move(customer, stage("prospect"), by=ada, reason="x") is before


def test_a_move_by_hand_can_be_taken_back(customer, ada):
    stages.move(customer, stage("growth"), by=ada, reason="by mistake")
    stages.undo(customer, by=ada)
    db.session.commit()

    assert standing(customer) == "prospect"
    assert [stay.left_at for stay in db.session.scalars(Stay.of(customer))] == [None]


def test_after_a_day_nothing_can_be_taken_back(customer, ada, clock):
    stages.move(customer, stage("growth"), by=ada, reason="on purpose")
    clock.shift(timedelta(hours=25))

    with pytest.raises(stages.NothingToUndo):
        stages.undo(customer, by=ada)


def test_a_bad_rule_is_left_out_told_and_stops_nobody(plan, reviewed, caplog):
    stages.ensure_default().stages[-1].entry_rule = {"all": [{"f": "moon", "op": "eq", "v": "full"}]}
    plan(trial_in=5)

    assert reviewed() == "trial"
    assert "advocate" in caplog.text
    assert "no field 'moon'" in caplog.text


def test_a_quiet_review_moves_without_a_reaction(customer, plan, app):
    heard = []
    app.extensions["helpdesk.reactions"] = {None: (lambda subject, event: heard.append(event),)}
    plan(trial_in=5)

    stages.review(customer_id=customer.id, quiet=True)

    assert standing(customer) == "trial"
    assert heard == []


def test_the_nightly_sweep_reviews_everyone(app, work_off, monkeypatch):
    monkeypatch.setattr(stages, "BATCH", 2)
    people = [Contact.meet(f"p{n}@example.org", f"P{n}") for n in range(5)]
    db.session.commit()
    work_off()

    stages.review_all()

    assert work_off() == 3
    assert db.session.scalar(select(func.count(Snapshot.id))) == len(people)


def test_a_customer_who_is_gone_is_no_failure(app):
    stages.review(customer_id=999)


def test_one_customer_whose_review_fails_keeps_nobody_else_from_theirs(app, work_off, monkeypatch):
    people = [Contact.meet(f"p{n}@example.org", f"P{n}") for n in range(3)]
    db.session.commit()
    work_off()
    broken, take = people[1].customer_id, stages.health.take
    db.session.execute(delete(Snapshot))

    def fail_for_one(facts):
        if facts.customer_id == broken:
            raise ZeroDivisionError
        return take(facts)

    monkeypatch.setattr(stages.health, "take", fail_for_one)
    stages.review_all()
    work_off()

    reviewed = set(db.session.scalars(select(Snapshot.customer_id)))
    assert reviewed == {person.customer_id for person in people} - {broken}
