"""Who stayed, and what stayed of the money."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.measures.keeping import Keeping, buyers, monthly, subscribers, yearly
from helpdesk.measures.revenue import Paying, per_month, revenue
from helpdesk.measures.spans import Stretch, Window

APRIL = datetime(2026, 4, 1, tzinfo=UTC)
MAY = datetime(2026, 5, 1, tzinfo=UTC)
WINDOW = Window(APRIL, MAY)
DAY = timedelta(days=1)


def test_nine_in_ten_stay_though_the_totals_grew():
    start = set(range(200))
    end = set(range(20, 200)) | set(range(500, 530))
    found = Keeping(start, end)

    assert len(end) == 210
    assert found.retention.value == pytest.approx(0.90)
    assert found.churn.value == pytest.approx(0.10)
    assert [round(limit * 100, 1) for limit in (found.churn.low, found.churn.high)] == [6.6, 14.9]
    assert (len(found.joined), len(found.left)) == (30, 20)


def test_nobody_at_the_start_gives_no_rate():
    assert Keeping(set(), {1}).retention is None


def test_a_month_of_three_percent_is_a_year_of_thirty():
    assert round(yearly(0.03) * 100, 1) == 30.6
    assert round(monthly(0.20) * 100, 2) == 1.84


def test_who_left_and_came_back_inside_was_kept_and_is_named():
    before = APRIL - 90 * DAY
    found = subscribers(
        [
            Stretch("stayed", before),
            Stretch("renewed", before, APRIL + 9 * DAY),
            Stretch("renewed", APRIL + 9 * DAY),
            Stretch("overlapped", before),
            Stretch("overlapped", APRIL - DAY, APRIL + DAY),
            Stretch("returned", before, APRIL + 5 * DAY),
            Stretch("returned", APRIL + 15 * DAY),
            Stretch("left", before, APRIL + 5 * DAY),
            Stretch("passed through", APRIL + 5 * DAY, APRIL + 15 * DAY),
            Stretch("joined", APRIL + 5 * DAY),
            # A window holds its first moment and not its last.
            Stretch("ended at once", before, APRIL),
            Stretch("began too late", MAY + DAY),
        ],
        WINDOW,
    )

    assert found.kept == {"stayed", "renewed", "overlapped", "returned"}
    assert found.returned == {"returned"}
    assert (found.left, found.joined) == ({"left"}, {"joined"})


def test_a_renewal_within_the_days_of_grace_is_no_return():
    late = [Stretch("late", APRIL - DAY, APRIL + 5 * DAY), Stretch("late", APRIL + 12 * DAY)]

    assert subscribers(late, WINDOW, grace=7 * DAY).returned == set()
    assert subscribers(late, WINDOW, grace=6 * DAY).returned == {"late"}


def test_a_buyer_is_active_by_the_rhythm_known_at_that_moment():
    weekly = [APRIL - (28 - 7 * week) * DAY for week in range(4)]
    found = buyers(
        {
            "weekly": weekly,
            "weekly, late again": [*weekly, APRIL + 25 * DAY],
            "once": [APRIL - 20 * DAY],
            "long ago": [APRIL - 80 * DAY],
        },
        WINDOW,
        gaps=3,
        otherwise=60 * DAY,
    )

    assert found.start == {"weekly", "weekly, late again", "once"}
    assert found.end == {"weekly, late again", "once"}
    assert found.returned == {"weekly, late again"}


people = st.sets(st.integers(0, 30))


@given(people, people, people)
def test_who_joins_does_not_move_retention(start, end, joiners):
    newcomers = {f"new {one}" for one in joiners}

    assert Keeping(start, end | newcomers).retention == Keeping(start, end).retention


def test_revenue_of_a_million_loses_seven_percent_and_still_grows():
    stayed = [Paying(f"same {i}", 20_000, 20_000) for i in range(35)]
    ended = [Paying(f"ended {i}", 25_000, 0) for i in range(2)]
    less = [Paying(f"less {i}", 50_000, 45_000) for i in range(4)]
    more = [Paying("more", 50_000, 140_000), Paying("new", 0, 500_000)]
    found = revenue([*stayed, *ended, *less, *more])

    assert (found.start, found.lost, found.contraction, found.expansion) == (
        1_000_000,
        50_000,
        20_000,
        90_000,
    )
    assert found.churn.value == pytest.approx(0.070)
    assert found.gross_retention.value == pytest.approx(0.930)
    assert found.net_retention.value == pytest.approx(1.020)
    # One customer alone made the growth: it is not proven.
    assert found.net_retention.low < 1 < found.net_retention.high
    assert found.churn.n == 42


def test_that_nobody_left_so_far_does_not_prove_that_all_stay():
    found = revenue([Paying(who, 10_000, 10_000) for who in range(20)]).gross_retention

    assert (found.value, round(found.low, 3)) == (1, 0.839)


def test_without_paying_customers_there_is_no_share():
    found = revenue([Paying("new", 0, 500)])

    assert (found.churn, found.gross_retention, found.net_retention) == (None, None, None)


def test_a_yearly_price_is_twelve_months():
    assert per_month(120_000, 12) == 10_000
    with pytest.raises(ValueError, match="a month at least"):
        per_month(1, 0)


@given(st.lists(st.builds(Paying, st.integers(), st.integers(0, 1000), st.integers(0, 1000)), max_size=30))
def test_gross_retention_never_exceeds_all_and_net_is_never_below_it(customers):
    found = revenue(customers)

    if found.gross_retention and found.net_retention and found.churn:
        assert 0 <= found.gross_retention.low <= found.gross_retention.high <= 1
        assert found.gross_retention.value <= found.net_retention.value + 1e-9
        assert found.gross_retention.value + found.churn.value == pytest.approx(1)
