"""Answers leave as letters that lead back to their ticket, through a real mail server."""

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk.accounts.models import Agent
from helpdesk.channels.email.arriving.receiving import take
from helpdesk.channels.email.leaving.outbound import CHAT_GRACE
from helpdesk.channels.email.models import ReplyAddress
from helpdesk.chat.models import ChatSession
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.delivering import SENDING_FOR, WAITS
from helpdesk.core.files import keep
from helpdesk.core.mail import Letter, LetterState
from helpdesk.core.smtp import hand_over
from helpdesk.customers.models import Contact
from helpdesk.tickets.kinds import Status
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Channel, Message
from helpdesk.timeline import Event, Kind
from tests.channels.post import eml, walk
from tests.mail_server import CUT_BEFORE, MailServer

WorkOff = Callable[[], int]


def letter_of(message: Message) -> Letter | None:
    return db.session.scalar(select(Letter).where(Letter.reply_id == message.id))


@pytest.fixture
def hanako(app: Flask) -> Ticket:
    """The ticket of a Japanese letter."""
    return db.session.get_one(Ticket, int(take(walk()).ticket or 0))


@pytest.fixture
def chat(carol: Contact) -> Ticket:
    """Carol asks in the chat, and is there."""
    ticket = Ticket.open_for(carol, subject="Chat", via=Channel.CHAT)
    ticket.hear("Are you there?")
    ticket.opened()
    ChatSession.start(ticket)
    db.session.commit()
    return ticket


def answer(ticket: Ticket, by: Agent, body: str = "Look in your spam folder.", **particulars: Any) -> Message:
    message = ticket.reply(body, by=by, **particulars)
    db.session.commit()
    return message


def text_of(letter: EmailMessage) -> str:
    return letter.get_body(("plain",)).get_content().replace("\r\n", "\n")


def test_an_answer_leaves_as_text_and_html(
    ticket: Ticket, ada: Agent, mail_server: MailServer, work_off: WorkOff
) -> None:
    answer(ticket, ada, "Look in **spam**.")
    work_off()
    (letter,) = mail_server.letters

    assert (letter["To"], letter["Subject"]) == ("Carol <carol@example.org>", "Re: Invoice lost")
    assert text_of(letter).startswith("Hi Carol,\n\nLook in spam.\n\n-- \nAda\nExample\n")
    assert "Carol wrote:\n> I cannot find my invoice.\n" in text_of(letter)
    assert "<strong>spam</strong>" in letter.get_body(("html",)).get_content()


def test_a_japanese_answer_has_the_form_of_a_japanese_letter(
    hanako: Ticket, ada: Agent, mail_server: MailServer, work_off: WorkOff
) -> None:
    answer(hanako, ada, "再発行いたしました。", attachments=[])
    work_off()
    (letter,) = mail_server.letters

    assert letter["Subject"] == "Re: 請求書の再発行をお願いします"
    assert text_of(letter).startswith("田中様\n\n再発行いたしました。\n\n-- \nAda\nExample\n")
    assert "2026年9月18日(金) 09:00、田中様からのメール:\n> " in text_of(letter)
    assert letter["In-Reply-To"] == "<20260918103000.4F2A@mail.toto-seiki.example.jp>"


@pytest.mark.parametrize("body", ["田中様\n\nお世話になっております。", "東都精機株式会社\n田中様"])
def test_nobody_is_greeted_twice(hanako: Ticket, ada: Agent, body: str, work_off: WorkOff) -> None:
    letter = letter_of(answer(hanako, ada, body))
    work_off()

    assert letter is not None
    assert letter.text.splitlines().count("田中様") == 1


def test_files_of_the_answer_go_with_it(
    ticket: Ticket, ada: Agent, mail_server: MailServer, work_off: WorkOff
) -> None:
    message = ticket.reply("Here.", by=ada)
    message.attach(keep(b"%PDF-1.7", "invoice.pdf"), "請求書.pdf")
    work_off()
    (letter,) = mail_server.letters

    assert [file.get_filename() for file in letter.iter_attachments()] == ["請求書.pdf"]


def test_the_customers_answer_comes_back_to_the_ticket_and_reopens_it(
    ticket: Ticket, ada: Agent, mail_server: MailServer, work_off: WorkOff
) -> None:
    answer(ticket, ada)
    ticket.resolve(by=ada)
    work_off()
    (letter,) = mail_server.letters
    taken = take(eml(to=letter["Reply-To"], in_reply_to=letter["Message-ID"]))

    assert (taken.result, taken.ticket, ticket.status) == ("appended", ticket.number, Status.OPEN)


def test_a_conversation_stays_one_thread(
    ticket: Ticket, ada: Agent, mail_server: MailServer, work_off: WorkOff
) -> None:
    answer(ticket, ada)
    work_off()
    first = mail_server.letters[0]
    take(eml(to=first["Reply-To"], message_id="<two@example.org>"))
    answer(ticket, ada, "Once more.")
    work_off()

    assert mail_server.letters[1]["References"].split() == [first["Message-ID"], "<two@example.org>"]
    assert mail_server.letters[1]["In-Reply-To"] == "<two@example.org>"


def test_a_note_never_leaves(ticket: Ticket, ada: Agent, mail_server: MailServer, work_off: WorkOff) -> None:
    ticket.note("He shouts.", by=ada)
    work_off()
    answer(ticket, ada)
    work_off()
    (letter,) = mail_server.letters

    assert "shouts" not in letter.as_string()


def test_an_answer_is_not_mailed_to_someone_who_is_reading_it(
    chat: Ticket, ada: Agent, mail_server: MailServer, work_off: WorkOff, clock: Any
) -> None:
    message = answer(chat, ada)
    clock.shift(timedelta(seconds=10))
    db.session.scalars(select(ChatSession)).one().seen_at = now()
    clock.shift(CHAT_GRACE)
    work_off()

    assert mail_server.letters == []
    assert letter_of(message).state is LetterState.CANCELLED  # type: ignore[union-attr]


@pytest.mark.parametrize("away_for", [timedelta(0), timedelta(minutes=5)])
def test_an_answer_in_the_chat_is_mailed_to_someone_who_has_gone(
    chat: Ticket, ada: Agent, mail_server: MailServer, work_off: WorkOff, clock: Any, away_for: timedelta
) -> None:
    clock.shift(away_for + timedelta(seconds=1))
    answer(chat, ada)
    clock.shift(CHAT_GRACE)
    work_off()

    assert len(mail_server.letters) == 1


def test_who_looks_at_another_chat_does_not_see_the_answer(
    chat: Ticket, carol: Contact, ada: Agent, mail_server: MailServer, work_off: WorkOff, clock: Any
) -> None:
    clock.shift(timedelta(minutes=5))
    other = Ticket.open_for(carol, subject="Claims to be Carol", via=Channel.CHAT)
    ChatSession.start(other)
    answer(chat, ada)
    work_off()

    assert len(mail_server.letters) == 1


def test_a_refused_answer_shows_on_the_ticket(
    ticket: Ticket, ada: Agent, mail_server: MailServer, work_off: WorkOff
) -> None:
    mail_server.rcpt_faults = ["550 5.1.1 no such user"]
    message = answer(ticket, ada)
    work_off()
    failure = db.session.scalars(select(Event).where(Event.kind == Kind.LETTER_FAILED)).one()

    assert (failure.ticket_id, failure.details["message_id"]) == (ticket.id, message.id)
    assert failure.details["error"] == "550 5.1.1 no such user"
    assert letter_of(message).state is LetterState.FAILED  # type: ignore[union-attr]
    assert ticket.contact.address is None


def test_a_refusal_that_says_nothing_of_the_address_leaves_it_valid(
    ticket: Ticket, ada: Agent, mail_server: MailServer, work_off: WorkOff
) -> None:
    mail_server.data_faults = ["554 5.7.1 looks like spam"]
    answer(ticket, ada)
    work_off()

    assert ticket.contact.address == "carol@example.org"


def test_a_delayed_answer_leaves_later_with_its_files(
    ticket: Ticket, ada: Agent, mail_server: MailServer, work_off: WorkOff, clock: Any
) -> None:
    mail_server.data_faults = ["451 later"]
    message = answer(ticket, ada)
    message.attach(keep(b"%PDF-1.7", "a.pdf"), "a.pdf")
    work_off()
    clock.shift(WAITS[0])
    work_off()

    assert [file.get_filename() for file in mail_server.letters[0].iter_attachments()] == ["a.pdf"]


def test_an_answer_to_a_silent_address_shows_that_it_does_not_leave(
    ticket: Ticket, ada: Agent, visit: Any, mail_server: MailServer, work_off: WorkOff
) -> None:
    ticket.contact.addresses[0].bounced_at = now()
    message = answer(ticket, ada)
    work_off()
    letter = letter_of(message)

    assert (letter.state, letter.error, mail_server.letters) == (LetterState.FAILED, "silent", [])  # type: ignore[union-attr]
    failure = db.session.scalars(select(Event).where(Event.kind == Kind.LETTER_FAILED)).one()
    assert failure.details["recipient"] == "carol@example.org"
    page = visit(ada, lang="ja").get(f"/desk/tickets/{ticket.number}").text
    assert "carol@example.org：このアドレスへの送信は停止中です" in page
    assert "再送する" in page


def test_to_send_again_lifts_the_silence_of_an_address_once(
    ticket: Ticket, ada: Agent, visit: Any, mail_server: MailServer, work_off: WorkOff
) -> None:
    ticket.contact.addresses[0].bounced_at = now()
    message = answer(ticket, ada)
    work_off()
    again, browser = f"/desk/tickets/{ticket.number}/messages/{message.id}/delivery", visit(ada)
    assert "the address is muted again" in browser.get(f"/desk/tickets/{ticket.number}").text

    mail_server.rcpt_faults = ["554 5.7.1 not you"]
    browser.post(again)
    work_off()
    retried = db.session.scalars(select(Event).where(Event.kind == Kind.LETTER_RETRIED)).one()
    assert (retried.agent_id, retried.details["lifted"]) == (ada.id, ["carol@example.org"])
    # Refused, it is silent again, with the server's words.
    assert ticket.contact.address is None
    assert ticket.contact.addresses[0].silent_because == "554 5.7.1 not you"

    browser.post(again)
    work_off()
    assert ticket.contact.address == "carol@example.org"
    assert letter_of(message).state is LetterState.SENT  # type: ignore[union-attr]
    assert "Look in your spam folder." in text_of(mail_server.letters[0])


def test_an_address_lifted_in_the_composer_falls_silent_again_whatever_the_refusal(
    ticket: Ticket, ada: Agent, mail_server: MailServer, work_off: WorkOff
) -> None:
    mail_server.rcpt_faults = ["554 5.7.1 not you"]
    answer(ticket, ada, recipients={"to": [], "cc": [], "lifted": ["carol@example.org"]})
    work_off()

    assert ticket.contact.address is None


def test_a_silent_reader_in_copy_is_left_out_and_said_so(
    ticket: Ticket, ada: Agent, visit: Any, mail_server: MailServer, work_off: WorkOff
) -> None:
    Contact.meet("ken@example.jp", "Ken").addresses[0].bounced_at = now()
    message = answer(ticket, ada, recipients={"to": [], "cc": ["Ken <ken@example.jp>"]})
    work_off()

    assert mail_server.envelopes[-1].rcpt_tos == ["carol@example.org"]
    assert letter_of(message).state is LetterState.SENT  # type: ignore[union-attr]
    assert "ken@example.jp: " in visit(ada).get(f"/desk/tickets/{ticket.number}").text

    visit(ada).post(f"/desk/tickets/{ticket.number}/messages/{message.id}/delivery")
    work_off()
    assert [each.rcpt_tos for each in mail_server.envelopes[1:]] == [["ken@example.jp"]]


def test_each_reader_answers_to_an_address_of_their_own(
    ticket: Ticket, ada: Agent, mail_server: MailServer, work_off: WorkOff, clock: Any
) -> None:
    for name in ("Ken", "Mia"):
        Contact.meet(f"{name.lower()}@example.jp", name)
    cc = ["Ken <ken@example.jp>", "Mia <mia@example.jp>", "who@example.net", "any@example.net"]
    mail_server.rcpt_faults = ["", "450 come again"]
    message = answer(ticket, ada, recipients={"to": [], "cc": cc})
    work_off()
    clock.shift(WAITS[0])
    work_off()

    told = [each.rcpt_tos for each in mail_server.envelopes]
    strangers = ["who@example.net", "any@example.net"]
    assert told == [["carol@example.org"], ["mia@example.jp"], strangers, ["ken@example.jp"]]
    assert {letter["Message-ID"] for letter in mail_server.letters} == {letter_of(message).message_id}  # type: ignore[union-attr]
    assert {str(letter["Cc"]) for letter in mail_server.letters} == {", ".join(cc)}
    answering = [letter["Reply-To"].addresses[0].addr_spec for letter in mail_server.letters]
    assert len(set(answering)) == 4
    assert "+r1" not in answering[2]
    token = ReplyAddress.among([answering[3]], "")
    assert token is not None
    assert (token.contact.name, token.ticket_id) == ("Ken", ticket.id)  # type: ignore[union-attr]


def test_a_server_that_goes_away_between_parcels_gets_none_twice(
    ticket: Ticket, ada: Agent, mail_server: MailServer, work_off: WorkOff, clock: Any
) -> None:
    Contact.meet("ken@example.jp", "Ken")
    mail_server.data_faults = ["", CUT_BEFORE]
    answer(ticket, ada, recipients={"to": [], "cc": ["ken@example.jp"]})
    work_off()
    clock.shift(WAITS[0])
    work_off()

    assert [each.rcpt_tos for each in mail_server.envelopes] == [["carol@example.org"], ["ken@example.jp"]]


def test_a_worker_that_dies_between_parcels_leaves_the_rest_to_the_next(
    ticket: Ticket,
    ada: Agent,
    mail_server: MailServer,
    work_off: WorkOff,
    clock: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Contact.meet("ken@example.jp", "Ken")
    answer(ticket, ada, recipients={"to": [], "cc": ["ken@example.jp"]})

    def die(message: EmailMessage, envelope_from: str, readers: list[str], server: Any) -> dict[str, Any]:
        if readers == ["ken@example.jp"]:
            raise MemoryError
        return hand_over(message, envelope_from, readers, server)

    with monkeypatch.context() as patch:
        patch.setattr("helpdesk.core.delivering.hand_over", die)
        work_off()
    for _ in range(3):
        clock.shift(SENDING_FOR)
        work_off()

    assert [each.rcpt_tos for each in mail_server.envelopes] == [["carol@example.org"], ["ken@example.jp"]]
