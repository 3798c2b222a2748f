"""Who is let in."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from helpdesk.accounts.models import ApiToken, Attempt
from helpdesk.api.routes import ROUTES
from helpdesk.api.tokens import TRIES
from helpdesk.core.db import db
from helpdesk.tickets.models import Ticket

GUARDED = [pytest.param(each, id=f"{each.method} {each.rule}") for each in ROUTES if each.scope]
WRITING = [pytest.param(each, id=f"{each.method} {each.rule}") for each in ROUTES if each.scope == "write"]
QUESTION = {"subject": "Help", "body": "Please.", "requester": {"email": "dave@example.org"}}


def ask(client, route, number, **particulars):
    return client.open(
        "/api" + route.rule.replace("<int:number>", str(number)).replace("<int:id>", str(number)),
        method=route.method,
        **particulars,
    )


@pytest.mark.parametrize("route", GUARDED)
def test_nobody_comes_in_without_a_token(visit, ticket, route):
    refused = ask(visit(), route, ticket.id)

    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("route", GUARDED)
def test_a_cookie_is_no_token(desk, ticket, route):
    assert ask(desk, route, ticket.id).status_code == 401


@pytest.mark.parametrize("route", WRITING)
def test_a_token_for_reading_does_not_write(program, root, ticket, facts, route):
    before = facts()

    refused = ask(program(root, "read"), route, ticket.id, json=QUESTION)

    assert (refused.status_code, refused.json["type"]) == (403, "/api/docs#problem-scope")
    assert facts() == before


def test_a_token_for_writing_does_not_read(program, ada):
    assert program(ada, "write").get("/api/v1/tickets").status_code == 403


@pytest.mark.parametrize("header", ["Bearer", "Bearer nonsense", "Basic YTpi", "hd_nonsense", "Bearer é"])
def test_a_wrong_token_is_refused_where_none_is_needed_too(visit, header):
    refused = visit().get("/api/v1/kb/search?q=x", headers={"Authorization": header})

    assert refused.status_code == 401
    assert "invalid_token" in refused.headers["WWW-Authenticate"]


def test_a_token_ends(program, ada, clock):
    client = program(ada)
    db.session.scalars(select(ApiToken)).one().expires_at = db.session.scalar(
        select(func.max(ApiToken.created_at))
    )
    clock.shift(timedelta(seconds=1))

    assert client.get("/api/v1/tickets").status_code == 401


def test_who_left_leaves_with_their_tokens(api, ada):
    ada.deactivated_at = ada.created_at

    assert api.get("/api/v1/tickets").status_code == 401


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_its_use_is_noted_now_and_then(api, clock, method):
    api.open("/api/v1/tickets", method=method, json=QUESTION if method == "POST" else None)
    first = db.session.scalars(select(ApiToken.used_at)).one()
    clock.shift(timedelta(minutes=9))
    api.get("/api/v1/tickets")

    assert first is not None
    assert db.session.scalars(select(ApiToken.used_at)).one() == first


def test_guessing_is_slowed_down_and_a_right_token_is_not(app, visit, api):
    app.config["HELPDESK_RATE_LIMITS"] = True
    answers = [
        visit().post("/api/v1/tickets", headers={"Authorization": "Bearer x"}) for _ in range(TRIES + 1)
    ]

    assert [answers[0].status_code, answers[-1].status_code] == [401, 429]
    assert answers[-1].headers["Retry-After"]
    assert api.get("/api/v1/tickets").status_code == 200
    assert db.session.scalar(select(func.count(Attempt.id))) == TRIES


def test_no_ticket_comes_of_a_wrong_token(visit):
    visit().post("/api/v1/tickets", json=QUESTION, headers={"Authorization": "Bearer x"})

    assert db.session.scalar(select(func.count(Ticket.id))) == 0
