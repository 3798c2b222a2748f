"""The tables' history: there and back, and equal to the models at its end."""

from datetime import datetime

import pytest
from sqlalchemy import inspect, text

from helpdesk.core import jobs, migrating
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


def test_topics_become_categories_and_topics_again(app):
    migrating.downgrade("0001")
    _articles_of_the_first_release()
    migrating.upgrade()
    names = text("SELECT name_ja, name_en FROM categories ORDER BY position")
    assert db.session.execute(names).all() == [("請求", "Billing"), ("", "Other")]

    db.session.rollback()
    migrating.downgrade("0001")
    topics = text("SELECT slug, category FROM articles ORDER BY id")
    assert dict(db.session.execute(topics).all()) == {"a": "請求", "b": "Billing", "c": "Other", "d": ""}
    db.session.rollback()
    migrating.upgrade()


def _articles_of_the_first_release() -> None:
    told = [
        ("k", "ja", "a", "請求"),
        ("k", "en", "b", "Billing"),
        (None, "en", "c", "Other"),
        (None, "ja", "d", ""),
    ]
    for external_id, lang, slug, category in told:
        row = {"external_id": external_id, "lang": lang, "slug": slug, "category": category}
        same = {"status": "published", "visibility": "public", "purpose": "how-to", "title": slug, "body": ""}
        same |= {"tags": "[]", "stages": "[]", "questions": "[]", "version": 1, "at": datetime(2026, 1, 1)}
        columns = "external_id, lang, slug, category, status, visibility, purpose, title, body, tags, stages"
        values = ", ".join(f":{name}" for name in columns.split(", "))
        db.session.execute(
            text(
                f"INSERT INTO articles ({columns}, questions, version, updated_at, created_at)"
                f" VALUES ({values}, :questions, :version, :at, :at)"
            ),
            row | same,
        )
    db.session.commit()


def test_a_ticket_number_is_never_given_twice_after_any_migration(app):
    for target in ("0002", "head"):
        migrating.downgrade("0002")
        if target == "head":
            migrating.upgrade()
        if db.engine.dialect.name == "sqlite":
            made = text("SELECT sql FROM sqlite_master WHERE name = 'tickets'")
            assert "AUTOINCREMENT" in db.session.scalar(made)
            db.session.rollback()
    migrating.upgrade()


def test_letters_know_the_address_they_went_to(app):
    migrating.downgrade("0002")
    row = {"at": datetime(2026, 1, 1), "to": '"Tanaka, Hanako" <Hanako@example.jp>'}
    columns = "state, message_id, sender, recipient, subject, text, headers, envelope_from, enclosures"
    values = "'sent', '<a@b>', 's@example.jp', :to, '', '', '{}', '', '{}', :at, 0, ''"
    db.session.execute(
        text(f"INSERT INTO letters ({columns}, written_at, attempts, error) VALUES ({values})"), row
    )
    db.session.commit()

    migrating.upgrade()

    assert db.session.scalar(text("SELECT address FROM letters")) == "hanako@example.jp"
    db.session.rollback()


def test_work_that_waits_is_found_where_it_lives_now(app):
    migrating.downgrade("0002")
    columns, row = "task, key, arguments, due_at, attempts", {"at": datetime(2026, 1, 1)}
    waiting = {
        "helpdesk.core.mail.deliver": None,
        "knowledge_base.life.publish_planned": "knowledge_base.life.publish_planned:7",
    }
    for task, key in waiting.items():
        values = text(f"INSERT INTO jobs ({columns}) VALUES (:task, :key, '{{}}', :at, 0)")
        db.session.execute(values, {**row, "task": task, "key": key})
    db.session.commit()

    migrating.upgrade()

    found = db.session.execute(text("SELECT task, key FROM jobs ORDER BY task")).all()
    assert [task for task, _key in found] == [
        "helpdesk.core.delivering.deliver",
        "knowledge_base.writing.life.publish_planned",
    ]
    assert found[1].key == "knowledge_base.writing.life.publish_planned:7"
    assert {task for task, _key in found} <= jobs._tasks.keys()
    db.session.rollback()
