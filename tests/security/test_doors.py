"""Doors that people knock at without being known: what they give away, and how often one may knock."""

import re
import time
from datetime import timedelta
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask

from helpdesk.accounts.models import Agent, AgentSession
from helpdesk.accounts.signing_in import TRIES, password_hash
from helpdesk.api.tokens import TRIES as WRONG_TOKENS
from helpdesk.chat.views import STARTS
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.web import safe_path
from helpdesk.portal.views import REQUESTS
from tests.conftest import PASSWORD
from tests.security.conftest import CANARY
from tests.security.rights import lines

ELSEWHERE = (
    "https://evil.example",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/\x00/evil.example",
    "javascript:alert(1)",
    "http:evil.example",
    "evil.example",
    "/%0d%0aLocation:https://evil.example",
    "https:/evil.example",
)
REQUEST = {"name": "Eve", "subject": "Hello", "body": "Words."}


@pytest.mark.parametrize("place", ELSEWHERE)
def test_nobody_is_sent_elsewhere(visit, ada, place):
    browser = visit()
    form = {"email": ada.email, "password": PASSWORD, "language": "en", "next": place}
    answers = [
        browser.post("/language", data=form),
        browser.post("/sign-in", data=form, query_string={"next": place}),
        browser.post("/desk/preferences", data=form),
    ]

    for answer in answers:
        as_browsers_read = answer.location.replace("\\", "/").translate(dict.fromkeys(range(33)))
        assert urlsplit(urljoin("http://localhost/", as_browsers_read)).netloc == "localhost"
    assert safe_path("/desk?view=all#x", "/") == "/desk?view=all#x"


def test_a_note_stays_at_the_desk(come, town, bearer, work_off, postbox, ticket, ada):
    ticket.reply("Found it.", by=ada)
    ticket.resolve(by=ada)
    work_off()
    readers = {who: come(who) for who in ("nobody", "carol", "dave", "mallory")}
    pages = [line[2] for line in lines(town, "GET")] + ["/desk/search?q=" + CANARY, "/kb/search?q=" + CANARY]
    # Page by page: what is searched last is told to editors as a question that was asked.
    told = {(who, page) for page in pages for who, browser in readers.items() if _tells(browser, page)}
    token = bearer("mallory")
    api = [line[2] for line in lines(town, "GET") if "/api/" in line[2]]

    # What one typed oneself comes back, and that is all.
    assert {page for _who, page in told} <= {"/desk/search?q=" + CANARY, "/kb/search?q=" + CANARY}
    assert not [page for page in api if CANARY in readers["nobody"].get(page, headers=token).text]
    assert not [letter for letter in postbox() if CANARY in letter.as_string()]
    assert CANARY in come("ada").get(f"/desk/tickets/{town.ticket}").text
    assert f"/desk/tickets/{town.ticket}" in come("ada").get("/desk/search?q=" + CANARY).text
    assert f"/desk/tickets/{town.ticket}" not in readers["mallory"].get("/desk/search?q=" + CANARY).text


def test_asking_for_a_way_in_tells_nobody_who_is_a_customer(visit, carol):
    addresses = carol.addresses[0].address, "no@e.example"
    answers = {_answered(visit(), "/portal/sign-in", email=address) for address in addresses}

    assert len(answers) == 1


def test_a_request_tells_nobody_who_is_a_customer(visit, carol):
    answers = []
    for address in (carol.addresses[0].address, "unknown@e.example"):
        browser = visit()
        browser.post("/requests", data={**REQUEST, "email": address})
        page = re.sub(r"[\w.-]{60,}", "", browser.get("/requests/sent").text)
        # The address stands there as it was typed.
        answers.append(re.sub(r"\d+", "N", page.replace(address, "ADDRESS")))

    assert answers[0] == answers[1]
    assert "Carol" not in answers[0]


def test_a_wrong_password_tells_nobody_who_works_here(visit, ada):
    answers = {_answered(visit(), "/sign-in", email=e, password="wrong") for e in (ada.email, "no@e.example")}

    assert len(answers) == 1


def test_a_wrong_password_takes_as_long_for_nobody(visit, ada):
    ada.password_hash = password_hash(PASSWORD)
    db.session.commit()
    browser = visit()

    def cost(email: str) -> float:
        started = time.thread_time()
        browser.post("/sign-in", data={"email": email, "password": "wrong"})
        return time.thread_time() - started

    cost("nobody@e.example")
    known, unknown = (min(cost(email) for _ in range(5)) for email in (ada.email, "nobody@e.example"))
    assert 0.6 < known / unknown < 1.7


@pytest.fixture
def limited(app: Flask) -> Flask:
    app.config["HELPDESK_RATE_LIMITS"] = True
    return app


@pytest.mark.parametrize(
    ("place", "form", "most"),
    [
        ("/sign-in", {"email": "ada@helpdesk.example.com", "password": "wrong"}, TRIES),
        ("/portal/sign-in", {"email": "carol@example.org"}, 10),
        ("/portal/sign-in/code", {"code": "ABC DEF"}, 10),
        ("/requests", {**REQUEST, "email": "eve@e.example"}, REQUESTS),
        ("/chat", {**REQUEST, "email": "eve@e.example"}, STARTS),
    ],
)
def test_knocking_too_often_is_refused(limited, visit, ada, clock, place, form, most):
    browser = visit()
    answers = [browser.post(place, data=form).status_code for _ in range(most + 1)]

    assert 429 not in answers[:-1]
    assert answers[-1] == 429
    forged = {"X-Forwarded-For": "192.0.2.9", "X-Real-IP": "192.0.2.9", "Forwarded": "for=192.0.2.9"}
    assert browser.post(place, data=form, headers=forged).status_code == 429
    clock.shift(timedelta(hours=2))
    assert browser.post(place, data=form).status_code != 429


def test_wrong_tokens_are_counted_and_right_ones_are_not(limited, visit, town, bearer):
    browser, wrong, right = visit(), {"Authorization": "Bearer hd_wrong"}, bearer("ada")
    answers = [browser.get("/api/v1/tickets", headers=wrong).status_code for _ in range(WRONG_TOKENS + 1)]

    assert {*answers[:-1]} == {401}
    assert answers[-1] == 429
    assert browser.get("/api/v1/tickets", headers=right).status_code == 200


def test_nobody_chooses_the_session_of_somebody_who_signs_in(visit, ada, mallory):
    browser, planted = visit(), AgentSession.start(mallory, "hers")
    db.session.commit()
    with browser.session_transaction() as session:
        session.update(_user_id=planted, csrf_token="known", planted="yes")
    browser.post("/sign-in", data={"email": ada.email, "password": PASSWORD})

    with browser.session_transaction() as session:
        assert session["_user_id"] != planted
        assert not {"planted"} & {*session}
        assert session.get("csrf_token") != "known"


def test_a_customers_forms_have_a_new_token_after_signing_in(come, town):
    browser = come("carol")
    with browser.session_transaction() as session:
        session["csrf_token"] = "known"
    browser.post("/portal/sign-out")

    with browser.session_transaction() as session:
        assert session.get("csrf_token") != "known"


def test_whoever_leaves_is_out_at_once(come, town, bearer, ada):
    browser, token = come("ada"), bearer("ada")
    assert browser.get("/desk").status_code == 200
    ada.deactivated_at = now()
    db.session.commit()

    assert browser.get("/desk").status_code == 302
    assert browser.get("/events").status_code == 302
    assert browser.post(f"/desk/tickets/{town.ticket}/notes", data={"body": "x"}).status_code == 302
    assert browser.get("/api/v1/tickets", headers=token).status_code == 401
    assert come("nobody").post("/sign-in", data={"email": ada.email, "password": PASSWORD}).status_code == 422


def test_rights_that_end_end_at_once(come, town, grace, support):
    browser = come("grace")
    assert browser.get("/desk/reports/satisfaction").status_code == 200
    agent = db.session.get(Agent, grace.id)
    agent.role, agent.teams = town.ada.role, []
    db.session.commit()

    assert browser.get("/desk/reports/satisfaction").status_code == 403
    assert browser.get(f"/desk/tickets/{town.ticket}").status_code == 404


def test_a_cookie_that_was_copied_is_worth_nothing_after_signing_out(visit, ada):
    browser, thief = visit(ada), visit()
    with browser.session_transaction() as session:
        copied = dict(session)
    with thief.session_transaction() as session:
        session.update(copied)
    assert thief.get("/desk").status_code == 200
    browser.post("/sign-out")

    assert thief.get("/desk").status_code == 302


@pytest.mark.parametrize("place", ["/requests", "/desk/tickets", "/kb/en/invoices/votes", "/api/v1/tickets"])
def test_too_much_is_refused_in_words(app, come, town, bearer, place):
    app.config["MAX_CONTENT_LENGTH"] = app.config["HELPDESK_MAX_UPLOAD"] = 20_000
    who = bearer("ada") if place.startswith("/api") else {}
    body = b"{" + b" " * 5_000_000
    kind = "application/json" if who else "application/x-www-form-urlencoded"
    answer = come("ada").post(place, data=body, content_type=kind, headers=who)

    assert answer.status_code == 413
    assert ("too large" in answer.text.lower()) or answer.mimetype == "application/problem+json"


def _tells(browser, page: str) -> bool:
    answer = browser.get(page)
    if answer.mimetype == "text/event-stream":
        answer.close()
        return False
    told = CANARY in answer.get_data(as_text=True) if answer.mimetype != "image/png" else False
    answer.close()
    return told


def _answered(browser, place: str, **form: str) -> tuple[int, str | None, str]:
    answer = browser.post(place, data=form)
    page = browser.get(answer.location) if answer.location else answer
    return answer.status_code, answer.location, page.text.replace(form["email"], "ADDRESS")
