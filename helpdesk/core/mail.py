"""The outbox: every letter is a row, written in the transaction of its cause and sent by a worker."""

import enum
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid, parseaddr
from pathlib import Path
from smtplib import SMTP as SmtpClient
from smtplib import SMTP_SSL, SMTPRecipientsRefused, SMTPResponseException
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import current_app
from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.clock import now
from helpdesk.core.db import Model, db
from helpdesk.core.files import StoredFile
from helpdesk.core.jobs import task

# A mail server that says nothing for so long is given up, in seconds.
SMTP_PATIENCE = 30


class LetterState(enum.Enum):
    QUEUED = "queued"
    # Handed to the server, answer unknown: a retry carries the same Message-ID.
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Letter(Model):
    """One letter to one person."""

    __tablename__ = "letters"
    __table_args__ = (Index("ix_letters_state_id", "state", "id"),)

    state: Mapped[LetterState] = mapped_column(default=LetterState.QUEUED)
    # Fixed at writing, so that a letter sent twice is recognisably one.
    message_id: Mapped[str] = mapped_column(unique=True)
    sender: Mapped[str]
    recipient: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]
    html: Mapped[str | None]
    # Further headers by name: Reply-To, In-Reply-To, References, Auto-Submitted, …
    headers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # Empty for automatic letters, so that nothing answers them (RFC 3834).
    envelope_from: Mapped[str] = mapped_column(default="")
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), index=True)
    reply_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    # Files that go with it: [{"file_id": 3, "name": "…"}].
    enclosures: Mapped[dict[str, Any]] = mapped_column(default=dict)
    written_at: Mapped[datetime] = mapped_column(default=now)
    sent_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(default="")

    @classmethod
    def write(cls, *, recipient: str, subject: str, text: str, **particulars: Any) -> "Letter":
        """Write a letter and ask for its delivery, both in the current transaction."""
        sender = particulars.pop("sender", None) or current_app.config["HELPDESK_MAIL_FROM"]
        domain = parseaddr(sender)[1].partition("@")[2] or "localhost"
        message_id = particulars.pop("message_id", None) or make_msgid(domain=domain)
        one_line = " ".join(subject.split())
        letter = cls(
            sender=sender,
            recipient=recipient,
            subject=one_line,
            text=text,
            message_id=message_id,
            **particulars,
        )
        db.session.add(letter)
        db.session.flush()
        deliver.later(letter_id=letter.id)
        return letter

    def as_message(self) -> EmailMessage:
        """The letter as RFC 5322, built by the library alone."""
        message = EmailMessage(policy=SMTP)
        message["From"] = _address(self.sender)
        message["To"] = _address(self.recipient)
        message["Subject"] = self.subject
        message["Date"] = self.written_at
        message["Message-ID"] = self.message_id
        for name, value in self.headers.items():
            message[name] = value
        message.set_content(self.text)
        if self.html:
            message.add_alternative(self.html, subtype="html")
        for enclosure in self.enclosures.get("files", ()):
            file = db.session.get_one(StoredFile, enclosure["file_id"])
            main, _, sub = file.content_type.partition("/")
            message.add_attachment(
                file.path.read_bytes(),
                maintype=main,
                subtype=sub or "octet-stream",
                filename=enclosure["name"],
            )
        return message


@task
def deliver(letter_id: int) -> None:
    """Send one letter, unless it is sent or cancelled. A refusal for good is final; anything else raises."""
    letter = db.session.get(Letter, letter_id)
    if letter is None or letter.state not in (LetterState.QUEUED, LetterState.SENDING):
        return
    message = letter.as_message()
    letter.state, letter.attempts = LetterState.SENDING, letter.attempts + 1
    db.session.commit()  # before the server hears of it: a crash from here on is seen as "answer unknown"
    try:
        _hand_over(message, letter.envelope_from, parseaddr(letter.recipient)[1])
    except (SMTPRecipientsRefused, SMTPResponseException) as refusal:
        if not _is_final(refusal):
            raise
        letter.state, letter.error = LetterState.FAILED, str(refusal)[:500]
        return
    letter.state, letter.sent_at, letter.error = LetterState.SENT, now(), ""


def _address(written: str) -> Address | str:
    name, spec = parseaddr(written)
    return Address(display_name=name, addr_spec=spec) if "@" in spec else written


def _is_final(refusal: SMTPRecipientsRefused | SMTPResponseException) -> bool:
    if isinstance(refusal, SMTPRecipientsRefused):
        return all(500 <= code < 600 for code, _ in refusal.recipients.values())
    return 500 <= refusal.smtp_code < 600


def _hand_over(message: EmailMessage, envelope_from: str, recipient: str) -> None:
    server = urlsplit(current_app.config["HELPDESK_SMTP_URL"])
    if not server.hostname:
        return _lay_down(message)
    kind = SMTP_SSL if server.scheme == "smtps" else SmtpClient
    with kind(server.hostname, server.port or 0, timeout=SMTP_PATIENCE) as smtp:
        if server.scheme == "smtp+tls":
            smtp.starttls()
        if server.username:
            smtp.login(unquote(server.username), unquote(server.password or ""))
        smtp.send_message(message, from_addr=envelope_from, to_addrs=[recipient])
    return None


def _lay_down(message: EmailMessage) -> None:
    """Without a mail server letters are laid in a folder, where a developer can read them."""
    folder = Path(current_app.config["HELPDESK_HOME"]) / "letters"
    folder.mkdir(parents=True, exist_ok=True)
    name = "".join(c if c.isalnum() else "_" for c in str(message["Message-ID"]))
    (folder / f"{name}.eml").write_bytes(bytes(message))
