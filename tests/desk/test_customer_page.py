"""The page of one customer: who they are, and everything that happened, each fact with its evidence."""

import pytest
from sqlalchemy import event

from helpdesk.accounts.models import Team
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.customers.models import Customer
from helpdesk.customers.orders import Order, money
from helpdesk.desk import customer_timeline
from helpdesk.desk.happenings import FACES, FAMILIES, Fact, words
from helpdesk.surveys.models import Survey
from helpdesk.timeline import Event, Kind, note_past, record


def page_of(browser, customer, query=""):
    return browser.get(f"/desk/customers/{customer.id}{query}")


def lines(customer, viewer, **which):
    return customer_timeline.read(customer.id, viewer, **which).lines


@pytest.mark.parametrize("kind", Kind, ids=lambda kind: kind.value)
def test_every_kind_has_a_face_and_words_even_without_details(app, kind):
    assert FACES[kind].family in FAMILIES
    assert words(Fact(kind, {})).strip()


@pytest.mark.parametrize("kind", Kind, ids=lambda kind: kind.value)
def test_every_kind_can_be_said_in_japanese(app, kind):
    with app.test_request_context(headers={"Accept-Language": "ja"}):
        said = words(Fact(kind, {"title": "題", "query": "題"}))

    assert not said.isascii()


def test_what_happened_is_told_newest_first_with_actor_and_evidence(ticket, ada):
    message = ticket.reply("Here it is.", by=ada)
    ticket.resolve(by=ada)
    db.session.commit()

    told = [(line.words, line.who) for line in lines(ticket.customer, ada)]

    assert told[:2] == [("Ticket resolved", "Ada"), ("We answered: Here it is.", "Ada")]
    reply = lines(ticket.customer, ada)[1]
    assert reply.href == f"/desk/tickets/{ticket.id}#message-{message.id}"
    assert reply.about == "Invoice lost"


def test_a_fact_names_the_fact_that_led_to_it(ticket, ada):
    ticket.resolve(by=ada)
    resolved = db.session.query(Event).filter_by(kind=Kind.TICKET_RESOLVED).one()
    later = note_past(Kind.SURVEY_INVITED, ticket, at=now())
    later.cause_id = resolved.id
    db.session.commit()

    line = next(line for line in lines(ticket.customer, ada) if line.words == "Asked how it was")

    assert line.why == customer_timeline.Why("Ticket resolved", f"/desk/tickets/{ticket.id}")


def test_mallory_sees_the_customer_but_nothing_of_the_ticket(ticket, mallory, visit):
    page = page_of(visit(mallory), ticket.customer).text

    assert "Carol" in page
    assert "Invoice lost" not in page
    assert "I cannot find my invoice" not in page


def test_mallory_sees_no_hidden_cause(ticket, ada, mallory):
    opened = db.session.query(Event).filter_by(kind=Kind.TICKET_OPENED).one()
    result = note_past(Kind.VALUE_REACHED, ticket.customer, at=now())
    result.cause_id = opened.id
    db.session.commit()

    (hers,) = lines(ticket.customer, mallory, family="use")
    (his,) = lines(ticket.customer, ada, family="use")

    assert hers.why is None
    assert his.why.words == "Asked: Invoice lost"


def test_an_agent_of_no_team_finds_nobody(carol, mallory, visit):
    mallory.teams.clear()
    db.session.commit()
    browser = visit(mallory)

    assert page_of(browser, carol.customer).status_code == 404
    assert page_of(browser, carol.customer, "/edit").status_code == 404
    assert browser.post(f"/desk/customers/{carol.customer_id}/particulars").status_code == 404


def test_a_family_shows_its_own_and_use_is_shown_on_demand_only(ticket, ada):
    note_past(Kind.USAGE_REPORTED, ticket.customer, at=now(), active_people=3)
    db.session.commit()

    assert {line.words for line in lines(ticket.customer, ada, family="use")} == {"A day of use: 3 people"}
    assert not any("day of use" in line.words for line in lines(ticket.customer, ada))
    assert any("stage" in line.words for line in lines(ticket.customer, ada, family="stages"))


def test_pages_of_the_timeline_go_on_without_a_gap(carol, ada):
    for number in range(120):
        note_past(Kind.PAYMENT_FAILED, carol.customer, at=now(), number=number)
    db.session.commit()

    seen, page = [], customer_timeline.read(carol.customer_id, ada)
    while True:
        seen += [line.id for line in page.lines]
        if page.older is None:
            break
        page = customer_timeline.read(carol.customer_id, ada, before=page.older)

    assert len(seen) == len(set(seen)) >= 120
    assert seen == sorted(seen, reverse=True)


def test_the_page_costs_the_same_however_long_the_history(desk, ticket, ada):
    sent = []
    event.listen(db.engine, "before_cursor_execute", lambda *said: sent.append(said[2]))
    ticket.reply("Here.", by=ada)
    ticket.resolve(by=ada)
    page_of(desk, ticket.customer)
    few = sum(statement.startswith("SELECT") for statement in sent)
    for number in range(40):
        ticket.note(f"Note {number}", by=ada)
        record(Kind.VALUE_REACHED, ticket.customer)
    db.session.commit()
    sent.clear()
    page_of(desk, ticket.customer)

    assert sum(statement.startswith("SELECT") for statement in sent) <= few + 1


def test_names_are_spoken_with_respect_in_japanese(visit, ada, carol):
    ada.language = "ja"
    carol.customer.change(name="東都精機株式会社")
    db.session.commit()

    assert "東都精機株式会社 様" in page_of(visit(ada), carol.customer).text


def test_orders_stand_beside_with_their_sums(desk, carol):
    db.session.add(Order(customer=carol.customer, product="Plan", amount=612000, placed_at=now()))
    db.session.commit()

    assert "Plan ¥612,000" in page_of(desk, carol.customer).text


def test_money_is_written_by_its_currency():
    assert money(612000) == "¥612,000"
    assert money(-500) == "-¥500"
    assert money(1250, "USD") == "USD 12.50"


def test_few_answers_show_no_figure(desk, ticket, ada):
    survey = Survey(
        ticket=ticket,
        cycle=1,
        customer=ticket.customer,
        contact=ticket.contact,
        team=ticket.team,
        channel=ticket.channel,
        resolved_at=now(),
    )
    db.session.add(survey)
    db.session.flush()
    survey.answer(csat=5, comment="Quick help")
    db.session.commit()

    page = page_of(desk, ticket.customer).text

    assert "Too few answers <small>n = 1</small>" in page
    assert "Quick help" in page


def edited(customer, **values):
    return {"version": customer.version, "name": customer.name, "owner": 0, "language": "", **values}


def test_plain_facts_are_changed_and_found_again(desk, carol, ada):
    given = edited(
        carol.customer, name="Carol & Sons", kana="キャロル", owner=ada.id, needs_care="y", note="Kind"
    )
    answer = desk.post(f"/desk/customers/{carol.customer_id}/particulars", data=given)
    customer = db.session.get(Customer, carol.customer_id)

    assert answer.status_code == 303
    assert (customer.name, customer.owner_id, customer.needs_care) == ("Carol & Sons", ada.id, True)
    assert "Carol &amp; Sons" in desk.get("/desk/customers?q=sons").text


def test_what_somebody_else_wrote_is_not_lost(desk, carol):
    opened = edited(carol.customer, name="Mine")
    carol.customer.change(name="Theirs")
    db.session.commit()

    answer = desk.post(f"/desk/customers/{carol.customer_id}/particulars", data=opened)

    assert answer.status_code == 409
    assert 'value="Mine"' in answer.text
    assert db.session.get(Customer, carol.customer_id).name == "Theirs"


def test_saving_once_more_after_a_warning_is_meant(desk, carol):
    opened = edited(carol.customer, name="Mine")
    carol.customer.change(name="Theirs")
    db.session.commit()
    path = f"/desk/customers/{carol.customer_id}/particulars"
    desk.post(path, data=opened)

    assert desk.post(path, data=edited(carol.customer, name="Mine")).status_code == 303
    assert db.session.get(Customer, carol.customer_id).name == "Mine"


def test_a_name_is_needed_and_what_was_typed_stays(desk, carol):
    answer = desk.post(
        f"/desk/customers/{carol.customer_id}/particulars", data=edited(carol.customer, name="", note="Kept")
    )

    assert answer.status_code == 422
    assert "Kept" in answer.text


def test_an_owner_of_another_team_cannot_be_chosen(desk, carol, mallory):
    answer = desk.post(
        f"/desk/customers/{carol.customer_id}/particulars", data=edited(carol.customer, owner=mallory.id)
    )

    assert answer.status_code == 422
    assert db.session.get(Customer, carol.customer_id).owner_id is None


def test_an_owner_whom_one_may_not_choose_stays(desk, carol, mallory):
    carol.customer.owner = mallory
    db.session.commit()
    given = edited(carol.customer, owner=mallory.id, note="Kind")

    assert desk.post(f"/desk/customers/{carol.customer_id}/particulars", data=given).status_code == 303
    assert db.session.get(Customer, carol.customer_id).owner_id == mallory.id


def test_a_moved_ticket_takes_its_facts_along(ticket, ada, mallory):
    ticket.team = db.session.query(Team).filter_by(name="Elsewhere").one()
    db.session.commit()

    assert not any("Invoice lost" in line.words for line in lines(ticket.customer, ada))
    assert any("Invoice lost" in line.words for line in lines(ticket.customer, mallory))
