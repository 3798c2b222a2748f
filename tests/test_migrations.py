"""The tables' history: there and back, and equal to the models at its end."""

import pytest
from sqlalchemy import inspect

from helpdesk.core import migrating
from helpdesk.core.db import Base, db
from helpdesk.core.fulltext import is_internal


def tables() -> set[str]:
    db.session.rollback()
    names = inspect(db.engine).get_table_names()
    return {name for name in names if not is_internal(name)} - {"alembic_version"}


def test_the_migrations_make_the_models(app):
    from alembic import command

    command.check(migrating._config())


def test_there_and_back_leaves_nothing(app):
    migrating.downgrade("base")
    assert tables() == set()
    migrating.upgrade()
    assert tables() == set(Base.metadata.tables)


def test_upgrading_twice_is_the_same_as_once(app):
    migrating.upgrade()

    assert migrating.current() == migrating.head()


def test_a_half_finished_upgrade_completes_on_the_next_start(app, monkeypatch):
    migrating.downgrade("base")
    monkeypatch.setattr("alembic.operations.base.BatchOperations.create_index", _power_cut)
    with pytest.raises(RuntimeError, match="power"):
        migrating.upgrade()
    monkeypatch.undo()

    migrating.upgrade()

    assert tables() == set(Base.metadata.tables)


def _power_cut(*_args: object, **_kwargs: object) -> None:
    raise RuntimeError("power")
