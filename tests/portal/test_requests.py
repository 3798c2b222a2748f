"""One's own requests: read, answered, settled; nobody else's."""

import io
from datetime import timedelta

import pytest

from helpdesk.core.db import db
from helpdesk.customers.models import Contact
from helpdesk.tickets.kinds import Status
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Channel, Message

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


def file(content=PNG, name="screen.png"):
    return io.BytesIO(content), name


@pytest.fixture
def dares(enter, dave):
    """Dave's browser."""
    return enter(dave)


def test_a_stranger_is_asked_to_sign_in_first(visit, ticket):
    assert visit().get("/requests").location == "/portal/sign-in?next=/requests"
    assert visit().get(f"/requests/{ticket.id}").status_code == 302


def test_the_list_has_ones_own_requests_in_plain_words(enter, carol, ticket, dave):
    other = Ticket.open_for(dave, subject="Dave's secret", via=Channel.FORM)
    other.hear("x")
    page = enter(carol).get("/requests").text

    assert "Invoice lost" in page
    assert "In progress" in page
    assert "Dave" not in page


@pytest.mark.parametrize("way", ["", "/replies", "/resolution"])
def test_another_customers_request_does_not_exist(dares, ticket, way):
    answer = dares.post(f"/requests/{ticket.id}{way}", data={"body": "x"}) if way else None
    answer = answer or dares.get(f"/requests/{ticket.id}")

    assert answer.status_code == 404
    assert db.session.get(Ticket, ticket.id).status is Status.OPEN


def test_a_colleague_of_the_same_company_sees_nothing_either(enter, carol, ticket):
    mate = Contact(customer=carol.customer, name="Mate")
    db.session.add(mate)
    db.session.commit()

    assert enter(mate).get(f"/requests/{ticket.id}").status_code == 404


def test_an_agent_is_no_customer(desk, ticket):
    assert desk.get(f"/requests/{ticket.id}").status_code == 302


def test_notes_and_what_agents_know_stay_at_the_desk(enter, carol, ticket, ada):
    ticket.note("canary-note", by=ada)
    ticket.overhear("canary-forged", by=carol, proof="suspicious")
    ticket.tag(["canary-tag"], by=ada)
    ticket.reply("Here it is.", by=ada)
    db.session.commit()
    page = enter(carol).get(f"/requests/{ticket.id}").text

    assert "Here it is." in page
    assert "canary" not in page


def test_an_answer_joins_the_thread(enter, carol, ticket):
    browser = enter(carol)
    there = browser.post(f"/requests/{ticket.id}/replies", data={"body": "Any news?", "files": file()})
    said = db.session.get(Ticket, ticket.id).messages[-1]

    assert there.location == f"/requests/{ticket.id}#message-{said.id}"
    assert (said.body, said.proof, said.channel) == ("Any news?", "verified", Channel.FORM)
    assert [each.name for each in said.attachments] == ["screen.png"]
    assert "Your reply has been sent." in browser.get(f"/requests/{ticket.id}").text


def test_an_answer_opens_a_resolved_request_again(enter, carol, ticket, ada):
    ticket.resolve(by=ada)
    enter(carol).post(f"/requests/{ticket.id}/replies", data={"body": "Not solved."})

    assert db.session.get(Ticket, ticket.id).status is Status.OPEN


def test_an_empty_answer_is_refused_with_its_reason(enter, carol, ticket):
    answer = enter(carol, lang="en").post(f"/requests/{ticket.id}/replies", data={"body": "  "})

    assert answer.status_code == 422
    assert "Write something first." in answer.text


def test_what_is_solved_can_be_rated(enter, carol, ticket):
    browser = enter(carol)
    browser.post(f"/requests/{ticket.id}/resolution")
    page = browser.get(f"/requests/{ticket.id}").text

    assert db.session.get(Ticket, ticket.id).is_resolved
    assert "/surveys/" in page


def test_ones_own_files_can_be_read(enter, carol, ticket):
    browser = enter(carol)
    browser.post(f"/requests/{ticket.id}/replies", data={"body": "see", "files": file()})
    attached = db.session.get(Ticket, ticket.id).messages[-1].attachments[0].id

    with browser.get(f"/requests/{ticket.id}/files/{attached}/screen.png") as shown:
        assert shown.data == PNG
        assert "sandbox" in shown.headers["Content-Security-Policy"]


def test_files_of_notes_and_of_others_cannot(enter, carol, dares, ticket, ada):
    from helpdesk.core.files import keep

    note: Message = ticket.note("x", by=ada)
    note.attach(keep(PNG, "x.png"), "x.png")
    db.session.commit()
    place = f"/requests/{ticket.id}/files/{note.attachments[0].id}/x.png"

    assert enter(carol).get(place).status_code == 404
    assert dares.get(place).status_code == 404


def test_older_requests_are_on_the_next_page(enter, carol, clock):
    for number in range(30):
        clock.shift(timedelta(minutes=1))
        Ticket.open_for(carol, subject=f"Question {number}", via=Channel.FORM).hear("x")
    browser = enter(carol)
    first = browser.get("/requests").text
    second = browser.get("/requests?before=6").text

    assert "Question 29" in first
    assert "Question 4<" not in first
    assert "/requests?before=6" in first
    assert "Question 4<" in second


def test_what_customers_write_is_text_not_a_page(enter, carol, ticket):
    ticket.hear("<script>alert(1)</script>")
    db.session.commit()

    assert "<script>alert" not in enter(carol).get(f"/requests/{ticket.id}").text


def test_last_words_are_said_before_it_is_settled(enter, carol, ticket):
    enter(carol).post(f"/requests/{ticket.id}/resolution", data={"body": "Thank you!"})
    settled = db.session.get(Ticket, ticket.id)

    assert settled.is_resolved
    assert settled.messages[-1].body == "Thank you!"
