"""Houses for tests: one prepared database for all of them, a copy or a swept one for each.

SQLite in a file; PostgreSQL where `HELPDESK_TEST_DATABASE` names a server on which databases may be made.
"""

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Connection, create_engine, make_url, text
from werkzeug.routing import Rule

from helpdesk.app import create_app
from helpdesk.config import Settings
from helpdesk.core import migrating
from helpdesk.core.db import db

# Pages compiled once for all the apps of a run, and of the next.
PAGES = FileSystemBytecodeCache()

# Half of a small test's time went into writing the same functions for the same addresses, app by app.
_compile_builder = Rule._compile_builder
_builders: dict[tuple[str, ...], Callable[..., Any]] = {}


def _compile_builder_once(rule: Rule, append_unknown: bool = True) -> Callable[..., Any]:
    key = (rule.rule, repr(rule.endpoint), repr(rule.defaults), repr(append_unknown))
    if key not in _builders:
        _builders[key] = _compile_builder(rule, append_unknown)
    return _builders[key]


Rule._compile_builder = _compile_builder_once  # type: ignore[method-assign]

SERVER = os.environ.get("HELPDESK_TEST_DATABASE", "")


def settings(home: Path, **chosen: Any) -> Settings:
    """Settings for a test house in `home`."""
    given = {
        "home": home,
        "secret_key": "a test's secret",
        "site_url": "http://localhost",
        "mail_from": "Helpdesk <support@helpdesk.example.com>",
        "rate_limits": False,
        # Said at once; the tests that are about taking back ask for ten seconds.
        "undo_send": 0,
        "default_lang": "en",
        "company_name": "Example",
        # The model would take most of the time of every test; those that are about it ask for it.
        "kb_semantic": False,
    }
    return Settings(_env_file=None, **{**given, **chosen})


@contextmanager
def prepared(home: Path) -> Iterator[Settings]:
    """A house with all its tables and nothing in them, to start others from."""
    chosen = settings(home, database_url=_make_database()) if SERVER else settings(home)
    app = create_app(chosen)
    with app.app_context():
        migrating.upgrade()
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    try:
        yield chosen
    finally:
        _drop_database(chosen)


@contextmanager
def copied(original: Settings, home: Path) -> Iterator[Settings]:
    """A house of one's own that starts like `original`: a copy of its file, or its server's tables, swept."""
    shutil.copytree(original.home, home)
    yield settings(home, database_url=original.database_url)
    if SERVER:
        _sweep(original.database)


def _make_database() -> str:
    name = f"helpdesk_test_{uuid.uuid4().hex[:12]}"
    with _server(SERVER) as connection:
        connection.execute(text(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0"))
    return make_url(SERVER).set(database=name).render_as_string(hide_password=False)


def _drop_database(chosen: Settings) -> None:
    if SERVER:
        with _server(SERVER) as connection:
            connection.execute(text(f"DROP DATABASE {make_url(chosen.database).database} WITH (FORCE)"))


def _sweep(database: str) -> None:
    """Empty what a test filled; truncating every table would take longer than the test did."""
    with _server(database) as connection:
        tables = connection.scalars(
            text("SELECT relname FROM pg_stat_user_tables WHERE relname <> 'alembic_version'")
        )
        asked = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in tables)
        filled = list(connection.scalars(text(asked)))
        # Foreign keys are kept by triggers, which a replica does not fire.
        connection.execute(text("SET session_replication_role = replica"))
        for name in filled:
            connection.execute(text(f"DELETE FROM {name}"))
        sequences = connection.scalars(
            text("SELECT sequencename FROM pg_sequences WHERE last_value IS NOT NULL")
        )
        for name in list(sequences):
            connection.execute(text(f"ALTER SEQUENCE {name} RESTART"))


@contextmanager
def _server(url: str) -> Iterator[Connection]:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()
