"""One survey per resolution cycle of a ticket, with its attribution frozen at the resolution."""

import enum
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.accounts.models import Agent, Team, hashed
from helpdesk.core.clock import now
from helpdesk.core.db import Model, db
from helpdesk.customers.models import Contact, Customer
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Channel
from helpdesk.timeline import Kind, record

# An answer may be changed for so long after it was first given; an invitation is open for so long.
CHANGEABLE_FOR = timedelta(days=7)
OPEN_FOR = timedelta(days=28)

CSAT_SCALE = range(1, 6)
CES_SCALE = range(1, 8)


_CUTS = ("team_id", "agent_id", "stage_id", "channel", "topic")


class AnswerRefused(ValueError):
    """The survey takes no answer any more, or this score is not on its scale."""


class Skip(enum.Enum):
    """Why nobody is asked."""

    REOPENED = "reopened"
    SPAM = "spam"
    NO_ADDRESS = "no_address"
    REST = "rest"
    CEILING = "ceiling"
    OVERLAY = "overlay"
    BREACH = "breach"


class Survey(Model):
    """The question whether one resolution was good, and its answer."""

    __tablename__ = "surveys"
    __table_args__ = (
        Index("uq_surveys_ticket_id_cycle", "ticket_id", "cycle", unique=True),
        # A report of years is counted from these alone, without a look at the rows.
        Index("ix_surveys_answered", "answered_at", *_CUTS, "csat", "ces"),
        Index("ix_surveys_invited", "invited_at", "skipped_for", *_CUTS, "answered_at", "opens"),
        Index("ix_surveys_customer_id_answered_at", "customer_id", "answered_at"),
        Index("ix_surveys_contact_id_invited_at", "contact_id", "invited_at"),
    )

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"))
    cycle: Mapped[int]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    # Whose merit or fault it is, as it stood when the ticket was resolved; never changed after.
    stage_id: Mapped[int | None] = mapped_column(ForeignKey("stages.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    channel: Mapped[Channel]
    topic: Mapped[str] = mapped_column(default="")
    resolved_at: Mapped[datetime]

    token_hash: Mapped[str | None] = mapped_column(unique=True)
    # When the invitation left; None while planned, and for ever where it was skipped or voided.
    invited_at: Mapped[datetime | None]
    # Why nobody was asked (a `Skip`); empty where somebody was, or will be.
    skipped_for: Mapped[str] = mapped_column(default="")
    # How often the link was opened without a press: people looking, and machines.
    opens: Mapped[int] = mapped_column(default=0)

    csat: Mapped[int | None]
    ces: Mapped[int | None]
    comment: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None]

    ticket: Mapped[Ticket] = relationship()
    customer: Mapped[Customer] = relationship()
    contact: Mapped[Contact] = relationship()
    team: Mapped[Team] = relationship()
    agent: Mapped[Agent | None] = relationship()
    versions: Mapped[list["AnswerVersion"]] = relationship(
        order_by="AnswerVersion.id", back_populates="survey"
    )

    @classmethod
    def of_token(cls, token: str) -> "Survey | None":
        """The survey that a link's token opens, or None."""
        return db.session.scalar(select(cls).where(cls.token_hash == hashed(token)))

    @classmethod
    def visible_to(cls, agent: Agent) -> Select["Survey"]:
        """As tickets are, but by the team and agent it is about: moving the ticket later moves no answer."""
        if agent.sees_all:
            return select(cls)
        return select(cls).where(cls.team_id.in_(agent.team_ids) | (cls.agent_id == agent.id))

    @property
    def language(self) -> str | None:
        """In which language we ask."""
        return self.contact.language or self.ticket.language

    @property
    def is_planned(self) -> bool:
        """Whether the invitation has still to leave: not sent, not skipped, not answered on a page."""
        return self.invited_at is None and self.answered_at is None and not self.skipped_for

    @property
    def is_changeable(self) -> bool:
        """Whether an answer may still be given or changed."""
        if self.answered_at is not None:
            return now() < self.answered_at + CHANGEABLE_FOR
        return self.skipped_for == "" and now() < self.resolved_at + OPEN_FOR

    @property
    def changeable_until(self) -> datetime | None:
        """When the answer that was given becomes final; None where there is none."""
        return self.answered_at + CHANGEABLE_FOR if self.answered_at else None

    def skip(self, reason: Skip) -> None:
        """Ask nobody, and say why. What was answered already stays."""
        if self.answered_at is None:
            self.skipped_for = reason.value
            record(Kind.SURVEY_SKIPPED, self, reason=reason.value)

    def answer(self, *, csat: int | None = None, ces: int | None = None, comment: str | None = None) -> None:
        """Take or change the answer; what is None stays as it was. Raises `AnswerRefused`.

        The same answer once more (a second press, a reloaded page) is no change.
        """
        if not self.is_changeable:
            raise AnswerRefused("closed")
        if (csat is not None and csat not in CSAT_SCALE) or (ces is not None and ces not in CES_SCALE):
            raise AnswerRefused("off the scale")
        given = {"csat": csat, "ces": ces, "comment": comment}
        changed = {
            name: value for name, value in given.items() if value is not None and value != getattr(self, name)
        }
        if changed:
            self._take(changed)

    def _take(self, changed: dict[str, int | str]) -> None:
        for name, value in changed.items():
            setattr(self, name, value)
        self.answered_at = self.answered_at or now()
        # Whoever answers on a page of ours was asked there.
        self.invited_at = self.invited_at or self.answered_at
        self.versions.append(AnswerVersion(csat=self.csat, ces=self.ces, comment=self.comment))
        told: dict[str, Any] = {"csat": self.csat, "ces": self.ces, "comment": self.comment}
        record(Kind.SURVEY_ANSWERED, self, by=self.contact, **told)


class AnswerVersion(Model):
    """What was answered at one moment; nothing a customer said is overwritten."""

    __tablename__ = "answer_versions"

    survey_id: Mapped[int] = mapped_column(ForeignKey("surveys.id", ondelete="CASCADE"), index=True)
    csat: Mapped[int | None]
    ces: Mapped[int | None]
    comment: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime] = mapped_column(default=now)

    survey: Mapped[Survey] = relationship(back_populates="versions")
