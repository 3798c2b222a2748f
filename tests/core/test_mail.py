"""Letters leave once, or are seen to have failed; a real server with faults stands at the other end."""

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from flask import Flask
from jinja2 import DictLoader

from helpdesk.core.db import db
from helpdesk.core.delivering import WAITS, deliver
from helpdesk.core.files import keep
from helpdesk.core.mail import Letter, LetterState
from helpdesk.core.mail_words import Rendered, rendered
from helpdesk.core.message_ids import is_ours, signed_id, ticket_of
from helpdesk.core.smtp import mailbox
from helpdesk.customers.models import Contact
from tests.mail_server import CUT_AFTER, CUT_BEFORE, MailServer

LONG_ID = f"<{'TYCPR01MB' * 12}@TYCPR01MB123.jpnprd01.prod.outlook.com>"

WorkOff = Callable[[], int]


def letter(**particulars: Any) -> Letter:
    written = {"recipient": "carol@example.org", "subject": "Your invoice", "text": "Here it is.\n"}
    return Letter.write(**{**written, **particulars})


def arrived(mail_server: MailServer) -> EmailMessage:
    (only,) = mail_server.letters
    return only


def test_a_letter_leaves_once(app: Flask, mail_server: MailServer, work_off: WorkOff) -> None:
    written = letter()
    work_off()
    deliver(letter_id=written.id)

    assert written.state is LetterState.SENT
    assert arrived(mail_server)["Message-ID"] == written.message_id


def test_japanese_arrives_as_it_was_written(app: Flask, mail_server: MailServer, work_off: WorkOff) -> None:
    letter(
        recipient=mailbox("田中, 花子", "h@example.jp"),
        subject="請求書の再発行\nBcc: x@example.org",
        text="届きました。\n",
    )
    work_off()
    message = arrived(mail_server)

    assert message["To"].addresses[0].display_name == "田中, 花子"
    assert message["Subject"] == "請求書の再発行 Bcc: x@example.org"
    assert message["Bcc"] is None
    assert message.get_content() == "届きました。\r\n"
    assert mail_server.envelopes[0].content.isascii()


def test_long_references_stay_as_they_are(app: Flask, mail_server: MailServer, work_off: WorkOff) -> None:
    letter(headers={"References": f"{LONG_ID} <a@b>", "In-Reply-To": LONG_ID})
    work_off()

    assert f"In-Reply-To: {LONG_ID}\r\n".encode() in mail_server.envelopes[0].content
    assert f"References: {LONG_ID}\r\n <a@b>\r\n".encode() in mail_server.envelopes[0].content


def test_an_address_with_the_dots_of_a_mobile_operator_is_written_to(
    app: Flask, mail_server: MailServer, work_off: WorkOff
) -> None:
    letter(recipient="hana..ko.@docomo.ne.jp")
    work_off()

    assert mail_server.envelopes[0].rcpt_tos == ["hana..ko.@docomo.ne.jp"]


def test_files_go_with_it_under_their_names(app: Flask, mail_server: MailServer, work_off: WorkOff) -> None:
    kept = keep(b"%PDF-1.7 invoice", "請求書.pdf")
    letter(enclosures={"files": [{"file_id": kept.id, "name": "請求書.pdf"}]})
    work_off()
    (file,) = arrived(mail_server).iter_attachments()

    assert (file.get_filename(), file.get_content_type()) == ("請求書.pdf", "application/pdf")
    assert file.get_content() == b"%PDF-1.7 invoice"


@pytest.mark.parametrize("fault", ["451 4.7.1 greylisted", CUT_BEFORE])
def test_what_may_pass_is_tried_again(
    app: Flask, mail_server: MailServer, work_off: WorkOff, clock: Any, fault: str
) -> None:
    mail_server.data_faults = [fault]
    written = letter()
    work_off()
    assert (written.state, mail_server.letters) == (LetterState.QUEUED, [])
    assert written.error

    clock.shift(WAITS[0])
    work_off()
    assert (written.state, written.attempts, written.error) == (LetterState.SENT, 2, "")


def test_an_answer_that_was_lost_repeats_the_letter_under_the_same_id(
    app: Flask, mail_server: MailServer, work_off: WorkOff, clock: Any
) -> None:
    mail_server.data_faults = [CUT_AFTER]
    letter()
    work_off()
    clock.shift(WAITS[0])
    work_off()

    assert [m["Message-ID"] for m in mail_server.letters] == [mail_server.letters[0]["Message-ID"]] * 2


@pytest.mark.parametrize("stage", ["rcpt_faults", "data_faults"])
def test_a_refusal_for_good_is_told_once(
    app: Flask, mail_server: MailServer, work_off: WorkOff, clock: Any, stage: str
) -> None:
    told: list[int] = []
    app.extensions["helpdesk.undelivered"] = (lambda letter, address, error: told.append(letter.id),)
    setattr(mail_server, stage, ["550 5.1.1 no such user"])
    written = letter()
    work_off()
    clock.shift(timedelta(days=3))
    work_off()

    assert (written.state, written.error, written.attempts) == (
        LetterState.FAILED,
        "550 5.1.1 no such user",
        1,
    )
    assert told == [written.id]


def test_a_server_that_is_away_for_days_fails_the_letter(app: Flask, work_off: WorkOff, clock: Any) -> None:
    app.config["HELPDESK_SMTP_URL"] = "smtp://127.0.0.1:1"
    written = letter()
    for wait in (timedelta(0), *WAITS):
        assert written.state is LetterState.QUEUED
        clock.shift(wait)
        work_off()

    assert written.state is LetterState.FAILED
    assert "refused" in written.error


def test_a_letter_in_another_workers_hands_is_left_to_it(
    app: Flask, mail_server: MailServer, clock: Any
) -> None:
    written = letter()
    written.state, written.leased_until = LetterState.SENDING, written.written_at + timedelta(minutes=1)
    deliver(letter_id=written.id)
    assert mail_server.letters == []

    clock.shift(timedelta(minutes=2))
    deliver(letter_id=written.id)
    assert arrived(mail_server)["Message-ID"] == written.message_id


def test_no_lock_is_held_while_the_server_thinks(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[bool] = []
    monkeypatch.setattr(
        "helpdesk.core.delivering.hand_over", lambda *_: held.append(db.session().in_transaction()) or {}
    )
    deliver(letter_id=letter().id)

    assert held == [False]


def test_a_cancelled_letter_does_not_leave(app: Flask, mail_server: MailServer, work_off: WorkOff) -> None:
    letter().cancel()
    work_off()

    assert mail_server.letters == []


def test_an_address_that_is_none_fails_at_once(
    app: Flask, mail_server: MailServer, work_off: WorkOff
) -> None:
    written = letter(recipient="nobody")
    work_off()

    assert (written.state, mail_server.letters) == (LetterState.FAILED, [])


PAGES = {
    "mail/greeting.txt": "Subject: Hello {{ name }}\n\n{{ name }} & co\n",
    "mail/greeting.html": "<p>{{ name }}</p>",
    "mail/greeting.ja.txt": "Subject: {{ name }}様へ\n\nこんにちは。\n",
    "mail/mute.txt": "No subject",
}


def test_a_template_speaks_the_language_of_its_reader(app: Flask) -> None:
    app.jinja_env.loader = DictLoader(PAGES)

    assert rendered("greeting", "en", name="<b>") == Rendered("Hello <b>", "<b> & co\n", "<p>&lt;b&gt;</p>")
    assert rendered("greeting", "ja", name="田中") == Rendered("田中様へ", "こんにちは。\n", "<p>田中</p>")
    assert rendered("greeting", "xx", name="").subject == "Hello"
    with pytest.raises(ValueError, match="subject"):
        rendered("mute", "en")


def test_what_a_template_writes_says_that_a_machine_wrote_it(app: Flask, carol: Contact) -> None:
    app.jinja_env.loader = DictLoader(PAGES)
    written = Letter.from_template("greeting", to=carol, lang="en", name=carol.name)

    assert (written.recipient, written.envelope_from) == ('"Carol" <carol@example.org>', "")
    assert written.as_message()["Auto-Submitted"] == "auto-generated"
    carol.addresses[0].bounced_at = carol.created_at
    with pytest.raises(ValueError, match="not a mail address"):
        Letter.from_template("greeting", to=carol, lang="en", name=carol.name)


def test_our_ids_are_known_again_and_others_are_not(app: Flask) -> None:
    ours = signed_id(42, "harunoki.example.jp")

    assert (is_ours(ours), ticket_of(ours)) == (True, 42)
    assert (is_ours(signed_id()), ticket_of(signed_id())) == (True, None)
    assert ticket_of(ours.replace("42.", "43.", 1)) is None
    # A mailbox may change its address: the mark counts, not the domain.
    assert ticket_of(ours.replace("harunoki", "other")) == 42
    assert not any(map(is_ours, ("<42@example.com>", "", "<.@x>", "<１.２.３@x>", f"<{'.' * 40}@x>")))


def test_each_reader_of_a_letter_is_settled_alone(app, mail_server, work_off, clock):
    told = []
    app.extensions["helpdesk.undelivered"] = (lambda letter, address, error: told.append((address, error)),)
    mail_server.rcpt_faults = ["", "550 5.1.1 nobody here", "450 come again"]
    copies = {"cc": ["Gone <gone@example.org>", "Slow <slow@example.org>"]}
    letter = Letter.write(recipient="Carol <carol@example.org>", subject="All", text="Words.", copies=copies)

    work_off()
    assert told == [("gone@example.org", "550 5.1.1 nobody here")]
    assert letter.state is LetterState.QUEUED
    assert letter.unsettled == ["slow@example.org"]

    clock.shift(timedelta(minutes=5))
    work_off()

    assert [envelope.rcpt_tos for envelope in mail_server.envelopes] == [
        ["carol@example.org"],
        ["slow@example.org"],
    ]
    assert [str(each["Cc"]) for each in mail_server.letters] == 2 * [
        "Gone <gone@example.org>, Slow <slow@example.org>"
    ]
    assert letter.state is LetterState.SENT
