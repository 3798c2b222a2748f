"""Signing in: the same answer to every wrong try, an end to tries, and sessions that end when they should."""

import re
from contextvars import Context
from datetime import timedelta

import pytest
from sqlalchemy import select

from helpdesk.accounts.models import AgentSession, Attempt
from helpdesk.accounts.people import let_go
from helpdesk.accounts.signing_in import forget
from helpdesk.core.db import db
from tests.conftest import PASSWORD

WRONG = "The e-mail address or the password is wrong."


def sign_in(browser, email="ada@helpdesk.example.com", password=PASSWORD, path="/sign-in"):
    return browser.post(path, data={"email": email, "password": password})


def told(page):
    """What the page says, but for what was typed."""
    return re.sub(r'value="[^"]*"', "", page.text)


def test_the_right_password_leads_to_the_desk(visit, ada):
    browser = visit()

    assert sign_in(browser).headers["Location"] == "/desk"
    assert browser.get("/desk").status_code == 200


def test_the_address_is_known_in_any_case(visit, ada):
    assert sign_in(visit(), email=" ADA@Helpdesk.example.com ").status_code == 303


def test_a_wrong_password_a_stranger_and_one_who_left_get_the_same_answer(visit, ada, grace):
    let_go(grace)
    db.session.commit()
    browser = visit()
    answers = [
        sign_in(browser, password="wrong"),
        sign_in(browser, email="nobody@helpdesk.example.com"),
        sign_in(browser, email="grace@helpdesk.example.com"),
    ]

    assert {answer.status_code for answer in answers} == {422}
    assert len({told(answer) for answer in answers}) == 1
    assert WRONG in answers[0].text


def test_after_ten_tries_even_the_right_password_waits(visit, ada, strict, clock):
    browser = visit()
    for _ in range(10):
        assert sign_in(browser, password="wrong").status_code == 422

    assert sign_in(browser).status_code == 429
    clock.shift(timedelta(minutes=16))
    assert sign_in(browser).status_code == 303


def test_tries_are_counted_by_account_wherever_they_come_from(visit, ada, strict):
    for number in range(10):
        visit().post(
            "/sign-in",
            data={"email": ada.email, "password": "wrong"},
            environ_overrides={"REMOTE_ADDR": f"192.0.2.{number}"},
        )

    assert sign_in(visit()).status_code == 429


def test_tries_are_counted_by_place_whomever_they_name(visit, ada, strict):
    for number in range(10):
        sign_in(visit(), email=f"{number}@helpdesk.example.com")

    assert sign_in(visit()).status_code == 429


def test_limits_are_off_where_the_setting_says_so(visit, ada):
    for _ in range(12):
        sign_in(visit(), password="wrong")

    assert sign_in(visit()).status_code == 303
    assert len(db.session.scalars(select(Attempt.bucket)).all()) == 24


def test_a_session_that_nobody_uses_is_over_after_twelve_hours(visit, ada, clock):
    browser = visit()
    sign_in(browser)
    clock.shift(timedelta(hours=11))
    assert browser.get("/desk").status_code == 200
    clock.shift(timedelta(hours=11))
    assert browser.get("/desk").status_code == 200

    clock.shift(timedelta(hours=13))

    assert browser.get("/desk").headers["Location"].startswith("/sign-in")


def test_no_session_lives_longer_than_two_weeks(visit, ada, clock):
    browser = visit()
    sign_in(browser)
    for _ in range(29):
        clock.shift(timedelta(hours=11, minutes=50))
        browser.get("/desk")

    assert browser.get("/desk").headers["Location"].startswith("/sign-in")


def test_whoever_is_let_go_is_out_at_once(visit, ada, root):
    browser = visit()
    sign_in(browser)
    let_go(ada)
    db.session.commit()

    assert browser.get("/desk").headers["Location"].startswith("/sign-in")
    assert db.session.scalars(select(AgentSession)).all() == []


def test_signing_out_ends_this_browser_only_and_its_cookie_is_worth_nothing(visit, ada):
    first, second = visit(), visit()
    sign_in(first)
    sign_in(second)
    kept = first.get_cookie("helpdesk_session").value
    first.post("/sign-out")
    first.set_cookie("helpdesk_session", kept)

    assert first.get("/desk").status_code == 302
    assert second.get("/desk").status_code == 200


@pytest.mark.parametrize(
    "address",
    ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "\\\\evil.example"],
)
def test_signing_in_leads_nowhere_else(visit, ada, address):
    browser = visit()

    answer = browser.post(
        "/sign-in", query_string={"next": address}, data={"email": ada.email, "password": PASSWORD}
    )

    assert answer.headers["Location"] == "/desk"


def test_signing_in_leads_where_one_wanted_to_go(visit, ada):
    wanted = visit().get("/desk/customers?q=x").headers["Location"]

    assert sign_in(visit(), path=wanted).headers["Location"] == "/desk/customers?q=x"


def test_in_production_the_cookie_is_bound_to_the_host_and_to_https(production, ada):
    browser, given = production.test_client(), {"email": ada.email, "password": PASSWORD}
    db.session.commit()
    answer = Context().run(browser.post, "/sign-in", base_url="https://help.example.com", data=given)
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("__Host-helpdesk="))

    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]


def test_a_form_without_its_token_is_refused(visit, ada, app):
    browser = visit()
    app.config["WTF_CSRF_ENABLED"] = True

    assert sign_in(browser).status_code == 400
    assert db.session.scalars(select(AgentSession)).all() == []


def test_a_new_session_begins_with_every_signing_in(visit, ada):
    browser = visit()
    sign_in(browser)
    before = browser.get_cookie("helpdesk_session").value
    browser.post("/sign-out")
    sign_in(browser)

    assert browser.get_cookie("helpdesk_session").value != before
    assert db.session.query(AgentSession).count() == 1


def test_neither_password_nor_token_is_kept_in_clear(visit, ada):
    browser = visit()
    sign_in(browser)
    kept = db.session.scalars(select(AgentSession)).one()
    with browser.session_transaction() as session:
        token = session["_user_id"]

    assert token not in (kept.token_hash, kept.browser)
    assert PASSWORD not in ada.password_hash


def test_what_is_over_is_forgotten_and_what_lives_is_kept(visit, ada, grace, clock):
    sign_in(visit())
    sign_in(visit(), password="wrong")
    db.session.commit()
    clock.shift(timedelta(days=1, minutes=1))
    living = AgentSession.start(grace, "test")
    forget()

    assert [session.agent for session in db.session.scalars(select(AgentSession))] == [grace]
    assert AgentSession.of(living) is not None
    assert db.session.scalars(select(Attempt)).all() == []
