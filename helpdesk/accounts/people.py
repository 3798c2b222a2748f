"""Who works here: taking people on, giving them a role and teams, letting them go."""

import secrets
from collections.abc import Sequence

from sqlalchemy import func, select

from helpdesk.accounts.models import Agent, Role, Team
from helpdesk.accounts.signing_in import end_sessions, password_hash
from helpdesk.core.clock import now
from helpdesk.core.db import db


class LastAdmin(ValueError):
    """Without this person nobody could change anything here."""


def hire(
    email: str, name: str, role: Role, teams: Sequence[Team], *, password: str = ""
) -> tuple[Agent, str]:
    """Take somebody on; returns them and their password, made where none is given and never shown again."""
    secret = password or secrets.token_urlsafe(12)
    agent = Agent(email=email.strip().lower(), name=name, role=role, password_hash=password_hash(secret))
    agent.teams = list(teams)
    db.session.add(agent)
    return agent, secret


def change(agent: Agent, *, name: str, role: Role, teams: Sequence[Team]) -> None:
    """Give a name, a role and teams. Raises `LastAdmin` where no other admin would be left."""
    if role is not Role.ADMIN:
        _keep_an_admin(agent)
    agent.name, agent.role, agent.teams = name, role, list(teams)


def let_go(agent: Agent) -> None:
    """End their sessions and keep them out, tokens included; what they wrote stays. Raises `LastAdmin`."""
    _keep_an_admin(agent)
    agent.deactivated_at = agent.deactivated_at or now()
    end_sessions(agent)


def take_back(agent: Agent) -> None:
    agent.deactivated_at = None


def renew_password(agent: Agent) -> str:
    """Make a new password, end the sessions of the old one; returns what is never shown again."""
    secret = secrets.token_urlsafe(12)
    agent.password_hash = password_hash(secret)
    end_sessions(agent)
    return secret


def make_default(team: Team) -> None:
    """Let tickets that name no team land here."""
    for before in db.session.scalars(select(Team).where(Team.is_default)):
        before.is_default = False
    team.is_default = True


def size_of_teams() -> dict[int, int]:
    """How many people each team has, those who left not counted."""
    found = select(Team.id, func.count(Agent.id)).join(Team.members).where(Agent.deactivated_at.is_(None))
    return {row[0]: row[1] for row in db.session.execute(found.group_by(Team.id))}


def _keep_an_admin(agent: Agent) -> None:
    """Two admins who let each other go in the same moment would leave nobody: so the rows are locked."""
    admins = select(Agent.id).where(Agent.role == Role.ADMIN, Agent.deactivated_at.is_(None))
    if set(db.session.scalars(admins.order_by(Agent.id).with_for_update())) == {agent.id}:
        raise LastAdmin(agent.email)
