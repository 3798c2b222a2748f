"""The composer: to whom an answer goes, and what stops it for a second look."""

import re
from datetime import timedelta
from html import unescape
from io import BytesIO

import pytest
from sqlalchemy import select

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.customers.models import Contact, ContactAddress
from helpdesk.tickets import copies
from helpdesk.tickets.participants import Origin, Participant, put_in_copy
from helpdesk.tickets.planned import PlannedReply
from tests.conftest import HTMX

KEN = '"Ken Ito" <ken@example.org>'


@pytest.fixture
def named(ticket, carol):
    """Carol's second letter names Ken in Cc."""
    ticket.hear("Ken is in copy.", recipients={"to": [], "cc": [KEN]})
    db.session.commit()


def press(desk, ticket, body="Here it is.", **more):
    return desk.post(f"/desk/tickets/{ticket.number}/replies", data={"body": body, **more})


def page(desk, ticket):
    return desk.get(f"/desk/tickets/{ticket.number}").text


def answers(ticket):
    return [message for message in ticket.messages if message.agent_id]


def in_copy(ticket):
    return [each.contact.address for each in db.session.scalars(Participant.of(ticket)) if each.is_copied]


def test_whoever_was_named_is_offered_and_not_ticked(desk, ticket, named):
    shown = page(desk, ticket)

    assert re.search(r'name="copy" value="ken@example.org">', shown)
    assert "named by Carol" in shown
    press(desk, ticket)
    assert answers(ticket)[0].recipients == {"to": ['"Carol" <carol@example.org>'], "cc": []}


def test_a_tick_copies_this_answer_and_the_next_until_it_is_taken_away(desk, ticket, named):
    press(desk, ticket, copies="chosen", copy="ken@example.org")
    assert answers(ticket)[0].recipients["cc"] == [KEN]
    assert in_copy(ticket) == ["ken@example.org"]
    assert re.search(r'name="copy" value="ken@example.org" checked', page(desk, ticket))

    # A program that knows nothing of copies leaves them as they are.
    press(desk, ticket, "More.")
    assert answers(ticket)[1].recipients["cc"] == [KEN]
    press(desk, ticket, "Only you.", copies="chosen", offered="ken@example.org")
    assert answers(ticket)[2].recipients["cc"] == []
    assert in_copy(ticket) == []


def test_whom_a_colleague_puts_in_copy_meanwhile_stays_in_copy(desk, ticket, named, grace, clock, work_off):
    press(desk, ticket, "Tomorrow.", copies="chosen", offered="ken@example.org", then="tomorrow")
    clock.shift(timedelta(hours=1))
    put_in_copy(ticket, "lea@example.org", by=grace)
    press(desk, ticket, "Now.", copies="chosen", offered="ken@example.org")
    assert answers(ticket)[0].recipients["cc"] == ['"lea" <lea@example.org>']

    clock.shift(timedelta(days=1))
    work_off()
    assert answers(ticket)[1].recipients["cc"] == []
    assert in_copy(ticket) == ["lea@example.org"]


def test_an_address_is_added_without_sending_and_then_sent(desk, ticket, ada):
    begun = {"copies": "chosen", "add": "Lea@Example.org", "step": "add"}
    shown = press(desk, ticket, "Half a sen", **begun)

    assert shown.status_code == 200
    assert "Half a sen</textarea>" in shown.text
    assert 'value="lea@example.org" checked' in shown.text
    assert (answers(ticket), Contact.known_as("lea@example.org")) == ([], None)

    press(desk, ticket, copies="chosen", copy="lea@example.org", anyway="yes")
    lea = db.session.scalars(Participant.of(ticket)).one()
    assert (lea.contact.address, lea.origin, lea.is_copied) == ("lea@example.org", Origin.ADDED, True)
    assert lea.agent is ada


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("lea", "This is not an e-mail address: lea"),
        ("a@b", "This is not an e-mail address: a@b"),
        ("support+r1abc@helpdesk.example.com", "is one of our own addresses"),
        ("ada@helpdesk.example.com", "is one of our own addresses"),
        ("dead@example.org", "E-mail to dead@example.org bounces."),
    ],
)
def test_an_address_that_cannot_be_is_refused_in_words(desk, ticket, typed, words):
    Contact.meet("dead@example.org").addresses[0].bounced_at = now()
    shown = press(desk, ticket, copies="chosen", add=typed)

    assert shown.status_code == 422
    assert words in shown.text
    assert answers(ticket) == []


def test_the_customer_is_no_copy_of_themselves(desk, ticket):
    press(desk, ticket, copies="chosen", add="carol@example.org")

    assert answers(ticket)[0].recipients["cc"] == []


def test_a_note_goes_to_nobody(desk, ticket, named, ada):
    put_in_copy(ticket, "ken@example.org", "Ken Ito", by=ada)
    press(desk, ticket, "She is angry.", kind="note", copies="chosen", copy="ken@example.org")

    assert ticket.messages[-1].recipients == {}
    assert in_copy(ticket) == ["ken@example.org"]


@pytest.mark.parametrize(
    ("body", "more", "words"),
    [
        ("I've attached the invoice.", {}, "but no file is attached."),
        ("Dear Peter,\n\nHere it is.", {}, "It greets “Peter”"),
        ("TODO", {}, "“TODO” has not been filled in."),
        (
            "Here.",
            {"copies": "chosen", "add": "x@rival.example.com"},
            "x@rival.example.com is new to this ticket",
        ),
    ],
)
@pytest.mark.parametrize("then", ["", "resolve"])
def test_a_slip_stops_the_answer_until_it_is_waved_through(desk, ticket, carol, body, more, words, then):
    carol.name = "Carol Jones"
    shown = press(desk, ticket, body, then=then, **more)
    text = unescape(shown.text)

    assert shown.status_code == 422
    assert words in text
    assert body in text
    assert answers(ticket) == []

    seen = re.findall(r'name="seen" value="([^"]+)"', text)
    copy = re.findall(r'name="copy" value="([^"]+)" checked', text)
    anyway = {"anyway": "yes", "seen": seen, "way": then, "copies": "chosen", "copy": copy}
    assert press(desk, ticket, body, **anyway).status_code == 303
    assert answers(ticket)[0].body == body
    assert ticket.is_resolved == bool(then)


def test_what_is_waved_through_is_what_was_seen(desk, ticket):
    shown = press(desk, ticket, "TODO\nXXX", anyway="yes", seen="attachment:attached")

    assert shown.status_code == 422
    assert "“TODO” has not been filled in" in shown.text


def test_a_company_mate_and_a_colleague_of_ours_are_no_strangers(desk, ticket, carol):
    carol.customer.domain = "example.org"
    press(desk, ticket, copies="chosen", add="lea@example.org")

    assert answers(ticket)[0].recipients["cc"] == ["lea@example.org"]


def test_files_survive_what_stops_an_answer(desk, ticket):
    upload = {"files": (BytesIO(b"%PDF-1.4"), "invoice.pdf")}
    shown = press(desk, ticket, "TODO", **upload)
    source, kept = (re.search(rf'name="{name}" value="(\d+)"', shown.text)[1] for name in ("source", "kept"))
    assert "invoice.pdf" in shown.text

    press(desk, ticket, "I've attached it.", source=source, kept=kept)
    assert [file.name for file in answers(ticket)[0].attachments] == ["invoice.pdf"]


def test_files_of_another_ticket_are_out_of_reach(desk, visit, mallory, ticket, carol, support):
    press(desk, ticket, "TODO", files=(BytesIO(b"%PDF-1.4"), "invoice.pdf"))
    aside = db.session.scalars(select(PlannedReply)).one()
    other = type(ticket).open_for(carol, subject="Other", via=ticket.channel)
    press(desk, other, source=aside.id, kept=aside.files[0]["file_id"])

    assert answers(other)[0].attachments == []


def test_the_names_of_the_house_are_known(desk, ticket, carol):
    """A colleague of the customer's, and whoever signed a letter, may be greeted."""
    carol.name = "Carol Jones"
    bob = Contact(customer=carol.customer, name="Robert Smith")
    bob.addresses.append(ContactAddress(address="bob@example.org"))
    db.session.add(bob)
    ticket.hear("Thanks.\n\nKind regards,\nMaria")

    assert press(desk, ticket, "Hi Robert,\nhere.").status_code == 303
    assert press(desk, ticket, "Hi Maria,\nhere.").status_code == 303
    assert press(desk, ticket, "Hi Peter,\nhere.").status_code == 422


def test_near_domains_are_the_customers_and_ours(ticket, carol):
    carol.customer.domain = "jones.example"

    assert copies.near_domains(ticket) == {"example.org", "helpdesk.example.com", "jones.example"}


def test_a_guard_speaks_japanese(visit, ada, ticket):
    shown = visit(ada, lang="ja").post(
        f"/desk/tickets/{ticket.number}/replies", data={"body": "添付をご確認ください。"}, headers=HTMX
    )

    assert "ファイルが添付されていません。" in shown.text
