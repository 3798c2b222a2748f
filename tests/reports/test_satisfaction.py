"""The report against answers whose truth is counted by hand."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event

from helpdesk.core.db import db
from helpdesk.reports.exporting import as_dict
from helpdesk.reports.filters import BadFilter, Cut, Filters
from helpdesk.reports.period import Window
from helpdesk.reports.satisfaction import satisfaction
from helpdesk.tickets.thread import Channel

SEPTEMBER = Window(date(2026, 9, 1), date(2026, 10, 1))


def lines(viewer, by=Cut.TEAM, window=SEPTEMBER, **chosen):
    return {line.name: line.scores for line in satisfaction(Filters(window, by, "", chosen), viewer).lines}


def total(viewer, window=SEPTEMBER, **chosen):
    return satisfaction(Filters(window, Cut.TEAM, "", chosen), viewer).total


def test_the_figures_are_those_counted_by_hand(answered, grace):
    for csat in (5, 5, 4, 4, 4, 3, 2, 5, 1, 4):
        answered(csat)
    for ces in (7, 6, 5, 4, 2, 7, 6, 3):
        answered(4, ces=ces)
    scores = total(grace).scores

    assert (scores.csat.value, scores.csat.n) == (15 / 18, 18)
    assert (scores.ces.value, scores.ces.n, scores.ces_mean.value, scores.net_easy) == (0.625, 8, 5.0, 25)


def test_nobody_answered_is_no_figure(app, grace):
    assert total(grace).scores.csat is None
    assert as_dict(satisfaction(Filters(SEPTEMBER), grace))["total"]["csat"]["value"] is None


def test_an_answer_belongs_to_the_day_of_the_workspace(answered, grace):
    answered(5, at=datetime(2026, 3, 31, 15, 30, tzinfo=UTC))
    march, april = (Window(date(2026, m, 1), date(2026, m + 1, 1)) for m in (3, 4))

    assert total(grace, march).scores.csat is None
    assert total(grace, april).scores.csat.n == 1


def test_the_last_moment_is_in_and_the_next_is_out(answered, grace):
    answered(5, at=SEPTEMBER.end - timedelta(microseconds=1))
    answered(5, at=SEPTEMBER.end)
    answered(5, at=SEPTEMBER.start)

    assert total(grace).scores.csat.n == 2


def test_each_cut_tells_its_own_apart(answered, grace, ada):
    answered(5, agent=grace, channel=Channel.CHAT, topic="billing")
    answered(1)

    for by, names in (
        (Cut.AGENT, {"Grace": 1.0, "Ada": 0.0}),
        (Cut.CHANNEL, {"Chat": 1.0, "E-mail": 0.0}),
        (Cut.TOPIC, {"billing": 1.0, "No topic": 0.0}),
    ):
        assert {name: scores.csat.value for name, scores in lines(grace, by).items()} == names


def test_what_is_chosen_narrows_every_figure(answered, grace, ada):
    answered(5, agent=grace)
    answered(1, agent=None)

    assert total(grace, agent=str(grace.id)).scores.csat.value == 1.0
    assert total(grace, agent="none").scores.csat.value == 0.0
    assert total(grace, channel="chat").scores.csat is None


def test_moving_a_ticket_later_moves_no_answer(answered, grace, ada, root, mallory):
    survey = answered(1)
    survey.ticket.assign(grace, by=ada)
    survey.ticket.change(by=ada, team=mallory.teams[0])
    db.session.commit()

    assert list(lines(grace, Cut.AGENT)) == ["Ada"]
    assert total(mallory).scores.csat is None


def test_mallory_sees_nothing_and_root_sees_all(answered, mallory, root):
    answered(5)

    assert total(mallory).scores.csat is None
    assert lines(mallory) == {}
    assert total(root).scores.csat.n == 1


def test_response_counts_those_invited_and_not_what_was_withdrawn(answered, grace):
    answered(5)
    answered(opens=7)
    answered(skipped_for="reopened")
    scores = total(grace).scores

    assert (scores.responded, scores.invited, scores.response.value, scores.opens) == (1, 2, 0.5, 7)


def test_an_opened_link_is_no_answer(answered, grace):
    answered(opens=1000)

    assert total(grace).scores.csat is None


def test_four_answers_show_no_figure_and_five_do(answered, grace):
    for _ in range(4):
        answered(5)
    assert as_dict(satisfaction(Filters(SEPTEMBER), grace))["total"]["csat"] == {
        "value": None, "n": 4, "interval": None, "mean": None,
    }  # fmt: skip

    answered(5)
    assert as_dict(satisfaction(Filters(SEPTEMBER), grace))["total"]["csat"]["value"] == 1.0


def test_a_proven_change_has_an_arrow_and_chance_has_none(answered, grace):
    for place in range(40):
        answered(5 if place < 38 else 1)
        answered(5 if place < 20 else 1, at=SEPTEMBER.start - timedelta(days=3))

    assert total(grace).csat_direction == 1
    assert total(grace).ces_direction == 0


def test_agents_are_in_order_of_names_until_everybody_has_twenty(answered, grace, ada):
    for _ in range(20):
        answered(1, agent=ada)
    for _ in range(19):
        answered(5, agent=grace)
    report = satisfaction(Filters(SEPTEMBER, Cut.AGENT), grace)
    assert ([line.name for line in report.lines], report.is_ranked) == (["Ada", "Grace"], False)

    answered(5, agent=grace)
    report = satisfaction(Filters(SEPTEMBER, Cut.AGENT), grace)
    assert ([line.name for line in report.lines], report.is_ranked) == (["Grace", "Ada"], True)


def test_months_follow_each_other_and_empty_ones_are_there(answered, grace):
    answered(5, at=datetime(2026, 7, 2, tzinfo=UTC))
    answered(1, at=datetime(2026, 9, 2, tzinfo=UTC))
    summer = Window(date(2026, 7, 1), date(2026, 10, 1))
    report = satisfaction(Filters(summer, Cut.MONTH), grace)

    assert [line.scores.csat.value if line.scores.csat else None for line in report.lines] == [1.0, None, 0.0]
    assert report.lines[2].before.csat is None
    assert report.total.scores.csat.n == 2


def test_weeks_add_up_to_the_whole(answered, grace):
    for day in range(1, 31):
        answered(4, at=datetime(2026, 9, day, tzinfo=UTC))
    report = satisfaction(Filters(SEPTEMBER, Cut.WEEK), grace)

    assert [line.scores.csat.n for line in report.lines] == [6, 7, 7, 7, 3]
    assert report.total.scores.csat.n == 30


def test_the_line_looks_back_thirteen_months(answered, grace):
    answered(5, at=datetime(2025, 9, 2, tzinfo=UTC))
    answered(5, at=datetime(2025, 8, 2, tzinfo=UTC))
    trend = satisfaction(Filters(SEPTEMBER), grace).trend

    assert (len(trend), trend[0].scores.csat.n, trend[0].key) == (13, 1, "2025-09-01")


@pytest.mark.parametrize("by", list(Cut))
def test_more_answers_need_no_more_statements(answered, grace, by):
    def statements() -> int:
        assert grace.team_ids  # loaded before it counts
        seen = []
        listen = lambda *given: seen.append(given[2])  # noqa: E731
        event.listen(db.engine, "before_cursor_execute", listen)
        satisfaction(Filters(SEPTEMBER, by), grace)
        event.remove(db.engine, "before_cursor_execute", listen)
        return len(seen)

    answered(5)
    few = statements()
    for place in range(12):
        answered(4, topic=f"topic {place}", at=datetime(2026, 9, place + 1, tzinfo=UTC))

    assert statements() == few <= 4


@pytest.mark.parametrize(
    "given",
    [
        {"by": "mood"}, {"team": "x"}, {"channel": "smoke"}, {"from": "yesterday"}, {"to": "2026-02-30"},
        {"from": "2026-09-02", "to": "2026-09-02"}, {"from": "1999-01-01"}, {"period": "ever"},
        {"from": "2001-01-01", "to": "2026-01-01"},
    ],
)  # fmt: skip
def test_a_choice_that_cannot_be_is_named(app, given):
    with pytest.raises(BadFilter):
        Filters.read(given, date(2026, 9, 18))


def test_people_name_the_last_day_and_programs_the_day_after(app):
    today = date(2026, 9, 18)
    asked = {"from": "2026-09-01", "last": "2026-09-30"}

    assert Filters.read(asked, today).window.until == date(2026, 10, 1)
    assert Filters.read({**asked, "to": "2026-09-15"}, today).window.last == date(2026, 9, 14)


def test_a_choice_survives_its_address(app):
    given = {"from": "2026-09-01", "to": "2026-10-01", "by": "agent", "team": "3", "topic": "none"}

    assert Filters.read(given, date(2026, 9, 18)).args == given
