"""Two desks that acknowledge each other's letters: two houses, real SMTP, and nobody to stop it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from contextvars import Context
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from helpdesk.accounts.models import Team
from helpdesk.app import create_app
from helpdesk.channels.email.commands import mail
from helpdesk.channels.email.mailboxes import Mailbox
from helpdesk.config import Settings
from helpdesk.core import ceilings, jobs
from helpdesk.core.db import db
from helpdesk.tickets.models import Ticket
from tests import houses, mail_server
from tests.channels.post import eml

pytestmark = pytest.mark.sqlite

# What a relay of the worst kind takes away: all by which a letter is known to be ours, or a machine's.
TELLING = (
    *("Auto-Submitted", "X-Auto-Response-Suppress", "X-Helpdesk-Loop", "Precedence"),
    *("In-Reply-To", "References", "Reply-To", "Return-Path"),
)
ENOUGH = 40


class Desk:
    """One house with one mailbox that acknowledges, and the server through which its letters leave."""

    def __init__(self, app: Flask, address: str, server: mail_server.MailServer) -> None:
        self.app, self.address, self.server = app, address, server
        self._in(lambda: db.session.add(_mailbox(address)))

    def takes(self, letter: bytes) -> None:
        """By the pipe of its mail server; then its worker works."""
        taken = self.app.test_cli_runner().invoke(mail, ["receive"], input=letter)
        assert taken.exit_code == 0, taken.output
        self._in(lambda: jobs.run_due(limit=100))

    def sends(self) -> list[EmailMessage]:
        """What left since the last look."""
        left, self.server.letters[:] = list(self.server.letters), []
        return left

    def tickets(self) -> int:
        return int(self._in(lambda: db.session.scalar(select(func.count()).select_from(Ticket))))

    def _in(self, act: Callable[[], Any]) -> Any:
        def inside() -> Any:
            with self.app.app_context():
                done = act()
                db.session.commit()
                db.session.remove()
                return done

        return Context().run(inside)


def _mailbox(address: str) -> Mailbox:
    return Mailbox(name="Desk", address=address, acknowledges=True, is_default=True, team=Team.default())


@pytest.fixture
def desks(prepared_house: Settings, tmp_path: Path, clock: Any) -> Iterator[tuple[Desk, Desk]]:
    with ExitStack() as held:
        made = []
        for name in ("north", "south"):
            handler, smtp = held.enter_context(mail_server.running())
            home = held.enter_context(houses.copied(prepared_house, tmp_path / name))
            address = f"support@{name}.example"
            changed = {"mail_from": address, "smtp_url": smtp, "secret_key": name}
            app = create_app(home.model_copy(update=changed))
            made.append(Desk(app, address, handler))
        yield made[0], made[1]


def carried(one: Desk, other: Desk, *, relay: Callable[[EmailMessage], EmailMessage]) -> int:
    """Carry letters to and fro until nobody sends any more; how many there were."""
    number = 0
    while waiting := [(other, each) for each in one.sends()] + [(one, each) for each in other.sends()]:
        for to, letter in waiting:
            to.takes(relay(letter).as_bytes())
        number += len(waiting)
        assert number < ENOUGH, "they never stop"
    return number


def begin(one: Desk, other: Desk) -> None:
    """Somebody writes to one desk in the other's name."""
    other.takes(eml("Hello.", sender=f"Desk <{one.address}>", to=other.address, subject="Hello"))


def test_one_word_is_enough_where_letters_arrive_as_they_were_sent(desks: tuple[Desk, Desk]) -> None:
    begin(*desks)

    assert carried(*desks, relay=lambda letter: letter) == 1
    assert [desk.tickets() for desk in desks] == [0, 1]


def test_they_fall_silent_though_a_relay_takes_away_all_that_tells(desks: tuple[Desk, Desk]) -> None:
    names = iter(range(1000))

    def relay(letter: EmailMessage) -> EmailMessage:
        for name in (*TELLING, "Message-ID"):
            del letter[name]
        letter["Message-ID"] = f"<{next(names)}@relay.example>"
        return letter

    begin(*desks)

    assert carried(*desks, relay=relay) == 2 * ceilings.MOST_A_DAY
    begin(*desks)
    assert carried(*desks, relay=relay) == 0
