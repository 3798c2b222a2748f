"""When a first reply is due: by stage, faster for those at risk, in business time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from helpdesk.core.clock import now
from helpdesk.lifecycle import overlays
from helpdesk.lifecycle.models import OverlayKind
from helpdesk.tickets import service_levels
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Channel

TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.fixture
def opened(carol):
    def open_one() -> Ticket:
        ticket = Ticket.open_for(carol, subject="How?", via=Channel.FORM)
        ticket.hear("How?")
        ticket.opened()
        return ticket

    return open_one


@pytest.mark.parametrize(
    ("stage", "hour", "minute"),
    [("prospect", 18, 0), ("trial", 14, 0), ("onboarding", 11, 0), ("adoption", 18, 0)],
)
def test_the_stage_says_how_fast(opened, put, stage, hour, minute):
    put(stage)

    # It is nine in the morning in Tokyo, and lunch is from twelve to one.
    assert opened().reply_due_at == datetime(2026, 9, 18, hour, minute, tzinfo=TOKYO)


def test_those_at_risk_are_answered_within_an_hour(customer, opened, put, ada):
    put("adoption")
    overlays.open_by_hand(customer, OverlayKind.AT_RISK, by=ada, reason="angry on the phone")

    assert opened().reply_due_at == datetime(2026, 9, 18, 10, 0, tzinfo=TOKYO)


def test_written_on_friday_evening_it_is_due_after_the_holidays(opened, put, clock):
    put("adoption")
    clock.move_to(datetime(2026, 9, 18, 8, 0, tzinfo=UTC))

    assert opened().reply_due_at == datetime(2026, 9, 24, 17, 0, tzinfo=TOKYO)


def test_time_left_is_business_time_and_turns_negative(opened, put, clock):
    put("adoption")
    ticket = opened()
    clock.shift(timedelta(hours=4))
    assert service_levels.due_in(ticket.reply_due_at, None) == timedelta(hours=5)

    clock.move_to(datetime(2026, 9, 24, 10, 0, tzinfo=TOKYO))
    assert service_levels.due_in(ticket.reply_due_at, None) == timedelta(hours=-1)
    assert service_levels.is_late(ticket, now())


def test_an_answered_ticket_has_nothing_due_and_is_not_late_for_ever(opened, ada, clock):
    ticket = opened()
    ticket.reply("So.", by=ada)
    clock.shift(timedelta(days=30))

    assert service_levels.due_in(ticket.reply_due_at, ticket.first_replied_at) is None
    assert not service_levels.is_late(ticket, now())
