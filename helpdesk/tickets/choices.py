"""What an agent may choose for a ticket: in whose hands, and which team's it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from helpdesk.accounts.models import Agent, Team
from helpdesk.core.db import db
from helpdesk.tickets.models import Ticket


@dataclass(frozen=True)
class Choices:
    """Rows of (id, name), by name."""

    agents: Sequence[Any]
    teams: Sequence[Any]

    def agents_for(self, ticket: Ticket) -> list[tuple[int, str]]:
        """Those it may be given to, and whoever holds it now."""
        found = [(row.id, row.name) for row in self.agents]
        holder = ticket.assignee
        if holder is not None and holder.id not in {agent_id for agent_id, _ in found}:
            found.append((holder.id, holder.name))
        return found


def choices(viewer: Agent) -> Choices:
    """The colleagues one may hand a ticket to, and every team: a ticket may go where one cannot follow."""
    colleagues = Agent.visible_to(viewer).with_only_columns(Agent.id, Agent.name)
    return Choices(db.session.execute(colleagues).all(), teams())


def teams() -> Sequence[Any]:
    """Every team as (id, name), by name."""
    return db.session.execute(select(Team.id, Team.name).order_by(Team.name)).all()
