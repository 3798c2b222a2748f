"""Keeping the index behind the articles: one job a language, asked for in the transaction of each change.

The database is the truth and the index a cache: an article is stale where the index has another version of
it, so a change during the writing is seen, and a lost index is made anew.
"""

import logging
from collections.abc import Iterator
from time import monotonic
from typing import TYPE_CHECKING, cast

from flask import current_app
from sqlalchemy import ColumnElement, Row, Select, Table, bindparam, or_, select, update

from helpdesk.core.db import db, is_reading, reading
from helpdesk.core.jobs import task
from knowledge_base.index.storing import IndexUnusable
from knowledge_base.language.prose import prose
from knowledge_base.models import Article, ArticleStatus
from knowledge_base.semantic.feeding import embed_later
from knowledge_base.vocabulary import proven

if TYPE_CHECKING:
    from knowledge_base.finding.engine import Engine
    from knowledge_base.index.counting import Document

log = logging.getLogger(__name__)

# Articles written in one commit of the index; more changes than this are several commits.
_BATCH = 100
# Seconds in which a process asks once for a lost index: each search would, and keep the worker from writing.
_ASKED_AGAIN = 3.0

_Chosen = Select[int, int, ArticleStatus, str, str, list[str], list[str]]
_Rows = list[Row[int, int, ArticleStatus, str, str, list[str], list[str]]]


def engine() -> "Engine":
    """The search engine of this process, made on its first use."""
    made: Engine | None = current_app.extensions.get("helpdesk.search_engine")
    return made or current_app.extensions.setdefault("helpdesk.search_engine", _new_engine())


@task
def index_changes(lang: str) -> None:
    """Bring the index of a language up to its articles; a job, one of them waiting at a time."""
    rows: _Rows = []
    # On SQLite nobody else could write while we wait for our turn.
    db.session.rollback()
    try:
        # The store asks for the articles when it is our turn to write: none is written over by an older one.
        engine().update(lang, _read(_stale(lang).limit(_BATCH), rows), gone=(row.id for row in rows))
        _settle(lang, rows)
    except IndexUnusable:
        rebuild_index(lang=lang)


@task
def rebuild_index(lang: str) -> None:
    """Make the index of a language anew; until it is done, questions get the old one or the database."""
    rows: _Rows = []
    db.session.rollback()
    engine().rebuild(lang, _read(_chosen(lang), rows))
    _settle(lang, rows)


def ask_for_rebuild(lang: str) -> None:
    """Have the index made anew; also from within a page that only reads. Never fails."""
    asked = current_app.extensions.setdefault("helpdesk.rebuilds_asked", {})
    if monotonic() < asked.get(lang, 0.0):
        return None
    asked[lang] = monotonic() + _ASKED_AGAIN
    try:
        if not is_reading():
            return rebuild_index.later(key=lang, lang=lang)
        # The page's own transaction cannot write: a context of its own has its own session.
        with current_app.app_context(), reading(False):
            rebuild_index.later(key=lang, lang=lang)
            db.session.commit()
    except Exception:
        log.exception("no rebuild of the index %s could be asked for", lang)
    return None


def is_behind(lang: str) -> bool:
    """Whether an article is stale."""
    return db.session.execute(_stale(lang).limit(1)).first() is not None


def _new_engine() -> "Engine":
    # Whoosh and numpy cost a fifth of a second: paid by the first search, not by every start.
    from knowledge_base.finding.engine import Engine  # noqa: PLC0415

    if current_app.config["HELPDESK_KB_ENGINE"] == "database":
        from knowledge_base.index.table_store import TableStore  # noqa: PLC0415

        return Engine(TableStore())
    return Engine(current_app.config["HELPDESK_HOME"] / "index")


def _chosen(lang: str, *conditions: ColumnElement[bool]) -> _Chosen:
    text = (Article.title, Article.body, Article.tags, Article.questions)
    columns = select(Article.id, Article.version, Article.status, *text)
    return columns.where(Article.lang == lang, *conditions).order_by(Article.id)


def _stale(lang: str) -> _Chosen:
    """Articles that the index has in another version, or does not know; a draft it never had is not stale."""
    is_another = Article.indexed_version.is_distinct_from(Article.version)
    may_be_in = or_(Article.status == ArticleStatus.PUBLISHED, Article.indexed_version.is_not(None))
    return _chosen(lang, is_another, may_be_in)


def _read(chosen: _Chosen, rows: _Rows) -> "Iterator[Document]":
    """The published ones of what is chosen; `rows` gets all of them, in the moment when they are read."""
    from knowledge_base.index.counting import Document  # noqa: PLC0415  (as in `engine`)

    rows.extend(db.session.execute(chosen).all())
    published = [row for row in rows if row.status == ArticleStatus.PUBLISHED]
    learned = proven([row.id for row in published])
    # The database is let go of: on SQLite nobody else could write while words are cut.
    db.session.rollback()
    for row in published:
        asked = [*row.questions, *learned.get(row.id, ())]
        yield Document(row.id, row.title, prose(row.body), row.tags, asked, row.version)


def _settle(lang: str, rows: _Rows) -> None:
    """Note what the index has now; what changed meanwhile, or did not fit the batch, is asked for again."""
    articles = cast(Table, Article.__table__)
    noted = update(articles).where(articles.c.id == bindparam("row")).values(indexed_version=bindparam("had"))
    had = {row.id: row.version if row.status == ArticleStatus.PUBLISHED else None for row in rows}
    if had:
        db.session.execute(noted, [{"row": id, "had": version} for id, version in had.items()])
    embed_later([*had])
    if is_behind(lang):
        index_changes.later(key=lang, lang=lang)
