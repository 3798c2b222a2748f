"""`helpdesk mail receive`: what a mail server's pipe sees."""

import json
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from helpdesk.channels.email.arriving import receiving
from helpdesk.channels.email.commands import mail
from helpdesk.channels.email.letters.letter import Unreadable
from helpdesk.core.db import db
from helpdesk.tickets.thread import Message
from tests.channels.post import LETTERS, eml, walk

WALK = LETTERS / "order_of_the_walk.eml"


def test_a_letter_from_the_pipe_opens_a_ticket_and_says_so(app: Flask) -> None:
    run = app.test_cli_runner().invoke(mail, ["receive"], input=walk())

    message = db.session.scalars(select(Message)).one()
    told = {"result": "opened", "ticket": message.ticket.number, "message": message.id, "reason": ""}
    assert (run.exit_code, json.loads(run.output)) == (0, told)
    assert run.output.count("\n") == 1


def test_a_letter_from_a_file_that_came_before_is_a_duplicate(app: Flask) -> None:
    runner = app.test_cli_runner()
    runner.invoke(mail, ["receive", str(WALK)])
    run = runner.invoke(mail, ["receive", str(WALK)])

    assert (run.exit_code, json.loads(run.output)["result"]) == (0, "duplicate")
    assert db.session.scalar(select(func.count()).select_from(Message)) == 1


def test_a_letter_that_cannot_be_read_is_taken_care_of(app: Flask, tmp_path: Path) -> None:
    empty = tmp_path / "empty.eml"
    empty.write_bytes(b"")
    run = app.test_cli_runner().invoke(mail, ["receive", str(empty)])

    assert (run.exit_code, json.loads(run.output)["result"]) == (0, "quarantined")


def test_the_sender_is_asked_to_come_again_where_the_database_is_away(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: bytes, **_door: object) -> None:
        raise OperationalError("INSERT", {"content": "private"}, Exception("no connection"))

    monkeypatch.setattr(receiving, "keep_raw", away)
    run = app.test_cli_runner().invoke(mail, ["receive"], input=walk())

    assert run.exit_code == 75
    assert (run.stdout, run.stderr) == ("", "helpdesk: not now: no connection\n")


def test_letters_in_quarantine_are_read_again(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    runner = app.test_cli_runner()
    with monkeypatch.context() as slow:
        slow.setattr(receiving, "understood", lambda _content: Unreadable("too-slow"))
        taken = json.loads(runner.invoke(mail, ["receive"], input=eml()).output)
    empty = json.loads(runner.invoke(mail, ["receive"], input=b"").output)
    again = [json.loads(line) for line in runner.invoke(mail, ["retry"]).output.splitlines()]

    assert (taken["reason"], empty["reason"]) == ("too-slow", "empty")
    assert [each["result"] for each in again] == ["opened", "quarantined"]
    assert runner.invoke(mail, ["retry", str(again[0]["letter"])]).output == ""
