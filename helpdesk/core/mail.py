"""The outbox: every letter is a row, written in the transaction of its cause and sent by a worker."""

import enum
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, ForeignKey, Index
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core import ceilings
from helpdesk.core.clock import now
from helpdesk.core.db import Model, db
from helpdesk.core.mail_building import built
from helpdesk.core.mail_words import Addressee, rendered
from helpdesk.core.message_ids import signed_id
from helpdesk.core.smtp import address_of, mailbox
from helpdesk.core.text import one_line

# What a machine wrote says so, and nothing answers it (RFC 3834).
AUTOMATIC = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
# What came of a letter for a reader who has it; for one whose address was silent before it was written; for
# one from whom it came back without a reason. Else it is what a server said, as `core/refusals.py` words it.
REACHED, SILENT, RETURNED = "sent", "silent", "returned"


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
        Index("ix_letters_purpose_written_at", "purpose", "written_at"),
    )

    state: Mapped[LetterState] = mapped_column(default=LetterState.QUEUED)
    # Fixed at writing, so that a letter sent twice is recognisably one.
    message_id: Mapped[str] = mapped_column(unique=True)
    sender: Mapped[str]
    recipient: Mapped[str]
    # The bare address of the recipient, to count by.
    address: Mapped[str] = mapped_column(default="")
    # Further readers: {"cc": ["Carol <carol@example.com>"]}; where each of them answers, unless where the
    # recipient does: "reply_to": {"carol@example.com": "support+r1…@example.jp"}; what came of it, for the
    # recipient too: "settled": {"carol@example.com": "sent"}; whose silence was lifted for it: "lifted".
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
        """Write a letter and ask for its delivery, both in the current transaction.

        An automatic one beyond the ceiling is written all the same, but cancelled.
        """
        address = parseaddr(recipient)[1]
        is_too_much = particulars.get("is_automatic", False) and not ceilings.has_room(cls, address)
        letter = cls.draft(recipient=recipient, subject=subject, text=text, **particulars)
        if is_too_much:
            letter.state, letter.error = LetterState.CANCELLED, ceilings.REACHED
        else:
            letter.ask_for_delivery()
        return letter

    @classmethod
    def draft(cls, *, recipient: str, subject: str, text: str, **particulars: Any) -> "Letter":
        """Write a letter that the caller asks `deliver` for, later."""
        sender = particulars.pop("sender", None) or current_app.config["HELPDESK_MAIL_FROM"]
        message_id = particulars.pop("message_id", None) or signed_id(
            particulars.get("ticket_id"), parseaddr(sender)[1].rpartition("@")[2] or "localhost"
        )
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
        headers: Mapping[str, str] | None = None,
        about: Mapping[str, Any] | None = None,
        **context: Any,
    ) -> "Letter":
        """Write an automatic letter from `mail/<template>.txt` and `.html`, in the language of its reader.

        about: further columns of the row, such as `purpose` and `is_automatic`.
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
            **(about or {}),
        )

    def ask_for_delivery(self, after: timedelta = timedelta(0)) -> None:
        """Have a worker send it, in the current transaction."""
        from helpdesk.core.delivering import deliver  # noqa: PLC0415  (which has letters to send)

        deliver.later(letter_id=self.id, after=after)

    def cancel(self) -> None:
        """Keep it from leaving. What is sent, or being sent, stays so."""
        if self.state is LetterState.QUEUED:
            self.state = LetterState.CANCELLED

    @hybrid_property
    def missed(self) -> bool:
        """Whether somebody will not get it; one that reached only some is sent, with an error."""
        return self.state is LetterState.FAILED or (self.state is LetterState.SENT and bool(self.error))

    @missed.inplace.expression
    @classmethod
    def _missed(cls) -> ColumnElement[bool]:
        failed, sent = cls.state == LetterState.FAILED, cls.state == LetterState.SENT
        return failed | (sent & (cls.error != ""))

    @property
    def readers(self) -> list[str]:
        """The bare addresses it is for, the recipient's first."""
        copied = (parseaddr(each)[1] for each in self.copies.get("cc", ()))
        return list(dict.fromkeys([parseaddr(self.recipient)[1], *copied]))

    @property
    def unsettled(self) -> list[str]:
        """Those who may yet get it."""
        return [address for address in self.readers if address not in self.copies.get("settled", {})]

    @property
    def conversations(self) -> list[tuple[str, list[str]]]:
        """Those who may yet get it by where they answer, the recipient's first: each way is a parcel."""
        own, others = self.headers.get("Reply-To", ""), self.copies.get("reply_to", {})
        grouped: dict[str, list[str]] = {}
        for address in self.unsettled:
            grouped.setdefault(others.get(address, own), []).append(address)
        return list(grouped.items())

    def settle(self, outcomes: Mapping[str, str]) -> None:
        """Note what came of it, by reader: `REACHED`, or why not; whoever listens is told of the latter.

        Once everybody is settled it is sent, with an `error` where somebody was missed, or has failed.
        """
        told = {address: one_line(how)[:300] for address, how in outcomes.items()}
        self.copies = {**self.copies, "settled": {**self.copies.get("settled", {}), **told}}
        for address, error in unreached({"settled": told}).items():
            self.tell_of_failure(address, error)
        if self.unsettled:
            return
        missed = unreached(self.copies)
        is_sent = any(address not in missed for address in self.readers)
        self.state = LetterState.SENT if is_sent else LetterState.FAILED
        self.sent_at = (self.sent_at or now()) if is_sent else None
        self.error = next(iter(missed.values()), "")

    def fail(self, error: str) -> None:
        """It will not arrive with anybody who has not got it yet."""
        self.settle(dict.fromkeys(self.unsettled, error))

    def reopen(self) -> None:
        """Let those whom it did not reach get the same letter after all; the caller asks for its delivery."""
        settled: dict[str, str] = self.copies.get("settled", {})
        reached = {address: how for address, how in settled.items() if how == REACHED}
        self.copies = {**self.copies, "settled": reached}
        self.state, self.error, self.attempts = LetterState.QUEUED, "", 0

    def tell_of_failure(self, address: str, error: str) -> None:
        """Let the house know that one reader will not get it."""
        listeners: Sequence[Undelivered] = current_app.extensions.get("helpdesk.undelivered", ())
        for listen in listeners:
            listen(self, address, error)

    def as_message(self) -> EmailMessage:
        """The letter as RFC 5322, built by the library alone. Raises `ValueError` where it cannot be."""
        return built(self)


def unreached(copies: Mapping[str, Any]) -> dict[str, str]:
    """Who will not get a letter with these `copies`, and why, though others did."""
    settled: dict[str, str] = copies.get("settled", {})
    return {address: how for address, how in settled.items() if how != REACHED}


# Told of a letter that will not arrive, with whom, and why; may write rows, in the transaction that notes it.
Undelivered = Callable[[Letter, str, str], None]
