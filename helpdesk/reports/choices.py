"""What a reader may choose from: their teams, the people in them, the stages in use."""

from dataclasses import dataclass

from sqlalchemy import select

from helpdesk.accounts.models import Agent, Team
from helpdesk.core.db import db
from helpdesk.core.i18n import language
from helpdesk.lifecycle.models import SetStatus, Stage, StageSet
from helpdesk.reports.naming import CHANNEL_NAMES

Options = list[tuple[str, str]]


@dataclass(frozen=True)
class Choices:
    """Pairs of key and name, in the order to show."""

    teams: Options
    agents: Options
    stages: Options
    channels: Options


def choices(viewer: Agent) -> Choices:
    """The choices of `viewer`: all teams for an admin, else one's own."""
    teams = select(Team).order_by(Team.name)
    if not viewer.sees_all:
        teams = teams.where(Team.id.in_(viewer.team_ids))
    stages = select(Stage).join(StageSet).where(StageSet.status == SetStatus.PUBLISHED)
    return Choices(
        teams=[(str(team.id), team.name) for team in db.session.scalars(teams)],
        agents=[(str(agent.id), agent.name) for agent in db.session.scalars(Agent.visible_to(viewer))],
        stages=[
            (str(stage.id), stage.name(language()))
            for stage in db.session.scalars(stages.order_by(Stage.position))
        ],
        channels=[(channel.value, str(name)) for channel, name in CHANNEL_NAMES.items()],
    )
