"""Each change of a ticket, by the person who may, and not by the one who may not."""

from io import BytesIO

import pytest
from sqlalchemy import select

from helpdesk.accounts.models import Team
from helpdesk.core.db import db
from helpdesk.customers.models import Contact
from helpdesk.tickets.kinds import Priority, Status
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Attachment, Channel, MessageKind
from tests.conftest import HTMX

NOUNS = ["replies", "notes", "resolution", "reopening", "assignment", "particulars", "tags"]


def at(ticket, noun):
    return f"/desk/tickets/{ticket.number}/{noun}"


@pytest.mark.parametrize("noun", NOUNS)
def test_mallory_changes_nothing(visit, mallory, ticket, facts, noun):
    before = len(facts())
    answer = visit(mallory).post(at(ticket, noun), data={"body": "Hello", "status": "resolved"})

    assert answer.status_code == 404
    assert len(facts()) == before


@pytest.mark.parametrize("noun", NOUNS)
def test_a_stranger_changes_nothing(visit, ticket, facts, noun):
    before = len(facts())

    assert "/sign-in" in visit().post(at(ticket, noun), data={"body": "Hello"}).location
    assert len(facts()) == before


@pytest.mark.parametrize("noun", NOUNS)
def test_a_forged_form_changes_nothing(app, visit, ada, ticket, facts, noun):
    browser = visit(ada)
    app.config["WTF_CSRF_ENABLED"] = True
    before = len(facts())

    assert browser.post(at(ticket, noun), data={"body": "Hello"}).status_code == 400
    assert len(facts()) == before


def test_a_reply_is_kept_and_leads_to_its_place(desk, ticket):
    answer = desk.post(at(ticket, "replies"), data={"body": "Here it is."})
    message = ticket.messages[-1]

    assert answer.status_code == 303
    assert answer.location.endswith(f"/desk/tickets/{ticket.number}#message-{message.id}")
    assert (message.kind, message.body) == (MessageKind.AGENT, "Here it is.")


def test_a_script_gets_an_empty_composer_back(desk, ticket):
    answer = desk.post(at(ticket, "replies"), data={"body": "Here it is."}, headers=HTMX)

    assert "<form" in answer.text
    assert "Here it is." not in answer.text
    assert "<html" not in answer.text


def test_sending_may_resolve_at_once(desk, ticket):
    desk.post(at(ticket, "replies"), data={"body": "Done.", "then": "resolve"})

    assert ticket.is_resolved


def test_what_is_marked_as_a_note_never_goes_out(desk, ticket):
    desk.post(at(ticket, "replies"), data={"body": "She is angry.", "kind": "note"})

    assert ticket.messages[-1].kind is MessageKind.NOTE
    assert [message.kind.value for message in ticket.messages] == ["customer", "note"]


def test_a_note_is_for_the_desk(desk, ticket, work_off, postbox):
    desk.post(at(ticket, "notes"), data={"body": "She is angry."})
    work_off()

    assert ticket.messages[-1].kind is MessageKind.NOTE
    assert ticket.status is Status.OPEN
    assert not [letter for letter in postbox() if "angry" in str(letter)]


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_an_empty_reply_is_refused_in_words(desk, ticket, headers):
    answer = desk.post(at(ticket, "replies"), data={"body": "  \n "}, headers=headers)

    assert answer.status_code == 422
    assert "Write something first." in answer.text
    assert len(ticket.messages) == 1


def test_words_of_refusal_are_the_readers(visit, ada, ticket):
    answer = visit(ada, lang="ja").post(at(ticket, "replies"), data={"body": ""})

    assert "本文を入力してください。" in answer.text


def test_a_program_is_refused_by_name_and_the_words_stay(desk, ticket):
    data = {"body": "See the tool.", "files": (BytesIO(b"MZ"), "tool.exe")}
    answer = desk.post(at(ticket, "replies"), data=data)

    assert answer.status_code == 422
    assert "tool.exe" in answer.text
    assert "See the tool." in answer.text
    assert len(ticket.messages) == 1


def test_a_file_goes_with_the_reply_and_is_served_to_agents(desk, ticket):
    desk.post(at(ticket, "replies"), data={"body": "See.", "files": (BytesIO(b"%PDF-1.4"), "../請求書.pdf")})
    attachment = db.session.scalar(select(Attachment))
    assert attachment.name == "請求書.pdf"

    with desk.get(at(ticket, f"files/{attachment.id}/x")) as answer:
        assert answer.data == b"%PDF-1.4"
        assert answer.headers["Content-Disposition"].startswith("attachment")


def test_a_file_is_served_at_its_own_ticket_only(desk, ticket, carol):
    other = Ticket.open_for(carol, subject="Other", via=Channel.FORM)
    desk.post(at(ticket, "replies"), data={"body": "See.", "files": (BytesIO(b"x"), "a.txt")})
    attachment = db.session.scalar(select(Attachment))

    assert desk.get(at(other, f"files/{attachment.id}/a.txt")).status_code == 404


def test_a_reply_waits_when_the_customer_wrote_meanwhile(desk, ticket):
    seen = ticket.messages[-1].id
    ticket.hear("I found it, never mind.")
    answer = desk.post(at(ticket, "replies"), data={"body": "Here it is.", "last_message_id": seen})

    assert answer.status_code == 422
    assert "I found it, never mind." in answer.text
    assert "Here it is." in answer.text
    assert len(ticket.messages) == 2


def test_a_second_press_sends_it_anyway(desk, ticket):
    seen = ticket.messages[-1].id
    ticket.hear("I found it, never mind.")
    data = {"body": "Here it is.", "last_message_id": seen, "anyway": "yes"}

    assert desk.post(at(ticket, "replies"), data=data).status_code == 303
    assert ticket.messages[-1].body == "Here it is."


def test_two_agents_do_not_answer_over_each_other(desk, visit, grace, ticket):
    seen = ticket.messages[-1].id
    first = desk.post(at(ticket, "replies"), data={"body": "Ada's answer.", "last_message_id": seen})
    second = visit(grace).post(at(ticket, "replies"), data={"body": "Mine.", "last_message_id": seen})

    assert first.status_code == 303
    assert second.status_code == 422
    assert "Ada&#39;s answer." in second.text


def test_ones_own_words_stop_nobody(desk, ticket):
    seen = ticket.messages[-1].id
    desk.post(at(ticket, "replies"), data={"body": "One.", "last_message_id": seen})

    assert desk.post(at(ticket, "replies"), data={"body": "Two.", "last_message_id": seen}).status_code == 303


def test_resolving_swaps_head_and_facts(desk, ticket):
    answer = desk.post(at(ticket, "resolution"), headers=HTMX)

    assert answer.text.startswith('<header class="ticket-header" id="ticket-header"')
    assert 'id="ticket-particulars"' in answer.text
    assert "Reopen" in answer.text


def test_reopening_begins_a_new_cycle(desk, ticket, ada):
    ticket.resolve(by=ada)
    desk.post(at(ticket, "reopening"))

    assert (ticket.status, ticket.cycle) == (Status.OPEN, 2)


def test_a_ticket_is_given_and_put_back(desk, ticket, grace):
    desk.post(at(ticket, "assignment"), data={"assignee": grace.id})
    assert ticket.assignee is grace
    desk.post(at(ticket, "assignment"), data={"assignee": ""})

    assert ticket.assignee is None


def test_nobody_is_given_a_ticket_whom_one_may_not_see(desk, ticket, mallory):
    assert desk.post(at(ticket, "assignment"), data={"assignee": mallory.id}).status_code == 404
    assert ticket.assignee is None


def test_a_form_sets_only_what_it_holds(desk, ticket):
    desk.post(at(ticket, "particulars"), data={"priority": "urgent"})
    desk.post(at(ticket, "particulars"), data={"topic": "Billing"})

    assert (ticket.priority, ticket.topic) == (Priority.URGENT, "Billing")
    assert ticket.subject == "Invoice lost"


@pytest.mark.parametrize("nonsense", [{"priority": "x"}, {"status": "x"}, {"subject": "  "}])
def test_nonsense_changes_nothing(desk, ticket, facts, nonsense):
    before = len(facts())

    assert desk.post(at(ticket, "particulars"), data=nonsense).status_code == 303
    assert len(facts()) == before


@pytest.mark.parametrize(("status", "is_ours"), [("open", True), ("waiting", False), ("resolved", False)])
def test_a_status_says_whose_turn_it_is(desk, ticket, status, is_ours):
    desk.post(at(ticket, "particulars"), data={"status": status})

    assert ticket.status.value == status
    assert (ticket.waiting_since is not None) is is_ours


def test_a_ticket_given_to_another_team_leaves_for_the_inbox(desk, ticket):
    billing = Team(name="Billing")
    db.session.add(billing)
    db.session.commit()
    answer = desk.post(at(ticket, "particulars"), data={"team": billing.id})

    assert answer.location == "/desk"
    assert desk.get(at(ticket, "lines")).status_code == 404


def test_tags_are_set_as_written(desk, ticket):
    desk.post(at(ticket, "tags"), data={"tags": "Billing、 urgent , ,Billing"})

    assert ticket.tag_names == ["billing", "urgent"]


def test_who_comes_second_in_the_same_moment_is_told(desk, ticket, monkeypatch):
    def overtaken(self, *, by):
        table = Ticket.__table__
        db.session.execute(table.update().values(version=table.c.version + 1))
        self.topic = "changed"

    monkeypatch.setattr(Ticket, "resolve", overtaken)
    answer = desk.post(at(ticket, "resolution"))

    assert answer.status_code == 409
    assert "Somebody was faster" in answer.text


def test_a_call_becomes_a_ticket_in_the_callers_words(desk, ada, support):
    data = {
        "channel": "phone",
        "address": "dora@example.org",
        "name": "Dora",
        "subject": "Printer",
        "body": "It does not print.",
        "team": support.id,
        "priority": "high",
    }
    desk.post("/desk/tickets", data=data)
    ticket = db.session.scalars(select(Ticket)).one()

    assert ticket.messages[0].kind is MessageKind.CUSTOMER
    assert (ticket.contact.name, ticket.assignee, ticket.priority) == ("Dora", ada, Priority.HIGH)


def test_a_first_letter_of_ours_is_a_reply(desk, carol, support):
    data = {
        "channel": "email",
        "address": "Carol@example.org",
        "subject": "Your order",
        "body": "It is late.",
        "team": support.id,
        "priority": "normal",
    }
    desk.post("/desk/tickets", data=data)
    ticket = db.session.scalars(select(Ticket)).one()

    assert ticket.messages[0].kind is MessageKind.AGENT
    assert ticket.contact is carol
    assert ticket.status is Status.WAITING


def test_a_ticket_for_no_address_is_refused_and_keeps_what_was_typed(desk):
    answer = desk.post("/desk/tickets", data={"address": "dora", "subject": "Printer", "body": "Broken."})

    assert answer.status_code == 422
    assert "Broken." in answer.text
    assert "not an e-mail address" in answer.text
    assert Contact.known_as("dora") is None
