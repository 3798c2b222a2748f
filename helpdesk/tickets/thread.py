"""What hangs from a ticket: the messages of its thread, their files, its tags."""

import enum
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, ForeignKey, Index, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.accounts.models import Agent
from helpdesk.core.clock import now
from helpdesk.core.db import Model, db
from helpdesk.core.files import StoredFile
from helpdesk.core.text import excerpt
from helpdesk.customers.models import Contact, Customer

if TYPE_CHECKING:
    from helpdesk.tickets.models import Ticket


# Lists show this much of the newest message, and load nothing else of it.
EXCERPT_LENGTH = 140
# Stands for words that are held back: whoever wrote them may not be whom the list names.
HELD_BACK = "\N{OBJECT REPLACEMENT CHARACTER}"


class Channel(enum.Enum):
    """How words arrive and leave."""

    EMAIL = "email"
    FORM = "form"
    CHAT = "chat"
    PHONE = "phone"
    API = "api"


class MessageKind(enum.Enum):
    """Who speaks; a note never leaves the desk."""

    CUSTOMER = "customer"
    AGENT = "agent"
    NOTE = "note"


class Message(Model):
    """One turn of the thread."""

    __tablename__ = "messages"
    __table_args__ = (Index("ix_messages_ticket_id_id", "ticket_id", "id"),)

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"))
    kind: Mapped[MessageKind]
    channel: Mapped[Channel]
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id", ondelete="SET NULL"))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    # What to read: plain text, or Markdown where an agent wrote it.
    body: Mapped[str]
    # Quoted history and signature, folded away on screen.
    quoted: Mapped[str] = mapped_column(default="")
    # A stranger's HTML, already cleaned; shown only inside a sandboxed frame.
    html: Mapped[str | None]
    # True where a machine wrote it (out of office, delivery report): it is never answered.
    is_automatic: Mapped[bool] = mapped_column(default=False)
    # How far the sender was proved: verified, unverified, suspicious; empty where it does not apply.
    # "confirmed": an agent looked at a suspicious one, or at somebody else's, and lets the customer read it.
    proof: Mapped[str] = mapped_column(default="")
    # Who else was named: {"to": ["Ken <ken@example.jp>"], "cc": [...]}; empty outside of mail. Of an answer
    # also "lifted": addresses that were silent, and are so again where it does not reach them.
    recipients: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=now)

    ticket: Mapped["Ticket"] = relationship(back_populates="messages")
    contact: Mapped[Contact | None] = relationship()
    agent: Mapped[Agent | None] = relationship()
    attachments: Mapped[list["Attachment"]] = relationship(
        back_populates="message", order_by="Attachment.id", lazy="selectin", cascade="all, delete-orphan"
    )

    @classmethod
    def is_for_customer(cls, ticket: "Ticket") -> ColumnElement[bool]:
        """Whether the customer of `ticket` may read a message of it, on every page and in every letter.

        Our answers and their own words, but no note and no letter that may be forged. A letter of somebody
        else is for them only once an agent looked: codes of other services, sent to a ticket's reply
        address, would let its customer sign in there in our name.
        """
        is_own = (cls.contact_id == ticket.contact_id) & (cls.proof != "suspicious")
        is_theirs = (cls.kind == MessageKind.CUSTOMER) & (is_own | (cls.proof == "confirmed"))
        return (cls.ticket_id == ticket.id) & ((cls.kind == MessageKind.AGENT) | is_theirs)

    @property
    def customer(self) -> Customer:
        """Whose timeline it belongs to."""
        return self.ticket.customer

    @property
    def author_name(self) -> str:
        writer = self.agent or self.contact
        return writer.name if writer else ""

    @property
    def excerpt(self) -> str:
        """What lists keep of it beside the customer's name: their own words and ours as they are, those of a
        proved colleague of theirs with the name, and nothing of what is held back."""
        is_theirs = self.contact is self.ticket.contact and self.proof != "suspicious"
        if self.kind is MessageKind.AGENT or is_theirs or self.proof == "confirmed":
            return excerpt(self.body, EXCERPT_LENGTH)
        is_of_house = self.contact is not None and self.contact.customer is self.ticket.customer
        if is_of_house and self.proof == "verified":
            return excerpt(f"{self.author_name}: {self.body}", EXCERPT_LENGTH)
        return HELD_BACK

    def confirm(self) -> None:
        """Let the customer read it, though its sender is not proved, or is somebody else."""
        if self.kind is MessageKind.CUSTOMER:
            self.proof = "confirmed"
            newer = select(Message.id).where(Message.ticket_id == self.ticket_id, Message.id > self.id)
            if db.session.scalar(newer.where(Message.kind != MessageKind.NOTE).limit(1)) is None:
                self.ticket.excerpt = self.excerpt

    def attach(self, file: StoredFile, name: str, content_id: str | None = None) -> None:
        """Hang a stored file on the message under the name people see."""
        self.attachments.append(Attachment(file=file, name=name, content_id=content_id))


class Attachment(Model):
    """A file of a message, under the name its sender gave it."""

    __tablename__ = "attachments"

    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_files.id"))
    name: Mapped[str]
    # How the HTML of the same letter refers to it.
    content_id: Mapped[str | None]

    message: Mapped[Message] = relationship(back_populates="attachments")
    file: Mapped[StoredFile] = relationship(lazy="joined", innerjoin=True)


class TicketTag(Model):
    """A word that agents hang on a ticket."""

    __tablename__ = "ticket_tags"
    __table_args__ = (Index("ix_ticket_tags_name_ticket_id", "name", "ticket_id", unique=True),)

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]


def shown_excerpt(kept: str) -> str:
    """`Ticket.excerpt` as a list shows it, in the reader's language."""
    return _("Message held back") if kept == HELD_BACK else kept
