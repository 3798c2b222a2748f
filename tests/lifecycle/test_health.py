"""Health: worked numbers, and how each fact turns it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.lifecycle import health
from helpdesk.lifecycle.facts import Facts
from helpdesk.lifecycle.models import HealthReading
from helpdesk.timeline import Kind

KNOWN = {"support": 40.0, "usage": 80.0, "commercial": 100.0, "relation": 50.0}
TODAY = timedelta(0)


def test_what_is_unknown_counts_neither_for_nor_against():
    weighed = health.weigh({**KNOWN, "sentiment": None})

    assert round(weighed.score, 1) == 62.7
    assert weighed.coverage == 0.75


def test_a_bad_mood_that_becomes_known_lowers_it():
    weighed = health.weigh({**KNOWN, "sentiment": 20.0})

    assert round(weighed.score, 1) == 52.0
    assert weighed.coverage == 1.0


def test_one_angry_answer_does_not_outweigh_all():
    assert round(health.sentiment([(25.0, TODAY)], usual=80.0), 1) == 70.8
    assert round(health.sentiment([(25.0, TODAY)] * 2, usual=80.0), 1) == 64.3


def test_an_answer_fades_by_half_in_45_days():
    faded = health.sentiment([(25.0, timedelta(days=45))], usual=80.0)

    assert faded == pytest.approx((0.5 * 25 + 5 * 80) / 5.5)


def test_a_first_bad_answer_is_not_taken_for_the_usual(customer, happened):
    happened(Kind.SURVEY_ANSWERED, csat=2)

    assert round(health.read(Facts(customer.id)).parts["sentiment"], 1) == 70.8


def test_with_twenty_answers_everybody_s_mood_is_the_usual(customer, happened):
    for number in range(20):
        happened(Kind.SURVEY_ANSWERED, csat=3).subject_id = 100 + number

    assert health.read(Facts(customer.id)).parts["sentiment"] == pytest.approx(50.0)


def test_no_answer_is_no_mood():
    assert health.sentiment([], usual=80.0) is None


def test_with_less_than_half_known_nothing_is_claimed():
    weighed = health.weigh({"support": 100.0, "relation": 100.0, "sentiment": None})

    assert (weighed.coverage, weighed.known) == (0.4, None)
    assert health.band(weighed.known) == ""


def test_nothing_known_is_no_score():
    assert health.weigh(dict.fromkeys(health.WEIGHTS)).score is None


@pytest.mark.parametrize(
    ("score", "was", "band"),
    [
        (39.9, "", "poor"),
        (40.0, "", "fair"),
        (69.9, "", "fair"),
        (70.0, "", "good"),
        (100.0, "", "good"),
        (67.0, "good", "good"),
        (66.9, "good", "fair"),
        (72.9, "fair", "fair"),
        (73.0, "fair", "good"),
        (42.9, "poor", "poor"),
        (43.0, "poor", "fair"),
        (10.0, "good", "poor"),
    ],
)
def test_bands_are_left_by_three_points(score, was, band):
    assert health.band(score, was) == band


@pytest.mark.parametrize(
    ("facts", "support"),
    [
        ({}, 100),
        ({"reopens": 1}, 85),
        ({"breached": 1}, 80),
        ({"same_topic": 1}, 100),
        ({"same_topic": 3}, 80),
        ({"same_topic": 3, "learning": True}, 100),
        ({"waiting_days": 2}, 90),
        ({"waiting_days": 60}, 70),
        ({"breached": 6}, 0),
    ],
)
def test_support_loses_by_what_went_wrong(facts, support):
    given = {"reopens": 0, "breached": 0, "same_topic": 0, "waiting_days": 0, **facts}

    assert health.support(**given) == support


@pytest.mark.parametrize(
    ("windows", "share", "usage"),
    [
        ([], 80.0, None),
        ([10], 80.0, 80.0),
        ([10, 20], None, None),
        ([10, 20, 20], 80.0, 50.0),
        ([20, 10, 10, 12], None, 100.0),
        ([0, 10, 10], None, 0.0),
        ([5, 0, 0], None, 100.0),
    ],
)
def test_usage_is_against_their_own_past_then_against_the_plan(windows, share, usage):
    assert health.usage(windows, share) == usage


def test_commercial_loses_by_failed_payment_silent_renewal_and_shrinking():
    worst = health.commercial(failed=True, contracted=True, days_to_renewal=45, days_silent=31)

    assert worst == 0
    assert health.commercial(failed=False, contracted=False, days_to_renewal=45, days_silent=None) == 70
    assert health.commercial(failed=False, contracted=False, days_to_renewal=46, days_silent=None) == 100


@pytest.mark.parametrize(
    ("days", "relation"), [(None, None), (0, 100), (14, 100), (67, 50), (120, 0), (400, 0)]
)
def test_relation_fades_from_two_weeks_to_four_months(days, relation):
    assert health.relation(days) == relation


@given(st.fixed_dictionaries({name: st.none() | st.floats(0, 100) for name in health.WEIGHTS}))
def test_a_score_lies_between_its_parts(parts):
    weighed = health.weigh(parts)
    known = [part for part in parts.values() if part is not None]

    assert (weighed.score is None) is (not known)
    assert not known or min(known) - 1e-9 <= weighed.score <= max(known) + 1e-9


def test_a_new_customer_is_not_known_rather_than_well(customer, reviewed):
    reviewed()

    assert (customer.health, customer.health_band) == (None, "")


def test_a_reading_is_kept_only_where_it_changed(customer, plan, ticket, ada, reviewed, happened, clock):
    ticket.reply("Here.", by=ada)
    plan(paid_ago=100)
    reviewed()
    reviewed()
    assert (customer.health, customer.health_coverage, customer.health_band) == (100.0, 0.5, "good")

    clock.shift(timedelta(days=1))
    happened(Kind.SURVEY_ANSWERED, csat=1)
    reviewed()

    scores = list(db.session.scalars(select(HealthReading.score).order_by(HealthReading.id)))
    assert scores == [100.0, customer.health]
    assert customer.health < 100
    assert customer.health_before == 100.0


def test_a_health_that_changes_makes_nobody_s_form_stale(customer, plan, ticket, ada, reviewed, happened):
    ticket.reply("Here.", by=ada)
    plan(paid_ago=100)
    reviewed()
    before = customer.version

    happened(Kind.SURVEY_ANSWERED, csat=1)
    reviewed()

    assert customer.health < 100
    assert customer.version == before


def test_days_of_use_are_counted_in_windows_of_28_days(customer, happened, plan, reviewed):
    plan(paid_ago=100, seats=10, seats_used=10)
    for window, days in enumerate([5, 10, 10]):
        for day in range(days):
            happened(Kind.USAGE_REPORTED, days_ago=28 * window + day + 0.5, active_people=3)
    happened(Kind.USAGE_REPORTED, days_ago=20, active_people=0)

    assert health.read(Facts(customer.id)).parts["usage"] == 50.0
