"""The outbox: every letter is a row, written in the transaction of its cause and sent by a worker."""

import enum
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

from flask import current_app
from sqlalchemy import ForeignKey, Index, update
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.clock import now
from helpdesk.core.db import Model, db
from helpdesk.core.jobs import task
from helpdesk.core.mail_building import built
from helpdesk.core.mail_words import Addressee, rendered
from helpdesk.core.message_ids import signed_id
from helpdesk.core.smtp import Refusal, Refused, Server, address_of, hand_over, mailbox
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

    @property
    def readers(self) -> list[str]:
        """The bare addresses it is for, the recipient's first."""
        copied = (parseaddr(each)[1] for each in self.copies.get("cc", ()))
        return list(dict.fromkeys([parseaddr(self.recipient)[1], *copied]))

    @property
    def unsettled(self) -> list[str]:
        """Those who may yet get it."""
        return [address for address in self.readers if address not in self.copies.get("settled", {})]

    def fail(self, error: str) -> None:
        """It will not arrive with anybody who has not got it yet; whoever listens for that is told."""
        self.state, self.error = LetterState.FAILED, one_line(error)[:500]
        for address in self.unsettled:
            self.tell_of_failure(address, self.error)

    def tell_of_failure(self, address: str, error: str) -> None:
        """Let the house know that one reader will not get it."""
        listeners: Sequence[Undelivered] = current_app.extensions.get("helpdesk.undelivered", ())
        for listen in listeners:
            listen(self, address, one_line(error)[:500])

    def as_message(self) -> EmailMessage:
        """The letter as RFC 5322, built by the library alone. Raises `ValueError` where it cannot be."""
        return built(self)


# Told of a letter that will not arrive, with whom, and why; may write rows, in the transaction that notes it.
Undelivered = Callable[[Letter, str, str], None]


@task
def deliver(letter_id: int) -> None:
    """Send one letter, unless it is sent, cancelled, or for the moment in another worker's hands."""
    if not _take_up(letter_id):
        return _look_again(letter_id)
    letter = db.session.get_one(Letter, letter_id)
    try:
        parcel = (letter.as_message(), letter.envelope_from, letter.unsettled, _server_of(letter))
    except (ValueError, FileNotFoundError) as fault:
        return letter.fail(str(fault))
    except OSError as fault:
        return _try_again(letter, str(fault))
    # Before the server hears of it: a crash from here on is seen as "answer unknown", and no lock is held.
    db.session.commit()
    try:
        refused = hand_over(*parcel)
    except Refused as refusal:
        db.session.get_one(Letter, letter_id).fail(str(refusal))
    except OSError as fault:
        _try_again(db.session.get_one(Letter, letter_id), str(fault))
    else:
        _settle(letter, parcel[2], refused)
    return None


def _settle(letter: Letter, told: Sequence[str], refused: Mapping[str, Refusal]) -> None:
    """Note who has the letter and who never will; whoever may yet get it is tried again, alone."""
    settled = dict(letter.copies.get("settled", {}))
    for address in told:
        refusal = refused.get(address)
        if refusal is None:
            settled[address] = "sent"
        elif refusal.is_final:
            settled[address] = one_line(refusal.words)[:300]
            letter.tell_of_failure(address, refusal.words)
    letter.copies = {**letter.copies, "settled": settled}
    waiting = [refusal.words for refusal in refused.values() if not refusal.is_final]
    if waiting:
        return _try_again(letter, waiting[0])
    reached = [address for address, how in settled.items() if how == "sent"]
    letter.state, letter.error = (LetterState.SENT, "") if reached else (LetterState.FAILED, settled[told[0]])
    letter.sent_at = now() if reached else None
    return None


def _server_of(letter: Letter) -> Server | None:
    """The server of the mailbox it leaves from; None is the one of the settings."""
    known: Callable[[int | None], Server | None] = current_app.extensions["helpdesk.smtp_server"]
    return known(letter.mailbox_id)


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
