"""Deleting many rows with all that hangs on them, table by table instead of row by row.

A database that deletes a row looks for rows that point at it, and where no index helps it reads the whole
table for each. Here each table is read once for all of them.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Column, Table, delete, select, update
from sqlalchemy.orm import Session

from helpdesk.core.db import Base, db, reading


@contextmanager
def unchecked() -> Iterator[Session]:
    """A write of its own, committed at the end, in which SQLite leaves it to us what points at what.

    Only for `uproot`. The caller's own transaction must be over, or both would wait for each other.
    """
    with reading(False), db.engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            raw.execute("PRAGMA foreign_keys=OFF")
        try:
            with Session(connection) as session, session.begin():
                yield session
        finally:
            if is_sqlite:
                connection.rollback()
                raw.execute("PRAGMA foreign_keys=ON")


def uproot(session: Session, table: Table, ids: Sequence[int]) -> None:
    """Delete these rows; what points at them goes too, or forgets them, as each foreign key says."""
    if not ids:
        return
    for child, column in _pointing_at(table):
        pointing = column.in_(ids)
        if _forgets(column):
            session.execute(update(child).where(pointing).values({column.name: None}))
        else:
            uproot(session, child, session.scalars(select(child.c.id).where(pointing)).all())
    session.execute(delete(table).where(table.c.id.in_(ids)))


def _pointing_at(table: Table) -> Iterator[tuple[Table, Column[Any]]]:
    for child in Base.metadata.tables.values():
        for column in child.columns:
            if any(key.column.table is table for key in column.foreign_keys):
                yield child, column


def _forgets(column: Column[Any]) -> bool:
    return all(key.ondelete == "SET NULL" for key in column.foreign_keys)
