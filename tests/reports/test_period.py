"""Windows, cut as the workspace's calendar cuts them."""

from datetime import UTC, date, datetime

import pytest

from helpdesk.reports.period import Window, preset, shift


def test_a_day_begins_at_the_workspaces_midnight(app):
    april = Window(date(2026, 4, 1), date(2026, 5, 1))

    assert april.start == datetime(2026, 3, 31, 15, tzinfo=UTC)
    assert april.end == datetime(2026, 4, 30, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("window", "before"),
    [
        ((date(2026, 3, 1), date(2026, 4, 1)), (date(2026, 2, 1), date(2026, 3, 1))),
        ((date(2026, 1, 1), date(2026, 4, 1)), (date(2025, 10, 1), date(2026, 1, 1))),
        ((date(2026, 3, 5), date(2026, 3, 12)), (date(2026, 2, 26), date(2026, 3, 5))),
    ],
)
def test_before_whole_months_come_whole_months_else_as_many_days(window, before):
    assert Window(*window).previous == Window(*before)


def test_months_and_weeks_are_cut_at_the_windows_ends():
    window = Window(date(2026, 1, 30), date(2026, 3, 3))

    assert [month.since.isoformat() for month in window.months()] == [
        "2026-01-30",
        "2026-02-01",
        "2026-03-01",
    ]
    assert [week.since.day for week in window.weeks()] == [30, 2, 9, 16, 23, 2]
    assert window.months()[-1].until == window.weeks()[-1].until == window.until


def test_a_window_of_whole_months_has_just_these():
    assert len(Window(date(2025, 12, 1), date(2026, 2, 1)).months()) == 2
    assert len(Window(date(2026, 9, 7), date(2026, 9, 21)).weeks()) == 2


@pytest.mark.parametrize("name", ["30-days", "90-days", "this-month", "13-months"])
def test_today_belongs_to_the_present(name):
    today = date(2026, 9, 30)

    assert preset(name, today).since < today < preset(name, today).until


def test_last_month_ends_where_this_month_begins():
    assert preset("last-month", date(2026, 1, 15)) == Window(date(2025, 12, 1), date(2026, 1, 1))


def test_shifting_goes_over_the_year():
    assert shift(date(2026, 1, 1), -1) == date(2025, 12, 1)
    assert shift(date(2026, 12, 1), 1) == date(2027, 1, 1)


def test_people_read_the_last_day_not_the_one_after(app):
    assert Window(date(2026, 9, 1), date(2026, 10, 1)).words == "1 Sep 2026 – 30 Sep 2026"
