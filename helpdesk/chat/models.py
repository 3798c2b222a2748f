"""What a visitor's browser holds of a chat: the right to this one ticket's thread, and nothing else."""

import secrets
from datetime import datetime, timedelta
from typing import Self

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.accounts.models import hashed
from helpdesk.core.clock import now
from helpdesk.core.db import Model, db
from helpdesk.core.live import announce
from helpdesk.customers.models import PRESENT_FOR
from helpdesk.tickets.models import Ticket
from helpdesk.timeline import Kind, record

# A window may be come back to for so long; after its end, the thread can be read a while.
OPEN_FOR = timedelta(days=14)
READABLE_FOR = timedelta(hours=1)


class ChatSession(Model):
    """One chat in one browser; only a hash of its token is kept."""

    __tablename__ = "chat_sessions"

    token_hash: Mapped[str] = mapped_column(unique=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), index=True)
    # The page on which the widget was opened; empty for our own.
    page: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)
    # When the window last asked for news, in view of its visitor.
    seen_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]
    # When the visitor had the conversation mailed.
    mailed_at: Mapped[datetime | None]

    ticket: Mapped[Ticket] = relationship(lazy="joined", innerjoin=True)

    @classmethod
    def start(cls, ticket: Ticket, page: str = "", *, token: str = "") -> str:
        """Open a window on `ticket`; returns the token that the browser keeps. token: one that it has."""
        token = token or secrets.token_urlsafe(32)
        db.session.add(cls(token_hash=hashed(token), ticket=ticket, page=page))
        return token

    @classmethod
    def of(cls, token: str) -> Self | None:
        """The chat of `token`, or None where there is none any more."""
        found = db.session.scalar(select(cls).where(cls.token_hash == hashed(token))) if token else None
        return found if found is not None and found.is_readable else None

    @property
    def is_readable(self) -> bool:
        if self.ended_at is not None:
            return self.ended_at > now() - READABLE_FOR
        return self.created_at > now() - OPEN_FOR

    @property
    def is_here(self) -> bool:
        """Whether the visitor has the window before them."""
        return self.ended_at is None and self.seen_at > now() - PRESENT_FOR

    @property
    def is_answered(self) -> bool:
        """Whether a person of ours has spoken."""
        return self.ticket.first_replied_at is not None

    @property
    def state(self) -> str:
        """Changes whenever what stands around the conversation does."""
        agent = self.ticket.assignee_id if self.is_answered else None
        return f"{self.ticket.status.value}-{agent or 0}-{'ended' if self.ended_at else 'open'}"

    def end(self, *, is_solved: bool = False) -> None:
        """Close the window for good, and the ticket where its visitor says so. Ending twice is once."""
        if self.ended_at is not None:
            return
        self.ended_at = now()
        announce(f"ticket-{self.ticket_id}", "inbox")
        record(Kind.CHAT_ENDED, self.ticket, by=self.ticket.contact, solved=is_solved)
        if is_solved:
            self.ticket.resolve(by=self.ticket.contact)
