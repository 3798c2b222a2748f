"""Words in a chat that come twice, because the answer was lost, stand there once."""

import re

from sqlalchemy import func, select

from helpdesk.chat.models import ChatSession
from helpdesk.core.db import db
from helpdesk.tickets.models import Ticket
from tests.chat.conftest import STARTED, proof, say


def key(page):
    return re.search(r'name="once"[^>]* value="([^"]+)"', page.text)[1]


def test_a_chat_whose_beginning_was_lost_on_its_way_is_the_same_chat(visit):
    browser, elsewhere = visit(), visit()
    form = {**STARTED, "once": key(browser.get("/chat"))}
    elsewhere.post("/chat", data=form)  # its answer, and so its cookie, reaches nobody
    for _press in range(2):
        browser.post("/chat", data=form)

    assert db.session.scalar(select(func.count(Ticket.id))) == 1
    assert db.session.scalar(select(func.count(ChatSession.id))) == 1
    assert "My export is empty." in browser.get("/chat").text


def test_a_turn_that_comes_again_is_one_and_the_next_is_another(begin, talked):
    browser = begin()
    form = {"proof": proof(browser), "once": key(browser.get("/chat"))}
    for body in ("Hello?", "Hello?", "Are you there?"):
        page = browser.post("/chat/messages", data={**form, "body": body}, headers={"HX-Request": "true"})

    assert [message.body for message in talked().messages[1:]] == ["Hello?", "Are you there?"]
    assert key(page) != form["once"]


def test_without_a_key_each_turn_counts(begin, talked):
    browser = begin()
    for _turn in range(2):
        say(browser, "Yes.")

    assert len(talked().messages) == 3
