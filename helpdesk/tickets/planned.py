"""Answers that are pressed but not said yet: held for a moment to be taken back, or planned for later."""

import enum
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.accounts.models import Agent
from helpdesk.core.clock import now
from helpdesk.core.db import Model, db
from helpdesk.core.files import StoredFile
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Attachment, Message


class PlannedState(enum.Enum):
    WAITING = "waiting"
    # It is a message of the thread now.
    SAID = "said"
    TAKEN_BACK = "taken-back"
    # The customer wrote first, or its ground fell away: somebody has to look at it again.
    OVERTAKEN = "overtaken"


class PlannedReply(Model):
    """An answer on its way into the thread. Nothing of it has happened before its time comes."""

    __tablename__ = "planned_replies"
    __table_args__ = (
        Index("ix_planned_replies_state_due_at", "state", "due_at"),
        Index("ix_planned_replies_ticket_id_state", "ticket_id", "state"),
    )

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"))
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    body: Mapped[str]
    # {"files": [{"file_id": 3, "name": "…"}], "copies": ["Ken <ken@example.jp>"], "then": "resolve"},
    # "once": by what its form is known again; and "why" it was stopped: heard, resolved, left, moved.
    particulars: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # The newest message its writer had read.
    last_message_id: Mapped[int] = mapped_column(default=0)
    # False for the few seconds in which any answer may be taken back.
    is_scheduled: Mapped[bool] = mapped_column(default=False)
    due_at: Mapped[datetime]
    state: Mapped[PlannedState] = mapped_column(default=PlannedState.WAITING)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    version: Mapped[int] = mapped_column(default=1)

    ticket: Mapped[Ticket] = relationship()
    agent: Mapped[Agent] = relationship()
    message: Mapped[Message | None] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @classmethod
    def open_for(cls, ticket: Ticket) -> Select["PlannedReply"]:
        """Those that still wait, or that somebody has to look at again."""
        states = (PlannedState.WAITING, PlannedState.OVERTAKEN)
        return select(cls).where(cls.ticket_id == ticket.id, cls.state.in_(states)).order_by(cls.id)

    @classmethod
    def held_by_others(cls, ticket: Ticket, agent: Agent) -> Select["PlannedReply"]:
        """Answers of colleagues that go out in a moment."""
        waiting = select(cls).where(cls.ticket_id == ticket.id, cls.state == PlannedState.WAITING)
        return waiting.where(~cls.is_scheduled, cls.agent_id != agent.id).order_by(cls.id)

    @classmethod
    def within_reach(cls, ticket: Ticket, agent: Agent) -> Select["PlannedReply"]:
        """Those that `agent`, who sees `ticket`, may touch: in its few seconds an answer is its writer's."""
        is_theirs = cls.agent_id == agent.id
        is_everybodys = cls.is_scheduled | (cls.state != PlannedState.WAITING)
        return select(cls).where(cls.ticket_id == ticket.id, is_theirs | is_everybodys)

    @property
    def resolves(self) -> bool:
        return bool(self.particulars.get("then") == "resolve")

    @property
    def copies(self) -> list[str]:
        """Whom it goes to beside the customer, each as `core.smtp.mailbox` writes it."""
        return list(self.particulars.get("copies", ()))

    @property
    def lifted(self) -> list[str]:
        """Silent addresses that it is to be tried at once more."""
        return list(self.particulars.get("lifted", ()))

    @property
    def files(self) -> list[dict[str, Any]]:
        return list(self.particulars.get("files", ()))

    def attachments(self, chosen: Collection[int] | None = None) -> list[Attachment]:
        """Its files for a message: all of them, or those whose ids were chosen."""
        wanted = [each for each in self.files if chosen is None or each["file_id"] in chosen]
        kept = [(db.session.get(StoredFile, each["file_id"]), each["name"]) for each in wanted]
        return [Attachment(file=file, name=name) for file, name in kept if file is not None]
