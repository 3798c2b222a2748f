"""Agents, their teams, their sessions and their tokens."""

import enum
import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import ClassVar, Self

from flask_login import UserMixin
from sqlalchemy import Column, ForeignKey, Index, Select, Table, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.core.clock import now
from helpdesk.core.db import Model, db
from helpdesk.timeline import Actor

# Tries are counted over shorter times than this.
TRIES_KEPT_FOR = timedelta(days=1)


class Role(enum.Enum):
    """Each may do all that the one before may."""

    AGENT = "agent"
    LEAD = "lead"
    ADMIN = "admin"

    def includes(self, other: "Role") -> bool:
        """Whether this role may do what `other` may."""
        order = list(Role)
        return order.index(self) >= order.index(other)


memberships = Table(
    "memberships",
    Model.metadata,
    Column("agent_id", ForeignKey("agents.id", ondelete="CASCADE"), primary_key=True),
    Column("team_id", ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True),
)


class Team(Model):
    """Some agents, and the tickets that are theirs to see."""

    __tablename__ = "teams"

    name: Mapped[str] = mapped_column(unique=True)
    # Where tickets land that name no team; exactly one team is it.
    is_default: Mapped[bool] = mapped_column(default=False)

    members: Mapped[list["Agent"]] = relationship(secondary=memberships, back_populates="teams")

    @classmethod
    def visible_to(cls, agent: "Agent") -> Select["Team"]:
        """The agent's own teams, all of them for an admin; by name."""
        everyone = select(cls).order_by(cls.name)
        return everyone if agent.sees_all else everyone.where(cls.id.in_(agent.team_ids))

    @classmethod
    def default(cls) -> "Team":
        """Where tickets land that name no team; made where there is none yet."""
        team = db.session.scalar(select(cls).where(cls.is_default))
        if team is None:
            team = cls(name="Support", is_default=True)
            db.session.add(team)
            db.session.flush()
        return team


class Agent(UserMixin, Model):
    """One of us."""

    __tablename__ = "agents"

    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    role: Mapped[Role] = mapped_column(default=Role.AGENT)
    # None follows the browser.
    language: Mapped[str | None]
    theme: Mapped[str | None]
    signature: Mapped[str] = mapped_column(default="")
    # Whether what customers write on tickets in their hands comes as letters, to be answered from there.
    hears_by_mail: Mapped[bool] = mapped_column(default=False)
    deactivated_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)

    teams: Mapped[list[Team]] = relationship(secondary=memberships, back_populates="members", lazy="selectin")

    actor_column = "agent_id"
    # Of the browser in front of us; set on signing in and by each request.
    session_token = ""

    def get_id(self) -> str:
        """What the cookie carries: the token of the session, so that ending one ends that browser's only."""
        return self.session_token

    @classmethod
    def by_email(cls, email: str) -> "Agent | None":
        """The agent of this address, whatever its case."""
        return db.session.scalar(select(cls).where(cls.email == email.strip().lower()))

    @classmethod
    def visible_to(cls, viewer: "Agent") -> Select["Agent"]:
        """Colleagues whom `viewer` may see and assign to: those of shared teams; all of them for an admin."""
        everyone = select(cls).where(cls.deactivated_at.is_(None)).order_by(cls.name)
        if viewer.sees_all:
            return everyone
        mates = select(memberships.c.agent_id).where(memberships.c.team_id.in_(viewer.team_ids))
        return everyone.where(cls.id.in_(mates))

    @property
    def is_active(self) -> bool:
        return self.deactivated_at is None

    @property
    def sees_all(self) -> bool:
        """Whether every team's tickets are theirs to see."""
        return self.role is Role.ADMIN

    @property
    def team_ids(self) -> list[int]:
        return [team.id for team in self.teams]

    def may(self, role: Role) -> bool:
        """Whether they may do what `role` may."""
        return self.role.includes(role)


class BrowserSession(Model):
    """One browser that somebody is signed in with; only a hash of its token is kept."""

    __abstract__ = True
    # A session nobody used for so long is over; and none lives longer than the second.
    IDLE_FOR: ClassVar[timedelta]
    LASTS_FOR: ClassVar[timedelta]

    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime] = mapped_column(default=now)
    browser: Mapped[str] = mapped_column(default="")

    @classmethod
    def start(cls, person: Actor, browser: str) -> str:
        """Sign `person` in; returns the token that the browser keeps."""
        token, whose = secrets.token_urlsafe(32), {person.actor_column: person.id}
        db.session.add(cls(token_hash=hashed(token), browser=browser[:200], **whose))
        return token

    @classmethod
    def of(cls, token: str) -> Self | None:
        """The living session of `token`, or None where it ended or its owner left."""
        found = db.session.scalar(select(cls).where(cls.token_hash == hashed(token)))
        return found if found is not None and found.is_alive else None

    @classmethod
    def forget(cls) -> None:
        """Drop the sessions that are over."""
        is_idle, is_old = cls.seen_at < now() - cls.IDLE_FOR, cls.created_at < now() - cls.LASTS_FOR
        db.session.execute(delete(cls).where(is_idle | is_old))

    @property
    def is_alive(self) -> bool:
        return self.seen_at > now() - self.IDLE_FOR and self.created_at > now() - self.LASTS_FOR


class AgentSession(BrowserSession):
    """A browser of an agent's."""

    __tablename__ = "agent_sessions"
    IDLE_FOR, LASTS_FOR = timedelta(hours=12), timedelta(days=14)

    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"), index=True)
    agent: Mapped[Agent] = relationship(lazy="joined", innerjoin=True)

    @property
    def is_alive(self) -> bool:
        return super().is_alive and self.agent.is_active


class ApiToken(Model):
    """Lets a program act as an agent; shown once, kept as a hash."""

    __tablename__ = "api_tokens"

    name: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"), index=True)
    # What it may do: "read", "write"; empty is both.
    scopes: Mapped[list[str]] = mapped_column(default=list)
    created_at: Mapped[datetime] = mapped_column(default=now)
    used_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]

    agent: Mapped[Agent] = relationship(lazy="joined", innerjoin=True)

    @classmethod
    def issue(cls, agent: Agent, name: str, scopes: list[str], *, expires_at: datetime | None = None) -> str:
        """Make a token for `agent` and return it; it cannot be read again. Without an end it lives on."""
        token = f"hd_{secrets.token_urlsafe(32)}"
        kept = cls(name=name, token_hash=hashed(token), agent=agent, scopes=scopes, expires_at=expires_at)
        db.session.add(kept)
        return token

    @classmethod
    def of(cls, token: str) -> Self | None:
        """The valid token, or None where it is unknown, expired, or its agent left."""
        found = db.session.scalar(select(cls).where(cls.token_hash == hashed(token)))
        if found is None or not found.agent.is_active:
            return None
        return found if found.expires_at is None or found.expires_at > now() else None

    def allows(self, scope: str) -> bool:
        return not self.scopes or scope in self.scopes


class Attempt(Model):
    """A try at something guessable, kept so that every process counts the same tries."""

    __tablename__ = "attempts"
    __table_args__ = (Index("ix_attempts_bucket_at", "bucket", "at"),)

    bucket: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)

    @classmethod
    def too_many(cls, bucket: str, *, limit: int, within: timedelta) -> bool:
        """Whether `bucket` saw `limit` tries or more in the last `within`."""
        recent = select(func.count()).where(cls.bucket == bucket, cls.at > now() - within)
        return (db.session.scalar(recent) or 0) >= limit

    @classmethod
    def note(cls, *buckets: str) -> None:
        """Count one try in each bucket."""
        db.session.add_all(cls(bucket=bucket) for bucket in buckets)

    @classmethod
    def forget(cls) -> None:
        """Drop the tries that are counted no more."""
        db.session.execute(delete(cls).where(cls.at < now() - TRIES_KEPT_FOR))


def hashed(token: str) -> str:
    """How a random token of 128 bits or more is kept."""
    return sha256(token.encode()).hexdigest()
