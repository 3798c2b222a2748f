"""Who may read letters as they came, and try them again."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk.accounts.models import Agent
from helpdesk.channels.email.arriving import hearing
from helpdesk.channels.email.arriving.inbound import Taken
from helpdesk.channels.email.arriving.receiving import take
from helpdesk.channels.email.models import RawLetter
from helpdesk.core.db import db
from helpdesk.tickets.thread import Message
from tests.channels.post import SUPPORT, eml, walk

Visit = Callable[..., Any]
QUARANTINE = "/desk/settings/quarantine"


@pytest.fixture
def aside(app: Flask) -> RawLetter:
    """A letter in quarantine."""
    take(eml("<script>alert(1)</script>", sender=SUPPORT, subject="In our name"))
    return db.session.scalars(select(RawLetter)).one()


@pytest.fixture
def taken(app: Flask, support: Any) -> Taken:
    """A letter that became a message."""
    return take(walk())


def test_a_lead_sees_what_could_not_be_taken_in_and_why(visit: Visit, grace: Agent, aside: RawLetter) -> None:
    page = visit(grace).get(QUARANTINE)

    assert "In our name" in page.text
    assert "It claims to come from our own address." in page.text


def test_a_lead_reads_its_source_as_text(visit: Visit, grace: Agent, aside: RawLetter) -> None:
    page = visit(grace).get(f"{QUARANTINE}/{aside.id}")

    assert "&lt;script&gt;alert(1)" in page.text
    assert "<script>alert" not in page.text


def test_the_letter_is_downloaded_as_it_came(visit: Visit, grace: Agent, aside: RawLetter) -> None:
    file = visit(grace).get(f"{QUARANTINE}/{aside.id}.eml")

    assert file.data == aside.content
    assert file.headers["Content-Disposition"].startswith("attachment")


def test_trying_again_says_when_it_still_fails(visit: Visit, grace: Agent, aside: RawLetter) -> None:
    browser = visit(grace)
    answer = browser.post(f"{QUARANTINE}/{aside.id}/retry")

    assert answer.status_code == 303
    assert (
        "It still cannot be taken in: It claims to come from our own address."
        in browser.get(answer.location).text
    )


def test_trying_again_opens_the_ticket_once_the_fault_is_mended(
    visit: Visit, grace: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(hearing, "split_reply", lambda _: 1 / 0)
        take(walk())
    raw, browser = db.session.scalars(select(RawLetter)).one(), visit(grace)
    page = browser.get(browser.post(f"{QUARANTINE}/{raw.id}/retry").location)

    assert f"taken in as request {raw.ticket_id}" in page.text
    assert "No letter is in quarantine" in page.text


def test_an_agent_may_not_look_into_the_quarantine(visit: Visit, ada: Agent, aside: RawLetter) -> None:
    browser = visit(ada)

    assert browser.get(QUARANTINE).status_code == 403
    assert browser.get(f"{QUARANTINE}/{aside.id}").status_code == 403
    assert browser.get(f"{QUARANTINE}/{aside.id}.eml").status_code == 403
    assert browser.post(f"{QUARANTINE}/{aside.id}/retry").status_code == 403


def test_a_lead_of_another_department_sees_no_letter(
    visit: Visit, mallory: Agent, grace: Agent, aside: RawLetter
) -> None:
    browser = visit(mallory)

    assert "In our name" not in browser.get(QUARANTINE).text
    assert browser.get(f"{QUARANTINE}/{aside.id}").status_code == 404
    assert browser.post(f"{QUARANTINE}/{aside.id}/retry").status_code == 404


def test_an_agent_reads_the_source_of_a_message_of_theirs(visit: Visit, ada: Agent, taken: Taken) -> None:
    address = f"/desk/tickets/{taken.ticket}/messages/{taken.message}/source"

    assert f'href="{address}"' in visit(ada).get(f"/desk/tickets/{taken.ticket}").text
    assert "ISO-2022-JP" in visit(ada).get(address).text
    assert visit(ada).get(f"{address}.eml").data == walk()


def test_mallory_reads_no_source(visit: Visit, mallory: Agent, taken: Taken) -> None:
    address = f"/desk/tickets/{taken.ticket}/messages/{taken.message}/source"

    assert visit(mallory).get(address).status_code == 404
    assert visit(mallory).get(f"{address}.eml").status_code == 404
    assert visit().get(address).status_code == 302


def test_a_message_of_another_ticket_has_no_source_here(visit: Visit, ada: Agent, taken: Taken) -> None:
    other = take(eml())

    assert visit(ada).get(f"/desk/tickets/{other.ticket}/messages/{taken.message}/source").status_code == 404


def test_a_letter_that_was_read_badly_is_read_once_more(app, desk, ada, work_off):
    message = db.session.get_one(Message, take(walk()).message)
    body, files = message.body, len(message.attachments)
    message.body, message.attachments = "\ufffd\ufffd", []
    db.session.commit()
    place = f"/desk/tickets/{message.ticket_id}/messages/{message.id}"
    assert f"{place}/rereading" in desk.get(f"{place}/source").text

    desk.post(f"{place}/rereading")
    db.session.refresh(message)
    assert (message.body, len(message.attachments)) == (body, files)

    desk.post(f"{place}/rereading")
    assert len(message.attachments) == files
    assert db.session.query(Message).count() == 1
