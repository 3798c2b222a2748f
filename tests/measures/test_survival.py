"""Kaplan and Meier's curve, against worked and printed values."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.measures.survival import Wait, kaplan_meier, since

# Days to the first value; + has not reached it yet.
FIRST_VALUE = "3 5 7+ 10 14+ 21"
# Remission of leukaemia in weeks under 6-MP (Freireich and others 1963).
REMISSION = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"


def curve(text: str):
    return kaplan_meier(Wait(float(word.rstrip("+")), not word.endswith("+")) for word in text.split())


def test_the_time_to_first_value_counts_those_still_waiting():
    found = curve(FIRST_VALUE)

    assert [round(found.at(day).value, 4) for day in (2, 3, 5, 10, 21)] == [1, 0.8333, 0.6667, 0.4444, 0]
    assert found.median.value == 10
    assert (found.n, found.ended) == (6, 4)


def test_the_printed_remission_times():
    found = curve(REMISSION)
    weeks = (6, 7, 10, 13, 16, 22, 23)
    at = [found.at(week) for week in weeks]

    # Klein and Moeschberger 2003, tables 4.1a and 4.1b.
    assert [round(one.value, 3) for one in at] == [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
    errors = [step.share * step.spread**0.5 for step in found.steps[1:]]
    assert [round(error, 4) for error in errors] == [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346]
    assert found.median.value == 23
    assert (found.median.low, found.median.high) == (13, float("inf"))


def test_the_limits_are_those_of_the_log_log_scale():
    # As lifelines 0.30.3 reckons them.
    found = curve(REMISSION).at(10)

    assert (round(found.low, 3), round(found.high, 3)) == (0.503, 0.889)


def test_the_data_reach_no_further_than_the_longest_wait():
    assert curve("3 5 9+").at(10) is None
    assert curve("3 5 9").at(10).value == 0
    assert curve("3 5 9+").median.value == 5
    assert curve("3 9+ 9+").median is None


def test_before_the_first_end_a_few_do_not_prove_that_all_stay():
    assert round(curve("5 5 5").at(1).low * 100, 2) == 43.85


def test_nobody_has_no_curve():
    found = kaplan_meier([])

    assert (found.n, found.at(1), found.median, found.mean()) == (0, None, None, None)


def test_the_restricted_mean_is_the_area_below_the_curve():
    found = curve(FIRST_VALUE)

    assert found.mean().value == pytest.approx(3 + 2 * 0.8333333 + 5 * 0.6666667 + 11 * 0.4444444)
    assert found.mean(10).value == pytest.approx(3 + 2 * 0.8333333 + 5 * 0.6666667)
    assert found.mean(22).value == found.mean(21).value
    assert curve("3 5 9+").mean(10) is None


def test_a_wait_is_cut_where_the_figure_is_taken():
    began = datetime(2026, 4, 1, tzinfo=UTC)
    day = timedelta(days=1)

    assert since(began, began + 5 * day, began + 9 * day) == Wait(5, True)
    assert since(began, began + 5 * day, began + 3 * day) == Wait(3, False)
    assert since(began, None, began - day) is None
    with pytest.raises(ValueError, match="from 0 on"):
        since(began, began - day, began + day)


waits = st.lists(st.builds(Wait, st.integers(0, 50).map(float), st.just(True)), min_size=1, max_size=60)


@given(waits, st.integers(0, 60))
def test_where_all_have_ended_it_is_the_plain_share(ended, moment):
    expected = sum(wait.lasted > moment for wait in ended) / len(ended)

    assert kaplan_meier(ended).at(moment).value == pytest.approx(expected, abs=1e-9)
    assert kaplan_meier(ended).mean().value == pytest.approx(sum(w.lasted for w in ended) / len(ended))


@given(st.lists(st.builds(Wait, st.floats(0, 1000), st.booleans()), min_size=1, max_size=60))
def test_a_curve_falls_from_one_and_stays_within_its_limits(known):
    shares = [step.share for step in kaplan_meier(known).steps]

    assert shares == sorted(shares, reverse=True)
    assert all(0 <= step.low <= step.share <= step.high <= 1 for step in kaplan_meier(known).steps)
