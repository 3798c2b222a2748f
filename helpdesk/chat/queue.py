"""Who is in a chat now, and who waits, the longest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, column, select, table

from helpdesk.accounts.models import Agent
from helpdesk.chat.models import ChatSession
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.i18n import language
from helpdesk.customers.models import PRESENT_FOR, Contact, Customer, who_writes
from helpdesk.tickets.kinds import Status
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import shown_excerpt

# Longer ago than this a chat is a ticket like any other, and stands in the inbox.
RECENT_FOR = timedelta(hours=24)
MOST_CHATS = 100

# By name: the stages' room stands beside this one.
_stages = table("stages", column("id"), column("name_ja"), column("name_en"))


@dataclass(frozen=True)
class Waiting:
    """One chat of the list."""

    number: int
    who: str
    subject: str
    excerpt: str
    stage: str
    agent: str | None
    page: str
    is_here: bool
    # Since when it is our turn; None while it is theirs.
    since: datetime | None
    at: datetime

    @property
    def waited_for(self) -> timedelta:
        return now() - self.since if self.since else timedelta(0)


@dataclass(frozen=True)
class Queue:
    """Chats in which it is our turn, and those in which it is theirs."""

    waiting: Sequence[Waiting]
    active: Sequence[Waiting]


def read(agent: Agent) -> Queue:
    """The running chats that `agent` may see."""
    chats = [_one(row) for row in db.session.execute(_running(agent))]
    waiting = sorted((chat for chat in chats if chat.since), key=lambda chat: (not chat.is_here, chat.since))
    return Queue(waiting, [chat for chat in chats if not chat.since])


def _running(agent: Agent) -> Select[Any]:
    columns: tuple[Any, ...] = (
        *(Ticket.id, Ticket.subject, Ticket.excerpt, Ticket.waiting_since, Ticket.updated_at),
        *(ChatSession.page, ChatSession.seen_at),
        *(Customer.name.label("customer"), Customer.type.label("customer_type")),
        Contact.name.label("contact"),
        Agent.name.label("agent"),
        (_stages.c.name_ja if language() == "ja" else _stages.c.name_en).label("stage"),
    )
    seen = Ticket.visible_to(agent).with_only_columns(Ticket.id)
    found: Select[Any] = select(*columns).join(ChatSession.ticket).join(Ticket.contact).join(Ticket.customer)
    found = found.outerjoin(Ticket.assignee).outerjoin(_stages, _stages.c.id == Customer.stage_id)
    return (
        found.where(
            Ticket.id.in_(seen),
            Ticket.status != Status.RESOLVED,
            ChatSession.ended_at.is_(None),
            ChatSession.seen_at > now() - RECENT_FOR,
        )
        .order_by(Ticket.updated_at.desc(), Ticket.id.desc())
        .limit(MOST_CHATS)
    )


def _one(row: Any) -> Waiting:
    return Waiting(
        number=row.id,
        who=who_writes(row.customer, row.customer_type, row.contact),
        subject=row.subject,
        excerpt=shown_excerpt(row.excerpt),
        stage=row.stage or "",
        agent=row.agent,
        page=row.page,
        is_here=row.seen_at > now() - PRESENT_FOR,
        since=row.waiting_since,
        at=row.updated_at,
    )
