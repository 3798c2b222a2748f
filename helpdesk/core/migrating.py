"""Bringing the tables up to date. Alembic is imported here on first use: pages never need it."""

from pathlib import Path
from typing import TYPE_CHECKING

from helpdesk.core.db import db, reading

if TYPE_CHECKING:
    from alembic.config import Config

_FOLDER = Path(__file__).resolve().parent.parent / "migrations"


def upgrade(revision: str = "head") -> None:
    """Bring the database of the current app to `revision`; safe to repeat."""
    from alembic import command

    command.upgrade(_config(), revision)


def downgrade(revision: str) -> None:
    """Take the database of the current app back to `revision`."""
    from alembic import command

    command.downgrade(_config(), revision)


def current() -> str | None:
    """The revision the database is at, None where it has no tables yet."""
    from alembic.runtime.migration import MigrationContext

    with reading(), db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str | None:
    """The newest revision this release knows."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    return config
