"""The database: one typed base, one session, the same behaviour on SQLite and PostgreSQL."""

import enum
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    BigInteger,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Enum,
    Integer,
    MetaData,
    String,
    TypeDecorator,
    event,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, registry

# Writers on SQLite wait for each other this long before they give up.
SQLITE_PATIENCE_MS = 15_000

_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    f"busy_timeout={SQLITE_PATIENCE_MS}",
    "temp_store=MEMORY",
    "cache_size=-16000",
    "mmap_size=134217728",
    "journal_size_limit=67108864",
)

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

# A read that turns into a write fails at once on SQLite, so a unit of work says beforehand what it is.
_reading: ContextVar[bool] = ContextVar("reading", default=False)


class UTCDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC, though SQLite forgets the zone."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value else None


class Base(DeclarativeBase):
    """What every table has: a number of its own."""

    registry = registry(
        metadata=MetaData(naming_convention=_NAMES),
        type_annotation_map={
            datetime: UTCDateTime(),
            enum.Enum: Enum(
                enum.Enum,
                native_enum=False,
                length=40,
                create_constraint=False,
                values_callable=lambda kind: [member.value for member in kind],
            ),
            dict[str, Any]: JSON(),
            list[str]: JSON(),
            str: String(),
        },
    )

    # 64 bits where the database tells them apart; SQLite's own row number elsewhere.
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


db = SQLAlchemy(model_class=Base)

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


def init_app(app: Flask) -> None:
    """Bind the database to `app`, with the pragmas and transactions that survive several workers."""
    db.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            _prepare_sqlite(db.engine)
    app.before_request(_say_whether_reading)


def _say_whether_reading() -> None:
    _reading.set(request.method in ("GET", "HEAD", "OPTIONS"))


@contextmanager
def reading(only: bool = True) -> Iterator[None]:
    """Take the work within as reading only (or, with False, as writing), until it ends."""
    before = _reading.set(only)
    try:
        yield
    finally:
        _reading.reset(before)


def is_reading() -> bool:
    """Whether the work in hand said that it only reads, so that a write must go aside."""
    return _reading.get()


@contextmanager
def aside() -> Iterator[Session]:
    """A short write of its own, committed at the end, for what a GET may leave behind (a visit, a search)."""
    with reading(False), Session(db.engine) as session, session.begin():
        yield session


def insert_into(model: type[Base]) -> sqlite.Insert:
    """An insert that may say `on_conflict_…`, which both databases spell alike."""
    dialect = sqlite if db.engine.dialect.name == "sqlite" else postgresql
    return cast(sqlite.Insert, dialect.insert(model))


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if _reading.get() else "BEGIN IMMEDIATE")
