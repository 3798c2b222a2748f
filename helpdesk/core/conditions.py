"""A rule as SQL: the same verdict as `predicates.evaluate`, for as many rows as there are.

Where a field lies is the caller's to say: a column for each, in the form of `kept`.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, not_, or_

from helpdesk.core.predicates import COMPARED, Clause, Field, Predicate, Type, Value

Column = ColumnElement[Any]
# Between the words of a set; no word of a catalogue has one.
_BAR = "|"


def kept(value: Value) -> bool | int | float | str:
    """How a column holds `value`: moments as text that sorts, sets of words between bars."""
    if isinstance(value, datetime):
        return _sortable(value)
    if isinstance(value, frozenset):
        return _BAR + "".join(f"{word}{_BAR}" for word in sorted(value))
    return value


def condition(
    predicate: Predicate,
    fields: Mapping[str, Field[Any]],
    column: Callable[[Field[Any]], Column],
    at: datetime,
) -> Column:
    """What holds where `predicate` does, as of `at`. Never NULL, so that it may be negated."""
    if isinstance(predicate, Clause):
        field = fields[predicate.field]
        return _clause(predicate, field.type, column(field), at)
    parts = [condition(part, fields, column, at) for part in predicate.parts]
    if predicate.word == "not":
        return not_(parts[0])
    return and_(*parts) if predicate.word == "all" else or_(*parts)


def _clause(clause: Clause, type: Type, column: Column, at: datetime) -> Column:
    if clause.op == "missing":
        return column.is_not(None) if clause.wanted is False else column.is_(None)
    return and_(column.is_not(None), _asked(clause, type, column, at))


def _asked(clause: Clause, type: Type, column: Column, at: datetime) -> Column:
    wanted = clause.wanted
    if type is Type.MOMENT:
        return column.between(_sortable(at - timedelta(days=wanted)), _sortable(at))
    if type is Type.WORDS:
        shared = or_(*(_has(column, word) for word in (wanted if clause.op == "in" else [wanted])))
        return not_(shared) if clause.op == "ne" else shared
    if type is Type.FLAG:
        return column.is_(wanted) if clause.op == "eq" else column.is_not(wanted)
    if type is Type.NUMBER:  # exact up to `LARGEST`
        wanted = [float(one) for one in wanted] if clause.op == "in" else float(wanted)
    return column.in_(wanted) if clause.op == "in" else COMPARED[clause.op](column, wanted)


def _has(column: Column, word: str) -> Column:
    """Whether a set has the word; LIKE would not tell small letters from large ones everywhere."""
    return func.replace(column, f"{_BAR}{word}{_BAR}", "") != column


def _sortable(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
