"""Letters come and leave, agents and programs write, and all of it is killed: none is lost, none doubled."""

import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from helpdesk.app import create_app
from helpdesk.channels.email.models import RawLetter, RawState
from helpdesk.core.db import db
from helpdesk.core.mail import Letter, LetterState
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Channel, Message, MessageKind
from tests import houses
from tests.channels.fire.day import Day, Size, count
from tests.channels.fire.moody import Acceptance
from tests.channels.fire.morning import begun, environment
from tests.channels.fire.units import ROOT
from tests.imap_server import needs_dovecot

pytestmark = [needs_dovecot, pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")]

SMALL = Size(5, 4, 4, (0.5, 3.0), agents=2, workers=1, patience=200)
WHOLE = Size(1000, 200, 55, (2.0, 10.0), agents=4, workers=2, patience=1500)


@pytest.fixture
def database(prepared_house: Any, tmp_path: Path) -> Iterator[Flask]:
    """A house by the real clock, for processes of its own."""
    with houses.copied(prepared_house, tmp_path / "home") as settings:
        app = create_app(settings)
        with app.app_context():
            yield app
            db.session.remove()
            db.engine.dispose()


@pytest.mark.parametrize(
    "size",
    [
        pytest.param(SMALL, id="a few", marks=pytest.mark.timeout(300)),
        pytest.param(WHOLE, id="a thousand", marks=[pytest.mark.long, pytest.mark.timeout(3600)]),
    ],
)
def test_a_day_under_fire(database: Flask, size: Size) -> None:
    with begun(database, size) as day:
        day.run()
        print(f"\n{db.engine.dialect.name}: {day.figures()}")
        said = doctor(database, day)
    assert said.returncode == 0, said.stdout
    assert [each.strange for each in (*day.agents, *day.programs) if each.strange] == []
    database_opens_without_repair()
    every_letter_is_one_message(day)
    every_answer_is_said_once(day)
    every_answer_left_and_was_repeated_only_where_nobody_knew(day)
    every_key_of_a_program_is_one_ticket(day)


def doctor(app: Flask, day: Day) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "helpdesk", "doctor"]
    told = {**day.units[0].environment, **environment(app, day.units[0].environment["HELPDESK_SMTP_URL"])}
    return subprocess.run(command, cwd=ROOT, env=told, capture_output=True, text=True, check=False)


def database_opens_without_repair() -> None:
    if db.engine.dialect.name == "sqlite":
        assert db.session.scalars(text("PRAGMA integrity_check")).all() == ["ok"]
        assert db.session.execute(text("PRAGMA foreign_key_check")).all() == []


def every_letter_is_one_message(day: Day) -> None:
    raws = db.session.execute(select(RawLetter.state, RawLetter.turn_id)).all()
    assert {raw.state for raw in raws} == {RawState.TAKEN}
    assert len({raw.turn_id for raw in raws}) == len(raws) == day.size.letters
    heard = (Message.kind == MessageKind.CUSTOMER, Message.channel == Channel.EMAIL)
    assert Counter(bodies(*heard)) == Counter([*day.questions, *day.thanks])
    assert count(Ticket.channel == Channel.EMAIL) == day.size.questions


def every_answer_is_said_once(day: Day) -> None:
    assert Counter(bodies(Message.kind == MessageKind.AGENT)) == Counter(day.answered.values())


def every_answer_left_and_was_repeated_only_where_nobody_knew(day: Day) -> None:
    letters = db.session.execute(select(Letter.message_id, Letter.reply_id, Letter.state)).all()
    assert {letter.state for letter in letters} == {LetterState.SENT}
    assert len({letter.reply_id for letter in letters}) == len(letters) == len(day.answered)
    came = defaultdict(list[Acceptance])
    for each in day.post.taken:
        came[str(each.letter["Message-ID"])].append(each)
    assert came.keys() == {letter.message_id for letter in letters}
    assert {words_of(each) for each in day.post.taken} == set(day.answered.values())
    assert [each for times in came.values() for each in unexplained(day, times)] == []


def unexplained(day: Day, times: list[Acceptance]) -> Iterable[Acceptance]:
    """Letters that came again, though whoever had handed them over knew that they had been taken."""
    killed = {pid: at for unit in day.units for pid, at in unit.killed.items()}
    for each, again in pairwise(times):
        # Gone before we looked who it was: killed in that moment.
        moments = [killed.get(each.pid, 0)] if each.pid else list(killed.values())
        if not each.is_lied_about and not any(each.at - 5 < at < again.at for at in moments):
            yield each


def every_key_of_a_program_is_one_ticket(day: Day) -> None:
    opened = {key: numbers for each in day.programs for key, numbers in each.opened.items()}
    stand = db.session.execute(select(Ticket.subject, Ticket.id).where(Ticket.channel == Channel.API)).all()
    assert {f"By program {key}": numbers for key, numbers in opened.items()} == {
        subject: {str(number)} for subject, number in stand
    }
    assert len(stand) == day.size.programs


def words_of(each: Acceptance) -> str:
    """Our words of a letter: its first line, below the greeting and above what is quoted."""
    body = each.letter.get_body(("plain",))
    assert body is not None
    return next(line for line in body.get_content().splitlines() if line.startswith("Answer "))


def bodies(*conditions: Any) -> list[str]:
    return list(db.session.scalars(select(Message.body).where(*conditions)))
