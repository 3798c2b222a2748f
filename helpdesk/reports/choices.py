"""What a reader may choose from: their teams, the people in them, the stages in use."""

from dataclasses import dataclass

from helpdesk.accounts.models import Agent, Team
from helpdesk.core.db import db
from helpdesk.core.i18n import language
from helpdesk.lifecycle.presets import stages_in_use
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
    return Choices(
        teams=[(str(team.id), team.name) for team in db.session.scalars(Team.visible_to(viewer))],
        agents=[(str(agent.id), agent.name) for agent in db.session.scalars(Agent.visible_to(viewer))],
        stages=[(str(stage.id), stage.name(language())) for stage in stages_in_use()],
        channels=[(channel.value, str(name)) for channel, name in CHANNEL_NAMES.items()],
    )
