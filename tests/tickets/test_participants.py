"""Who an answer may be copied to, and that nobody becomes a customer by being named."""

from sqlalchemy import func, select

from helpdesk.core.db import db
from helpdesk.customers.models import Contact, Customer
from helpdesk.tickets.participants import Origin, Participant, offered, put_in_copy


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
