"""What visitors did in the help centre, cut into sessions and searches in one walk along their steps.

The steps are read once, in the order of an index: the database would sort them by visitor for each question
anew, and longer than the walk takes.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from typing import Any, NamedTuple, cast

from sqlalchemy import BigInteger, String, Table, outerjoin, select, type_coerce
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from helpdesk.core.db import db
from helpdesk.reports.self_service_choice import Choice
from helpdesk.tickets.models import Ticket
from knowledge_base.steps import HelpStep, Step

# A visitor who was silent for so long begins anew.
GAP = timedelta(minutes=30)
# Until then it shows whether somebody writes after all.
DECIDED_AFTER = timedelta(hours=24)
# Steps are read from so long before a window, so that a session is not cut at its beginning.
_LEAD_IN = timedelta(hours=12)
# Rows that are asked for at once.
_AT_ONCE = 5_000

# The same in milliseconds.
_GAP, _DECIDED_AFTER = (span // timedelta(milliseconds=1) for span in (GAP, DECIDED_AFTER))

CONFIRMED, TICKET, SILENT = "confirmed", "ticket", "silent"
_SEARCHED, _READ, _ASKED = Step.SEARCHED.value, Step.READ.value, Step.ASKED.value
_USES = (_SEARCHED, _READ)


class milliseconds(GenericFunction[int]):
    """A moment as a whole number, which is sooner read and compared than a date."""

    type = BigInteger()
    inherit_cache = True


@compiles(milliseconds, "sqlite")
def _sqlite_milliseconds(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    day = compiler.process(element.clauses, **options)
    return f"CAST(round((julianday({day}) - 2440587.5) * 86400000.0) AS INTEGER)"


@compiles(milliseconds, "postgresql")
def _postgresql_milliseconds(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(extract(epoch from {compiler.process(element.clauses, **options)}) * 1000 AS bigint)"


def as_milliseconds(moment: datetime) -> int:
    """The same number for a moment of ours."""
    return round(moment.timestamp() * 1000)


def as_moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


class Session(NamedTuple):
    """What a visitor did with less than `GAP` between; milliseconds; confirmed, ticket or silent."""

    began: int
    ended: int
    outcome: str


class Search(NamedTuple):
    """A search with the place that was chosen of its results; None for no choice.

    at: milliseconds; match: good, near or none; asked: whether they wrote to us within `DECIDED_AFTER`.
    """

    at: int
    lang: str
    query: str
    match: str
    place: int | None
    asked: bool


class Walked(NamedTuple):
    """What began in a window; the visitors who searched or read in it."""

    sessions: list[Session]
    searches: list[Search]
    users: set[str]


class _Row(NamedTuple):
    """A step, as far as it is looked at."""

    visitor: str
    at: int
    step: str
    lang: str
    query: str
    hits: int | None
    match: str
    place: int | None


def walk(choice: Choice) -> Walked:
    """The help sessions and the searches that began in the window chosen, in the language chosen.

    A help session holds a search, or an article read after the way to us was opened. Whoever wrote within
    `DECIDED_AFTER` was not helped, whatever they said before.
    """
    later, lang, walked = _Later(choice), choice.lang, Walked([], [], set())
    start, end = as_milliseconds(choice.window.start), as_milliseconds(choice.window.end)
    for part in _parts(_steps(choice)):
        visitor, began, ended = part[0].visitor, part[0].at, part[-1].at
        kinds = {step.step for step in part}
        if start <= began < end and _is_help(part, kinds) and _is_in(part, lang):
            walked.sessions.append(Session(began, ended, later.outcome(visitor, began, ended)))
        for search in _searches(part, later) if _SEARCHED in kinds else ():
            if start <= search.at < end and (not lang or search.lang == lang):
                walked.searches.append(search)
        if visitor not in walked.users and any(
            start <= step.at < end and step.step in _USES and (not lang or step.lang == lang) for step in part
        ):
            walked.users.add(visitor)
    return walked


def _steps(choice: Choice) -> Iterable[_Row]:
    """The steps of the window and around it, visitor by visitor, the earliest first."""
    row = cast(Table, HelpStep.__table__).c
    columns = (row.visitor, milliseconds(row.at), type_coerce(row.step, String), row.lang)
    start, end = choice.window.start - _LEAD_IN, choice.window.end + DECIDED_AFTER
    chosen = select(*columns, row.query, row.hits, row.match, row.place).where(row.at >= start, row.at < end)
    ordered = chosen.order_by(row.visitor, row.at, row.id)
    return map(_Row._make, db.session.execute(ordered.execution_options(yield_per=_AT_ONCE)))


def _parts(steps: Iterable[_Row]) -> Iterator[list[_Row]]:
    """The steps of one visitor with less than `GAP` between, and so on."""
    part = list[_Row]()
    for step in steps:
        if part and (step.at - part[-1].at >= _GAP or step.visitor != part[-1].visitor):
            yield part
            part = []
        part.append(step)
    if part:
        yield part


def _is_help(part: Sequence[_Row], kinds: set[str]) -> bool:
    if _SEARCHED in kinds or _ASKED not in kinds or _READ not in kinds:
        return _SEARCHED in kinds
    asked = next(step.at for step in part if step.step == _ASKED)
    return any(step.step == _READ and step.at > asked for step in part)


def _is_in(part: Sequence[_Row], lang: str) -> bool:
    return not lang or any(step.lang == lang for step in part)


def _searches(part: Sequence[_Row], later: "_Later") -> Iterator[Search]:
    """The searches; a choice is what was opened next, within `GAP`, and so always of the same part."""
    walked = [step for step in part if step.step in _USES]
    for row, then in zip_longest(walked, walked[1:]):
        if row.step == _SEARCHED and row.query:
            is_chosen = then is not None and then.step == _READ and then.at - row.at < _GAP
            match = "none" if row.hits == 0 else "near" if row.match in ("none", "near") else "good"
            asked = later.has_written(row.visitor, row.at, row.at)
            yield Search(row.at, row.lang, row.query, match, then.place if is_chosen else None, asked)


class _Later:
    """What visitors said and wrote, to see how their sessions ended; moments in milliseconds."""

    def __init__(self, choice: Choice) -> None:
        # A session that began at the window's end may go on for a day, and is decided a day after that.
        self.start, self.end = choice.window.start, choice.window.end + 2 * DECIDED_AFTER
        self.wrote, self.votes = self._writing(), self._voting()

    def outcome(self, visitor: str, began: int, ended: int) -> str:
        if self.has_written(visitor, began, ended):
            return TICKET
        moments, helped = self.votes.get(visitor, ((), ()))
        last = bisect_right(moments, ended + _DECIDED_AFTER) - 1
        return CONFIRMED if last >= 0 and moments[last] >= began and helped[last] else SILENT

    def has_written(self, visitor: str, began: int, ended: int) -> bool:
        """Whether the visitor, or whoever they once wrote as, opened a ticket in time."""
        moments = self.wrote.get(visitor)
        if moments is None:
            return False
        next = bisect_left(moments, began)
        return next < len(moments) and moments[next] <= ended + _DECIDED_AFTER

    def _writing(self) -> Mapping[str, list[int]]:
        """Of each visitor who ever wrote: when tickets were opened, here or elsewhere by the same person."""
        person = outerjoin(HelpStep, Ticket, Ticket.id == HelpStep.ticket_id)
        wrote = select(HelpStep.visitor, Ticket.contact_id, milliseconds(HelpStep.at)).select_from(person)
        known = db.session.execute(wrote.where(HelpStep.step == Step.WROTE)).all()
        of_person = self._opening()
        moments: dict[str, set[int]] = defaultdict(set)
        for visitor, contact_id, at in known:
            moments[visitor].update((at, *of_person.get(contact_id, ())))
        return {visitor: sorted(found) for visitor, found in moments.items()}

    def _opening(self) -> Mapping[int, list[int]]:
        """When those who ever wrote from the help centre opened tickets."""
        wrote = select(HelpStep.ticket_id).where(HelpStep.step == Step.WROTE)
        persons = select(Ticket.contact_id).where(Ticket.id.in_(wrote))
        in_time = (Ticket.opened_at >= self.start, Ticket.opened_at < self.end)
        opened = select(Ticket.contact_id, milliseconds(Ticket.opened_at)).where(*in_time)
        moments: dict[int, list[int]] = defaultdict(list)
        for contact_id, at in db.session.execute(opened.where(Ticket.contact_id.in_(persons))):
            moments[contact_id].append(at)
        return moments

    def _voting(self) -> Mapping[str, tuple[list[int], list[bool | None]]]:
        """Of each visitor when they voted, the earliest first, and what."""
        voted = (HelpStep.step == Step.VOTED, HelpStep.at >= self.start, HelpStep.at < self.end)
        said = select(HelpStep.visitor, milliseconds(HelpStep.at), HelpStep.is_helpful).where(*voted)
        votes: dict[str, tuple[list[int], list[bool | None]]] = defaultdict(lambda: ([], []))
        for visitor, at, is_helpful in db.session.execute(said.order_by(HelpStep.at, HelpStep.id)):
            moments, helped = votes[visitor]
            moments.append(at)
            helped.append(is_helpful)
        return votes
