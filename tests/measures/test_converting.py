"""Trials, deals, time until something is reached, and customers who take more."""

from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.measures.converting import Deal, Trial, Wanted, time_until, trial_conversion, win_rate
from helpdesk.measures.expanding import Expansion, Presentation, credited, cross_sales, expansion_rate
from helpdesk.measures.spans import Stretch, Window

APRIL = datetime(2026, 4, 1, tzinfo=UTC)
DAY = timedelta(days=1)
WINDOW = Window(APRIL, APRIL + 30 * DAY)
LENGTH = 14 * DAY


def test_trials_that_still_run_count_on_neither_side():
    closed = [Trial(i, APRIL, paid=APRIL + 9 * DAY if i < 24 else None) for i in range(80)]
    running = [Trial(i, APRIL + 20 * DAY, paid=APRIL + 21 * DAY) for i in range(80, 100)]
    found = trial_conversion([*closed, *running], APRIL + 22 * DAY, length=LENGTH)

    assert found.rate.value == pytest.approx(0.30)
    assert [round(limit * 100, 1) for limit in (found.rate.low, found.rate.high)] == [21.1, 40.8]
    assert (found.decided, found.open) == (80, 20)
    assert trial_conversion(running, APRIL + 22 * DAY, length=LENGTH).rate is None


def test_an_extended_trial_ends_where_it_was_extended_to():
    longer = Trial("longer", APRIL, paid=APRIL + 20 * DAY, extended_until=APRIL + 28 * DAY)
    late = Trial("late", APRIL, paid=APRIL + 20 * DAY)

    assert trial_conversion([longer, late], APRIL + 22 * DAY, length=LENGTH).decided == 1
    found = trial_conversion([longer, late], APRIL + 28 * DAY, length=LENGTH)
    assert (found.succeeded, found.decided) == (1, 2)


def test_deals_count_where_they_were_decided():
    before = APRIL - 40 * DAY
    found = win_rate(
        [
            Deal("won", before, APRIL, won=True),
            Deal("lost", before, APRIL + DAY),
            Deal("won before", before, APRIL - DAY, won=True),
            Deal("open", before),
            Deal("open then", before, WINDOW.until, won=True),
            Deal("later", WINDOW.until),
        ],
        WINDOW,
    )

    assert (found.rate.value, found.decided, found.open) == (0.5, 2, 2)


def test_the_time_to_first_value_is_not_that_of_the_quick_alone():
    as_of = APRIL + 60 * DAY
    reached = [Wanted(day, APRIL, APRIL + day * DAY) for day in (3, 5, 10, 21)]
    waiting = [Wanted(f"{day}+", as_of - day * DAY) for day in (7, 14)]
    found = time_until([*reached, *waiting, Wanted("future", as_of + DAY)], as_of)

    assert [round(found.at(day).value, 4) for day in (3, 5, 10, 21)] == [0.8333, 0.6667, 0.4444, 0]
    assert (found.median.value, found.n) == (10, 6)


def test_only_settled_customers_can_be_sold_more():
    contracts = [Stretch(i, APRIL - 30 * DAY) for i in range(10)]
    contracts += [Stretch("young", APRIL - 29 * DAY), Stretch("gone", APRIL - 90 * DAY, APRIL)]
    bought = [Expansion(who, APRIL + DAY) for who in (0, 0, 1, "young", "gone")] + [
        Expansion(2, WINDOW.until)
    ]
    found = expansion_rate(contracts, bought, WINDOW)

    assert (found.value, found.n) == (0.2, 10)
    assert expansion_rate(contracts[-2:], bought, WINDOW) is None


def test_a_renewed_contract_goes_on_from_its_first_day():
    renewed = [Stretch("A", APRIL - 90 * DAY, APRIL - 5 * DAY), Stretch("A", APRIL - 5 * DAY)]

    assert expansion_rate(renewed, [Expansion("A", APRIL)], WINDOW).value == 1


def test_a_cross_sale_is_the_first_purchase_in_another_category():
    found = cross_sales(
        [
            ("A", APRIL, "book"),
            ("A", APRIL, "pen"),
            ("A", APRIL + DAY, "book"),
            ("A", APRIL + 2 * DAY, "desk"),
            ("A", APRIL + 3 * DAY, "desk"),
            ("B", APRIL + DAY, "desk"),
        ]
    )

    assert found == [Expansion("A", APRIL + 2 * DAY)]


def test_credit_goes_to_the_last_suggestion_presented_to_that_customer():
    bought = Expansion("A", APRIL)
    shown = [Presentation("A", APRIL - 30 * DAY, "early"), Presentation("A", APRIL - 2 * DAY, "late")]

    assert credited([bought], shown) == {bought: "late"}
    assert credited([bought], shown[:1]) == {bought: "early"}
    too_old = Presentation("A", APRIL - 31 * DAY, "too old")
    others = [too_old, Presentation("B", APRIL - DAY, "another's"), Presentation("A", APRIL + DAY, "after")]
    assert credited([bought], others) == {}
