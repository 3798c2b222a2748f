"""The outbox: every letter is a row, written in the transaction of its cause and sent by a worker."""

import enum
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any, Protocol

from flask import current_app
from sqlalchemy import ForeignKey, Index, update
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.clock import now
from helpdesk.core.db import Model, db
from helpdesk.core.files import StoredFile
from helpdesk.core.jobs import task
from helpdesk.core.mail_words import rendered
from helpdesk.core.message_ids import signed_id
from helpdesk.core.smtp import POLICY, Refused, address_of, hand_over, mailbox
from helpdesk.core.text import one_line

# What a machine wrote says so, and nothing answers it (RFC 3834).
AUTOMATIC = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
# Longer than a conversation with a server takes, shorter than a job's lease: a crashed one is repeated.
SENDING_FOR = timedelta(minutes=4)
# How long to wait after each try that may yet succeed: two days in all, then the letter has failed.
WAITS = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360, 720, 1440))


class LetterState(enum.Enum):
    QUEUED = "queued"
    # Handed to the server, answer unknown: a retry carries the same Message-ID.
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Addressee(Protocol):
    """Whoever can be written to, such as a contact."""

    name: Any

    @property
    def address(self) -> str | None: ...


class Letter(Model):
    """One letter to one person."""

    __tablename__ = "letters"
    __table_args__ = (
        Index("ix_letters_state_id", "state", "id"),
        Index("ix_letters_address_written_at", "address", "written_at"),
    )

    state: Mapped[LetterState] = mapped_column(default=LetterState.QUEUED)
    # Fixed at writing, so that a letter sent twice is recognisably one.
    message_id: Mapped[str] = mapped_column(unique=True)
    sender: Mapped[str]
    recipient: Mapped[str]
    # The bare address of the recipient, to count by.
    address: Mapped[str] = mapped_column(default="")
    # Further readers: {"cc": ["Carol <carol@example.com>"], "settled": {"carol@example.com": "sent"}}.
    copies: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # What it is for: reply, acknowledgement, survey, news and so on.
    purpose: Mapped[str] = mapped_column(default="")
    # Whether a machine had the idea: those are counted, and have a ceiling.
    is_automatic: Mapped[bool] = mapped_column(default=False)
    subject: Mapped[str]
    text: Mapped[str]
    html: Mapped[str | None]
    # Further headers by name: Reply-To, In-Reply-To, References, Auto-Submitted, …
    headers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # Empty for automatic letters, so that nothing answers them (RFC 3834).
    envelope_from: Mapped[str] = mapped_column(default="")
    # Through whose server it leaves; by name: mailboxes are a room above.
    mailbox_id: Mapped[int | None] = mapped_column(ForeignKey("mailboxes.id", ondelete="SET NULL"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), index=True)
    reply_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    # Files that go with it: {"files": [{"file_id": 3, "name": "…"}]}.
    enclosures: Mapped[dict[str, Any]] = mapped_column(default=dict)
    written_at: Mapped[datetime] = mapped_column(default=now)
    sent_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    # Until when the worker that hands it over has it for itself.
    leased_until: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(default="")

    @classmethod
    def write(cls, *, recipient: str, subject: str, text: str, **particulars: Any) -> "Letter":
        """Write a letter and ask for its delivery, both in the current transaction."""
        letter = cls.draft(recipient=recipient, subject=subject, text=text, **particulars)
        deliver.later(letter_id=letter.id)
        return letter

    @classmethod
    def draft(cls, *, recipient: str, subject: str, text: str, **particulars: Any) -> "Letter":
        """Write a letter that the caller asks `deliver` for, later."""
        sender = particulars.pop("sender", None) or current_app.config["HELPDESK_MAIL_FROM"]
        message_id = particulars.pop("message_id", None) or signed_id(particulars.get("ticket_id"))
        letter = cls(
            sender=sender,
            recipient=recipient,
            address=parseaddr(recipient)[1].lower(),
            subject=one_line(subject),
            text=text,
            message_id=message_id,
            **particulars,
        )
        db.session.add(letter)
        db.session.flush()
        return letter

    @classmethod
    def from_template(
        cls,
        template: str,
        *,
        to: Addressee | str,
        lang: str | None,
        ticket_id: int | None = None,
        headers: dict[str, Any] | None = None,
        **context: Any,
    ) -> "Letter":
        """Write an automatic letter from `mail/<template>.txt` and `.html`, in the language of its reader.

        Raises `ValueError` where `to` has no address that works.
        """
        recipient = to if isinstance(to, str) else mailbox(to.name, to.address or "")
        address_of(recipient)
        words = rendered(template, lang, to=to, **context)
        return cls.write(
            recipient=recipient,
            subject=words.subject,
            text=words.text,
            html=words.html,
            ticket_id=ticket_id,
            headers={**AUTOMATIC, **(headers or {})},
        )

    def cancel(self) -> None:
        """Keep it from leaving. What is sent, or being sent, stays so."""
        if self.state is LetterState.QUEUED:
            self.state = LetterState.CANCELLED

    def fail(self, error: str) -> None:
        """It will not arrive; whoever listens for that is told."""
        self.state, self.error = LetterState.FAILED, one_line(error)[:500]
        listeners: Sequence[Undelivered] = current_app.extensions.get("helpdesk.undelivered", ())
        for listen in listeners:
            listen(self)

    def as_message(self) -> EmailMessage:
        """The letter as RFC 5322, built by the library alone. Raises `ValueError` where it cannot be."""
        message = EmailMessage(policy=POLICY)
        message["From"] = address_of(self.sender)
        message["To"] = address_of(self.recipient)
        message["Subject"] = self.subject
        message["Date"] = self.written_at
        message["Message-ID"] = self.message_id
        for name, value in self.headers.items():
            message[name] = value
        message.set_content(self.text)
        if self.html:
            message.add_alternative(self.html, subtype="html")
        for enclosure in self.enclosures.get("files", ()):
            _enclose(message, enclosure["file_id"], enclosure["name"])
        return message


# Told of a letter that will not arrive; may write rows, in the transaction that notes it.
Undelivered = Callable[[Letter], None]


@task
def deliver(letter_id: int) -> None:
    """Send one letter, unless it is sent, cancelled, or for the moment in another worker's hands."""
    if not _take_up(letter_id):
        return _look_again(letter_id)
    letter = db.session.get_one(Letter, letter_id)
    try:
        parcel = (letter.as_message(), letter.envelope_from, parseaddr(letter.recipient)[1])
    except (ValueError, FileNotFoundError) as fault:
        return letter.fail(str(fault))
    # Before the server hears of it: a crash from here on is seen as "answer unknown", and no lock is held.
    db.session.commit()
    try:
        hand_over(*parcel)
    except Refused as refusal:
        db.session.get_one(Letter, letter_id).fail(str(refusal))
    except OSError as fault:
        _try_again(db.session.get_one(Letter, letter_id), str(fault))
    else:
        letter.state, letter.sent_at, letter.error = LetterState.SENT, now(), ""
    return None


def _enclose(message: EmailMessage, file_id: int, name: str) -> None:
    file = db.session.get_one(StoredFile, file_id)
    main, _, sub = file.content_type.partition("/")
    if not sub or main in ("message", "multipart"):  # these would have to be letters themselves
        main, sub = "application", "octet-stream"
    message.add_attachment(file.path.read_bytes(), maintype=main, subtype=sub, filename=name)


def _take_up(letter_id: int) -> bool:
    """Lease the letter; False where there is nothing to send, or somebody is at it."""
    is_free = (Letter.state == LetterState.QUEUED) | (
        (Letter.state == LetterState.SENDING) & (Letter.leased_until < now())
    )
    attempts, until = Letter.attempts + 1, now() + SENDING_FOR
    lease = {"state": LetterState.SENDING, "attempts": attempts, "leased_until": until}
    taken = update(Letter).where(Letter.id == letter_id, is_free).values(lease).returning(Letter.id)
    return db.session.scalar(taken.execution_options(synchronize_session="fetch")) is not None


def _look_again(letter_id: int) -> None:
    """Come back when the lease ends: whoever holds the letter may have died, or failed, with it."""
    letter = db.session.get_one(Letter, letter_id)
    if letter.state is LetterState.SENDING and letter.leased_until is not None:
        deliver.later(letter_id=letter_id, key=f"again-{letter_id}", after=letter.leased_until - now())


def _try_again(letter: Letter, error: str) -> None:
    if letter.attempts > len(WAITS):
        return letter.fail(error)
    letter.state, letter.error = LetterState.QUEUED, one_line(error)[:500]
    deliver.later(letter_id=letter.id, after=WAITS[letter.attempts - 1])
    return None
