"""Intervals, against values worked out by hand."""

from collections import Counter

import pytest

from helpdesk.core.statistics import (
    counted,
    difference,
    direction,
    exactly,
    mean,
    mean_of,
    median,
    product,
    proportion,
    quotient,
    ratio,
    shrunk,
    weighted_share,
)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        (7, 10, 39.68, 89.22),
        (3, 3, 43.85, 100),
        (0, 3, 0, 56.15),
        (1, 1, 20.65, 100),
        (45, 50, 78.64, 95.65),
        (180, 200, 85.06, 93.43),
        (94, 120, 70.15, 84.76),
        (5, 8, 30.57, 86.32),
    ],
)
def test_a_share_has_wilsons_interval(successes, n, low, high):
    share = proportion(successes, n)

    assert (round(share.low * 100, 2), round(share.high * 100, 2)) == (low, high)
    assert share.value == successes / n


def test_nobody_is_not_a_zero():
    assert proportion(0, 0) is None
    assert mean({}) is None


def test_more_than_all_is_refused():
    with pytest.raises(ValueError, match="no share"):
        proportion(4, 3)


def test_a_mean_has_students_interval():
    effort = mean(Counter([7, 6, 5, 4, 2, 7, 6, 3]))

    assert effort.value == 5.0
    assert (round(effort.low, 2), round(effort.high, 2)) == (3.45, 6.55)


@pytest.mark.parametrize(
    ("n", "point"), [(2, 12.7062), (3, 4.3027), (4, 3.1824), (5, 2.7764), (8, 2.3646), (31, 2.0423)]
)
def test_students_point_is_near_the_printed_table(n, point):
    # Two scores one apart on either side of the mean leave the point alone when divided out.
    tally = {1: n - 1, 2: 1}
    found = mean(tally)
    average = found.value
    spread = ((n - 1) * (1 - average) ** 2 + (2 - average) ** 2) / (n - 1)

    assert (found.high - average) / (spread / n) ** 0.5 == pytest.approx(point, rel=0.002)


def test_one_score_says_nothing_of_the_spread():
    assert mean({4: 1}).high == float("inf")


def test_a_proven_rise_has_an_arrow():
    gap = difference(proportion(180, 200), proportion(150, 200))

    assert (round(gap.value * 100, 1), round(gap.low * 100, 1), round(gap.high * 100, 1)) == (15.0, 7.6, 22.3)
    assert direction(proportion(180, 200), proportion(150, 200)) == 1
    assert direction(proportion(150, 200), proportion(180, 200)) == -1


def test_what_may_be_chance_has_no_arrow():
    gap = difference(proportion(9, 10), proportion(7, 10))

    assert (round(gap.value * 100, 1), round(gap.low * 100, 1), round(gap.high * 100, 1)) == (
        20.0,
        -16.0,
        51.4,
    )
    assert direction(proportion(9, 10), proportion(7, 10)) == 0


def test_too_few_answers_have_no_arrow_however_far_apart():
    assert direction(proportion(19, 19), proportion(0, 19)) == 0
    assert direction(proportion(20, 20), proportion(0, 20)) == 1
    assert direction(None, proportion(20, 20)) == 0


def test_a_lucky_trio_does_not_top_the_list():
    trio, fifty = shrunk(3, 3, 0.8), shrunk(45, 50, 0.8)

    assert (round(trio * 100, 1), round(fifty * 100, 1)) == (82.6, 87.1)


@pytest.mark.parametrize(("n", "hidden", "firm"), [(4, True, False), (5, False, False), (20, False, True)])
def test_small_numbers_are_hidden_and_middling_ones_pale(n, hidden, firm):
    assert (proportion(n, n).is_hidden, proportion(n, n).is_firm) == (hidden, firm)


@pytest.mark.parametrize(("n", "low", "high"), [(6, 1, 6), (20, 6, 15), (100, 40, 61), (1000, 469, 532)])
def test_a_median_lies_between_two_of_its_values(n, low, high):
    found = median(range(1, n + 1))

    assert (found.value, found.low, found.high) == ((n + 1) / 2, low, high)


def test_five_values_do_not_bound_their_median():
    assert median([3, 1, 2, 5, 4]).high == float("inf")
    assert median([]) is None


@pytest.mark.parametrize(("n", "low", "high"), [(10, 4.795, 18.39), (50, 37.11, 65.92), (500, 457.1, 545.8)])
def test_a_count_has_nearly_the_exact_interval_of_poisson(n, low, high):
    found = counted(n)

    assert (found.low, found.high) == (pytest.approx(low, rel=0.01), pytest.approx(high, rel=0.01))
    assert counted(0) is None


def test_a_ratio_with_equal_lower_parts_is_a_mean():
    values = [3.0, 5.0, 4.0, 8.0]

    assert ratio((value, 1) for value in values).low == pytest.approx(mean_of(values).low)
    assert ratio([(1.0, 0.0)]) is None


def test_a_share_of_equal_sums_is_a_plain_share_and_of_one_large_sum_hardly_any():
    equal = weighted_share([(5.0, 5.0)] * 7 + [(0.0, 5.0)] * 3)
    uneven = weighted_share([(5.0, 5.0)] * 7 + [(0.0, 5.0)] * 2 + [(0.0, 5_000.0)])

    assert (equal.low, equal.high) == pytest.approx((proportion(7, 10).low, proportion(7, 10).high))
    assert uneven.high - uneven.low > 0.7
    assert weighted_share([(0.0, 0.0)]) is None
    with pytest.raises(ValueError, match="outside"):
        weighted_share([(6.0, 5.0)])


def test_what_is_known_adds_no_doubt_to_a_product():
    share = proportion(24, 80)
    found = product(exactly(200, 500), share)

    assert (found.low, found.high, found.n) == (
        pytest.approx(200 * share.low),
        pytest.approx(200 * share.high),
        80,
    )
    assert quotient(exactly(30, 9), exactly(20, 9)).value == pytest.approx(1.5)
