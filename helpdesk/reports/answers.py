"""The answers behind a figure, newest first, and those of them that say something."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import joinedload

from helpdesk.accounts.models import Agent
from helpdesk.core.db import db
from helpdesk.reports.filters import Filters
from helpdesk.reports.satisfaction import visible
from helpdesk.surveys.models import Survey
from helpdesk.tickets.models import Ticket

PAGE = 50
COMMENTS = 6


@dataclass(frozen=True)
class Page:
    """Some answers, how many there are in all, where older ones begin, and whose tickets may be opened."""

    answers: Sequence[Survey]
    count: int
    older: str | None
    open_to_viewer: frozenset[int]


def answers(filters: Filters, viewer: Agent, *, after: str = "") -> Page:
    """The answers that the figures of the same filters were counted from.

    after: the mark that `older` of the page before gave; one that cannot be read starts from the newest.
    """
    chosen = _newest(filters, viewer).limit(PAGE + 1)
    if mark := _read(after):
        at, number = mark
        same = and_(Survey.answered_at == at, Survey.id < number)
        chosen = chosen.where(or_(Survey.answered_at < at, same))
    found = db.session.scalars(chosen).all()
    shown = found[:PAGE]
    older = _mark(shown[-1]) if len(found) > PAGE else None
    return Page(shown, _count(filters, viewer), older, _openable(shown, viewer))


def comments(filters: Filters, viewer: Agent) -> Page:
    """The newest answers with words, for beside the figures."""
    chosen = _newest(filters, viewer).where(Survey.comment != "").limit(COMMENTS)
    found = db.session.scalars(chosen).all()
    return Page(found, len(found), None, _openable(found, viewer))


def _newest(filters: Filters, viewer: Agent) -> Select["Survey"]:
    """The answers of the window, newest first, with the people they are from and about."""
    people = (joinedload(getattr(Survey, who)) for who in ("contact", "agent", "team"))
    chosen = select(Survey).where(*_within(filters, viewer)).options(*people)
    return chosen.order_by(Survey.answered_at.desc(), Survey.id.desc())


def _within(filters: Filters, viewer: Agent) -> list[ColumnElement[bool]]:
    window = filters.window
    days = (Survey.answered_at >= window.start, Survey.answered_at < window.end)
    return [*visible(filters, viewer), *days]


def _count(filters: Filters, viewer: Agent) -> int:
    return db.session.scalar(select(func.count(Survey.id)).where(*_within(filters, viewer))) or 0


def _openable(shown: Sequence[Survey], viewer: Agent) -> frozenset[int]:
    """The tickets among them that are still the viewer's to read; others moved to another team since."""
    ids = [survey.ticket_id for survey in shown]
    still = Ticket.visible_to(viewer).where(Ticket.id.in_(ids)).with_only_columns(Ticket.id)
    return frozenset(db.session.scalars(still)) if ids else frozenset()


def _mark(survey: Survey) -> str:
    return f"{survey.answered_at:%Y-%m-%dT%H:%M:%S.%f}_{survey.id}"


def _read(mark: str) -> tuple[datetime, int] | None:
    moment, _, number = mark.partition("_")
    try:
        return datetime.fromisoformat(moment).replace(tzinfo=UTC), int(number)
    except ValueError:
        return None
