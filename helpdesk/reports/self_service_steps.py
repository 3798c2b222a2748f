"""What visitors did in the help centre, cut into sessions and searches by the database itself."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Float,
    Select,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import aliased
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from helpdesk.tickets.models import Ticket
from knowledge_base.steps import HelpStep, Step

# A visitor who was silent for so long begins anew.
GAP = timedelta(minutes=30)
# Until then it shows whether somebody writes after all.
DECIDED_AFTER = timedelta(hours=24)
# Steps are read from so long before a window, so that a session is not cut at its beginning.
_LEAD_IN = timedelta(hours=12)

CONFIRMED, TICKET, SILENT = "confirmed", "ticket", "silent"


class seconds(GenericFunction[float]):
    """A moment as a number of seconds, to subtract one from another."""

    type = Float()
    inherit_cache = True


@compiles(seconds, "sqlite")
def _sqlite_seconds(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    return f"(julianday({compiler.process(element.clauses, **options)}) * 86400.0)"


@compiles(seconds, "postgresql")
def _postgresql_seconds(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(extract(epoch from {compiler.process(element.clauses, **options)}) AS double precision)"


def searches(start: datetime, end: datetime, lang: str = "") -> CTE:
    """Each search of a window with the place that was chosen of its results; `place` None for no choice.

    lang: of the questions; empty for all.
    """
    order: Any = {"partition_by": HelpStep.visitor, "order_by": (HelpStep.at, HelpStep.id)}
    columns = (HelpStep.id, HelpStep.visitor, HelpStep.at, HelpStep.step, HelpStep.lang, HelpStep.query)
    walked = (
        select(
            *columns,
            HelpStep.hits,
            HelpStep.match,
            type_coerce(func.lead(HelpStep.step).over(**order), HelpStep.step.type).label("then"),
            type_coerce(func.lead(HelpStep.place).over(**order), HelpStep.place.type).label("chosen"),
            (func.lead(seconds(HelpStep.at)).over(**order) - seconds(HelpStep.at)).label("later"),
        )
        .where(HelpStep.step.in_((Step.SEARCHED, Step.READ)), HelpStep.at >= start, HelpStep.at < end + GAP)
        .subquery()
    )
    row = walked.c
    is_chosen = and_(row.then == Step.READ, row.later < GAP.total_seconds())
    found = select(
        *(row.id, row.visitor, row.at, row.lang, row.query),
        case((row.hits == 0, "none"), (row.match.in_(("none", "near")), "near"), else_="good").label("match"),
        case((is_chosen, row.chosen)).label("place"),
        case((_wrote(row.visitor, row.at, row.at), 1), else_=0).label("asked"),
    ).where(row.step == Step.SEARCHED, row.at < end, row.query != "")
    return (found.where(row.lang == lang) if lang else found).cte("searches")


def sessions(start: datetime, end: datetime, lang: str = "") -> CTE:
    """The help sessions that began in a window: `visitor`, `began`, `ended`, `outcome`.

    One is what a visitor did with less than `GAP` between, and holds a search, or an article read after the
    way to us was opened. Whoever wrote within `DECIDED_AFTER` was not helped, whatever they said before.
    """
    part = _sessions(_steps(start - _LEAD_IN, end + DECIDED_AFTER), lang)
    is_confirmed = _last_vote(part.c.visitor, part.c.began, part.c.ended).is_(True)
    wrote = _wrote(part.c.visitor, part.c.began, part.c.ended)
    outcome = case((wrote, TICKET), (is_confirmed, CONFIRMED), else_=SILENT)
    within = and_(part.c.began >= start, part.c.began < end)
    return (
        select(part.c.visitor, part.c.began, part.c.ended, outcome.label("outcome")).where(within).cte("told")
    )


def _steps(start: datetime, end: datetime) -> Any:
    """The steps with the number of the session that each belongs to."""
    order: Any = {"partition_by": HelpStep.visitor, "order_by": (HelpStep.at, HelpStep.id)}
    at = seconds(HelpStep.at)
    walked = (
        select(
            *(HelpStep.id, HelpStep.visitor, HelpStep.at, HelpStep.step, HelpStep.lang),
            (at - func.lag(at).over(**order)).label("silence"),
        )
        .where(HelpStep.at >= start, HelpStep.at < end)
        .subquery()
    )
    row = walked.c
    begins = case((row.silence < GAP.total_seconds(), 0), else_=1)
    number = func.sum(begins).over(partition_by=row.visitor, order_by=(row.at, row.id))
    return select(row.visitor, row.at, row.step, row.lang, number.label("number")).subquery()


def _sessions(steps: Any, lang: str) -> Any:
    row = steps.c
    read = func.max(case((row.step == Step.READ, row.at)))
    asked = func.min(case((row.step == Step.ASKED, row.at)))
    has_searched = func.max(case((row.step == Step.SEARCHED, 1), else_=0))
    began, ended = func.min(row.at), func.max(row.at)
    found = (
        select(row.visitor, type_coerce(began, HelpStep.at.type).label("began"))
        .add_columns(type_coerce(ended, HelpStep.at.type).label("ended"))
        .group_by(row.visitor, row.number)
        .having(or_(has_searched == 1, read > asked))
    )
    if lang:
        found = found.having(func.max(case((row.lang == lang, 1), else_=0)) == 1)
    return found.subquery()


def _wrote(visitor: Any, began: Any, ended: Any) -> ColumnElement[bool]:
    """Whether the visitor, or whoever they once wrote as, opened a ticket in time."""
    wrote, first = aliased(HelpStep), aliased(Ticket)
    until = seconds(ended) + DECIDED_AFTER.total_seconds()
    own = select(literal(1)).select_from(wrote).where(wrote.visitor == visitor, _is(wrote, Step.WROTE))
    same_browser = own.where(wrote.at >= began, seconds(wrote.at) <= until)
    same_person = (
        own.join(first, first.id == wrote.ticket_id)
        .join(Ticket, Ticket.contact_id == first.contact_id)
        .where(Ticket.opened_at >= began, seconds(Ticket.opened_at) <= until)
    )
    # Most never wrote: one look into a set tells.
    return and_(visitor.in_(_who(Step.WROTE)), or_(same_browser.exists(), same_person.exists()))


def _last_vote(visitor: Any, began: Any, ended: Any) -> Any:
    vote = aliased(HelpStep)
    until = seconds(ended) + DECIDED_AFTER.total_seconds()
    cast: Select[Any] = select(vote.is_helpful).where(vote.visitor == visitor, _is(vote, Step.VOTED))
    in_time = cast.where(vote.at >= began, seconds(vote.at) <= until)
    last = in_time.order_by(vote.at.desc(), vote.id.desc()).limit(1).scalar_subquery()
    return case((visitor.in_(_who(Step.VOTED)), last))


def _who(step: Step) -> Any:
    """The visitors who ever took such a step."""
    return select(HelpStep.visitor).where(HelpStep.step == step)


def _is(of: Any, step: Step) -> ColumnElement[bool]:
    """Whether it is such a step: a check only, for the index of visitors leads to fewer rows."""
    is_one: ColumnElement[bool] = func.coalesce(of.step, of.step) == step
    return is_one
