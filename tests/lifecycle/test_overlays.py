"""What lies over a stage, with its clock and its reasons."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.lifecycle import overlays
from helpdesk.lifecycle.facts import Facts
from helpdesk.lifecycle.models import HealthReading, Overlay, OverlayKind
from helpdesk.timeline import Kind


@pytest.fixture
def lying(customer, reviewed):
    """The kinds that lie over Carol's stage after a review."""

    def look() -> set[str]:
        reviewed()
        return {overlay.kind.value for overlay in db.session.scalars(Overlay.open_of(customer))}

    return look


def test_nothing_lies_over_a_new_customer(lying):
    assert lying() == set()


def test_two_bad_ratings_in_sixty_days_are_a_risk_and_one_is_not(customer, happened, lying):
    happened(Kind.SURVEY_ANSWERED, days_ago=59, csat=2).subject_id = 101
    assert lying() == set()

    happened(Kind.SURVEY_ANSWERED, days_ago=1, csat=1).subject_id = 102
    assert lying() == {"at_risk"}
    overlay = db.session.scalar(Overlay.open_of(customer))
    assert [clause["field"] for clause in overlay.evidence["clauses"]] == ["low_csat_60d"]
    assert len(overlay.evidence["clauses"][0]["sources"]) == 2


def test_the_same_survey_answered_twice_counts_once(happened, lying):
    happened(Kind.SURVEY_ANSWERED, days_ago=2, csat=2).subject_id = 101
    happened(Kind.SURVEY_ANSWERED, days_ago=1, csat=1).subject_id = 101

    assert lying() == set()


def test_a_failed_payment_is_a_risk_until_it_is_recovered(happened, lying, facts):
    happened(Kind.PAYMENT_FAILED, days_ago=1)
    assert lying() == {"at_risk"}

    happened(Kind.PAYMENT_RECOVERED)
    assert lying() == set()
    assert facts()[-1] is Kind.OVERLAY_CLOSED


def test_health_below_forty_is_a_risk_after_three_days(customer, lying, clock):
    db.session.add(HealthReading(customer_id=customer.id, at=now(), score=30.0, coverage=1.0, parts={}))
    clock.shift(timedelta(days=3))
    db.session.commit()

    overlays.review(customer, Facts(customer.id))

    assert db.session.scalar(Overlay.open_of(customer)).kind is OverlayKind.AT_RISK


def test_an_ended_subscription_is_an_end_and_paying_again_a_return(plan, happened, lying, clock):
    plan(paid_ago=100, ended_ago=1)
    happened(Kind.SUBSCRIPTION_ENDED, days_ago=1)
    assert lying() == {"ended"}

    clock.shift(timedelta(days=5))
    plan(paid_ago=0)
    happened(Kind.SUBSCRIPTION_STARTED)
    assert lying() == {"won_back"}

    clock.shift(timedelta(days=90))
    assert lying() == set()


def test_silence_of_four_usual_gaps_is_an_end(happened, lying, clock):
    for days_ago in (60, 50, 40):
        happened(Kind.ORDER_PAID, days_ago=days_ago)

    assert lying() == {"ended"}


def test_silence_within_the_usual_is_none(happened, lying):
    for days_ago in (60, 40, 20):
        happened(Kind.ORDER_PAID, days_ago=days_ago)

    assert lying() == set()


def test_a_pause_is_by_hand_and_no_rule_ends_it(customer, ada, lying):
    overlays.open_by_hand(customer, OverlayKind.PAUSED, by=ada, reason="moving office")
    overlays.open_by_hand(customer, OverlayKind.PAUSED, by=ada, reason="again")
    assert lying() == {"paused"}

    overlays.close_by_hand(customer, OverlayKind.PAUSED, by=ada)
    assert lying() == set()
    assert len(list(db.session.scalars(select(Overlay)))) == 1
