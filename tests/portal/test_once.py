"""A form of the portal that comes twice is done once, and says the same each time."""

import io
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from helpdesk.core.db import db
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Message

ASKED = {"name": "Erin", "email": "erin@example.net", "subject": "Export", "body": "It is empty."}


def key(page):
    return re.search(r'name="once"[^>]* value="([^"]+)"', page.text)[1]


def count(noun):
    return db.session.scalar(select(func.count()).select_from(noun))


@pytest.mark.parametrize("is_known", [True, False])
def test_a_request_that_comes_again_is_one_ticket(visit, enter, carol, is_known, monkeypatch):
    browser = enter(carol) if is_known else visit()
    form = {**ASKED, "once": key(browser.get("/requests/new"))}
    first = browser.post("/requests", data=form)
    monkeypatch.setattr("helpdesk.portal.views.REQUESTS", 0)
    again = browser.post("/requests", data=form)

    assert (first.status_code, again.status_code) == (303, 303)
    assert (count(Ticket), count(Message)) == (1, 1)
    assert browser.get(first.location).text == browser.get(again.location).text or is_known


@pytest.mark.parametrize("change", [{"body": "All of it."}, {"email": "e@example.net"}, {"once": "another"}])
def test_other_words_or_another_page_are_something_new(visit, change):
    browser = visit()
    form = {**ASKED, "once": key(browser.get("/requests/new"))}
    for given in (form, {**form, **change}):
        browser.post("/requests", data=given)

    assert count(Ticket) == 2


def test_who_goes_back_for_a_forgotten_file_is_heard_again(visit):
    browser = visit()
    form = {**ASKED, "once": key(browser.get("/requests/new"))}
    browser.post("/requests", data=form)
    for _press in range(2):
        browser.post("/requests", data={**form, "files": (io.BytesIO(b"a,b"), "export.csv")})

    assert count(Ticket) == 2
    files = [file for message in db.session.scalars(select(Message)) for file in message.attachments]
    assert [file.file.size for file in files] == [3]


def test_what_came_back_with_a_fault_in_it_is_still_the_same_form(visit):
    browser = visit()
    held = key(browser.get("/requests/new"))

    assert key(browser.post("/requests", data={**ASKED, "once": held, "body": ""})) == held


@pytest.mark.parametrize("noun", ["replies", "resolution"])
def test_a_reply_that_comes_again_is_one_message(enter, carol, ticket, noun):
    browser = enter(carol)
    form = {"body": "Any news?", "once": key(browser.get(f"/requests/{ticket.id}"))}
    before = count(Message)
    first, again = (browser.post(f"/requests/{ticket.id}/{noun}", data=form) for _press in range(2))

    assert first.location == again.location
    assert count(Message) == before + 1
    assert (noun == "resolution") is db.session.get(Ticket, ticket.id).is_resolved


def test_four_presses_at_once_are_one_ticket(app, visit):
    form = {**ASKED, "once": key(visit().get("/requests/new"))}
    db.session.remove()

    def press(browser):
        with app.app_context():
            return browser.post("/requests", data=form).status_code

    with ThreadPoolExecutor(4) as pressing:
        answers = list(pressing.map(press, [visit() for _press in range(4)]))

    assert answers == [303] * 4
    assert (count(Ticket), count(Message)) == (1, 1)
