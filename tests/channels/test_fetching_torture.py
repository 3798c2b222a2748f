"""A thousand letters, two pollers, lines that break, kills and a new numbering: all stored, none twice."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from helpdesk.channels.email.models import RawLetter, RawState
from helpdesk.core.db import db
from helpdesk.tickets.thread import Message
from tests.channels.post import eml
from tests.channels.test_fetching import connect
from tests.imap_server import Fault, line_to, needs_dovecot, serving

pytestmark = [needs_dovecot, pytest.mark.long, pytest.mark.timeout(900)]

ROOT = Path(__file__).resolve().parent.parent.parent
LETTERS, KILLS = 1000, 20

# A command as people run it, but for leases: they end sooner, or all is fetched by two at once.
POLLER = """
import sys
from datetime import timedelta
from helpdesk.channels.email.servers import fetched, watching
fetched.LEASE = timedelta(seconds=float(sys.argv.pop(1)))
watching.FIRST_PAUSE = watching.LONGEST_PAUSE = watching.POLL_EVERY = watching.BUSY_FOR = 0.5
from helpdesk.cli import main
sys.argv = ["helpdesk", "mail", "fetch"]
main()
"""


@pytest.mark.parametrize("lease", ["2", "-1"])
def test_a_thousand_letters_are_stored_once(app: Flask, support: object, lease: str) -> None:
    chance = random.Random(7)
    with serving() as server, line_to(server.port) as line:
        connect(line.port)
        line.faults = [a_fault(chance) for _connection in range(400)]
        pollers = [start(app, lease), start(app, lease)]
        try:
            for kill in range(KILLS):
                if kill == KILLS // 2:
                    wait_for(LETTERS // 4)
                    line.break_all()
                    server.number_anew()
                many = range(LETTERS // KILLS)
                server.lay(*(eml(f"Question {n}\r\n" * chance.randrange(1, 400)) for n in many))
                for _break in range(3):
                    time.sleep(chance.uniform(0.5, 1.5))
                    line.break_all()
                pollers[kill % 2].send_signal(signal.SIGKILL)
                pollers[kill % 2].wait()
                pollers[kill % 2] = start(app, lease)
            line.faults.clear()
            wait_for(LETTERS)
            wait_until_marked(server)
        finally:
            for each in pollers:
                each.terminate()
                each.wait(60)
    raws = db.session.scalar(select(func.count()).select_from(RawLetter))
    taken = db.session.scalar(select(func.count()).where(RawLetter.state == RawState.TAKEN))
    print(f"{raws} raw letters, {taken} taken, {messages()} messages, {line.connections} connections")
    assert (raws, taken, messages()) == (LETTERS, LETTERS, LETTERS)


def a_fault(chance: random.Random) -> Fault:
    """Most connections break somewhere; others repeat numbers, or send letters without bytes."""
    digit = b"%d" % chance.randrange(10)
    return chance.choice(
        [
            *(Fault("cut", chance.randrange(20_000)) for _likely in range(3)),
            *(Fault("nonsense", chance.randrange(20_000)) for _likely in range(2)),
            Fault("said", 0, b"* SEARCH 1 ", b"* SEARCH 1 1 "),
            Fault("said", 0, b"7 BODY[]", digit + b" BODY[]"),
            Fault("said", 0, b"OK Store", b"NO Store"),
            Fault("none"),
        ]
    )


def start(app: Flask, lease: str) -> subprocess.Popen[bytes]:
    ours = {
        **os.environ,
        "HELPDESK_HOME": str(app.config["HELPDESK_HOME"]),
        "HELPDESK_DATABASE_URL": db.engine.url.render_as_string(hide_password=False),
        "HELPDESK_SECRET_KEY": "a test's secret",
        "HELPDESK_MAIL_FROM": "Helpdesk <support@helpdesk.example.com>",
    }
    command = [sys.executable, "-c", POLLER, lease]
    return subprocess.Popen(command, cwd=ROOT, env=ours, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def messages() -> int:
    found = db.session.scalar(select(func.count()).select_from(Message)) or 0
    db.session.rollback()
    return found


def wait_for(count: int) -> None:
    ends = time.perf_counter() + 500
    while messages() < count:
        assert time.perf_counter() < ends, f"{messages()} of {count}"
        time.sleep(0.5)


def wait_until_marked(server: object) -> None:
    ends = time.perf_counter() + 120
    while left := server.count(what="UNSEEN"):  # type: ignore[attr-defined]
        assert time.perf_counter() < ends, f"{left} unread"
        time.sleep(0.5)
