"""Mailboxes watched by a worker: news at once, each mailbox for itself, and an end when told."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from helpdesk.channels.email.arriving.inbound import Taken
from helpdesk.channels.email.mailboxes import Mailbox
from helpdesk.channels.email.models import RawLetter
from helpdesk.channels.email.servers import fetched, watching
from helpdesk.channels.email.servers.faults import MailFault
from helpdesk.channels.email.servers.watching import Watch, pause_after
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.running.doctor import examine
from helpdesk.tickets.thread import Message
from tests.channels.post import eml
from tests.channels.test_fetching import connect, line, server  # noqa: F401
from tests.imap_server import Fault, ImapServer, Line, imap_server, needs_dovecot  # noqa: F401

pytestmark = needs_dovecot


@contextmanager
def watched(app: Flask, told: Callable[[Taken], None] = lambda taken: None) -> Iterator[Watch]:
    """A watch at work; it has to end within seconds."""
    watch = Watch(app, told)
    working = threading.Thread(target=watch.run)
    working.start()
    try:
        yield watch
    finally:
        watch.stop()
        working.join(10)
        assert not working.is_alive()


def wait_for(true: Callable[[], bool], seconds: float = 20) -> None:
    ends = time.perf_counter() + seconds
    while not true():
        assert time.perf_counter() < ends, "it never came"
        time.sleep(0.05)


def count() -> int:
    db.session.rollback()
    found = db.session.scalar(select(func.count()).select_from(Message)) or 0
    db.session.rollback()
    return found


@pytest.mark.parametrize("has_idle", [True, False])
def test_a_letter_that_comes_while_we_watch_is_there_at_once(
    app: Flask,
    support: object,
    server: ImapServer,  # noqa: F811
    line: Line,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    has_idle: bool,
) -> None:
    if not has_idle:
        monkeypatch.setattr(watching, "POLL_EVERY", 0.5)
        line.faults = [Fault("said", 0, b" IDLE ", b" LEDI ")] * 50
    connect(line.port)
    told: list[str] = []
    with watched(app, lambda taken: told.append(taken.result)):
        for number in range(1, 4):
            server.lay(eml())
            wait_for(lambda number=number: count() == number)
    assert told == ["opened"] * 3
    assert (line.connections == 1) is has_idle


def test_a_line_that_breaks_is_made_anew_and_two_watches_store_once(
    app: Flask,
    support: object,
    server: ImapServer,  # noqa: F811
    line: Line,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watching, "BUSY_FOR", 0.1)
    monkeypatch.setattr(watching, "_TOO_SOON", 0.0)
    connect(line.port)
    told: list[str] = []
    with (
        watched(app, lambda taken: told.append(taken.result)),
        watched(app, lambda taken: told.append(taken.result)),
    ):
        server.lay(*(eml() for _each in range(3)))
        wait_for(lambda: count() == 3)
        line.break_all()
        server.lay(*(eml() for _each in range(3)))
        wait_for(lambda: count() == 6)
    assert told.count("opened") == 6
    assert db.session.scalar(select(func.count()).select_from(RawLetter)) == 6


def test_a_server_that_is_down_delays_no_other_and_a_mended_mailbox_is_tried_at_once(
    app: Flask,
    support: object,
    server: ImapServer,  # noqa: F811
    line: Line,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watching, "LOOK_EVERY", 0.2)
    mailbox = connect(line.port)
    down = connect(1, address="down@helpdesk.example.com")
    server.lay(eml())
    with watched(app):
        wait_for(lambda: count() == 1)
        wait_for(lambda: "no-answer" in fault_of(down))
        findings = {each.what: each for each in examine()}
        faulty, well = (findings[f"mailbox {each.address}"] for each in (down, mailbox))
        assert (faulty.is_fault, well.is_fault) == (True, False)
        assert faulty.saying.startswith("The server cannot be reached. (Connection refused) Since 20")
        assert faulty.remedy
        db.session.rollback()
        mailbox.is_active, down.imap_port = False, line.port
        down.imap_user = "sales"
        db.session.commit()
        wait_for(lambda: fault_of(down) == "")


def fault_of(mailbox: Mailbox) -> str:
    db.session.rollback()
    fault = mailbox.fault
    # Whoever watches has to write.
    db.session.rollback()
    return fault


def test_the_doctor_sees_a_mailbox_that_nobody_fetches(app: Flask, clock: object) -> None:
    mailbox = connect(143)
    mailbox.created_at = now() - timedelta(hours=1)
    db.session.commit()

    found = next(each for each in examine() if each.what.startswith("mailbox desk@"))
    assert (found.saying, found.is_fault, "helpdesk worker" in found.remedy) == (
        "never looked at",
        True,
        True,
    )


def test_a_server_that_is_back_is_heard_within_a_minute_and_a_refused_password_said_ever_less_often() -> None:
    away = [pause_after(failures) for failures in range(1, 2000)]
    refused = [pause_after(failures, is_refused=True) for failures in range(1, 12)]

    assert 3 < away[0] <= 5
    assert 50 < min(away[10:]) < max(away) <= 60
    assert 50 < refused[0] <= 60
    assert 700 < refused[-1] <= 900
    assert sum(refused[:3]) > 5 * 60
    assert len(set(away[10:])) > 100  # not all in one moment


def test_a_refusal_is_counted_apart_from_an_outage_and_whoever_wants_letters_now_waits_for_no_pause(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox = connect(1)
    monkeypatch.setattr(random, "uniform", lambda least, most: most)
    watcher = watching._Watcher(app, mailbox.id, mailbox.version, lambda taken: None)
    pauses = [watcher._failed(MailFault("no-answer")) for _each in range(8)]
    assert pauses[-1] == 60

    assert [watcher._failed(MailFault(key)) for key in ("sign-in", "oauth-ended")] == [60, 120]
    assert watcher._failed(MailFault("cut")) == 5
    watcher.heed(fetched.wake(mailbox.id, mailbox.version))
    assert watcher._wake.is_set()
    assert watcher._failed(MailFault("cut")) == 5
