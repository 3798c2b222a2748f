"""Every refusal is a problem that a program can read."""

import pytest
from sqlalchemy.exc import OperationalError

from helpdesk.api.problems import KINDS
from helpdesk.api.routes import LARGEST_BODY
from helpdesk.tickets.models import Ticket

QUESTION = {"subject": "Help", "body": "Please.", "requester": {"email": "dave@example.org"}}


def is_problem(answer, status: int, kind: str = "") -> bool:
    told = answer.json
    same = told["status"] == answer.status_code == status
    named = told["type"] == (f"/api/docs#problem-{kind}" if kind else "about:blank")
    return answer.content_type == "application/problem+json" and same and named and bool(told["title"])


@pytest.mark.parametrize(
    "path", ["/api/nothing", "/api/v1/", "/api/v1/tickets/0", "/api/v1/tickets/" + "9" * 5000]
)
def test_what_is_not_there(api, path):
    assert is_problem(api.get(path), 404)


def test_a_method_that_is_not_there_says_which_are(api):
    refused = api.delete("/api/v1/tickets")

    assert is_problem(refused, 405)
    assert {"GET", "POST"} <= {method.strip() for method in refused.headers["Allow"].split(",")}


@pytest.mark.parametrize("body", ["", "{", "{'a': 1}", '{"subject": "\\ud800"}', "[" * 5000, b"\xff"])
def test_a_body_that_is_no_json(api, body):
    assert is_problem(
        api.post("/api/v1/tickets", data=body, content_type="application/json"), 400, "malformed"
    )


def test_a_body_of_another_type(api):
    assert is_problem(api.post("/api/v1/tickets", data={"subject": "Help"}), 415)


def test_a_body_that_is_too_large(api):
    huge = "x" * (LARGEST_BODY + 1)

    assert is_problem(api.post("/api/v1/tickets", data=huge, content_type="application/json"), 413)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"subject": None}, "subject"), ({"subject": "\u200b\t"}, "subject"), ({"colour": "red"}, "colour"),
        ({"priority": "huge"}, "priority"), ({"requester": {"email": "dave"}}, "requester.email"),
        ({"requester": {"email": "d\u0000@example.org"}}, "requester.email"), ({"tags": [1]}, "tags.0"),
        ({"team": 4711}, "team"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named(api, change, field):
    refused = api.post("/api/v1/tickets", json={**QUESTION, **change})

    assert is_problem(refused, 422, "invalid")
    assert [each["field"] for each in refused.json["errors"]] == [field]


@pytest.mark.parametrize(
    ("query", "field"),
    [("limit=0", "limit"), ("page=2", "page"), ("cursor=WzFd", "cursor"), ("cursor=%00é", "cursor"),
     ("status=open&status=waiting", "status"), ("updated_since=2026-09-18T09:00:00", "updated_since")],
)  # fmt: skip
def test_a_wrong_word_of_an_address_is_named(api, query, field):
    refused = api.get(f"/api/v1/tickets?{query}")

    assert is_problem(refused, 422, "invalid")
    assert [each["field"] for each in refused.json["errors"]] == [field]


def test_our_own_fault_is_told_without_its_words(api, monkeypatch):
    monkeypatch.setattr(Ticket, "visible_to", lambda _agent: 1 / 0)

    broken = api.get("/api/v1/tickets")

    assert is_problem(broken, 500)
    assert "division" not in broken.text


def test_a_busy_database_asks_for_patience(api, monkeypatch):
    def locked(_agent):
        raise OperationalError("SELECT", {}, Exception("database is locked"))

    monkeypatch.setattr(Ticket, "visible_to", locked)
    busy = api.get("/api/v1/tickets")

    assert is_problem(busy, 503)
    assert busy.headers["Retry-After"]


def test_people_still_get_a_page(visit):
    assert visit().get("/nothing").content_type.startswith("text/html")


def test_each_kind_is_explained_on_the_reference_page(visit):
    page = visit().get("/api/docs").text

    assert [kind for kind in KINDS if f'id="problem-{kind}"' not in page] == []
