"""Who an answer may be copied to, and that nobody becomes a customer by being named."""

import pytest
from sqlalchemy import func, select

from helpdesk.core.db import db
from helpdesk.customers.models import Contact, Customer
from helpdesk.customers.sessions import ContactSession
from helpdesk.tickets.participants import Origin, Participant, offered, put_in_copy
from helpdesk.tickets.thread import Channel


def test_those_whom_a_letter_names_are_offered_and_are_no_customers_yet(ticket, carol, ada):
    named = {
        "to": ["Carol <carol@example.org>", "Ada <ada@helpdesk.example.com>"],
        "cc": ["Ken <ken@e.example>"],
    }
    ticket.hear("With Ken.", by=carol, recipients=named | {"bcc": ["x@y.example"]})
    ticket.hear("Ken again.", by=carol, recipients={"cc": ["ken@e.example", "noreply@e.example"]})

    found = [
        (each.name, each.address, each.origin, each.contact_id, each.named_by) for each in offered(ticket)
    ]
    assert found == [("ken@e.example", "ken@e.example", Origin.NAMED, None, "Carol")]
    assert db.session.scalar(select(func.count()).select_from(Customer)) == 1


def test_a_suspicious_letter_names_nobody(ticket, carol):
    ticket.hear("Copy Eve.", by=carol, proof="suspicious", recipients={"cc": ["Eve <eve@evil.example>"]})

    assert offered(ticket) == []


def test_an_agent_puts_somebody_in_copy_once(ticket, carol, ada):
    ticket.hear("With Ken.", by=carol, recipients={"cc": ["Ken <ken@e.example>"]})
    first = put_in_copy(ticket, "Ken@e.example", "Ken", by=ada)
    put_in_copy(ticket, "lee@e.example", "Lee", by=ada)

    assert put_in_copy(ticket, "ken@e.example", by=ada) is first
    assert [(each.name, each.origin, each.is_copied) for each in offered(ticket)] == [
        ("Ken", Origin.NAMED, True),
        ("Lee", Origin.ADDED, True),
    ]
    assert put_in_copy(ticket, "carol@example.org", by=ada) is None


def test_whoever_wrote_is_offered_but_not_ticked(ticket):
    dan = Contact.meet("dan@example.org", "Dan")
    Participant.note(ticket, dan, Origin.WROTE)

    assert [(each.address, each.is_copied, each.contact_id) for each in offered(ticket)] == [
        ("dan@example.org", False, dan.id)
    ]


@pytest.fixture
def named(ticket, carol):
    """Carol names Ken and Ada; Dan writes himself."""
    ticket.hear(
        "With Ken.", by=carol, recipients={"cc": ["Ken <ken@e.example>", "Ada <ada@helpdesk.example.com>"]}
    )
    dan = Contact.meet("dan@elsewhere.example", "Dan")
    ticket.hear("I am Dan.", by=dan, channel=Channel.EMAIL)
    Participant.note(ticket, dan, Origin.WROTE)
    db.session.commit()
    return ticket


def test_the_page_shows_each_as_themselves(named, ada, desk):
    page = desk.get(f"/desk/tickets/{named.id}").text

    for word in (
        "Cc: Ken",
        "named by Carol",
        "Cc: Ada",
        "one of us",
        "Not the customer",
        "wrote to us",
    ):
        assert word in page


def test_an_agent_puts_in_copy_and_takes_out(named, desk):
    people = f"/desk/tickets/{named.id}/participants"
    for address in ("ken@e.example", "dan@elsewhere.example", "stranger@e.example"):
        desk.post(people, data={"address": address})
    copied = {each.address: each.contact_id for each in offered(named) if each.is_copied}

    assert set(copied) == {"ken@e.example", "dan@elsewhere.example"}
    for contact_id in copied.values():
        desk.post(f"{people}/{contact_id}/removal")
    assert [(each.address, each.is_copied) for each in offered(named)] == [("ken@e.example", False)]


def test_taking_part_opens_no_page(named, visit, ada):
    """Dan wrote, and is in copy: his portal shows nothing of Carol's request."""
    dan = put_in_copy(named, "dan@elsewhere.example", by=ada).contact
    browser, token = visit(), ContactSession.start(dan, "test")
    db.session.commit()
    with browser.session_transaction() as session:
        session["contact"] = token

    assert browser.get("/requests").status_code == 200
    assert "Invoice lost" not in browser.get("/requests").text
    assert browser.get(f"/requests/{named.id}").status_code == 404


def test_each_chooses_whether_to_hear_by_mail(desk, ada):
    given = {"name": "Ada", "language": "", "theme": "system", "signature": ""}
    desk.post("/desk/settings/account", data=given | {"hears_by_mail": "y"})
    assert ada.hears_by_mail
    desk.post("/desk/settings/account", data=given)
    assert not ada.hears_by_mail
