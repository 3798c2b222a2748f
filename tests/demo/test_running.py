"""`helpdesk demo`: one command, one process, a clean end; never at the cost of anybody's work."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from datetime import timedelta
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from helpdesk.accounts.models import Agent
from helpdesk.core.db import db
from helpdesk.demo import commands, running
from helpdesk.demo.commands import demo
from helpdesk.demo.company import is_empty

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory and an environment that say nothing."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("HELPDESK_")]:
        monkeypatch.delenv(name)
    return tmp_path


def test_the_demo_has_settings_of_its_own(nowhere):
    chosen = commands._settings(8123)

    assert chosen.site_url == "http://127.0.0.1:8123"
    assert (chosen.company_name, chosen.company_name_en) == ("ハルノキシステムズ", "Harunoki Systems")
    assert chosen.survey_delay == timedelta(minutes=1)


def test_what_the_environment_says_stands(nowhere, monkeypatch):
    monkeypatch.setenv("HELPDESK_SURVEY_DELAY", "5")
    monkeypatch.setenv("HELPDESK_SITE_URL", "https://desk.example")

    chosen = commands._settings(8123)

    assert chosen.survey_delay == timedelta(minutes=5)
    assert chosen.site_url == "https://desk.example"


def test_a_taken_port_is_said_before_anything_is_made(nowhere):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = CliRunner().invoke(demo, ["--port", str(taken.getsockname()[1])])

    assert said.exit_code == 1
    assert "is in use" in said.output
    assert not (nowhere / "var").exists()


def test_where_people_work_nothing_is_taken_away(app, ada):
    with pytest.raises(click.ClickException, match="people work there"):
        running._forget(app.extensions["helpdesk.settings"])

    assert db.session.get(Agent, ada.id) is not None


def test_where_people_work_no_company_moves_in(app, ada):
    assert not is_empty()


def test_an_untouched_home_is_empty(app):
    assert is_empty()


@pytest.fixture
def started(nowhere):
    """The demo as a process of its own; the address it gave, once it answers."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "helpdesk", "demo", "--port", "0"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        said = []
        while not said or "Ctrl-C" not in said[-1]:
            said.append(process.stdout.readline())
            assert process.poll() is None, "".join(said)
        yield process, "".join(said)
        process.kill()


def test_it_starts_answers_and_stops(started):
    process, said = started
    address = re.search(r"http://127\.0\.0\.1:\d+", said)[0]

    assert urllib.request.urlopen(f"{address}/sign-in").status == 200
    assert urllib.request.urlopen(f"{address}/").status == 200
    for role in ("agent", "lead", "admin", "customer"):
        assert re.search(rf"^  {role} +\S+@\S+\.example(\.jp)?$", said, re.M)
    began = time.monotonic()
    for number in (signal.SIGINT, signal.SIGTERM):
        process.send_signal(number)  # as an impatient person does
    assert process.wait(20) == 0
    assert time.monotonic() - began < 10
