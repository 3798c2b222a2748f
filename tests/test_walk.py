"""One letter, from the door to the report: the walk that `docs/house.md` describes."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk.accounts.models import Agent
from helpdesk.channels.email.commands import mail
from helpdesk.core.db import db
from helpdesk.lifecycle.models import Stay
from helpdesk.surveys.models import Survey
from helpdesk.tickets.kinds import Status
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Message
from tests.mail_server import MailServer

LETTER = Path(__file__).parent / "letters" / "order_of_the_walk.eml"


@pytest.fixture
def receive(app: Flask) -> Callable[[bytes], dict[str, object]]:
    """The pipe of a mail server."""

    def pipe(raw: bytes) -> dict[str, object]:
        run = app.test_cli_runner().invoke(mail, ["receive"], input=raw)
        assert run.exit_code == 0, run.output
        return json.loads(run.output)

    return pipe


@pytest.fixture
def opened(receive: Callable[[bytes], dict[str, object]], work_off: Callable[[], int]) -> Ticket:
    """The ticket of the letter, after the worker looked at the customer."""
    told = receive(LETTER.read_bytes())
    work_off()
    assert told["result"] == "opened"
    return db.session.get_one(Ticket, int(str(told["ticket"])))


@pytest.fixture
def resolved(opened: Ticket, desk, work_off, mail_server: MailServer) -> Ticket:
    """The same, answered by Ada and resolved; her answer has left."""
    reply = {"body": "添付をご確認ください。", "last_message_id": opened.messages[-1].id}
    reply["files"] = (BytesIO(b"%PDF-1.4"), "請求書_再発行.pdf")
    desk.post(f"/desk/tickets/{opened.number}/replies", data=reply)
    work_off()
    desk.post(f"/desk/tickets/{opened.number}/resolution")
    return opened


def answer_to(letter: EmailMessage) -> bytes:
    """What the customer's mail program makes of "reply"."""
    answer = EmailMessage(policy=policy.SMTP)
    answer["From"], answer["To"] = letter["To"], letter["Reply-To"]
    answer["Subject"], answer["Message-ID"] = f"Re: {letter['Subject']}", "<again@toto-seiki.example.jp>"
    answer["In-Reply-To"] = letter["Message-ID"]
    answer.set_content("まだ届いていません。")
    return answer.as_bytes()


def invitation_path(letter: EmailMessage) -> str:
    text = letter.get_body(("plain",)).get_content()
    return re.search(r"/surveys/[\w-]+", text).group()


def test_a_letter_becomes_a_ticket_with_its_customer_and_stage(opened: Ticket) -> None:
    stay = db.session.scalars(Stay.of(opened.customer)).one()

    assert opened.contact.address == "hanako.tanaka@toto-seiki.example.jp"
    assert [file.name for file in opened.messages[0].attachments] == ["請求書_9月.pdf"]
    assert stay.stage_id == opened.customer.stage_id == opened.stage_id
    assert stay.evidence


def test_the_same_letter_twice_is_one_message(opened: Ticket, receive) -> None:
    again = receive(LETTER.read_bytes())

    assert again["result"] == "duplicate"
    assert db.session.scalars(select(Message)).one().ticket is opened


def test_the_agent_sees_it_and_knows_who_it_is(opened: Ticket, desk) -> None:
    inbox = desk.get("/desk?view=unassigned").text
    page = desk.get(f"/desk/tickets/{opened.number}").text

    assert opened.subject in inbox
    assert "strip" in page
    assert "Prospect" in page


def test_the_answer_leaves_by_mail_and_leads_back(resolved: Ticket, mail_server: MailServer) -> None:
    letter = mail_server.letters[0]

    assert letter["To"].addresses[0].addr_spec == "hanako.tanaka@toto-seiki.example.jp"
    assert "添付をご確認ください。" in letter.get_body(("plain",)).get_content()
    assert resolved.status is Status.RESOLVED


def test_an_answer_lands_on_the_same_ticket_and_reopens_it(resolved, receive, mail_server) -> None:
    told = receive(answer_to(mail_server.letters[0]))
    db.session.expire_all()

    assert (told["result"], told["ticket"]) == ("appended", resolved.number)
    assert resolved.status is Status.OPEN


def test_only_a_press_counts_and_the_lead_sees_it(
    resolved, visit, grace: Agent, work_off, clock, mail_server
) -> None:
    clock.shift(timedelta(hours=2))
    work_off()
    path = invitation_path(mail_server.letters[-1])
    visit().get(f"{path}?score=5")
    assert db.session.scalars(select(Survey)).one().csat is None

    visit().post(path, data={"csat": "5"})
    visit().post(path, data={"ces": "6", "comment": "早かったです"})

    survey = db.session.scalars(select(Survey)).one()
    assert (survey.csat, survey.ces, survey.comment) == (5, 6, "早かったです")
    rows = visit(grace).get("/desk/reports/satisfaction/answers").text
    assert "早かったです" in rows
    assert f"/desk/tickets/{resolved.number}" in rows
