"""Time on stages, moves between them, the funnel and the balance."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.measures.flowing import flows, skips, steps_back
from helpdesk.measures.spans import Window
from helpdesk.measures.staying import (
    Stay,
    current_stay,
    dwell,
    dwell_curves,
    funnel,
    moves,
    open_stays,
    transitions,
)

DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
ORDER = ["認知", "検討", "購入", "継続"]
PATHS = {
    "A": "認知 検討 購入 継続",
    "B": "認知 検討",
    "C": "認知 購入 継続 検討",
    "D": "検討 購入",
}


def course(who, stages, length=10 * DAY, start=START):
    """One stay after the other, of equal length, the last one open."""
    edges = [start + i * length for i in range(len(stages))]
    ends = [*edges[1:], None]
    return [Stay(who, stage, since, until) for stage, since, until in zip(stages, edges, ends, strict=True)]


STAYS = [stay for who, path in PATHS.items() for stay in course(who, path.split())]


def test_days_on_a_stage_add_up_and_the_current_stay_is_apart():
    edges = [datetime(2026, *day, tzinfo=UTC) for day in ((1, 1), (2, 1), (2, 11), (3, 1))]
    stages = ["検討", "購入", "検討", "購入"]
    stays = [Stay("A", s, a, b) for s, (a, b) in zip(stages, pairwise([*edges, None]), strict=True)]
    now = datetime(2026, 3, 15, tzinfo=UTC)

    assert dwell(stays, now) == {"検討": 49, "購入": 24}
    assert current_stay(stays, now) == ("購入", 14)
    assert current_stay(stays, edges[0] - DAY) is None


def test_the_matrix_counts_first_moves_and_its_rows_are_shares():
    found = transitions(moves(STAYS))
    counts = {(a, b): round(cell.value * cell.n) for a, row in found.items() for b, cell in row.items()}

    assert counts == {
        ("認知", "検討"): 2,
        ("認知", "購入"): 1,
        ("検討", "購入"): 2,
        ("購入", "継続"): 2,
        ("継続", "検討"): 1,
    }
    assert [round(found["認知"][to].value * 100, 1) for to in ("検討", "購入")] == [66.7, 33.3]
    assert found["検討"]["購入"].value == 1
    assert open_stays(STAYS, START + 365 * DAY)["検討"] == 2


def test_the_matrix_takes_the_moves_of_its_window():
    found = transitions(moves(STAYS), Window(START + 11 * DAY, START + 21 * DAY))

    assert set(found) == {"検討", "購入"}


def test_skips_and_steps_back_are_listed():
    moved = moves(STAYS)

    assert [(one.who, one.over) for one in skips(moved, ORDER)] == [("C", ("検討",))]
    assert [(one.who, one.source, one.target) for one in steps_back(moved, ORDER)] == [("C", "継続", "検討")]


def test_the_median_stay_takes_running_ones_as_far_as_they_came():
    found = dwell_curves(STAYS, START + 25 * DAY)["検討"]

    assert (found.n, found.ended) == (3, 2)
    assert found.median.value == 10


def test_a_funnel_waits_until_all_had_their_time():
    young = course("E", ["認知", "検討"], start=START + 25 * DAY, length=DAY)
    found = funnel(
        [*STAYS, *young],
        ORDER,
        Window(START, START + 31 * DAY),
        within=20 * DAY,
        as_of=START + 40 * DAY,
    )

    assert (found.n, found.too_young) == (3, 1)
    assert {stage: round(share.value * 3) for stage, share in found.reached.items()} == {
        "認知": 3,
        "検討": 2,
        "購入": 2,
        "継続": 1,
    }
    assert funnel(young, ORDER, Window(START, START + DAY), within=DAY, as_of=START).reached == {}


def test_who_stood_on_a_stage_before_may_reach_it_again():
    back = course("F", ["検討", "認知", "検討"])
    found = funnel(back, ORDER, Window(START, START + 31 * DAY), within=20 * DAY, as_of=START + 90 * DAY)

    assert found.reached["検討"].value == 1


def test_the_balance_cuts_months_in_the_workspaces_zone():
    # Half past midnight of the first of February in Tokyo is still January by UTC.
    late = datetime(2026, 1, 31, 15, 30, tzinfo=UTC)
    stays = [Stay("A", "検討", START, late), Stay("B", "検討", START)]
    found = flows(stays, ZoneInfo("Asia/Tokyo"))

    assert found["検討", date(2026, 1, 1)].balance == 2
    assert (found["検討", date(2026, 2, 1)].entered, found["検討", date(2026, 2, 1)].balance) == (0, -1)


@given(st.lists(st.lists(st.sampled_from(ORDER), min_size=1, max_size=8), max_size=12))
def test_rows_of_the_matrix_add_up_to_one(paths):
    stays = [stay for who, path in enumerate(paths) for stay in course(who, path)]

    for row in transitions(moves(stays)).values():
        assert sum(cell.value for cell in row.values()) == pytest.approx(1)
        assert len({cell.n for cell in row.values()}) == 1
