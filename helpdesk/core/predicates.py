"""One grammar for every rule: JSON in, a verdict with its reasons out.

    {"all": [{"f": "csat_last", "op": "le", "v": 2}, {"not": {"f": "paid", "op": "eq", "v": true}}]}

A rule is `all`, `any`, `not`, or a clause of field (`f`), operator (`op`) and wanted value (`v`). A field
without a value makes its clause false (so `not` of it is true); only `missing` asks for that itself.
"""

import enum
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

T = TypeVar("T")
Value = bool | int | float | str | datetime | frozenset[str]


class Type(enum.Enum):
    """What a field holds."""

    NUMBER = "number"
    FLAG = "flag"
    TEXT = "text"
    MOMENT = "moment"
    WORDS = "words"


# Columns of a table compare with these as well.
_NAMES = ("eq", "ne", "lt", "le", "gt", "ge")
COMPARED: dict[str, Callable[[Any, Any], Any]] = {name: getattr(operator, name) for name in _NAMES}
OPERATORS: dict[Type, frozenset[str]] = {
    Type.NUMBER: frozenset({*COMPARED, "in", "missing"}),
    Type.FLAG: frozenset({"eq", "ne", "missing"}),
    Type.TEXT: frozenset({"eq", "ne", "in", "missing"}),
    Type.MOMENT: frozenset({"within_days", "missing"}),
    Type.WORDS: frozenset({"eq", "ne", "in", "missing"}),
}


@dataclass(frozen=True)
class Seen:
    """What a field showed, and the rows it was read from, as `table/id`."""

    value: Value | None
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Field(Generic[T]):
    """One thing a rule may ask about. `label` is for people, and may be lazy."""

    name: str
    type: Type
    label: Any
    read: Callable[[T], Seen]
    unit: str = ""


class Fields(Mapping[str, Field[T]]):
    """What may be asked about a `T`: filled with `@fields.field(…)`, or joined from others."""

    def __init__(self, *others: Mapping[str, Field[Any]]) -> None:
        self._fields: dict[str, Field[T]] = {name: field for other in others for name, field in other.items()}

    def field(
        self, name: str, type: Type, label: Any, unit: str = ""
    ) -> Callable[[Callable[[T], Seen]], Callable[[T], Seen]]:
        """Let the decorated function answer for `name`."""

        def add(read: Callable[[T], Seen]) -> Callable[[T], Seen]:
            self._fields[name] = Field(name, type, label, read, unit)
            return read

        return add

    def __getitem__(self, name: str) -> Field[T]:
        return self._fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)


@dataclass(frozen=True)
class Clause:
    """One question of a rule, as asked."""

    field: str
    op: str
    wanted: Any


@dataclass(frozen=True)
class Group:
    """`all`, `any` or `not` of its parts."""

    word: str
    parts: tuple["Group | Clause", ...]


Predicate = Group | Clause


@dataclass(frozen=True)
class Answer:
    """A clause with what was seen."""

    clause: Clause
    seen: Seen
    held: bool

    def as_json(self) -> dict[str, Any]:
        return {
            "field": self.clause.field,
            "op": self.clause.op,
            "wanted": self.clause.wanted,
            "seen": _plain(self.seen.value),
            "held": self.held,
            "sources": list(self.seen.sources),
        }


@dataclass(frozen=True)
class Trace:
    """The verdict of a rule and every answer that led to it, in the rule's order."""

    held: bool
    answers: tuple[Answer, ...]

    def evidence(self) -> dict[str, Any]:
        """The clauses that held, as JSON; all of them where the verdict rests on what did not hold."""
        held = [answer.as_json() for answer in self.answers if answer.held]
        return {"clauses": held or [answer.as_json() for answer in self.answers]}


def evaluate(predicate: Predicate, fields: Mapping[str, Field[T]], subject: T, at: datetime) -> Trace:
    """Ask every clause about `subject` as of `at`; none is skipped, so that "why not" has an answer too."""
    answers: list[Answer] = []
    held = _holds(predicate, fields, subject, at, answers=answers)
    return Trace(held, tuple(answers))


def _holds(
    part: Predicate, fields: Mapping[str, Field[T]], subject: T, at: datetime, *, answers: list[Answer]
) -> bool:
    if isinstance(part, Clause):
        seen = fields[part.field].read(subject)
        held = satisfies(part, seen.value, at)
        answers.append(Answer(part, seen, held))
        return held
    verdicts = [_holds(inner, fields, subject, at, answers=answers) for inner in part.parts]
    if part.word == "not":
        return not verdicts[0]
    return all(verdicts) if part.word == "all" else any(verdicts)


def satisfies(clause: Clause, seen: Value | None, at: datetime) -> bool:
    """Whether a field that shows `seen`, None being nothing, makes the clause true as of `at`."""
    if clause.op == "missing":
        return (seen is None) is (clause.wanted is not False)
    if seen is None:
        return False
    if isinstance(seen, datetime):
        return timedelta(0) <= at - seen <= timedelta(days=clause.wanted)
    if isinstance(seen, frozenset):
        asked = frozenset(clause.wanted if clause.op == "in" else [clause.wanted])
        return bool(seen & asked) is (clause.op != "ne")
    if clause.op == "in":
        return seen in clause.wanted
    return bool(COMPARED[clause.op](seen, clause.wanted))


def _plain(value: Value | None) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return sorted(value) if isinstance(value, frozenset) else value
