"""What visitors leave behind: what they asked, what they chose, where they wrote."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.tickets.models import Ticket
from knowledge_base.reading import trail
from knowledge_base.steps import HelpStep, Step

PLACE = "/kb/en/find-a-lost-invoice"


def steps(*columns):
    return [tuple(row) for row in db.session.execute(select(*columns).order_by(HelpStep.id))]


def test_a_search_says_how_well_it_was_answered(reader, article):
    reader.get("/kb/search?lang=en&q=xyzzy")

    assert steps(HelpStep.query, HelpStep.hits, HelpStep.match) == [("xyzzy", 0, "none")]


@pytest.mark.parametrize(
    ("given", "place"), [("3", 3), ("0", None), ("x", None), ("-1", None), ("1234", None)]
)
def test_what_was_chosen_from_a_list_says_where_it_stood(reader, article, given, place):
    reader.get(f"{PLACE}?from={given}")

    assert steps(HelpStep.step, HelpStep.place) == [(Step.READ, place)]


def test_an_article_chosen_again_after_another_search_is_a_choice_of_its_own(reader, article):
    for question in ("invoice", "lost bill"):
        reader.get(f"/kb/search?lang=en&q={question}")
        reader.get(f"{PLACE}?from=1")
        reader.get(PLACE)

    assert [step for (step,) in steps(HelpStep.step)] == [Step.SEARCHED, Step.READ] * 2


def test_a_search_after_reading_is_another_one(reader, article):
    reader.get("/kb/search?lang=en&q=invoice")
    reader.get(f"{PLACE}?from=1")
    reader.get("/kb/search?lang=en&q=invoice lost")

    assert [query for (query,) in steps(HelpStep.query)] == ["invoice", "", "invoice lost"]


def test_who_writes_from_the_form_ends_a_trail_with_the_ticket(reader, article):
    reader.get("/kb/search?lang=en&q=invoice")
    for _ in range(2):
        reader.get("/requests/new")
    reader.post(
        "/requests",
        data={"name": "Eve", "email": "eve@example.org", "subject": "Bill", "body": "Where is it?"},
    )

    ticket = db.session.scalars(select(Ticket.id)).one()
    assert steps(HelpStep.step, HelpStep.ticket_id) == [
        (Step.SEARCHED, None),
        (Step.ASKED, None),
        (Step.WROTE, ticket),
    ]
    assert len({visitor for (visitor,) in steps(HelpStep.visitor)}) == 1


def test_who_starts_a_chat_ends_a_trail_with_the_ticket(reader, article):
    reader.get(f"{PLACE}?from=1")
    reader.get("/chat")
    reader.post("/chat", data={"name": "Eve", "email": "eve@example.org", "body": "Where is my bill?"})

    assert [step for (step,) in steps(HelpStep.step)] == [Step.READ, Step.ASKED, Step.WROTE]


def test_without_a_trail_nothing_is_noted_of_a_request(visit):
    asked = {"name": "Eve", "email": "eve@example.org", "subject": "Bill", "body": "Where is it?"}
    visit().post("/requests", data=asked)

    assert steps(HelpStep.step) == []


def test_old_steps_are_forgotten(app):
    for age in (timedelta(days=401), timedelta(days=399)):
        db.session.add(HelpStep(visitor="0" * 32, step=Step.ASKED, at=now() - age))
    db.session.commit()
    trail.forget()

    assert len(steps(HelpStep.id)) == 1
