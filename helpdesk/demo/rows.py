"""Many rows at once, by-passing the objects: rows that point at each other before they have numbers."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Table, func, insert, select, text
from sqlalchemy.orm import Session

from helpdesk.core.db import Model
from helpdesk.customers.models import Contact, ContactAddress, Customer
from helpdesk.customers.orders import Order, Subscription
from helpdesk.lifecycle.models import Overlay, Stay
from helpdesk.surveys.models import AnswerVersion, Survey
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Message, TicketTag
from helpdesk.timeline import Event
from knowledge_base.belongings import ArticleOrigin, ArticleUse
from knowledge_base.models import Article, Revision, Vote
from knowledge_base.steps import HelpStep

# The order of writing, so that what is pointed at is there; each table in the order of its moments.
_TABLES: tuple[tuple[type[Model], str], ...] = (
    *((Article, "created_at"), (Revision, "created_at")),
    *((Customer, "created_at"), (Contact, "created_at"), (ContactAddress, ""), (Subscription, "started_at")),
    *((Order, "placed_at"), (Ticket, "opened_at"), (Message, "created_at"), (TicketTag, "")),
    *((Survey, "resolved_at"), (AnswerVersion, "at"), (Event, "occurred_at"), (Stay, "entered_at")),
    *((Overlay, "opened_at"), (HelpStep, "at"), (Vote, "at"), (ArticleOrigin, "created_at")),
    (ArticleUse, "at"),
)


class Row(dict[str, Any]):
    """One row to be; `id` is 0 until it is written."""

    __slots__ = ("id",)
    __hash__ = object.__hash__  # type: ignore[assignment]

    def __init__(self, values: dict[str, Any]) -> None:
        super().__init__(values)
        self.id = 0


class Rows:
    """Rows of many tables. A value may be another row (its id is meant) or a function asked at writing."""

    def __init__(self) -> None:
        self._of: dict[type[Model], list[Row]] = {}

    def add(self, model: type[Model], **values: Any) -> Row:
        """A new row of `model`; what is not given gets the column's default."""
        row = Row(values)
        self._of.setdefault(model, []).append(row)
        return row

    def of(self, model: type[Model]) -> list[Row]:
        """The rows of one table; after writing, in the order of their numbers."""
        return self._of.get(model, [])

    def write(self, session: Session) -> int:
        """Number and insert all of them; returns how many. The caller commits."""
        written = 0
        for model, moment in _TABLES:
            rows = self.of(model)
            if moment:
                rows.sort(key=lambda row: row[moment])
            self._number(session, model, rows)
        for model, _ in _TABLES:
            written += _insert(session, model, self.of(model))
        return written

    def _number(self, session: Session, model: type[Model], rows: list[Row]) -> None:
        if rows:
            last = session.scalar(select(func.max(model.id))) or 0
            for number, row in enumerate(rows, last + 1):
                row.id = number


def _insert(session: Session, model: type[Model], rows: list[Row]) -> int:
    if not rows:
        return 0
    table: Table = model.__table__  # type: ignore[assignment]
    defaults = _defaults(table)
    missing = [name for name in defaults if name != "id" and any(name not in row for row in rows)]
    spare = {name: defaults[name]() for name in missing}
    session.execute(insert(table), [spare | _resolved(row) for row in rows])
    if session.get_bind().dialect.name == "postgresql":
        _move_sequence(session, table)
    return len(rows)


def _resolved(row: Row) -> dict[str, Any]:
    values = {name: _value(value) for name, value in row.items()}
    values["id"] = row.id
    return values


def _value(value: Any) -> Any:
    if type(value) is Row:
        return value.id
    return value() if callable(value) else value


def _defaults(table: Table) -> dict[str, Callable[[], Any]]:
    """For each column, how its value comes about where none is given."""
    return {column.name: _default(column.default) for column in table.columns}


def _default(default: Any) -> Callable[[], Any]:
    if default is None:
        return lambda: None
    return lambda: default.arg(None) if default.is_callable else default.arg


def _move_sequence(session: Session, table: Table) -> None:
    """PostgreSQL counts by itself; numbers given by hand must be told to it."""
    last = text(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), max(id)) FROM {table.name}")  # noqa: S608
    session.execute(last)
