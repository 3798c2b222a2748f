"""Planned answers as they stand under the thread: when each goes out, or why it did not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from math import ceil

from markupsafe import Markup
from sqlalchemy.orm import joinedload, lazyload

from helpdesk.accounts.models import Agent
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.markup import markdown
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.planned import PlannedReply, PlannedState

# A worker that is so late is down or busy.
LATE = timedelta(minutes=1)


@dataclass(frozen=True)
class Card:
    """One answer on its way; `body` is safe HTML. state: held, scheduled, stopped."""

    id: int
    state: str
    author: str
    body: Markup
    due_at: datetime
    # Seconds until it goes out, 0 where it is due.
    left: int
    is_late: bool
    # Whether its writer chose the moment, rather than sending it at once.
    is_scheduled: bool
    resolves: bool
    copies: Sequence[str]
    files: Sequence[str]
    # heard, resolved, left, moved; empty where it was not stopped.
    why: str
    # Whether the viewer may take it back, or send it.
    is_within_reach: bool


def cards(ticket: Ticket, viewer: Agent) -> list[Card]:
    """All that is on its way in `ticket`, oldest first."""
    found = PlannedReply.open_for(ticket)
    writers = joinedload(PlannedReply.agent, innerjoin=True).options(lazyload(Agent.teams))
    return [_card(each, viewer) for each in db.session.scalars(found.options(writers))]


def _card(planned: PlannedReply, viewer: Agent) -> Card:
    is_stopped = planned.state is PlannedState.OVERTAKEN
    running = "scheduled" if planned.is_scheduled else "held"
    return Card(
        id=planned.id,
        state="stopped" if is_stopped else running,
        author=planned.agent.name,
        body=markdown(planned.body),
        due_at=planned.due_at,
        left=max(0, ceil((planned.due_at - now()).total_seconds())),
        is_late=planned.due_at < now() - LATE,
        is_scheduled=planned.is_scheduled,
        resolves=planned.resolves,
        copies=[parseaddr(each)[0] or each for each in planned.copies],
        files=[each["name"] for each in planned.files],
        why=planned.particulars.get("why", ""),
        is_within_reach=is_stopped or planned.is_scheduled or planned.agent_id == viewer.id,
    )
