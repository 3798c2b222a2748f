"""Answers and the report by program: the page's figures, for those who may read the page."""

from datetime import timedelta

import pytest

from helpdesk.core.clock import now
from helpdesk.core.i18n import local
from helpdesk.reports.exporting import as_dict
from helpdesk.reports.filters import Filters
from helpdesk.reports.satisfaction import satisfaction
from tests.api.asking import statements, walk
from tests.reports.conftest import answered  # noqa: F401


@pytest.fixture
def lead(program, grace):
    return program(grace)


@pytest.fixture
def seven(answered):  # noqa: F811
    """Seven answers of the last days, five of them good."""
    scores = [5, 5, 4, 4, 5, 1, 2]
    return [
        answered(score, at=now() - timedelta(hours=9 * n), ces=6, topic="login")
        for n, score in enumerate(scores)
    ]


@pytest.mark.parametrize("path", ["surveys/responses", "reports/satisfaction"])
def test_agents_do_not_read_them(api, path):
    refused = api.get(f"/api/v1/{path}")

    assert (refused.status_code, refused.json["type"]) == (403, "/api/docs#problem-role")


def test_mallory_reads_none_of_them(program, mallory, seven):
    client = program(mallory)

    assert client.get("/api/v1/surveys/responses").json["items"] == []
    assert client.get("/api/v1/reports/satisfaction").json["total"]["csat"]["n"] == 0


@pytest.mark.parametrize("by", ["stage", "agent", "team", "channel", "topic"])
def test_the_report_is_the_pages(lead, grace, seven, by):
    told = lead.get(f"/api/v1/reports/satisfaction?from=2026-09-01&to=2026-10-01&by={by}").json
    filters = Filters.read({"from": "2026-09-01", "to": "2026-10-01", "by": by}, local(now()).date())
    same = as_dict(satisfaction(filters, grace))

    assert told["total"] == same["total"]
    assert told["items"] == same["items"]
    assert (told["from"], told["to"], told["by"]) == ("2026-09-01", "2026-10-01", by)


def test_its_figures_are_right(lead, seven):
    told = lead.get("/api/v1/reports/satisfaction").json["total"]

    assert (told["csat"]["n"], told["csat"]["value"]) == (7, round(5 / 7, 4))
    assert (told["ces"]["value"], told["response_rate"]) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=2026-09-02&to=2026-09-01", "to"),
        ("by=moon", "by"),
        ("from=yesterday", "from"),
        ("team=x", "team"),
    ],
)
def test_what_cannot_be_chosen_is_named(lead, query, field):
    refused = lead.get(f"/api/v1/reports/satisfaction?{query}")

    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, field)


def test_answers_come_newest_first_with_all_they_belong_to(lead, seven, answered, ada):  # noqa: F811
    answered(None)
    told = walk(lead, "/api/v1/surveys/responses?limit=3")

    assert [each["id"] for each in told] == [survey.id for survey in seven]
    assert (told[0]["csat"], told[0]["ces"], told[0]["topic"]) == (5, 6, "login")
    assert (told[0]["agent"]["name"], told[0]["customer"]["name"]) == ("Ada", "Carol")


def test_following_answers(lead, seven):
    since = seven[3].answered_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    told = walk(lead, f"/api/v1/surveys/responses?limit=2&answered_since={since}")

    assert [each["id"] for each in told] == [survey.id for survey in seven[3::-1]]


def test_in_as_many_statements_however_many(lead, seven):
    lead.get("/api/v1/surveys/responses")
    short = statements(lambda: lead.get("/api/v1/surveys/responses?limit=1"))

    assert statements(lambda: lead.get("/api/v1/surveys/responses?limit=7")) == short
