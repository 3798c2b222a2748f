"""Two worker processes and a job that takes longer than its lease: it is run once, and again after a kill."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from helpdesk.app import create_app
from helpdesk.core.db import db, reading
from helpdesk.core.jobs import Job
from tests import houses

ROOT = Path(__file__).resolve().parents[2]
LEASE = 2.0

# Works like any worker, with a shorter lease. The job says who runs it, and goes on until it may end.
WORKER = f"""
import os, sys, time
from datetime import timedelta
from pathlib import Path
from helpdesk.app import create_app
from helpdesk.core import jobs
from helpdesk.core.db import db
jobs.LEASE, jobs.RENEWED_EVERY = timedelta(seconds={LEASE}), timedelta(seconds={LEASE / 5})
app, place = create_app(), Path(sys.argv[1])

@jobs.task
def work(writes: bool) -> None:
    if not writes:
        db.session.rollback()
    with open(place / "begun", "a") as begun:
        begun.write(str(os.getpid()) + "\\n")
    while not (place / "may_end").exists():
        time.sleep(0.05)

for asked in sys.argv[2:]:
    with app.app_context():
        work.later(writes=asked == "writing")
        db.session.commit()
while not (place / "all_over").exists():
    with app.app_context():
        jobs.run_due(worker=str(os.getpid()))
    time.sleep(0.05)
"""


@pytest.fixture
def database(prepared_house, tmp_path) -> Iterator[Flask]:
    """A house by the real clock, for processes of its own."""
    with houses.copied(prepared_house, tmp_path / "home") as settings:
        app = create_app(settings)
        with app.app_context():
            yield app
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def worker(database: Flask, tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts a worker process; told "reading" or "writing", it asks for such a job first."""
    settings = database.extensions["helpdesk.settings"]
    ours = {"HELPDESK_HOME": str(settings.home), "HELPDESK_DATABASE_URL": settings.database}
    with ExitStack() as stack:

        def start(*asked: str) -> subprocess.Popen[bytes]:
            command = [sys.executable, "-c", WORKER, str(tmp_path), *asked]
            started = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **ours})
            stack.callback(started.wait)
            stack.callback(started.kill)
            return started

        yield start


def begun(place: Path) -> list[int]:
    """Who began the job, in order."""
    told = place / "begun"
    return [int(line) for line in told.read_text().splitlines()] if told.exists() else []


def wait_for(true: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)


def jobs_left() -> int:
    with reading():
        count = db.session.scalar(select(func.count(Job.id))) or 0
        db.session.rollback()
    return count


def test_a_long_job_is_run_once_though_nobody_else_may_write(worker, tmp_path):
    first = worker("writing")
    wait_for(lambda: begun(tmp_path))
    worker()
    time.sleep(3 * LEASE)
    (tmp_path / "may_end").touch()
    wait_for(lambda: not jobs_left())

    assert begun(tmp_path) == [first.pid]


def test_a_long_job_is_run_once_and_again_soon_after_a_kill(worker, tmp_path):
    first = worker("reading")
    wait_for(lambda: begun(tmp_path))
    second = worker()
    time.sleep(3 * LEASE)
    assert begun(tmp_path) == [first.pid]

    first.send_signal(signal.SIGKILL)
    (tmp_path / "may_end").touch()
    wait_for(lambda: not jobs_left())

    assert begun(tmp_path) == [first.pid, second.pid]
