"""Repeat purchases, the worth of an order and of a customer, and what one costs."""

from datetime import UTC, date, datetime, timedelta

import pytest

from helpdesk.core.statistics import Estimate, exactly, proportion
from helpdesk.measures.acquiring import (
    Cost,
    Group,
    Proof,
    acquisition_cost,
    compared_return,
    later,
    payback,
    simple_return,
    value_to_cost,
)
from helpdesk.measures.lifetime import bounded_value, contract_value, habits, plain_value
from helpdesk.measures.ordering import Order, Refund, order_value
from helpdesk.measures.repeating import Purchase, fair_repeat_rate, naive_repeat_rate
from helpdesk.measures.spans import Window

JANUARY = date(2026, 1, 1)
TODAY = date(2026, 6, 30)
BOUGHT = {"A": "01-05 02-01", "B": "01-10", "C": "01-20 06-01", "D": "06-20", "E": "03-01 03-02 05-01"}
PURCHASES = [
    Purchase(who, date.fromisoformat(f"2026-{day}"), 5_000)
    for who, days in BOUGHT.items()
    for day in days.split()
]
APRIL = Window(datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC))


def test_the_fair_rate_gives_everybody_the_same_time():
    naive = naive_repeat_rate(PURCHASES, JANUARY, TODAY)
    fair = fair_repeat_rate(PURCHASES, TODAY, within=90)

    assert (naive.value, naive.n) == (0.60, 5)
    assert (fair.value, fair.n) == (0.50, 4)


def test_two_orders_of_a_day_and_a_renewal_are_no_repeat():
    again = [Purchase("F", JANUARY), Purchase("F", JANUARY), Purchase("F", date(2026, 2, 1), is_renewal=True)]

    assert naive_repeat_rate(again, JANUARY, TODAY).value == 0
    assert naive_repeat_rate(again, JANUARY, TODAY, renewals=True).value == 1
    assert fair_repeat_rate([], TODAY) is None


def test_ten_orders_and_a_refund_make_five_thousand_each():
    ten = [Order(i, APRIL.since + timedelta(days=i), 5_200) for i in range(10)]
    found = order_value(ten, [Refund(0, APRIL.since + timedelta(days=3), 2_000)], APRIL)

    assert (found.sales, found.orders, found.mean.value) == (50_000, 10, 5_000)
    assert found.median.value == 5_200


def test_a_refund_counts_in_its_own_month_or_in_that_of_its_order():
    march, april = (
        Order("march", datetime(2026, 3, 31, tzinfo=UTC), 9_000),
        Order("april", APRIL.since, 8_000),
    )
    back = [Refund("march", APRIL.since, 1_000), Refund("april", APRIL.until, 2_000)]

    assert order_value([march, april], back, APRIL).sales == 7_000
    assert order_value([march, april], back, APRIL, in_order_month=True).sales == 6_000


def test_an_order_refunded_in_full_is_no_order_and_no_refund():
    orders = [Order("march", datetime(2026, 3, 31, tzinfo=UTC), 9_000), Order("april", APRIL.since, 8_000)]
    found = order_value(orders, [Refund("march", APRIL.since, 9_000)], APRIL)

    assert (found.sales, found.orders) == (8_000, 1)
    assert order_value([], [], APRIL).mean is None


def test_the_plain_value_and_the_margins():
    value, often, years = exactly(5_000, 50), exactly(4, 50), exactly(3, 50)

    assert plain_value(value, often, years).value == pytest.approx(60_000)
    assert plain_value(value, often, years, margin=0.40).value == pytest.approx(24_000)
    assert plain_value(exactly(0, 0), often, years) is None


def test_habits_are_those_of_the_last_year_alone():
    old = Purchase("old", date(2025, 6, 29), 90_000)
    found = habits([*PURCHASES, old], TODAY)

    assert (found.value.value, found.per_year.value, found.per_year.n) == (5_000, 9 / 5, 5)
    assert habits([old], TODAY) is None


def test_two_orders_of_a_day_are_one_purchase_worth_both():
    found = habits([Purchase("A", JANUARY, 3_000), Purchase("A", JANUARY, 2_000)], TODAY)

    assert (found.value.value, found.per_year.value) == (5_000, 1)


def test_a_contract_for_ever_and_one_within_bounds():
    revenue, churn = exactly(10_000, 200), proportion(10, 200)
    kept = Estimate(1 - churn.value, 1 - churn.high, 1 - churn.low, churn.n)
    endless = contract_value(revenue, churn, margin=0.70)
    bounded = bounded_value(revenue, kept, margin=0.70, months=36, discount=0.01)

    assert endless.value == pytest.approx(140_000)
    assert round(bounded.value) == 104_839
    assert bounded.low < bounded.value < bounded.high < endless.high
    assert contract_value(revenue, proportion(0, 200), margin=0.70) is None
    with pytest.raises(ValueError, match="margin"):
        contract_value(revenue, churn, margin=70)


def test_a_million_for_fifty_customers():
    cost = Cost(advertising=300_000, people=500_000, systems=100_000, other=100_000)
    found = acquisition_cost({JANUARY: cost}, {JANUARY: 50}, [JANUARY])

    assert (found.cost, found.customers, found.each.value) == (1_000_000, 50, 20_000)
    # Fifty may by chance have been 37 or 66.
    assert (round(found.each.low, -3), round(found.each.high, -3)) == (15_000, 27_000)
    assert value_to_cost(exactly(60_000, 50), found.each).value == pytest.approx(3.0)
    assert value_to_cost(exactly(24_000, 50), found.each).value == pytest.approx(1.2)
    assert payback(found.each, 2_000).value == pytest.approx(10)


def test_nobody_won_shows_the_cost_alone():
    found = acquisition_cost({JANUARY: Cost(advertising=1_000)}, {}, [JANUARY])

    assert (found.cost, found.customers, found.each) == (1_000, 0, None)
    assert payback(found.each, 2_000) is None


def test_cost_is_set_against_the_customers_of_a_later_month():
    november = date(2025, 11, 1)
    found = acquisition_cost({november: Cost(people=900)}, {november: 1, JANUARY: 3}, [november], lag=2)

    assert later(november, 2) == JANUARY
    assert found.each.value == pytest.approx(300)


def test_a_return_without_comparison_is_an_estimate():
    found = simple_return(1_300_000, 1_000_000, n=50)

    assert (found.value, found.proof, found.low) == (pytest.approx(0.30), Proof.ESTIMATED, None)
    assert simple_return(1, 0, n=1) is None


def test_a_return_by_comparison_says_when_it_is_not_proven():
    found = compared_return(Group(200, 24), Group(200, 16), each=30_000, cost=100_000)

    assert [round(share * 100, 2) for share in (found.lift.value, found.lift.low, found.lift.high)] == [
        4.00,
        -1.97,
        10.04,
    ]
    assert (found.value, found.proof) == (pytest.approx(1.40), Proof.UNPROVEN)
    assert found.low < 0 < found.high
    more = compared_return(Group(2_000, 240), Group(2_000, 160), each=30_000, cost=100_000)
    assert more.proof is Proof.PROVEN
    assert compared_return(Group(0, 0), Group(200, 16), each=1, cost=1) is None
