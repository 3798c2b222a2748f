"""A server that says a little now and then is given up before somebody else takes the letter to be lost."""

import asyncio
import smtplib
import socket
import ssl
import threading
import time
from collections import Counter
from datetime import timedelta
from email.message import EmailMessage

import pytest

from helpdesk.core import delivering, smtp
from helpdesk.core.db import db
from helpdesk.core.mail import Letter, LetterState
from helpdesk.core.smtp import Server, hand_over
from tests.mail_server import MailServer

READERS = [f"reader-{n}@example.org" for n in range(12)]


@pytest.fixture
def hasty(monkeypatch):
    monkeypatch.setattr(smtp, "LONGEST_CONVERSATION", 0.6)


@pytest.fixture
def dripping():
    """The port of a server that says one sign at a time, and never comes to an end."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        threading.Thread(target=_drip, args=(door,), daemon=True).start()
        yield door.getsockname()[1]


def _drip(door):
    line, _address = door.accept()
    with line:
        try:
            while True:
                line.sendall(b"2")
                time.sleep(0.05)
        except OSError:
            pass


def letter():
    message = EmailMessage()
    message["From"], message["To"] = "support@example.com", READERS[0]
    message.set_content("Here it is.")
    return message


def test_a_conversation_ends_before_the_lease_of_its_letter():
    assert timedelta(seconds=smtp.LONGEST_CONVERSATION + 20) < delivering.SENDING_FOR


@pytest.mark.parametrize("tls", ["none", "starttls", "tls"])
def test_who_never_comes_to_an_end_is_cut_off(app, hasty, dripping, tls):
    began = time.monotonic()
    with pytest.raises((smtplib.SMTPException, ssl.SSLError, ConnectionError, TimeoutError)):
        hand_over(letter(), "support@example.com", READERS, Server("127.0.0.1", dripping, tls))

    assert time.monotonic() - began < 3


def test_whoever_was_slow_for_many_readers_takes_the_letter_once(
    app, hasty, mail_server, postbox, clock, work_off, monkeypatch
):
    at_once = MailServer.handle_RCPT

    async def slowly(self, *told):
        await asyncio.sleep(0.2)
        return await at_once(self, *told)

    sent = Letter.write(recipient=READERS[0], subject="News", text="Here it is.", copies={"cc": READERS[1:]})
    db.session.commit()
    with monkeypatch.context() as slow:
        slow.setattr(MailServer, "handle_RCPT", slowly)
        work_off()
    db.session.refresh(sent)
    assert (sent.state, mail_server.letters) == (LetterState.QUEUED, [])

    clock.shift(65)
    work_off()
    db.session.refresh(sent)
    reached = Counter(each for envelope in mail_server.envelopes for each in envelope.rcpt_tos)
    assert (sent.state, set(reached.values()), len(reached)) == (LetterState.SENT, {1}, len(READERS))
