"""Whose mail, which ticket: the decision table, row by row, and to which of our addresses it came."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from helpdesk.accounts.models import Agent, Team
from helpdesk.channels.email.arriving.receiving import take
from helpdesk.channels.email.mailboxes import Mailbox
from helpdesk.channels.email.models import RawLetter, ReplyAddress
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.message_ids import signed_id
from helpdesk.customers.models import Contact, Customer
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.participants import Origin, Participant, offered, put_in_copy
from helpdesk.tickets.public_lines import public_lines
from helpdesk.tickets.thread import Message
from tests.channels.post import SUPPORT, eml

BORDER = "mx.example.com"
CAROL, DAN, KEN = "Carol <carol@example.org>", "Dan <dan@example.org>", "Ken <ken@example.org>"
EVE = "Eve <eve@evil.example>"


@pytest.fixture(autouse=True)
def border(app: Flask) -> None:
    app.config["HELPDESK_AUTHSERV_ID"] = BORDER


@pytest.fixture
def ways(ticket: Ticket, ada: Agent) -> dict[str, dict[str, str]]:
    """How a letter points to Carol's ticket. Ken is in copy, by Ada."""
    ticket.reply("Look in your spam folder.", by=ada)
    put_in_copy(ticket, "ken@example.org", "Ken", by=ada)
    db.session.commit()
    take(eml(sender=CAROL, message_id="<hers@example.org>", to=address_of(ticket), text="First."))
    return {
        "token": {"to": address_of(ticket)},
        "kens": {"to": str(ReplyAddress.given_to(known("ken@example.org"), ticket))},
        "adas": {"to": str(ReplyAddress.given_to(ada, ticket))},
        "signed": {"in_reply_to": signed_id(ticket.id)},
        "reference": {"in_reply_to": "<hers@example.org>"},
        "number": {"subject": f"Re: [#{ticket.number}] Invoice"},
        "nothing": {"subject": "Another thing"},
    }


def known(address: str) -> Contact:
    found = Contact.known_as(address)
    assert found is not None
    return found


def address_of(ticket: Ticket) -> str:
    return str(ReplyAddress.given_to(ticket.contact, ticket))


def says(verdict: str, sender: str) -> dict[str, str]:
    """What the border wrote on top."""
    domain = sender.rpartition("@")[2].rstrip(">")
    result = {"pass": f"dmarc=pass header.from={domain}", "fail": f"dmarc=fail header.from={domain}"}
    return {"authentication_results": f"{BORDER}; {result.get(verdict, 'none')}"}


NEW, APPENDED = "opened", "appended"


@pytest.mark.parametrize(
    ("way", "sender", "verdict", "result", "proof", "is_shown", "hint"),
    [
        # Token or signed reference, sender takes part
        ("token", CAROL, "pass", APPENDED, "verified", True, False),
        ("token", CAROL, "unknown", APPENDED, "unverified", True, False),
        ("token", CAROL, "fail", APPENDED, "suspicious", False, False),
        ("signed", CAROL, "pass", APPENDED, "verified", True, False),
        ("signed", CAROL, "unknown", APPENDED, "unverified", True, False),
        ("signed", CAROL, "fail", APPENDED, "suspicious", False, False),
        # The same, and the sender does not take part
        ("token", DAN, "pass", APPENDED, "verified", False, False),
        ("token", DAN, "unknown", APPENDED, "unverified", False, False),
        ("token", DAN, "fail", APPENDED, "suspicious", False, False),
        ("signed", DAN, "pass", APPENDED, "verified", False, False),
        # The token of somebody else who takes part: they learn it by Cc
        ("kens", KEN, "unknown", APPENDED, "unverified", False, False),
        ("kens", CAROL, "pass", APPENDED, "verified", True, False),
        ("kens", CAROL, "unknown", APPENDED, "unverified", True, False),
        ("token", KEN, "unknown", APPENDED, "unverified", False, False),
        ("kens", EVE, "unknown", APPENDED, "unverified", False, False),
        # That of a colleague, which no customer learns
        ("adas", CAROL, "pass", APPENDED, "verified", True, False),
        ("adas", CAROL, "unknown", APPENDED, "suspicious", False, False),
        ("adas", EVE, "unknown", APPENDED, "suspicious", False, False),
        # Neither, but a reference or a number that anybody may know
        ("reference", CAROL, "pass", APPENDED, "verified", True, False),
        ("number", CAROL, "pass", APPENDED, "verified", True, False),
        ("number", KEN, "pass", APPENDED, "verified", False, False),
        ("reference", CAROL, "unknown", NEW, "unverified", None, True),
        ("number", CAROL, "fail", NEW, "suspicious", None, True),
        ("number", KEN, "unknown", NEW, "unverified", None, True),
        ("reference", DAN, "pass", NEW, "verified", None, True),
        ("number", EVE, "pass", NEW, "verified", None, False),
        ("number", EVE, "fail", NEW, "suspicious", None, False),
        ("nothing", CAROL, "pass", NEW, "verified", None, False),
    ],
)
def test_the_decision_table(
    ways: Any,
    ticket: Ticket,
    way: str,
    sender: str,
    verdict: str,
    result: str,
    proof: str,
    is_shown: bool | None,
    hint: bool,
) -> None:
    before = [turn.id for turn in public_lines(ticket)]
    taken = take(
        eml("What I say.", sender=sender, cc="Mo <mo@evil.example>", **ways[way], **says(verdict, sender))
    )
    message = db.session.get_one(Message, taken.message)

    assert (taken.result, message.proof) == (result, proof)
    assert (taken.ticket == ticket.number) is (result == APPENDED)
    assert (taken.reason == f"may belong to {ticket.number}") is hint
    assert (message.id in [turn.id for turn in public_lines(ticket)]) is bool(is_shown)
    assert before == [turn.id for turn in public_lines(ticket) if turn.id != message.id]
    # Requester unchanged, nobody reads more than before, and what a forger names goes no further.
    assert (ticket.contact.name, message.author_name) == ("Carol", sender.partition(" <")[0])
    mo = "mo@evil.example" in [each.address for each in offered(message.ticket)]
    assert mo is (proof != "suspicious")
    assert Contact.known_as("mo@evil.example") is None


@pytest.mark.parametrize("way", ["token", "signed", "number", "nothing"])
@pytest.mark.parametrize("verdict", ["unknown", "fail"])
def test_a_staff_address_that_is_not_proved_goes_to_quarantine(
    ways: Any, ticket: Ticket, ada: Agent, postbox: Any, work_off: Any, way: str, verdict: str
) -> None:
    work_off()
    before = len(postbox())
    taken = take(eml("Send money.", sender=ada.email, **ways[way], **says(verdict, ada.email)))
    work_off()

    assert (taken.result, taken.reason) == ("quarantined", "staff-unproved")
    assert len(postbox()) == before
    assert Contact.known_as(ada.email) is None


def test_whoever_writes_is_remembered_and_gains_nothing(ways: Any, ticket: Ticket, ada: Agent) -> None:
    letter = {"sender": DAN, **ways["token"], **says("pass", DAN)}
    take(eml("I am his colleague.", **letter))
    dan = db.session.scalars(Participant.of(ticket).where(Participant.origin == Origin.WROTE)).one()

    assert (dan.contact.name, dan.is_copied) == ("Dan", False)
    assert db.session.scalars(Ticket.of_contact(dan.contact)).all() == []
    number = {"sender": DAN, "subject": f"[#{ticket.number}]", **says("pass", DAN)}
    assert take(eml("By number.", **number)).result == NEW

    put_in_copy(ticket, "dan@example.org", by=ada)
    assert take(eml("By number, added.", **number)).ticket == ticket.number
    assert db.session.scalars(Ticket.of_contact(dan.contact).where(Ticket.id == ticket.id)).all() == []

    db.session.delete(dan)
    db.session.commit()
    assert take(eml("By number, removed.", **number)).result == NEW


def test_a_forger_is_not_remembered(ways: Any, ticket: Ticket) -> None:
    take(eml("Me too.", sender=DAN, **ways["token"], **says("fail", DAN)))

    assert [each.contact.name for each in db.session.scalars(Participant.of(ticket))] == ["Ken"]


def test_whom_a_letter_names_is_written_down_and_no_customer(app: Flask) -> None:
    named = {f"p{n}@many.example" for n in range(60)}
    taken = take(
        eml(
            to=f"{SUPPORT}, support+x@helpdesk.example.com, 田中 <tanaka@example.jp>, carol@example.org",
            cc=f'"ken@bank.example" <ken@evil.example>, list@example.org, {", ".join(sorted(named))}',
            list_post="<mailto:list@example.org>",
        )
    )
    message = db.session.get_one(Message, taken.message)

    assert message.recipients["to"] == ['"田中" <tanaka@example.jp>']
    assert message.recipients["cc"][0] == "ken@evil.example"
    assert len(message.recipients["cc"]) == 29
    assert db.session.scalars(select(Customer.name)).all() == ["Carol"]


def test_a_code_of_another_service_never_reaches_the_portal(
    ways: Any, ticket: Ticket, carol: Contact
) -> None:
    """The ticket trick: a code that goes to the reply address would let its holder in elsewhere."""
    service = "Service <no-reply@service.example>"
    for n, to in enumerate((address_of(ticket), f"support+{ticket.number}@helpdesk.example.com", SUPPORT)):
        take(eml(f"Your code is 48151{n}.", sender=service, to=to, subject="Code", **says("pass", service)))

    hers = db.session.scalars(Ticket.of_contact(carol))
    assert not any("48151" in turn.text for each in hers for turn in public_lines(each))


def test_a_letter_makes_a_silenced_address_speak_again(ways: Any, ticket: Ticket) -> None:
    address = ticket.contact.addresses[0]
    for verdict, is_dead in (("fail", True), ("unknown", False)):
        address.bounced_at, address.silent_because = now(), "550 no such user"
        db.session.commit()
        take(eml(f"I am here, {verdict}.", **ways["token"], **says(verdict, CAROL)))
        assert (address.bounced_at is not None, bool(address.silent_because)) == (is_dead, is_dead)


@pytest.fixture
def tokyo(app: Flask) -> Mailbox:
    team = Team(name="Tokyo")
    tokyo = Mailbox(
        name="東京窓口",
        address="tokyo@helpdesk.example.com",
        aliases=["osaka@example.jp"],
        team=team,
        language="ja",
    )
    db.session.add_all([tokyo, Mailbox(name="Support", address=SUPPORT, is_default=True)])
    db.session.commit()
    return tokyo


@pytest.mark.parametrize(
    "way",
    [
        {"to": "Tokyo <TOKYO@helpdesk.example.com>"},
        {"to": "ken@example.org", "cc": "osaka@example.jp"},
        {"to": "undisclosed:;", "delivered_to": "tokyo+sales@helpdesk.example.com"},
    ],
)
def test_the_address_decides_team_voice_and_language(tokyo: Mailbox, ada: Agent, way: dict[str, str]) -> None:
    taken = take(eml("", subject="12345", **way))
    ticket = db.session.get_one(Message, taken.message).ticket

    assert (ticket.team.name, ticket.mailbox_id, ticket.language) == ("Tokyo", tokyo.id, "ja")
    assert address_of(ticket).startswith("tokyo+r1")
    assert db.session.scalar(Ticket.visible_to(ada).where(Ticket.id == ticket.id)) is None
    assert take(eml("Thank you for it.", to=address_of(ticket))).ticket == ticket.number


def test_what_its_door_knows_counts_first_and_words_tell_their_language(tokyo: Mailbox) -> None:
    raw = RawLetter(sha256="x", content=eml("Please help me.", to=SUPPORT), size=1, mailbox_id=tokyo.id)
    db.session.add(raw)
    db.session.commit()
    from helpdesk.channels.email.arriving.receiving import read

    ticket = db.session.get_one(Message, read(raw.id).message).ticket
    assert (ticket.team.name, ticket.language) == ("Tokyo", "en")


def test_our_addresses_are_asked_for_once_a_letter(tokyo: Mailbox) -> None:
    asked = []
    event.listen(db.engine, "before_cursor_execute", lambda *told: asked.append(told[2].split()))
    assert take(eml(cc="Ken <ken@example.org>, osaka@example.jp", subject="Once")).result == NEW

    assert len([each for each in asked if each[-5:] == "FROM mailboxes ORDER BY mailboxes.id".split()]) == 1


def test_no_address_of_ours_is_ever_a_customer(tokyo: Mailbox) -> None:
    for ours in ("tokyo@helpdesk.example.com", "osaka@example.jp", "osaka+r1abc@example.jp"):
        assert take(eml(sender=ours)).reason == "own-address"
    taken = take(eml(cc="Osaka <osaka@example.jp>, tokyo@helpdesk.example.com"))

    assert db.session.get_one(Message, taken.message).recipients == {}
    assert db.session.scalars(select(Customer.name)).all() == ["Carol"]
