"""A mail server in a thread: real SMTP, with the faults that a test asks for."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask

# Say nothing more and hang up: before the letter is taken, or after.
CUT_BEFORE = "cut before"
CUT_AFTER = "cut after"


class MailServer:
    """Takes letters; each fault in its list is played once, oldest first."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.envelopes: list[Envelope] = []
        self.rcpt_faults: list[str] = []
        self.data_faults: list[str] = []

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.rcpt_faults and (fault := self.rcpt_faults.pop(0)):
            return fault
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        fault = self.data_faults.pop(0) if self.data_faults else ""
        if fault in ("", CUT_AFTER):
            self.envelopes.append(envelope)
            self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
        if fault in (CUT_BEFORE, CUT_AFTER):
            server.transport.close()
        return fault or "250 OK"


@contextmanager
def running() -> Iterator[tuple[MailServer, str]]:
    """A server on a free port, and its address as the settings name it."""
    handler = MailServer()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield handler, f"smtp://127.0.0.1:{port}"
    finally:
        controller.stop()


@pytest.fixture
def mail_server(app: Flask) -> Iterator[MailServer]:
    """The server to which the house's letters go."""
    with running() as (handler, address):
        app.config["HELPDESK_SMTP_URL"] = address
        yield handler
