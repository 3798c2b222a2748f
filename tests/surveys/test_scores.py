"""CSAT and CES, against examples worked out by hand."""

from collections import Counter

import pytest

from helpdesk.surveys.scores import ces, ces_mean, csat, csat_mean, net_easy

TEN = Counter([5, 5, 4, 4, 4, 3, 2, 5, 1, 4])
EIGHT = Counter([7, 6, 5, 4, 2, 7, 6, 3])


def test_csat_is_the_share_of_fours_and_fives():
    score = csat(TEN)

    assert (score.value, score.n) == (0.7, 10)
    assert (round(score.low * 100, 1), round(score.high * 100, 1)) == (39.7, 89.2)
    assert csat_mean(TEN).value == 3.7


def test_three_happy_answers_are_too_few_to_show():
    score = csat({5: 3})

    assert (score.value, round(score.low * 100, 1), score.high) == (1.0, 43.9, 1.0)
    assert score.is_hidden


def test_ces_is_the_share_from_five_up():
    assert (ces(EIGHT).value, ces(EIGHT).n) == (0.625, 8)
    assert (round(ces(EIGHT).low * 100, 1), round(ces(EIGHT).high * 100, 1)) == (30.6, 86.3)
    assert ces_mean(EIGHT).value == 5.0
    assert (round(ces_mean(EIGHT).low, 2), round(ces_mean(EIGHT).high, 2)) == (3.45, 6.55)
    assert net_easy(EIGHT) == 25


@pytest.mark.parametrize("figure", [csat, csat_mean, ces, ces_mean, net_easy])
def test_nobody_answered_is_no_figure(figure):
    assert figure({}) is None


@pytest.mark.parametrize(("figure", "stray"), [(csat, 0), (csat, 6), (ces, 0), (ces, 8), (net_easy, 10)])
def test_a_score_off_the_scale_is_refused(figure, stray):
    with pytest.raises(ValueError, match="scores run"):
        figure({stray: 1})
