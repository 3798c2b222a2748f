"""What the mail door keeps: raw letters, and the reply addresses that tell whose answer it is."""

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.clock import now
from helpdesk.core.db import Model


class RawState(enum.Enum):
    RECEIVED = "received"
    TAKEN = "taken"
    QUARANTINED = "quarantined"


class RawLetter(Model):
    """The bytes as they came, committed before anything reads them."""

    __tablename__ = "raw_letters"
    __table_args__ = (Index("ix_raw_letters_state_id", "state", "id"),)

    sha256: Mapped[str] = mapped_column(unique=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[RawState] = mapped_column(default=RawState.RECEIVED)
    # Why it lies in quarantine, or was ignored.
    reason: Mapped[str] = mapped_column(default="")
    # The sender's Message-ID: a hint against duplicates, never the only key.
    message_id: Mapped[str | None] = mapped_column(index=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id", ondelete="SET NULL"))
    turn_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="SET NULL"), index=True)
    received_at: Mapped[datetime] = mapped_column(default=now)


class ReplyAddress(Model):
    """Lets one participant answer on one ticket; kept as a keyed hash, revocable."""

    __tablename__ = "reply_addresses"
    __table_args__ = (Index("uq_reply_addresses_ticket_id_contact_id", "ticket_id", "contact_id", unique=True),)

    mac: Mapped[str] = mapped_column(unique=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    revoked_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
