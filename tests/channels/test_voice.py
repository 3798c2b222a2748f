"""An answer leaves in its mailbox's voice, to whom the agent chose; the past goes to those who had it."""

import pytest

from helpdesk.accounts.models import Team
from helpdesk.channels.email.arriving.receiving import take
from helpdesk.channels.email.leaving.voice import filled
from helpdesk.channels.email.mailboxes import LetterStyle, Mailbox, MailTemplate
from helpdesk.core.db import db
from helpdesk.core.files import keep
from helpdesk.core.mail import Letter, LetterState
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.participants import put_in_copy
from tests.channels.post import eml, walk

ADDRESS = "billing@harunoki.example.jp"


@pytest.fixture
def mailbox(app) -> Mailbox:
    made = Mailbox(
        name="春の木 請求窓口",
        address=ADDRESS,
        team=Team.default(),
        signature="春の木 請求窓口\n03-0000-0000",
    )
    db.session.add(made)
    db.session.commit()
    return made


@pytest.fixture
def asked(mailbox) -> Ticket:
    """Hanako wrote to that address."""
    letter = walk().replace(b"support@helpdesk.example.com", ADDRESS.encode())
    ticket = db.session.get_one(Ticket, int(take(letter).ticket or 0))
    ticket.mailbox_id = mailbox.id
    db.session.commit()
    return ticket


def text_of(letter) -> str:
    return letter.get_body(("plain",)).get_content().replace("\r\n", "\n")


def answered(ticket, ada, work_off, mail_server, body="設定をご確認ください。", **particulars):
    ticket.reply(body, by=ada, **particulars)
    db.session.commit()
    work_off()
    return mail_server.letters[-1]


def test_it_comes_from_the_address_that_was_written_to(asked, ada, mail_server, work_off):
    letter = answered(asked, ada, work_off, mail_server)

    assert (letter["From"].addresses[0].display_name, letter["From"].addresses[0].addr_spec) == (
        "春の木 請求窓口",
        ADDRESS,
    )
    assert letter["Reply-To"].addresses[0].addr_spec.startswith("billing+r1")
    assert letter["Message-ID"].endswith("@harunoki.example.jp>")
    assert str(letter["Date"]) == "Fri, 18 Sep 2026 09:00:00 +0900"
    assert mail_server.envelopes[-1].mail_from == ADDRESS
    assert "03-0000-0000" in text_of(letter)


def test_the_plain_style_is_a_japanese_business_letter(asked, ada, mailbox, mail_server, work_off):
    mailbox.style = LetterStyle.PLAIN
    asked.customer.name = "東都精機株式会社"
    asked.contact.name, asked.contact.department = "田中 花子", "製造部"
    letter = answered(asked, ada, work_off, mail_server)

    assert letter.get_body(("html",)) is None
    assert text_of(letter).startswith(
        "東都精機株式会社\n製造部\n田中様\n\n設定をご確認ください。\n\n-- \n春の木 請求窓口"
    )


def test_a_template_says_where_the_words_stand(asked, ada, mailbox, mail_server, work_off):
    body = "{{ salutation }}\n\nお世話になっております。\n\n{{answer}}\n\n{{ secret }} {{ signature }}"
    db.session.add(MailTemplate(mailbox_id=mailbox.id, purpose="reply", language="ja", body=body))
    letter = answered(asked, ada, work_off, mail_server)

    text = text_of(letter)
    assert "お世話になっております。\n\n設定をご確認ください。" in text
    assert "{{ secret }}" in text
    assert "お世話になっております。" in letter.get_body(("html",)).get_content()


def test_a_name_in_a_template_is_no_markdown(asked, ada, mailbox, mail_server, work_off):
    asked.contact.name = "*a*_b_[x](http://e)"
    body = "{{ salutation }}\n\n{{ answer }}\n\n{{ signature }}"
    mailbox.signature = "--------\n春の木 https://harunoki.example.jp/\n--------"
    db.session.add(MailTemplate(mailbox_id=mailbox.id, purpose="reply", language="ja", body=body))
    letter = answered(asked, ada, work_off, mail_server, body="**はい。**")

    html = letter.get_body(("html",)).get_content()
    assert text_of(letter).startswith(f"*a*_b_[x](http://e) 様\n\nはい。\n\n{mailbox.signature}\n")
    assert "*a*_b_[x](http://e) 様" in html
    assert "<strong>はい。</strong>" in html
    assert "<h2" not in html
    assert 'href="https://harunoki.example.jp/"' in html


@pytest.mark.parametrize(
    "hostile", ["{{ config }}", "{{ answer.__class__ }}", "{% include 'x' %}", "{{7*7}}"]
)
def test_a_template_is_never_a_program(hostile):
    assert filled(hostile, {"answer": "A"}) == hostile


def test_whoever_is_in_copy_gets_the_same_letter(asked, ada, mail_server, work_off):
    copied = ["Ken <ken@example.jp>", f"Us <{ADDRESS}>"]
    letter = answered(asked, ada, work_off, mail_server, recipients={"to": [], "cc": copied})

    assert str(letter["Cc"]) == "Ken <ken@example.jp>"
    assert [each.rcpt_tos for each in mail_server.envelopes] == [[asked.contact.address], ["ken@example.jp"]]


def test_the_past_is_not_given_to_those_who_come_later(asked, ada, mail_server, work_off, clock):
    before = text_of(answered(asked, ada, work_off, mail_server))
    assert "> " in before

    clock.shift(60)
    put_in_copy(asked, "ken@example.jp", by=ada)
    cc = {"to": [], "cc": ["ken@example.jp"]}
    assert "> " not in text_of(answered(asked, ada, work_off, mail_server, recipients=cc))


def test_nobody_hears_of_a_stranger_by_the_ids_of_the_thread(asked, ada, mail_server, work_off, clock):
    clock.shift(60)
    to = answered(asked, ada, work_off, mail_server)["Reply-To"].addresses[0].addr_spec
    clock.shift(60)
    take(eml("Me too.", sender="Stranger <s@evil.example>", to=to, message_id="<hidden@evil.example>"))
    clock.shift(60)

    letter = answered(asked, ada, work_off, mail_server)
    assert "evil" not in f"{letter['In-Reply-To']} {letter['References']}"
    assert letter["In-Reply-To"] == mail_server.letters[0]["Message-ID"]


def test_a_mailbox_may_leave_quotes_out(asked, ada, mailbox, mail_server, work_off):
    mailbox.quotes = False
    assert "> " not in text_of(answered(asked, ada, work_off, mail_server))


def test_large_files_wait_behind_a_link_that_ends(asked, ada, app, visit, mail_server, work_off, clock):
    app.config["HELPDESK_MAIL_FILES"] = 100
    message = asked.reply("Files.", by=ada)
    message.attach(keep(b"small"), "small.txt")
    message.attach(keep(b"x" * 200), "大きい 資料.txt")
    db.session.commit()
    work_off()
    letter = mail_server.letters[-1]

    assert [each.get_filename() for each in letter.iter_attachments()] == ["small.txt"]
    address = next(line for line in text_of(letter).splitlines() if "/files/" in line)
    path = address.partition("//")[2].partition("/")[2]
    browser = visit()
    with browser.get(f"/{path}") as found:
        assert found.data == b"x" * 200
    assert browser.get(f"/{path.replace('.', '0.', 1)}").status_code == 404
    clock.shift(31 * 24 * 3600)
    assert browser.get(f"/{path}").status_code == 410


def test_a_failed_answer_is_sent_again_as_the_same_letter(asked, ada, desk, mail_server, work_off):
    mail_server.rcpt_faults = ["550 5.7.1 not today"]
    message = asked.reply("Words.", by=ada)
    db.session.commit()
    work_off()
    letter = db.session.scalars(db.select(Letter)).one()
    assert letter.state is LetterState.FAILED

    desk.post(f"/desk/tickets/{asked.id}/messages/{message.id}/delivery")
    work_off()

    db.session.refresh(letter)
    assert letter.state is LetterState.SENT
    assert mail_server.letters[-1]["Message-ID"] == letter.message_id
