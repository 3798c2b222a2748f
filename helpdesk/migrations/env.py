"""How Alembic reaches the database: through the app that asks, in one transaction per upgrade."""

from alembic import context

from helpdesk.core.db import Base, db
from helpdesk.core.fulltext import is_internal


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Whether Alembic compares it: the full-text tables are the index's own affair."""
    return not (kind == "table" and name is not None and is_internal(name))


with db.engine.connect() as connection:
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        # Batch mode rebuilds tables; with foreign keys on, dropping the old one would take its children too.
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
    context.configure(
        connection=connection, target_metadata=Base.metadata, render_as_batch=True, include_name=is_ours
    )
    with context.begin_transaction():
        context.run_migrations()
    if is_sqlite:
        connection.rollback()
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")  # type: ignore[union-attr]
