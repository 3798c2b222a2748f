"""Rows of one owner given to another, with a journal from which they can be given back exactly.

What belongs to a customer or a contact is read from the tables themselves: every column that points to one
is moved, unless it is named in `STAYING`. So a new table cannot be forgotten.
"""

import enum
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Self

from sqlalchemy import Column, ColumnElement, Table, UniqueConstraint, and_, delete, insert, select, update
from sqlalchemy import Enum as EnumType
from sqlalchemy import Row as SqlRow

from helpdesk.core.db import UTCDateTime, db
from helpdesk.customers.likeness import Merge
from helpdesk.customers.models import Customer

# What is about two customers, and not one's own.
STAYING = frozenset(
    {
        *("customers.merged_into_id", "merges.kept_id", "merges.gone_id"),
        *("likeness_pairs.one_id", "likeness_pairs.other_id"),
        # It answers for a ticket, and is made of the contact's number: under another it would not be known.
        "reply_addresses.contact_id",
    }
)
# Ids in one statement; SQLite takes 32,766.
_CHUNK = 10_000

Row = dict[str, Any]


def belongings(of: str) -> list[Column[Any]]:
    """Every column that says whose a row is. of: `customers` or `contacts`."""
    columns = (column for table in _tables().values() for column in table.columns)
    theirs = (c for c in columns if any(key.target_fullname == f"{of}.id" for key in c.foreign_keys))
    return sorted((c for c in theirs if str(c) not in STAYING), key=str)


class Journal:
    """What a merge did to the rows, as JSON can keep it; each step is done as it is written down."""

    def __init__(self) -> None:
        # {"tickets.customer_id": [[from, to, [3, 9, …]], …]}
        self.moved: dict[str, list[list[Any]]] = {}
        # By table: whole rows as they were, whole rows that were dropped, numbers of new ones.
        self.kept: dict[str, list[Row]] = {}
        self.removed: dict[str, list[Row]] = {}
        self.made: dict[str, list[int]] = {}
        # {"customers": {"7": {"note": [before, after]}}}
        self.changed: dict[str, dict[str, dict[str, list[Any]]]] = {}

    @classmethod
    def of(cls, merge: Merge) -> Self:
        """The journal as it was kept with `merge`."""
        journal = cls()
        journal.moved = merge.moved
        for name, rows in merge.before.items():
            setattr(journal, name, rows)
        return journal

    def as_columns(self) -> dict[str, Any]:
        """As `Merge` keeps it."""
        before = {name: getattr(self, name) for name in ("kept", "removed", "made", "changed")}
        return {"moved": self.moved, "before": before}

    def keep(self, table: Table, condition: ColumnElement[bool]) -> Sequence[Any]:
        """Remember these rows of customers as they are, to be put back whatever becomes of them."""
        rows = db.session.execute(select(table).where(condition).order_by(table.c.id)).all()
        self.kept.setdefault(table.name, []).extend(_encoded(row) for row in rows)
        return rows

    def remove(self, table: Table, condition: ColumnElement[bool]) -> None:
        """Drop these rows, to be written again as they were."""
        rows = db.session.execute(delete(table).where(condition).returning(*table.columns)).all()
        self.removed.setdefault(table.name, []).extend(_encoded(row) for row in rows)

    def add(self, table: Table, values: Row) -> None:
        """Write a row that goes again when the two part."""
        made = db.session.scalar(insert(table).values(values).returning(table.c.id))
        self.made.setdefault(table.name, []).append(int(made or 0))

    def change(self, table: Table, id: int, values: Row) -> None:
        """Set columns of a row; put back only where nobody changed them again meanwhile."""
        present = db.session.execute(select(table).where(table.c.id == id)).one()
        written = {name: _as_json(value) for name, value in values.items()}
        before = {name: value for name, value in _encoded(present).items() if name in values}
        differing = [name for name in values if before[name] != written[name]]
        if differing:
            db.session.execute(
                update(table).where(table.c.id == id).values({n: values[n] for n in differing})
            )
            kept = self.changed.setdefault(table.name, {}).setdefault(str(id), {})
            kept.update({name: [before[name], written[name]] for name in differing})

    def move_all(self, of: str, giver: int, taker: int) -> None:
        """Let everything that belongs to one belong to the other. of: `customers` or `contacts`."""
        for column in belongings(of):
            self._drop_what_both_have(column, giver, taker)
            theirs = update(column.table).where(column == giver).values({column.name: taker})
            ids = db.session.scalars(theirs.returning(column.table.c.id)).all()
            if ids:
                self.moved.setdefault(str(column), []).append([giver, taker, sorted(ids)])

    def undo(self) -> None:
        """Put everything back, in the reverse order; what was made or changed since is left alone."""
        for table, ids in _by_table(self.made):
            db.session.execute(delete(table).where(table.c.id.in_(ids)))
        for name, hands in reversed(self.moved.items()):
            for giver, taker, ids in reversed(hands):
                _give_back(name, giver, taker, ids)
        for table, rows in _by_table(self.kept):
            for row in rows:
                _put_back(table, row, {each["customer_id"] for each in rows})
        for table, rows in _by_table(self.removed):
            for row in rows:
                _write_again(table, row)
        for table, by_id in _by_table(self.changed):
            for id, columns in reversed(by_id.items()):
                _change_back(table, int(id), columns)

    def _drop_what_both_have(self, column: Column[Any], giver: int, taker: int) -> None:
        """Where only one row may be (of a rule, of a ticket), the taker's stays."""
        table = column.table
        for others in _unique_with(column):
            mine = table.alias()
            same = [mine.c[other.name] == other for other in others]
            both = select(mine.c.id).where(mine.c[column.name] == taker, *same).exists()
            self.remove(table, and_(column == giver, both))


def _tables() -> Mapping[str, Table]:
    return Customer.metadata.tables


def _by_table(rows: Mapping[str, Any]) -> Iterator[tuple[Table, Any]]:
    return ((_tables()[name], of_it) for name, of_it in rows.items())


def _unique_with(column: Column[Any]) -> Iterator[list[Column[Any]]]:
    """The other columns of every unique index that the column is part of."""
    for columns in _uniques(column.table):
        if column in columns:
            yield [each for each in columns if each is not column]


def _uniques(table: Table) -> Iterator[list[Column[Any]]]:
    indexes: list[Iterable[Any]] = [index.columns for index in table.indexes if index.unique]
    indexes += [c.columns for c in table.constraints if isinstance(c, UniqueConstraint)]
    yield from map(list, indexes)


def _give_back(name: str, giver: int, taker: int, ids: list[int]) -> None:
    table_name, _, column_name = name.partition(".")
    table = _tables()[table_name]
    for first in range(0, len(ids), _CHUNK):
        ours = and_(table.c.id.in_(ids[first : first + _CHUNK]), table.c[column_name] == taker)
        db.session.execute(update(table).where(ours).values({column_name: giver}))


def _put_back(table: Table, kept: Row, owners: set[int]) -> None:
    row = _decoded(table, kept)
    # A number that was given away since is another's row by now.
    ours = and_(table.c.id == row["id"], table.c.customer_id.in_(owners))
    if db.session.scalar(update(table).where(ours).values(row).returning(table.c.id)) is None:
        _write_again(table, kept)


def _write_again(table: Table, removed: Row) -> None:
    """Write the row, under another number where its own was given away; not where it stands anew."""
    row = _decoded(table, removed)
    for columns in _uniques(table):
        if db.session.scalar(select(table.c.id).where(*[c == row[c.name] for c in columns])):
            return
    if db.session.scalar(select(table.c.id).where(table.c.id == row["id"])):
        del row["id"]
    db.session.execute(insert(table).values(row))


def _change_back(table: Table, id: int, columns: dict[str, list[Any]]) -> None:
    found = db.session.execute(select(table).where(table.c.id == id)).one_or_none()
    if found is None:
        return
    present = _encoded(found)
    same = {name: before for name, (before, after) in columns.items() if present[name] == after}
    if same:
        db.session.execute(update(table).where(table.c.id == id).values(_decoded(table, same)))


def _encoded(row: SqlRow[Any]) -> Row:
    return {name: _as_json(value) for name, value in row._mapping.items()}


def _as_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value.value if isinstance(value, enum.Enum) else value


def _decoded(table: Table, row: Row) -> Row:
    return {name: _from_json(table.c[name], value) for name, value in row.items()}


def _from_json(column: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, EnumType) and column.type.enum_class:
        return column.type.enum_class(value)
    return datetime.fromisoformat(value) if isinstance(column.type, UTCDateTime) else value
