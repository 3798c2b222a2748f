"""Business time: lunch, weekends, holidays, closures, and days that are not 24 hours long."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.core.hours import Hours, NeverOpen

TOKYO, NEW_YORK = ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York")
DAY = ((9 * 60, 12 * 60), (13 * 60, 18 * 60))
WEEKDAYS = dict.fromkeys(range(5), DAY)
OFFICE = Hours(TOKYO, WEEKDAYS, japanese_holidays=True)
YEAR_END = frozenset({(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)})


def tokyo(*parts):
    return datetime(*parts, tzinfo=TOKYO)


def test_three_holidays_and_a_weekend_leave_two_and_a_half_hours():
    made, replied = tokyo(2026, 9, 18, 17), tokyo(2026, 9, 24, 10, 30)

    assert OFFICE.between(made, replied) == timedelta(hours=2.5)
    assert replied - made == timedelta(hours=137.5)


def test_eight_hours_from_friday_evening_are_due_after_the_holidays():
    assert OFFICE.add(tokyo(2026, 9, 18, 17), timedelta(hours=8)) == tokyo(2026, 9, 24, 17)


def test_a_year_end_closure_moves_what_is_due_into_the_new_year():
    closed = Hours(TOKYO, WEEKDAYS, yearly_closures=YEAR_END, japanese_holidays=True)

    assert closed.add(tokyo(2026, 12, 28, 16), timedelta(hours=8)) == tokyo(2027, 1, 4, 16)


def test_a_day_on_which_clocks_change_has_23_hours():
    always = Hours(NEW_YORK, dict.fromkeys(range(7), ((0, 1440),)))
    noon = datetime(2026, 3, 7, 12, tzinfo=NEW_YORK)

    assert always.between(noon, datetime(2026, 3, 8, 12, tzinfo=NEW_YORK)) == timedelta(hours=23)


def test_lunch_does_not_count():
    assert OFFICE.between(tokyo(2026, 9, 17, 11, 30), tokyo(2026, 9, 17, 13, 30)) == timedelta(hours=1)
    assert not OFFICE.is_open(tokyo(2026, 9, 17, 12, 0))
    assert OFFICE.is_open(tokyo(2026, 9, 17, 13, 0))


def test_what_is_due_at_closing_time_is_due_that_day():
    assert OFFICE.add(tokyo(2026, 9, 17, 9), timedelta(hours=8)) == tokyo(2026, 9, 17, 18)


def test_a_single_closure_is_a_day_off():
    closed = Hours(TOKYO, WEEKDAYS, closures=frozenset({date(2026, 9, 17)}))

    assert closed.add(tokyo(2026, 9, 17, 9), timedelta(hours=1)) == tokyo(2026, 9, 18, 10)


def test_time_backwards_is_negative():
    assert OFFICE.between(tokyo(2026, 9, 17, 11), tokyo(2026, 9, 17, 10)) == timedelta(hours=-1)


def test_a_calendar_that_never_opens_is_found_out():
    with pytest.raises(NeverOpen):
        Hours(TOKYO, {}).add(tokyo(2026, 9, 17, 9), timedelta(hours=1))


@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 1)).map(lambda at: at.replace(tzinfo=UTC)),
    st.integers(1, 40 * 60).map(lambda minutes: timedelta(minutes=minutes)),
)
def test_what_is_added_is_what_lies_between(at, worked):
    assert OFFICE.between(at, OFFICE.add(at, worked)) == worked
