"""The models of buying without a contract, against their papers' published figures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.measures import buying, spending
from helpdesk.measures.backtest import backtest
from helpdesk.measures.buying import Buying, TooFew
from helpdesk.measures.fitting import NoFit, most_likely
from helpdesk.measures.histories import History, histories
from tests.measures import cdnow

TWICE = History(2, 30.43, 38.86, 22.35)
OFTEN = History(7, 29.43, 38.86, 73.74)
ONCE = History(0, 0, 38.86)
PUBLISHED = Buying(0.243, 4.414, 0.793, 2.426, -9582.4, 2357)


@pytest.fixture(scope="module")
def published() -> list[History]:
    return cdnow.summary()


def test_the_fit_is_the_published_one(published):
    model = buying.fit(published)

    found = [round(one, 3) for one in (model.r, model.alpha, model.a, model.b)]
    assert found == [0.243, 4.414, 0.793, 2.426]
    assert model.log_likelihood == pytest.approx(-9582.43, abs=0.01)
    assert model.n == 2357


def test_purchases_become_the_published_histories(published):
    made = histories(cdnow.purchases(), cdnow.LEARNT).values()

    assert len(published) == len(list(made))
    for ours, theirs in zip(made, published, strict=True):
        assert (ours.repeats, ours.last, ours.age) == pytest.approx(
            (theirs.repeats, theirs.last, theirs.age), abs=0.006
        )


def test_single_customers_are_the_published_ones(published):
    model = buying.fit(published)

    assert [round(model.alive(one), 4) for one in (TWICE, OFTEN, ONCE)] == [0.7266, 0.6418, 1]
    assert round(model.expected(TWICE, 39), 3) == 1.226
    assert round(model.expected(ONCE, 39), 4) == 0.1948


def test_what_they_spend_is_as_published(published):
    model = spending.fit(published)
    repeaters = [one.value for one in published if one.repeats]

    assert [round(one, 2) for one in (model.p, model.q, model.gamma)] == [6.25, 3.74, 15.45]
    assert (model.n, round(model.correlation, 2), round(model.mean, 2)) == (946, 0.11, 35.17)
    assert round(sum(repeaters) / len(repeaters), 2) == 35.08
    assert round(model.expected(TWICE), 2) == 24.66
    bought = buying.fit(published)
    assert round(spending.expected_value(bought, model, TWICE, weeks=39), 2) == 30.23
    discounted = spending.expected_value(bought, model, TWICE, weeks=39, discount=0.002, margin=0.5)
    assert 30.23 / 2 / 1.002**39 < discounted < 30.23 / 2


def test_the_error_of_the_past_is_told():
    found = backtest(cdnow.purchases(), cdnow.LEARNT, cdnow.KNOWN)

    assert (round(found.expected), found.actual, round(found.error * 100, 1)) == (1653, 1882, -12.1)
    lines = [(round(line.expected, 3), round(line.actual, 3)) for line in found.lines.values()]
    assert lines == [
        (0.225, 0.237),
        (0.523, 0.697),
        (1.044, 1.393),
        (1.520, 1.560),
        (2.164, 2.532),
        (2.654, 2.947),
        (3.504, 3.862),
        (6.157, 6.359),
    ]


def test_too_few_are_refused():
    repeaters = [History(1, 5, 20, 10)] * 19

    with pytest.raises(TooFew, match="99 customers"):
        buying.fit([History(1, 5, 20)] * 99)
    with pytest.raises(TooFew, match="19 bought again"):
        buying.fit([*repeaters, *[History(0, 0, 20)] * 200])
    with pytest.raises(TooFew, match="19 customers"):
        spending.fit(repeaters)


def test_a_likelihood_without_a_peak_is_no_fit():
    with pytest.raises(NoFit):
        most_likely(lambda at: (at[0], (1.0,)), [1.0], 1)


def test_a_history_that_cannot_be_is_refused():
    with pytest.raises(ValueError, match="no such history"):
        History(0, 3, 5)


def test_both_ways_of_the_series_meet():
    below, above = (Buying(0.9, 8.0, a, 900.0, 0, 100) for a in (29.9999, 30.0001))

    for one in (TWICE, OFTEN, ONCE, History(300, 90, 100)):
        assert below.expected(one, 200) == pytest.approx(above.expected(one, 200), rel=1e-4)


def test_who_never_drops_out_buys_at_his_rate():
    steady = Buying(1.0, 8.0, 1e5, 1e12, 0, 100)

    assert steady.expected(OFTEN, 50) == pytest.approx(8 / 46.86 * 50, rel=1e-3)


@given(st.integers(0, 400), st.floats(0.1, 500), st.floats(0, 500), st.floats(0, 520))
def test_expectations_are_sane_for_any_customer(repeats, last, silent, weeks):
    one = History(repeats, last if repeats else 0, last + silent)

    assert 0 <= PUBLISHED.alive(one) <= 1
    assert 0 <= PUBLISHED.expected(one, weeks) <= (0.243 + repeats) / (4.414 + one.age) * weeks + 1e-9
    assert PUBLISHED.expected(one, weeks) <= PUBLISHED.expected(one, weeks + 1) + 1e-9


@pytest.mark.parametrize("x", [0.1, 1.0, 2.5, 30.0])
def test_digamma_climbs_its_own_ladder(x):
    assert spending.digamma(x + 1) - spending.digamma(x) == pytest.approx(1 / x, abs=1e-11)
    assert spending.digamma(1.0) == pytest.approx(-0.5772156649015329, abs=1e-12)
