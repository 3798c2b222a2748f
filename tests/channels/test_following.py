"""Tickets that belong together: answers that come late, and people who were only named."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from helpdesk.accounts.models import Agent, Team
from helpdesk.channels.email.arriving.receiving import take
from helpdesk.channels.email.models import ReplyAddress
from helpdesk.core.db import db
from helpdesk.customers.models import Contact
from helpdesk.tickets.happenings import happenings
from helpdesk.tickets.kinds import Status
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.participants import Participant
from helpdesk.tickets.public_lines import public_lines
from helpdesk.tickets.thread import Message
from helpdesk.timeline import Event, Kind
from tests.channels.post import SUPPORT, eml

BORDER = "mx.example.com"
PASS, FAIL = f"{BORDER}; dmarc=pass header.from=example.org", f"{BORDER}; dmarc=fail header.from=example.org"
DAN = "dan@example.org"


@pytest.fixture(autouse=True)
def border(app: Flask) -> None:
    app.config["HELPDESK_AUTHSERV_ID"] = BORDER


@pytest.fixture
def old(ticket: Ticket, ada: Agent, clock: Any) -> Ticket:
    """Carol's ticket, resolved just now by another team than where letters land."""
    ticket.reply("Look in your spam folder.", by=ada)
    ticket.team = Team(name="Invoices")
    ticket.resolve(by=ada)
    db.session.commit()
    return ticket


def answer(ticket: Ticket, **headers: str) -> Any:
    to = str(ReplyAddress.given_to(db.session.get_one(Contact, ticket.contact_id), ticket))
    return take(eml("It is lost again.", to=to, **{"authentication_results": PASS, **headers}))


def ticket_of(taken: Any) -> Ticket:
    return db.session.get_one(Message, taken.message).ticket


def told(ticket: Ticket) -> list[tuple[str, int]]:
    return [(each.words, each.other) for each in happenings(ticket) if each.other]


def test_an_answer_within_days_takes_the_ticket_up_again(old: Ticket, clock: Any) -> None:
    clock.shift(timedelta(days=13))

    assert answer(old).ticket == old.number
    assert (old.status, old.cycle, told(old)) == (Status.OPEN, 2, [])


def test_a_later_answer_opens_a_ticket_that_follows(old: Ticket, clock: Any) -> None:
    clock.shift(timedelta(days=15))
    taken = answer(old)
    new = ticket_of(taken)

    assert (taken.result, taken.reason, new.contact) == ("opened", f"follows {old.number}", old.contact)
    assert (old.status, old.cycle, new.team.name) == (Status.RESOLVED, 1, "Invoices")
    assert told(new) == [(f"Follows on #{old.number}", old.id)]
    assert told(old) == [(f"Went on in #{new.number}", new.id)]
    # Nothing of the past is to be read there, and what comes next to either address joins it.
    assert [line.text for line in public_lines(new)] == ["It is lost again."]
    assert (answer(old).ticket, answer(new).ticket) == (new.number, new.number)


def test_what_followed_and_ended_is_followed_in_turn(old: Ticket, ada: Agent, clock: Any) -> None:
    clock.shift(timedelta(days=15))
    second = ticket_of(answer(old))
    second.resolve(by=ada)
    db.session.commit()
    clock.shift(timedelta(days=15))
    third = answer(old)

    assert third.reason == f"follows {second.number}"
    assert answer(old).ticket == third.ticket


def test_somebody_else_does_not_join_what_followed(old: Ticket, clock: Any) -> None:
    clock.shift(timedelta(days=15))
    hers = answer(old)
    his = answer(old, sender=f"Dan <{DAN}>")

    assert his.ticket not in (hers.ticket, old.number)
    assert ticket_of(his).contact.name == "Dan"


def test_a_forged_late_answer_only_may_belong_there(old: Ticket, clock: Any) -> None:
    clock.shift(timedelta(days=15))
    taken = answer(old, authentication_results=FAIL)

    assert (taken.result, taken.reason) == ("opened", f"may belong to {old.number}")
    assert ticket_of(taken).team != old.team


def test_a_machine_that_answers_late_opens_nothing(old: Ticket, clock: Any) -> None:
    clock.shift(timedelta(days=15))
    taken = answer(old, auto_submitted="auto-replied")

    assert (taken.ticket, old.status) == (old.number, Status.RESOLVED)


def test_the_days_are_a_setting(app: Flask, old: Ticket, clock: Any) -> None:
    app.config["HELPDESK_REOPEN_DAYS"] = 0
    clock.shift(timedelta(days=1500))

    assert answer(old).ticket == old.number


def test_a_number_may_open_a_linked_ticket(app: Flask, ticket: Ticket) -> None:
    app.config["HELPDESK_UNSIGNED_REPLIES"] = "link"
    taken = take(eml(subject=f"[#{ticket.number}]", authentication_results=PASS))

    assert taken.result == "opened"
    assert told(ticket_of(taken)) == [
        (f"May belong to #{ticket.number}: its sender takes part there", ticket.id)
    ]


def test_a_colleague_who_was_named_answers_to_all(desk: Any, app: Flask) -> None:
    first = take(eml(message_id="<first@example.org>", cc=f'"檀 太郎" <{DAN}>', authentication_results=PASS))
    old = ticket_of(first)
    to_all = {"to": f"carol@example.org, {SUPPORT}", "in_reply_to": "<first@example.org>"}
    new = ticket_of(take(eml("Me too.", sender=DAN, **to_all)))

    assert (new.id != old.id, new.contact.name) == (True, "檀 太郎")
    assert told(new) == [(f"May belong to #{old.number}: its sender was named in a letter there", old.id)]
    assert told(old) == [(f"#{new.number} may belong here: its sender was named in a letter", new.id)]
    assert db.session.scalars(Participant.of(old)).all() == []
    assert db.session.scalars(Ticket.of_contact(new.contact)).all() == [new]
    # On both pages, in the strip and in the thread.
    for this, other in ((new, old), (old, new)):
        assert desk.get(f"/desk/tickets/{this.id}").text.count(f'href="/desk/tickets/{other.id}"') >= 2


def test_a_number_says_nothing_of_a_strangers_letter(ticket: Ticket) -> None:
    take(eml(sender="eve@evil.example", subject=f"[#{ticket.number}]"))

    assert db.session.scalar(select(func.count()).where(Event.kind == Kind.TICKET_TIED)) == 0
