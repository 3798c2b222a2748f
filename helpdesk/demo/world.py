"""What every part of the story needs at hand: chance, the moment it ends, the staff, the stages, the rows."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import select

from helpdesk.accounts.models import Agent, Role, Team
from helpdesk.accounts.signing_in import password_hash
from helpdesk.core.db import Model, db
from helpdesk.demo import content, truth
from helpdesk.demo.chance import Deck
from helpdesk.demo.lives import Life
from helpdesk.demo.rows import Row, Rows
from helpdesk.lifecycle import presets
from helpdesk.timeline import Event, Kind
from knowledge_base.models import Article

# Everybody signs in with it: a demo on one's own machine.
PASSWORD = "tsuzuribako-demo"  # noqa: S105


@dataclass(frozen=True)
class Colleague:
    """One of the staff, as the story needs them. pace: above 1.0 is slower than usual."""

    id: int
    email: str
    role: Role
    team_id: int
    called: dict[str, str]
    languages: tuple[str, ...]
    pace: float


@dataclass
class World:
    """The state of telling. `at` is now: nothing is told that would happen later."""

    rng: Random
    at: datetime
    rows: Rows
    colleagues: list[Colleague]
    teams: dict[str, int]
    stages: dict[str, int]
    reply_within: dict[str, int]
    satisfied: dict[str, Deck] = field(default_factory=dict)
    easy: dict[str, Deck] = field(default_factory=dict)
    # When each contact was last asked how it went.
    asked: dict[Row, datetime] = field(default_factory=dict)
    # The help centre, by key and language.
    articles: dict[tuple[str, str], Article] = field(default_factory=dict)

    @property
    def began_at(self) -> datetime:
        return self.at - timedelta(days=truth.DAYS)

    def is_defect(self, stage: str, at: datetime) -> bool:
        """Whether a ticket of this stage then met the fault in onboarding."""
        days = (at - self.began_at) / timedelta(days=1)
        return stage == "onboarding" and truth.DEFECT_FROM <= days < truth.DEFECT_UNTIL

    def tell(self, kind: Kind, life: Life, subject: Row, at: datetime, /, **more: Any) -> Row:
        """Note a fact of the past, silently. `more`: table, ticket, agent_id, contact, and the details."""
        ticket = more.pop("ticket", None)
        return self.rows.add(
            Event,
            kind=kind,
            customer_id=life.made["customer"],
            ticket_id=ticket,
            subject_type=more.pop("table"),
            subject_id=subject,
            stage_id=self.stages[life.stage_at(at)],
            agent_id=more.pop("agent_id", None),
            contact_id=more.pop("contact", None),
            cause_id=None,
            depth=0,
            occurred_at=at,
            recorded_at=at,
            source="house",
            idempotency_key=None,
            details=more,
        )


def open_world(rng: Random, at: datetime) -> World:
    """The world with its staff and its stages made, and nothing told yet."""
    stages = presets.ensure_default().stages
    teams = _teams()
    return World(
        rng=rng,
        at=at,
        rows=Rows(),
        colleagues=_colleagues(teams),
        teams={key: team.id for key, team in teams.items()},
        stages={stage.key: stage.id for stage in stages},
        reply_within={stage.key: stage.reply_within or 480 for stage in stages},
        satisfied={key: Deck(share, rng) for key, share in truth.SATISFIED.items()}
        | {"defect": Deck(truth.SATISFIED_IN_DEFECT, rng)},
        easy={key: Deck(share, rng) for key, share in truth.EASY.items()},
    )


def _teams() -> dict[str, Team]:
    made = {}
    for number, entry in enumerate(content.people()["team"]):
        known = db.session.scalar(select(Team).where(Team.name == entry["name_ja"]))
        made[entry["key"]] = known or Team(name=entry["name_ja"], is_default=number == 0)
    return _kept(made)


def _kept(made: dict[str, Team]) -> dict[str, Team]:
    rows: list[Model] = [*made.values()]
    db.session.add_all(rows)
    db.session.flush()
    return made


def _colleagues(teams: dict[str, Team]) -> list[Colleague]:
    secret = password_hash(PASSWORD)
    found = []
    for entry in content.people()["agent"]:
        agent = Agent(
            email=entry["email"],
            name=f"{entry['family_ja']} {entry['given_ja']}",
            role=Role(entry["role"]),
            password_hash=secret,
            language=None,
            theme=None,
            deactivated_at=None,
        )
        agent.teams = [*teams.values()] if entry["role"] == "lead" else [teams[entry["team"]]]
        db.session.add(agent)
        db.session.flush()
        found.append(_colleague(entry, agent, teams[entry["team"]]))
    return found


def _colleague(entry: dict[str, Any], agent: Agent, team: Team) -> Colleague:
    called = {"ja": entry["family_ja"], "en": entry["name_en"].partition(" ")[0]}
    return Colleague(
        agent.id, agent.email, agent.role, team.id, called, tuple(entry["languages"]), entry["pace"]
    )
