"""What a reader of the report chose: days, a cut, and one team, agent, stage, channel or topic."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute

from helpdesk.reports.period import DEFAULT_PRESET, PRESETS, Window, preset
from helpdesk.surveys.models import Survey
from helpdesk.tickets.thread import Channel

# In addresses, for answers without a stage, agent or topic.
NONE = "none"
LONGEST = timedelta(days=5 * 366)
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)


class Cut(enum.Enum):
    """By what the figures are told apart."""

    STAGE = "stage"
    TEAM = "team"
    AGENT = "agent"
    CHANNEL = "channel"
    TOPIC = "topic"
    MONTH = "month"
    WEEK = "week"

    @property
    def is_time(self) -> bool:
        return self in (Cut.MONTH, Cut.WEEK)


COLUMNS: Mapping[str, InstrumentedAttribute[Any]] = {
    "stage": Survey.stage_id,
    "team": Survey.team_id,
    "agent": Survey.agent_id,
    "channel": Survey.channel,
    "topic": Survey.topic,
}


class BadFilter(ValueError):
    """A choice that cannot be; says the name of its field."""


@dataclass(frozen=True)
class Filters:
    """The reader's choice. `chosen` maps names of `COLUMNS` to the one value that counts."""

    window: Window
    by: Cut = Cut.STAGE
    # The name of a preset, where the days came from one.
    period: str = ""
    chosen: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, given: Mapping[str, str], today: date) -> "Filters":
        """From the words of an address; what is left out is the default. Raises `BadFilter`."""
        try:
            by = Cut(given.get("by") or Cut.STAGE.value)
        except ValueError as error:
            raise BadFilter("by") from error
        chosen = {name: given[name] for name in COLUMNS if given.get(name)}
        for name, key in chosen.items():
            stored(name, key)
        if given.get("from") or given.get("to") or given.get("last"):
            return cls(_days(given, today), by, "", chosen)
        period = given.get("period") or DEFAULT_PRESET
        if period not in PRESETS:
            raise BadFilter("period")
        return cls(preset(period, today), by, period, chosen)

    @property
    def args(self) -> dict[str, Any]:
        """The same choice as words of an address."""
        days = {"from": self.window.since.isoformat(), "to": self.window.until.isoformat()}
        return {**({"period": self.period} if self.period else days), "by": self.by.value, **self.chosen}

    def clauses(self) -> list[ColumnElement[bool]]:
        """What the chosen team, agent, stage, channel and topic mean for a query of surveys."""
        return [COLUMNS[name].is_not_distinct_from(stored(name, key)) for name, key in self.chosen.items()]


def stored(name: str, key: str) -> Any:
    """The value in the table that `key` stands for. Raises `BadFilter` where it is none."""
    if key == NONE:
        return "" if name == "topic" else None
    try:
        return {"topic": str, "channel": Channel}.get(name, int)(key)
    except ValueError as error:
        raise BadFilter(name) from error


def key_of(value: Any) -> str:
    """The other way round: how a stored value stands in an address."""
    if value is None or value == "":
        return NONE
    return str(value.value if isinstance(value, enum.Enum) else value)


def _days(given: Mapping[str, str], today: date) -> Window:
    # Programs name the day after the window; people, in the form, its last day.
    last = _day("last", given.get("last")) or today
    until = _day("to", given.get("to")) or last + timedelta(days=1)
    since = _day("from", given.get("from")) or until - timedelta(days=90)
    if not since < until or until - since > LONGEST:
        raise BadFilter("to")
    return Window(since, until)


def _day(name: str, written: str | None) -> date | None:
    if not written:
        return None
    try:
        on = datetime.strptime(written, "%Y-%m-%d").date()
    except ValueError as error:
        raise BadFilter(name) from error
    if not EARLIEST <= on <= LATEST:
        raise BadFilter(name)
    return on
