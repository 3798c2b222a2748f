"""What lies over a stage, with its clock and its reasons."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.lifecycle import overlay_rules, overlays
from helpdesk.lifecycle.facts import Facts
from helpdesk.lifecycle.models import HealthReading, Overlay, OverlayKind
from helpdesk.lifecycle.rulebook import Purpose, Rule, RuleStatus
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


def test_another_rule_counts_from_its_publishing_and_is_named_by_its_version(customer, happened, lying):
    happened(Kind.PAYMENT_FAILED, days_ago=1)
    assert lying() == {"at_risk"}
    assert newest(customer).evidence["rule"] == {"overlay": "at_risk", "version": 1}

    shipped = db.session.scalar(select(Rule).where(Rule.key == "at_risk"))
    shipped.status = RuleStatus.RETIRED
    never = {"f": "open_tickets", "op": "gt", "v": 99}
    published = Rule(purpose=Purpose.OVERLAY, key="at_risk", version=2, status=RuleStatus.PUBLISHED)
    published.when = never
    db.session.add(published)
    db.session.commit()
    assert lying() == set()
    assert [rule.version for rule in overlay_rules.in_use() if rule.kind is OverlayKind.AT_RISK] == [2]


def test_the_rules_are_read_once_for_a_whole_review(customer, carol, reviewed):
    reviewed()
    with statements() as seen:
        overlays.asked(Facts(customer.id))
        overlays.asked(Facts(customer.id))

    assert sum("FROM rules" in each for each in seen) == 1


def newest(customer):
    return db.session.scalars(Overlay.open_of(customer)).all()[-1]


@contextmanager
def statements():
    """What the database is asked meanwhile."""
    seen = []
    hear = lambda _c, _u, statement, *_: seen.append(statement)  # noqa: E731
    event.listen(db.engine, "before_cursor_execute", hear)
    yield seen
    event.remove(db.engine, "before_cursor_execute", hear)
