"""Nothing is lost, nothing is stored twice, and a From line alone gives nobody a right."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from helpdesk.accounts.models import Agent
from helpdesk.channels.email.arriving import hearing
from helpdesk.channels.email.arriving.inbound import Taken
from helpdesk.channels.email.arriving.receiving import keep_raw, read_left_behind, take
from helpdesk.channels.email.models import RawLetter, RawState, ReplyAddress
from helpdesk.core.db import db
from helpdesk.core.mail import Letter, LetterState
from helpdesk.core.message_ids import signed_id
from helpdesk.customers.models import Contact, ContactAddress
from helpdesk.tickets.kinds import Status
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Message
from helpdesk.timeline import Event, Kind
from tests.channels.post import LETTERS, SUPPORT, eml, walk

BORDER = "mx.example.com"
PASS = f"{BORDER}; dmarc=pass header.from=example.org"
FAIL = f"{BORDER}; dmarc=fail header.from=example.org"


@pytest.fixture
def answered(ticket: Ticket, ada: Agent) -> Ticket:
    """Carol's question, answered and resolved: she has a letter of ours."""
    ticket.reply("Look in your spam folder.", by=ada)
    ticket.resolve(by=ada)
    db.session.commit()
    return ticket


@pytest.fixture
def border(app: Flask) -> None:
    app.config["HELPDESK_AUTHSERV_ID"] = BORDER


def address_of(ticket: Ticket) -> str:
    return str(ReplyAddress.given_to(ticket.contact, ticket))


def message_of(taken: Taken) -> Message:
    return db.session.get_one(Message, taken.message)


def count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_japanese_letter_with_a_file_becomes_a_ticket(app: Flask) -> None:
    taken = take(walk())
    message = message_of(taken)

    assert (taken.result, taken.ticket) == ("opened", message.ticket.number)
    assert message.ticket.subject == "請求書の再発行をお願いします"
    assert (message.author_name, message.ticket.language) == ("田中 花子", "ja")
    assert "宛名が旧社名のまま" in message.body
    assert "03-0000-0000" in message.quoted
    assert [file.name for file in message.attachments] == ["請求書_9月.pdf"]


def test_the_house_hears_of_a_new_ticket(app: Flask, facts: Callable[[], list[Kind]]) -> None:
    take(walk())

    told = [kind for kind in facts() if kind in (Kind.CUSTOMER_ADDED, Kind.CONTACT_ADDED, Kind.TICKET_OPENED)]
    assert told == [Kind.CUSTOMER_ADDED, Kind.CONTACT_ADDED, Kind.TICKET_OPENED]


def test_the_same_letter_twice_is_one_message(app: Flask) -> None:
    first = take(walk())
    second = take(walk())

    assert second == Taken("duplicate", first.ticket, first.message)
    assert (count(Message), count(RawLetter)) == (1, 1)


def test_the_same_letter_by_another_way_is_one_message(app: Flask) -> None:
    first = take(walk())
    second = take(b"Received: from elsewhere by mx; Fri, 18 Sep 2026 10:31:00 +0900\r\n" + walk())

    assert (second.result, second.ticket, second.message) == ("duplicate", first.ticket, first.message)
    assert (count(Message), count(RawLetter)) == (1, 2)


def test_two_letters_of_one_message_id_are_two(app: Flask) -> None:
    take(eml("One.", message_id="<same@example.org>"))
    taken = take(eml("Another.", message_id="<same@example.org>"))

    assert taken.result == "opened"
    assert count(Message) == 2


def test_an_answer_to_our_reply_address_lands_on_the_ticket_and_reopens_it(answered: Ticket) -> None:
    taken = take(eml(to=f"Example <{address_of(answered)}>"))

    assert (taken.result, taken.ticket) == ("appended", answered.number)
    assert (answered.status, answered.cycle) == (Status.OPEN, 2)
    assert message_of(taken).proof == "unverified"


def test_an_answer_to_our_letter_lands_on_the_ticket(answered: Ticket) -> None:
    ours = db.session.scalars(select(Letter)).one()

    taken = take(eml(references=f"<x@y> {ours.message_id}"))

    assert (taken.result, taken.ticket) == ("appended", answered.number)


def test_the_address_may_stand_only_in_what_our_server_noted(answered: Ticket) -> None:
    taken = take(eml(delivered_to=address_of(answered).upper()))

    assert taken.ticket == answered.number


@pytest.mark.parametrize(
    "forged", ["<{n}.aaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbb@helpdesk.example.com>", "<{n}@x>"]
)
def test_a_forged_reference_opens_a_new_ticket(answered: Ticket, forged: str) -> None:
    taken = take(eml(sender="mallory@evil.example", in_reply_to=forged.format(n=answered.id)))

    assert (taken.result, answered.status) == ("opened", Status.RESOLVED)


def test_a_spoofed_answer_without_proof_opens_a_new_ticket_with_a_hint(answered: Ticket) -> None:
    taken = take(eml("Send the invoice to me.", subject=f"Re: [#{answered.number}] Invoice lost"))
    tied = db.session.scalars(select(Event).where(Event.kind == Kind.TICKET_TIED).order_by(Event.id)).all()

    assert (taken.result, taken.reason) == ("opened", f"may belong to {answered.number}")
    assert [(str(each.ticket_id), each.details["ticket"]) for each in tied] == [
        (taken.ticket, answered.id),
        (answered.number, int(taken.ticket or 0)),
    ]
    assert answered.status is Status.RESOLVED


def test_a_stranger_gains_nothing_by_a_number(answered: Ticket) -> None:
    taken = take(eml(sender="mallory@evil.example", subject=f"[#{answered.number}]"))

    assert (taken.result, taken.reason) == ("opened", "")


@pytest.mark.usefixtures("border")
def test_a_number_counts_where_our_border_vouches_for_a_participant(answered: Ticket) -> None:
    taken = take(eml(subject=f"[#{answered.number}]", authentication_results=PASS))

    assert (taken.result, taken.ticket, message_of(taken).proof) == ("appended", answered.number, "verified")


@pytest.mark.usefixtures("border")
def test_a_second_letter_before_our_answer_joins_the_first(app: Flask) -> None:
    first = take(eml(message_id="<first@example.org>", subject="Help"))
    second = take(
        eml("And this.", in_reply_to="<first@example.org>", subject="More", authentication_results=PASS)
    )

    assert (second.result, second.ticket) == ("appended", first.ticket)


@pytest.mark.parametrize(
    ("results", "proof"),
    [
        (PASS, "verified"),
        (FAIL, "suspicious"),
        ("evil.example; dmarc=pass header.from=example.org", "unverified"),
        (f"{BORDER}; dkim=pass header.d=evil.example; spf=pass smtp.mailfrom=x@evil.example", "unverified"),
        (f"{BORDER}; dkim=pass (2048 bit) header.d=example.org", "verified"),
        (f"{BORDER}; spf=fail smtp.mailfrom=carol@example.org", "suspicious"),
        (f"{BORDER}; none", "unverified"),
    ],
)
@pytest.mark.usefixtures("border")
def test_only_our_own_border_is_believed(answered: Ticket, results: str, proof: str) -> None:
    taken = take(eml(to=address_of(answered), authentication_results=results))

    assert (taken.ticket, message_of(taken).proof) == (answered.number, proof)


def test_without_a_border_nobody_is_believed(answered: Ticket) -> None:
    taken = take(eml(to=address_of(answered), authentication_results=PASS))

    assert message_of(taken).proof == "unverified"


def test_a_revoked_address_leads_nowhere_and_is_never_given_again(answered: Ticket) -> None:
    given = ReplyAddress.given_to(answered.contact, answered)
    before = str(given)
    given.revoke()
    db.session.commit()

    assert take(eml(to=before)).result == "opened"
    assert str(ReplyAddress.given_to(answered.contact, answered)) != before
    assert take(eml("Once more.", to=before)).result == "opened"


def test_the_stored_row_does_not_give_the_address_away(answered: Ticket) -> None:
    given = ReplyAddress.given_to(answered.contact, answered)

    assert given.mac not in str(given)


def test_a_colleague_who_answers_is_shown_as_themselves(answered: Ticket) -> None:
    taken = take(eml(sender="Dan <dan@example.org>", to=address_of(answered)))

    assert (taken.ticket, message_of(taken).author_name) == (answered.number, "Dan")
    assert answered.contact.name == "Carol"
    assert db.session.scalars(Ticket.of_contact(Contact.known_as("dan@example.org"))).all() == []


def test_mallory_does_not_see_what_came_by_mail(app: Flask, mallory: Agent, ada: Agent) -> None:
    take(walk())

    assert len(db.session.scalars(Ticket.visible_to(ada)).all()) == 1
    assert db.session.scalars(Ticket.visible_to(mallory)).all() == []


def test_a_letter_in_an_agents_name_is_kept_from_the_customer(answered: Ticket, ada: Agent) -> None:
    taken = take(eml("Your password, please.", sender=ada.email, to=address_of(answered)))

    assert taken == Taken("quarantined", reason="staff-unproved")
    assert Contact.known_as(ada.email) is None


def test_our_own_address_is_never_a_customer(app: Flask) -> None:
    assert take(eml(sender=SUPPORT)) == Taken("quarantined", reason="own-address")
    assert take(eml(sender=f"support+r1{'a' * 26}@helpdesk.example.com")).reason == "own-address"
    assert take(eml(message_id=signed_id(7))) == Taken("ignored", reason="own-letter")
    assert count(Contact) == 0


def test_a_form_that_writes_in_our_name_says_whom_to_answer(app: Flask) -> None:
    taken = take(eml(sender=SUPPORT, reply_to="Carol <carol@example.org>"))

    assert message_of(taken).ticket.contact.address == "carol@example.org"


@pytest.mark.parametrize("header", ["auto_submitted", "x_autoreply"])
def test_an_absence_notice_is_appended_quietly(
    answered: Ticket, facts: Callable[[], list[Kind]], header: str
) -> None:
    before = facts()
    taken = take(eml("I am away.", to=address_of(answered), **{header: "auto-replied"}))

    assert (taken.result, message_of(taken).is_automatic) == ("appended", True)
    assert (answered.status, facts()) == (Status.RESOLVED, before)


def test_an_absence_notice_that_answers_nothing_is_ignored(app: Flask) -> None:
    taken = take((LETTERS / "out_of_office_japanese.eml").read_bytes())

    assert (taken.result, count(Ticket), count(Contact), count(RawLetter)) == ("ignored", 0, 0, 1)


def test_a_person_who_writes_by_way_of_a_list_reopens(answered: Ticket) -> None:
    take(eml(to=address_of(answered), list_id="<staff.example.org>"))

    assert answered.status is Status.OPEN


def test_a_program_is_refused_and_the_thread_says_which(app: Flask) -> None:
    bounds = 'multipart/mixed; boundary="b"'
    file = 'Content-Type: application/octet-stream; name="setup.exe"\r\n\r\nMZ'
    taken = take(
        eml(f"--b\r\n\r\nPlease look.\r\n--b\r\n{file}\r\n--b--", content_type=bounds, mime_version="1.0")
    )

    assert message_of(taken).attachments == []
    assert message_of(taken).body == "Please look.\n\n[Not kept: setup.exe (.exe). Programs are refused.]"


def test_html_of_strangers_is_kept_clean(app: Flask) -> None:
    message = message_of(take((LETTERS / "hostile_html.eml").read_bytes()))

    assert message.html
    assert not any(bad in message.html for bad in ("<script", "onerror", "javascript:", "<iframe", "<form"))


def bounce_of(letter: Letter, status: str = "5.1.1", said: str = "smtp; 550 no") -> bytes:
    parts = (
        "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\r\n"
        f"Final-Recipient: rfc822; carol@example.org\r\nAction: failed\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: {said}\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {letter.message_id}\r\n\r\n--b--"
    )
    kind = 'multipart/report; report-type=delivery-status; boundary="b"'
    return eml(parts, sender="MAILER-DAEMON@mx.example.org", content_type=kind, mime_version="1.0")


def test_a_bounce_marks_the_letter_and_the_address_and_shows_on_the_ticket(answered: Ticket) -> None:
    letter = db.session.scalars(select(Letter)).one()
    taken = take(bounce_of(letter))
    failure = db.session.scalars(select(Event).where(Event.kind == Kind.LETTER_FAILED)).one()

    assert taken == Taken("bounced", answered.number, reason="5.1.1")
    assert letter.state is LetterState.FAILED
    assert (failure.ticket_id, failure.details["recipient"]) == (answered.id, "carol@example.org")
    assert answered.contact.address is None
    assert answered.status is Status.RESOLVED


def test_why_it_came_back_is_said_in_the_readers_language(desk: Any, answered: Ticket) -> None:
    take(bounce_of(db.session.scalars(select(Letter)).one(), "5.0.0", said="smtp; 550 5.1.1 <carol> unknown"))

    for lang, words in (("ja", "アドレスが存在しません"), ("en", "the address does not exist")):
        page = desk.get(f"/desk/tickets/{answered.number}", headers={"Accept-Language": lang}).text
        assert words in page
        assert "5.0.0 550 5.1.1 &lt;carol&gt; unknown</details>" in page


@pytest.mark.parametrize("status", ["5.2.2", "5.7.1"])
def test_a_full_mailbox_is_not_a_dead_address(answered: Ticket, status: str) -> None:
    take(bounce_of(db.session.scalars(select(Letter)).one(), status))

    assert answered.contact.address == "carol@example.org"


def test_a_bounce_of_a_letter_that_we_never_wrote_marks_nobody(answered: Ticket) -> None:
    letter = Letter(message_id=f"<{answered.id}.aaaa.bbbb@helpdesk.example.com>")
    taken = take(bounce_of(letter))

    assert (taken.result, taken.ticket) == ("bounced", None)
    assert (
        db.session.scalars(select(ContactAddress).where(ContactAddress.bounced_at.is_not(None))).all() == []
    )


@pytest.mark.parametrize("content", [b"", b"\x00" * 50, b"no header at all"])
def test_what_cannot_be_read_is_kept(app: Flask, content: bytes) -> None:
    taken = take(content)
    raw = db.session.scalars(select(RawLetter)).one()

    assert (taken.result, raw.state, raw.content) == ("quarantined", RawState.QUARANTINED, content)


def test_a_failure_of_ours_loses_nothing_and_can_be_mended(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(hearing, "split_reply", lambda _, **how: 1 / 0)
        assert take(walk()).reason.startswith("ZeroDivisionError")
    assert (count(Ticket), count(Contact)) == (0, 0)

    assert take(walk()).result == "opened"


def test_a_letter_whose_reader_died_is_read_later(app: Flask, clock: Any) -> None:
    keep_raw(walk())
    db.session.commit()
    read_left_behind()
    assert count(Ticket) == 0

    clock.shift(timedelta(minutes=6))
    read_left_behind()
    assert count(Ticket) == 1


def test_processes_that_take_the_same_letter_at_once_store_it_once(app: Flask) -> None:
    def elsewhere(content: bytes) -> str:
        with app.app_context():
            return take(content).result

    letters = [walk(), b"Received: by a\r\n" + walk(), b"Received: by b\r\n" + walk(), walk()]
    with ThreadPoolExecutor(4) as threads:
        results = sorted(threads.map(elsewhere, letters))

    assert results == ["duplicate", "duplicate", "duplicate", "opened"]
    assert (count(Message), count(RawLetter)) == (1, 3)


def test_no_letter_is_lost(app: Flask) -> None:
    results = [take(file.read_bytes()).result for file in sorted(LETTERS.glob("*.eml"))]

    assert len(results) > 80
    assert results.count("opened") == count(Message)
    assert set(results) <= {"opened", "ignored", "bounced"}
