"""Answers to surveys, and what they come to, as programs see them."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from helpdesk.api.shapes.common import AgentOut, Moment, Named, Out, Page, Paging, Query
from helpdesk.reports.filters import Cut
from helpdesk.surveys.models import Survey
from helpdesk.tickets.thread import Channel

Chosen = Annotated[str, Field(max_length=100, pattern="^[^\u0000]*$")]


class ResponseQuery(Paging):
    """Which answers, the newest first; with `answered_since` the oldest of them first."""

    answered_since: Moment | None = None


class ResponseOut(Out):
    """One answer. csat: 1 to 5, ces: 1 to 7; team, agent, stage and topic are those of the resolution."""

    id: int
    ticket: str
    cycle: int
    customer: Named
    contact: Named
    team: Named
    agent: AgentOut | None
    stage_id: int | None
    channel: Channel
    topic: str
    csat: int | None
    ces: int | None
    comment: str
    resolved_at: datetime
    answered_at: datetime | None

    @classmethod
    def of(cls, survey: Survey) -> "ResponseOut":
        plain = ("id", "cycle", "stage_id", "channel", "topic", "csat", "ces", "comment")
        named = {name: getattr(survey, name) for name in ("customer", "contact", "team")}
        return cls(
            **{name: getattr(survey, name) for name in (*plain, "resolved_at", "answered_at")},
            **{name: Named(id=each.id, name=each.name) for name, each in named.items()},
            ticket=str(survey.ticket_id),
            agent=AgentOut.of(survey.agent),
        )


class ResponseList(Page[ResponseOut]):
    """A piece of the list of answers."""


class ReportQuery(Query):
    """Which days (`to` is the first day after them), told apart by what, and of whom only."""

    from_: date | None = Field(None, alias="from")
    to: date | None = None
    by: Cut = Cut.STAGE
    stage: Chosen | None = None
    team: Chosen | None = None
    agent: Chosen | None = None
    channel: Chosen | None = None
    topic: Chosen | None = None


class FigureOut(Out):
    """A share from 0 to 1 with its 95 % interval; null under five answers. mean: on the question's scale."""

    value: float | None
    n: int
    interval: list[float] | None
    mean: float | None


class ChangeOut(Out):
    """1 or -1 where a rise or fall against the period before is proven, else 0."""

    csat: int
    ces: int


class FiguresOut(Out):
    """The figures of one line."""

    csat: FigureOut
    ces: FigureOut
    invited: int
    answered: int
    response_rate: float | None
    change: ChangeOut


class LineOut(FiguresOut):
    """One line of the report; `key` is what narrows a report down to it."""

    key: str
    name: str


class SatisfactionOut(Out):
    """The report that leads read, the same figures as on its page."""

    from_: date = Field(alias="from")
    to: date
    by: Cut
    definition_version: int
    as_of: datetime
    total: FiguresOut
    items: list[LineOut]
    next: str | None = None
