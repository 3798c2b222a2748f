"""A form that comes twice is done once: the connection broke, or somebody pressed twice."""

import re

import pytest
from sqlalchemy import func, select

from helpdesk.core.db import db
from helpdesk.core.mail import Letter
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.planned import PlannedReply
from helpdesk.tickets.thread import Message


@pytest.fixture
def form(desk, ticket):
    """The composer's, as it stands on the page now."""
    page = desk.get(f"/desk/tickets/{ticket.number}").text
    return {"once": re.search(r'name="once" value="([^"]+)"', page)[1], "body": "Here it is."}


def count(noun, ticket):
    return db.session.scalar(select(func.count()).where(noun.ticket_id == ticket.id))


def press(desk, ticket, form, noun="replies"):
    return desk.post(f"/desk/tickets/{ticket.number}/{noun}", data=form)


@pytest.mark.parametrize("noun", ["replies", "notes"])
def test_a_form_that_comes_again_is_one_message(desk, ticket, form, noun):
    before = count(Message, ticket)
    first, again = press(desk, ticket, form, noun), press(desk, ticket, form, noun)

    assert (first.status_code, first.location) == (again.status_code, again.location)
    assert count(Message, ticket) == before + 1
    assert count(Letter, ticket) == (noun == "replies")


def test_a_held_answer_that_comes_again_is_said_once(app, desk, ticket, form, clock, work_off):
    app.config["HELPDESK_UNDO_SEND"] = 10
    before = count(Message, ticket)
    first, again = press(desk, ticket, form), press(desk, ticket, form)
    assert first.location == again.location
    clock.shift(11)
    work_off()
    after_it_was_said = press(desk, ticket, form)

    assert after_it_was_said.location.endswith(f"#message-{ticket.messages[-1].id}")
    assert (count(PlannedReply, ticket), count(Message, ticket)) == (1, before + 1)


def test_other_words_another_form_and_another_writer_are_something_new(desk, visit, grace, ticket, form):
    before = count(Message, ticket)
    press(desk, ticket, form)
    for more in ({"body": "Here it is at last."}, {"once": "another"}, {"once": ""}, {"once": ""}):
        press(desk, ticket, {**form, **more})
    press(visit(grace), ticket, form)

    assert count(Message, ticket) == before + 5 + 1


def test_what_was_taken_back_may_be_sent_again(app, desk, ticket, form):
    app.config["HELPDESK_UNDO_SEND"] = 10
    press(desk, ticket, form)
    held = db.session.scalars(select(PlannedReply)).one()
    desk.post(f"/desk/tickets/{ticket.number}/planned/{held.id}/withdrawal")
    press(desk, ticket, form)

    assert count(PlannedReply, ticket) == 2


@pytest.mark.parametrize("channel", ["phone", "email"])
def test_a_new_ticket_that_comes_again_is_one(desk, channel):
    page = desk.get("/desk/tickets/new").text
    form = {"once": re.search(r'name="once"[^>]* value="([^"]+)"', page)[1], "channel": channel}
    form |= {"address": "erin@example.net", "subject": "Export", "body": "It is empty."}
    form |= {"priority": "normal", "team": re.search(r'name="team".*?value="(\d+)"', page, re.DOTALL)[1]}
    first, again = (desk.post("/desk/tickets", data=form) for _press in range(2))

    assert first.location == again.location
    assert db.session.scalar(select(func.count(Ticket.id))) == 1
    assert db.session.scalar(select(func.count(Letter.id))) == (channel == "email")
