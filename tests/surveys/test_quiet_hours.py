"""Night and holidays, by the workspace's clock."""

from datetime import UTC, datetime

import pytest

from helpdesk.surveys.quiet_hours import quiet_until


@pytest.mark.parametrize(
    ("at", "ends"),
    [
        ("2026-09-18T10:59Z", None),  # 19:59
        ("2026-09-18T11:00Z", "2026-09-19T00:00Z"),  # 20:00, until the next nine
        ("2026-09-17T23:59Z", "2026-09-18T00:00Z"),  # 8:59
        ("2026-09-18T00:00Z", None),  # 9:00
        ("2026-09-20T12:00Z", "2026-09-24T00:00Z"),  # three holidays follow
        ("2026-09-21T03:00Z", "2026-09-24T00:00Z"),  # noon of a holiday
    ],
)
def test_quiet_lasts_until_nine_of_the_next_working_day(app, at, ends):
    wanted = datetime.fromisoformat(ends) if ends else None

    assert quiet_until(datetime.fromisoformat(at), "20-9") == wanted


def test_no_hours_are_no_quiet(app):
    assert quiet_until(datetime(2026, 9, 21, 16, tzinfo=UTC), "") is None


def test_elsewhere_the_holidays_of_japan_are_days_like_others(app):
    assert quiet_until(datetime(2026, 9, 21, 3, tzinfo=UTC), "20-9", has_holidays=False) is None


def test_quiet_may_lie_within_one_day(app):
    assert quiet_until(datetime(2026, 9, 18, 3, 30, tzinfo=UTC), "12-13") == datetime(
        2026, 9, 18, 4, tzinfo=UTC
    )
