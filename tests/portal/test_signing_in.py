"""A letter opens the door: once, for a while, where it was asked for."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.customers.models import ContactAddress
from helpdesk.customers.sessions import ContactSession, SignInLink
from helpdesk.customers.signing_in import forget

ASK, CODE = "/portal/sign-in", "/portal/sign-in/code"


@pytest.fixture
def carols(visit, carol):
    """Carol's browser, which has asked for a link."""
    browser = visit()
    browser.post(ASK, data={"email": "carol@example.org"})
    return browser


def sessions():
    return db.session.scalars(select(ContactSession)).all()


def test_the_link_signs_in_the_browser_that_asked(carols, letter, carol):
    link, _code = letter()

    assert carols.post(link).location == "/requests"
    assert "Carol" in carols.get("/requests").text


def test_looking_at_the_link_signs_nobody_in(carols, letter):
    link, _code = letter()

    assert "Sign in" in carols.get(link).text
    assert carols.head(link).status_code == 200
    assert sessions() == []


def test_a_link_opens_once(carols, letter, visit):
    link, _code = letter()
    carols.post(link)

    assert carols.post(link).status_code == 410
    assert carols.get(link).status_code == 410
    assert len(sessions()) == 1


def test_a_link_is_too_old_after_a_quarter_of_an_hour(carols, letter, clock):
    link, _code = letter()
    clock.shift(timedelta(minutes=15, seconds=1))

    assert carols.post(link).status_code == 410


def test_only_the_newest_letter_counts(carols, letter):
    older, _code = letter()
    carols.post(ASK, data={"email": "carol@example.org"})
    newer, _code = letter()

    assert carols.post(older).status_code == 410
    assert carols.post(newer).status_code == 303


def test_another_browser_needs_the_code_as_well(carols, letter, visit):
    link, code = letter()
    phone = visit()

    assert "another browser" in phone.get(link).text
    assert phone.post(link).status_code == 422
    assert phone.post(link, data={"code": code}).status_code == 303


def test_the_code_alone_works_only_where_it_was_asked_for(carols, letter, visit):
    _link, code = letter()

    assert visit().post(CODE, data={"code": code}).status_code == 422
    assert carols.post(CODE, data={"code": code.lower().replace(" ", "")}).status_code == 303


def test_a_code_cannot_be_guessed(carols, letter):
    link, code = letter()
    for _ in range(5):
        carols.post(CODE, data={"code": "AAAAAA"})

    assert carols.post(CODE, data={"code": code}).status_code == 422
    assert carols.post(link).status_code == 410


def test_a_stranger_gets_the_same_answer_and_no_letter(carols, visit, postbox, work_off):
    known = carols.get(CODE).text
    stranger = visit()
    asked = stranger.post(ASK, data={"email": "nobody@example.org"})
    work_off()

    assert asked.location == CODE
    assert stranger.get(CODE).text == known.replace("carol@", "nobody@")
    assert len(postbox()) == 1


def test_asking_touches_no_account_before_a_worker_does(carols):
    assert db.session.scalar(select(SignInLink)) is None


def test_neither_link_nor_session_is_kept_in_the_clear(carols, letter):
    link, code = letter()
    kept = str(db.session.execute(select(SignInLink.__table__)).one())
    carols.post(link)

    assert link.rpartition("/")[2] not in kept
    assert code.replace(" ", "") not in kept
    with carols.session_transaction() as session:
        assert session["contact"] != sessions()[0].token_hash


def test_the_address_is_proved(carols, letter):
    link, _code = letter()
    carols.post(link)

    assert db.session.scalar(select(ContactAddress.verified_at)) is not None


def test_one_comes_back_to_the_page_one_wanted(visit, ticket, letter):
    browser = visit()
    door = browser.get(f"/requests/{ticket.id}").location
    browser.post(ASK, data={"email": "carol@example.org", "next": door.partition("next=")[2]})
    link, _code = letter()

    assert browser.post(link).location == f"/requests/{ticket.id}"


def test_no_letter_leads_to_another_site(visit, carol, letter):
    browser = visit()
    browser.post(ASK, data={"email": "carol@example.org", "next": "//evil.example.com"})
    link, _code = letter()

    assert browser.post(link).location == "/requests"


def test_the_link_names_the_configured_site(carols, postbox, work_off):
    carols.post(ASK, data={"email": "carol@example.org"}, headers={"Host": "evil.example.com"})
    work_off()

    assert all("evil" not in str(letter) for letter in postbox())


def test_signing_out_ends_the_session_everywhere(enter, carol):
    browser = enter(carol)
    with browser.session_transaction() as session:
        token = session["contact"]
    browser.post("/portal/sign-out")

    assert ContactSession.of(token) is None
    assert browser.get("/requests").status_code == 302


@pytest.mark.parametrize("idle", [timedelta(days=14, hours=1), timedelta(days=31)])
def test_a_session_ends(enter, carol, clock, idle):
    browser = enter(carol)
    clock.shift(idle)

    assert browser.get("/requests").status_code == 302


def test_letters_are_throttled_by_address_and_by_net(app, visit, carol):
    app.config["HELPDESK_RATE_LIMITS"] = True
    for _ in range(10):
        assert visit().post(ASK, data={"email": "carol@example.org"}).status_code == 303

    assert visit().post(ASK, data={"email": "carol@example.org"}).status_code == 429
    assert visit().post(ASK, data={"email": "other@example.org"}).status_code == 429


def test_without_a_token_of_ours_no_form_is_taken(app, visit, carol):
    browser = visit()
    app.config["WTF_CSRF_ENABLED"] = True

    assert browser.post(ASK, data={"email": "carol@example.org"}).status_code == 400
    assert browser.post("/requests", data={"subject": "x"}).status_code == 400


def test_sessions_and_links_that_are_over_are_forgotten(carols, letter, enter, carol, clock):
    enter(carol)
    letter()
    forget()
    assert len(sessions()) == db.session.query(SignInLink).count() == 1

    clock.shift(timedelta(days=14, minutes=1))
    forget()
    assert sessions() == db.session.scalars(select(SignInLink)).all() == []
