"""A thousand letters, a server that refuses, cuts and lies, workers that die: none lost, none twice."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager

import pytest
from sqlalchemy import func, select

from helpdesk.core.db import db, reading
from helpdesk.core.mail import Letter, LetterState
from tests.mail_server import CUT_AFTER, CUT_BEFORE, running

LETTERS = 1_000
# Works without a pause; waits are seconds instead of minutes, so that a day passes in a minute.
WORKER = """
import time
from datetime import timedelta
from helpdesk.app import create_app
from helpdesk.core import delivering, jobs
delivering.WAITS = (timedelta(seconds=0.3),) * 60
delivering.SENDING_FOR = timedelta(seconds=2)
jobs.LEASE, jobs.RENEWED_EVERY = timedelta(seconds=3), timedelta(seconds=1)
jobs.RETRIES = (timedelta(seconds=0.5),) * 200
app = create_app()
print("working", flush=True)
while True:
    with app.app_context():
        if not jobs.run_due(limit=20):
            time.sleep(0.05)
"""


class Fire:
    """What the server does to each attempt: in the given shares it refuses, cuts before, cuts after."""

    def __init__(self, refused: float, cut: float, lied: float) -> None:
        self.shares, self.draw, self.cut_after = (refused, cut, lied), random.Random(7), 0

    def pop(self, _place: int = 0) -> str:
        refused, cut, lied = self.shares
        drawn = self.draw.random()
        if drawn < refused:
            return "451 come again"
        if drawn < refused + cut:
            return CUT_BEFORE
        if drawn < refused + cut + lied:
            self.cut_after += 1
            return CUT_AFTER
        return ""

    def __bool__(self) -> bool:
        return True


@contextmanager
def worker(app):
    config = app.extensions["helpdesk.settings"]
    settings = {"HELPDESK_HOME": str(config.home), "HELPDESK_SECRET_KEY": config.secret_key}
    settings |= {
        "HELPDESK_DATABASE_URL": config.database_url,
        "HELPDESK_SMTP_URL": app.config["HELPDESK_SMTP_URL"],
    }
    command = [sys.executable, "-c", WORKER]
    process = subprocess.Popen(command, env={**os.environ, **settings}, stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def write_letters(app) -> None:
    for number in range(LETTERS):
        Letter.write(recipient=f"n{number}@example.org", subject=f"Letter {number}", text="Words.")
        if number % 100 == 99:
            db.session.commit()


def unsettled() -> int:
    db.session.rollback()
    with reading():
        return db.session.scalar(select(func.count(Letter.id)).where(Letter.state != LetterState.SENT)) or 0


def until_all_are_sent() -> None:
    for _ in range(480):
        if not unsettled():
            return
        time.sleep(0.5)


@pytest.mark.long
@pytest.mark.parametrize(
    ("fire", "kills"),
    [(Fire(0.3, 0.2, 0.0), 0), (Fire(0.3, 0.2, 0.0), 25), (Fire(0.1, 0.1, 0.2), 25)],
    ids=["refused and cut", "and workers killed", "cut after it was taken"],
)
def test_a_thousand_letters(app, fire, kills):
    with running() as (server, address):
        app.config["HELPDESK_SMTP_URL"] = address
        write_letters(app)
        server.data_faults = fire
        for _ in range(kills):
            with worker(app) as one, worker(app):
                time.sleep(random.Random(kills).uniform(0.2, 1.0))
                one.send_signal(signal.SIGKILL)
        with worker(app), worker(app):
            until_all_are_sent()

    got = Counter(str(letter["Message-ID"]) for letter in server.letters)
    written = set(db.session.scalars(select(Letter.message_id)))
    twice = sum(count - 1 for count in got.values())
    print(f"\n{len(got)} of {LETTERS} arrived, {twice} repeated, {fire.cut_after} cut after, {kills} kills")
    assert unsettled() == 0
    assert got.keys() == written
    # Repeated only where the answer was lost, or its worker died with it; then as the same letter.
    assert twice <= fire.cut_after + 2 * kills
