"""Looking after the index though nobody searches: comparing it with the articles, tidying, warming."""

import logging
import shutil
import threading

from flask import Flask, current_app
from sqlalchemy import delete, or_, select

from helpdesk.core.db import db, reading
from helpdesk.core.i18n import LANGUAGES
from helpdesk.core.jobs import task
from knowledge_base.index.feeding import engine, index_changes, is_behind, rebuild_index
from knowledge_base.index.storing import IndexUnusable
from knowledge_base.models import Article, ArticleStatus
from knowledge_base.stores import WordStore

log = logging.getLogger(__name__)

# Loads what a question of either language needs: the dictionary, the stems, the words that are misspelt.
_WARMING = "パスワドの変更 passwrod"


def init_app(app: Flask) -> None:
    """Let `helpdesk doctor` ask how the index is."""
    app.extensions["helpdesk.index_state"] = state


def look_after() -> None:
    """Have each index compared with its articles. Scheduled, and asked for whenever a worker starts."""
    for lang in LANGUAGES:
        check_index.later(key=lang, lang=lang)


def tidy() -> None:
    """Have what many small changes left behind joined, and all of it read once. Scheduled."""
    for lang in LANGUAGES:
        tidy_index.later(key=lang, lang=lang)


@task
def check_index(lang: str) -> None:
    """Have an index made anew where it is unusable or not what the database takes it for; a job."""
    try:
        # Two looks: what another worker writes this moment is different in the second.
        if (lost := _lost(lang)) and (lost := lost & _lost(lang)):
            log.warning("the index %s has another state of %d articles than it should", lang, len(lost))
            rebuild_index.later(key=lang, lang=lang)
    except IndexUnusable as error:
        if _published(lang):
            log.warning("the index is unusable: %s", error)
            rebuild_index.later(key=lang, lang=lang)
    if is_behind(lang):
        index_changes.later(key=lang, lang=lang)


@task
def tidy_index(lang: str) -> None:
    """Join what many small changes left behind; a job."""
    db.session.rollback()
    try:
        engine().tidy(lang)
    except IndexUnusable as error:
        if _published(lang):
            log.warning("the index cannot be tidied: %s", error)
            rebuild_index.later(key=lang, lang=lang)


def forget() -> None:
    """Have all indexes made anew, and until then answer from the database: for a database put back."""
    db.session.execute(delete(WordStore))
    shutil.rmtree(current_app.config["HELPDESK_HOME"] / "index", ignore_errors=True)
    for lang in LANGUAGES:
        rebuild_index.later(key=lang, lang=lang)


def warm(app: Flask) -> threading.Thread:
    """Load dictionary and indexes in the background, so that no customer waits for it."""
    warming = threading.Thread(target=_warm, args=(app,), name="warming", daemon=True)
    warming.start()
    return warming


def state() -> list[tuple[str, bool, str]]:
    """Of each language: whether its index is well, and a sentence about it."""
    return [(lang, *_state(lang)) for lang in LANGUAGES]


def _warm(app: Flask) -> None:
    for lang in LANGUAGES:
        with app.app_context(), reading():
            try:
                engine().search(_WARMING, lang)
            except Exception as error:
                # The first search will find the same, and ask for what helps.
                log.info("the index %s could not be loaded beforehand: %r", lang, error)


def _lost(lang: str) -> set[int]:
    """Articles that the index has not, or in an earlier version than was noted, or has without a reason."""
    columns = select(Article.id, Article.indexed_version, Article.status == ArticleStatus.PUBLISHED)
    may_be_in = or_(Article.status == ArticleStatus.PUBLISHED, Article.indexed_version.is_not(None))
    noted = db.session.execute(columns.where(Article.lang == lang, may_be_in)).all()
    db.session.rollback()
    kept = engine().versions(lang)
    behind = {
        id
        for id, version, is_published in noted
        if is_published and version is not None and kept.get(id, -1) < version
    }
    return behind | (kept.keys() - {id for id, _version, _is_published in noted})


def _published(lang: str) -> set[int]:
    published = select(Article.id).where(Article.lang == lang, Article.status == ArticleStatus.PUBLISHED)
    return {*db.session.scalars(published)}


def _state(lang: str) -> tuple[bool, str]:
    wanted = _published(lang)
    try:
        kept, size = engine().versions(lang), engine().size(lang)
    except IndexUnusable:
        saying = "missing, damaged or made by another version; answers come from the database"
        return (False, saying) if wanted else (True, "no articles yet")
    behind = len(wanted ^ kept.keys())
    return behind == 0, f"{len(kept)} articles" + (f", {behind} behind" if behind else "") + f"; {size}"
