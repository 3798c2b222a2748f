"""How satisfied customers are, and how sure that is: one function for page, export and API.

Answers count on the day they were given, invitations on the day they left; days are the workspace's.
Team, agent, channel, stage and topic are those of the resolution. Every statement counts in the
database, and their number does not grow with the answers.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, select

from helpdesk.accounts.models import Agent
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.statistics import Estimate, direction, proportion, shrunk
from helpdesk.reports.filters import COLUMNS, Cut, Filters, key_of
from helpdesk.reports.naming import names_of
from helpdesk.reports.period import Window, shift
from helpdesk.surveys.models import Survey
from helpdesk.surveys.scores import ces, ces_mean, csat, csat_mean, net_easy

# The line looks back so many months, however short the chosen window is.
TREND_MONTHS = 13


@dataclass
class Scores:
    """Counted answers and invitations, and the figures they make; None where nobody answered."""

    csat_tally: Counter[int] = field(default_factory=Counter)
    ces_tally: Counter[int] = field(default_factory=Counter)
    invited: int = 0
    responded: int = 0
    # How often links were opened; an opening is no answer.
    opens: int = 0

    @property
    def csat(self) -> Estimate | None:
        return csat(self.csat_tally)

    @property
    def csat_mean(self) -> Estimate | None:
        return csat_mean(self.csat_tally)

    @property
    def ces(self) -> Estimate | None:
        return ces(self.ces_tally)

    @property
    def ces_mean(self) -> Estimate | None:
        return ces_mean(self.ces_tally)

    @property
    def net_easy(self) -> float | None:
        return net_easy(self.ces_tally)

    @property
    def response(self) -> Estimate | None:
        """Of those invited in the window, the share who answered."""
        return proportion(self.responded, self.invited)

    @property
    def satisfied(self) -> int:
        return self.csat_tally[4] + self.csat_tally[5]

    def add(self, other: "Scores") -> None:
        self.csat_tally += other.csat_tally
        self.ces_tally += other.ces_tally
        self.invited += other.invited
        self.responded += other.responded
        self.opens += other.opens


@dataclass
class Line:
    """One row of the report, with the same of the period before."""

    key: str
    name: str
    scores: Scores
    before: Scores
    window: Window

    @property
    def csat_direction(self) -> int:
        """1 or -1 where a rise or fall is proven, else 0."""
        return direction(self.scores.csat, self.before.csat)

    @property
    def ces_direction(self) -> int:
        return direction(self.scores.ces, self.before.ces)


@dataclass
class Report:
    """The answer to one choice of filters."""

    filters: Filters
    total: Line
    lines: list[Line]
    trend: list[Line]
    # Whether the lines stand in the order of their score, which needs enough answers on each.
    is_ranked: bool
    as_of: datetime


def satisfaction(filters: Filters, viewer: Agent) -> Report:
    """CSAT, CES and response rate of what `viewer` may see, told apart by `filters.by`."""
    windows = _buckets(filters)
    current, before = _answers(filters, viewer, windows)
    for key, scores in _invitations(filters, viewer, windows).items():
        current[key].add(scores)
    total = Line("", "", _sum(current.values()), _sum(before.values()), filters.window)
    lines = _in_time(windows, current) if filters.by.is_time else _by_name(filters, current, before)
    is_ranked = filters.by is Cut.AGENT and bool(lines) and all(_is_firm(line) for line in lines)
    if is_ranked and total.scores.csat:
        share = total.scores.csat.value
        lines.sort(key=lambda line: -shrunk(line.scores.satisfied, line.scores.csat_tally.total(), share))
    return Report(filters, total, lines, _trend(filters, viewer), is_ranked, now())


def visible(filters: Filters, viewer: Agent) -> list[ColumnElement[bool]]:
    """The conditions that every statement about surveys starts from: what may be seen, what was chosen."""
    seen = Survey.visible_to(viewer).whereclause
    return [*([seen] if seen is not None else []), *filters.clauses()]


def _buckets(filters: Filters) -> list[Window]:
    if filters.by is Cut.MONTH:
        return filters.window.months()
    return filters.window.weeks() if filters.by is Cut.WEEK else []


Counted = defaultdict[Hashable, Scores]


def _answers(filters: Filters, viewer: Agent, windows: Sequence[Window]) -> tuple[Counted, Counted]:
    """The answers of the window and of the one before, in one reading."""
    window, earlier = filters.window, filters.window.previous
    is_current = case((Survey.answered_at >= window.start, 1), else_=0)
    columns = (_cut(filters.by, Survey.answered_at, windows), is_current, Survey.csat, Survey.ces)
    counted = select(*columns, func.count()).where(
        *visible(filters, viewer), Survey.answered_at >= earlier.start, Survey.answered_at < window.end
    )
    current: Counted = defaultdict(Scores)
    before: Counted = defaultdict(Scores)
    for key, is_now, csat_score, ces_score, count in db.session.execute(counted.group_by(*columns)):
        _count(current[key] if is_now else before[key], csat_score, ces_score, count)
    return current, before


def _invitations(filters: Filters, viewer: Agent, windows: Sequence[Window]) -> dict[Hashable, Scores]:
    """Who was asked in the window; what was withdrawn again is not counted."""
    key = _cut(filters.by, Survey.invited_at, windows)
    counted = select(key, func.count(), func.count(Survey.answered_at), func.sum(Survey.opens)).where(
        *visible(filters, viewer),
        Survey.invited_at >= filters.window.start,
        Survey.invited_at < filters.window.end,
        Survey.skipped_for == "",
    )
    return {
        key: Scores(invited=invited, responded=responded, opens=opens)
        for key, invited, responded, opens in db.session.execute(counted.group_by(key))
    }


def _trend(filters: Filters, viewer: Agent) -> list[Line]:
    """The months up to the window's end, from its beginning or `TREND_MONTHS` back, whichever is longer."""
    last = filters.window.months()[-1].since.replace(day=1)
    since = min(shift(last, 1 - TREND_MONTHS), filters.window.since.replace(day=1))
    months = Window(since, shift(last, 1)).months()
    columns = (_cut(Cut.MONTH, Survey.answered_at, months), Survey.csat, Survey.ces)
    counted = select(*columns, func.count()).where(
        *visible(filters, viewer),
        Survey.answered_at >= months[0].start,
        Survey.answered_at < months[-1].end,
    )
    found: Counted = defaultdict(Scores)
    for key, csat_score, ces_score, count in db.session.execute(counted.group_by(*columns)):
        _count(found[key], csat_score, ces_score, count)
    return _in_time(months, found)


def _cut(by: Cut, moment: Any, windows: Sequence[Window]) -> ColumnElement[Any]:
    """What the rows are told apart by: a column, or which window `moment` lies in."""
    if not by.is_time:
        return COLUMNS[by.value].expression
    return place_among(windows, moment)


def place_among(windows: Sequence[Window], moment: Any, first: int = 0) -> ColumnElement[Any]:
    """Which of the windows a moment lies in, counted from `first`.

    Halving each time: seven comparisons find a week of two years, where a list would need a hundred.
    """
    if len(windows) == 1:
        return literal(first)
    middle = len(windows) // 2
    earlier = place_among(windows[:middle], moment, first)
    later = place_among(windows[middle:], moment, first + middle)
    return case((moment < windows[middle].start, earlier), else_=later)


def _count(scores: Scores, csat_score: int | None, ces_score: int | None, count: int) -> None:
    if csat_score is not None:
        scores.csat_tally[csat_score] += count
    if ces_score is not None:
        scores.ces_tally[ces_score] += count


def _sum(parts: Iterable[Scores]) -> Scores:
    total = Scores()
    for part in parts:
        total.add(part)
    return total


def _in_time(windows: Sequence[Window], current: Counted) -> list[Line]:
    """One line for each window, empty ones too; each is compared with its neighbour."""
    lines = []
    for place, window in enumerate(windows):
        before = current[place - 1] if place else Scores()
        lines.append(Line(window.since.isoformat(), window.words, current[place], before, window))
    return lines


def _by_name(filters: Filters, current: Counted, before: Counted) -> list[Line]:
    lines = [
        Line(key_of(value), name, current[value], before[value], filters.window)
        for value, name in names_of(filters.by, list(current)).items()
    ]
    # Topics are many: the most answered first. All else has an order of its own.
    return (
        sorted(lines, key=lambda line: -line.scores.csat_tally.total()) if filters.by is Cut.TOPIC else lines
    )


def _is_firm(line: Line) -> bool:
    return line.scores.csat is not None and line.scores.csat.is_firm
