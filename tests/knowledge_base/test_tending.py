"""The index is looked after though nobody searches, and what cannot be written now is written later."""

import errno
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from helpdesk.core.db import db
from helpdesk.core.jobs import Job
from helpdesk.core.scheduling import beat
from helpdesk.running.backing_up import back_up, restore
from helpdesk.running.doctor import examine
from helpdesk.running.worker import Worker
from knowledge_base.index import feeding, tending
from knowledge_base.index.counting import Document
from knowledge_base.models import Article
from knowledge_base.search import search
from knowledge_base.stores import ArticleWords, WordStore
from knowledge_base.writing import editing
from tests.knowledge_base.disasters import DISASTERS


@pytest.fixture(params=["whoosh", "database"])
def store(app, request):
    app.config["HELPDESK_KB_ENGINE"] = request.param
    return request.param


@pytest.fixture
def indexed(written, work_off):
    articles = [written(f"Invoice {number}", "Press print.") for number in range(4)]
    work_off()
    return articles


@pytest.fixture
def place(app):
    return Path(app.config["HELPDESK_HOME"]) / "index" / "kb-en"


def index_faults() -> list[str]:
    return [finding.saying for finding in examine() if finding.what.startswith("search") and finding.is_fault]


def forget_memory(app) -> None:
    """As another process would begin."""
    app.extensions.pop("helpdesk.search_engine", None)


def look_after(work_off) -> None:
    tending.look_after()
    work_off()


@pytest.mark.parametrize("disaster", DISASTERS)
def test_a_destroyed_index_is_made_anew_though_nobody_searches(indexed, place, work_off, disaster):
    disaster(place, next(place.glob("g*")))
    assert index_faults()
    look_after(work_off)

    assert index_faults() == []
    assert len(search("invoice", "en").items) == 4


def _lose_store() -> None:
    db.session.execute(delete(WordStore))


def _lose_words() -> None:
    db.session.execute(delete(ArticleWords))


def _empty_words() -> None:
    db.session.execute(update(ArticleWords).values(words=b""))


def _other_version() -> None:
    db.session.execute(update(WordStore).values(stamp="older"))


@pytest.mark.parametrize("disaster", [_lose_store, _lose_words, _empty_words, _other_version])
def test_destroyed_words_in_the_database_are_made_anew(app, written, work_off, disaster):
    app.config["HELPDESK_KB_ENGINE"] = "database"
    written("Invoice")
    work_off()
    disaster()
    db.session.commit()
    assert index_faults()
    look_after(work_off)

    assert index_faults() == []
    forget_memory(app)
    assert feeding.engine().ids("en") == {*db.session.scalars(select(Article.id))}


def test_an_index_in_order_is_left_alone(store, indexed, work_off):
    tending.look_after()
    db.session.commit()
    asked = {*db.session.scalars(select(Job.task))}
    work_off()

    assert asked == {tending.check_index.name}
    assert db.session.scalars(select(Job)).all() == []


def test_an_index_of_yesterday_is_noticed(app, indexed, place, work_off, ada):
    shutil.copytree(place, place.with_name("yesterday"))
    editing.revise(indexed[0], "Zebra", "Press print.", by=ada)
    editing.publish(indexed[0], by=ada)
    work_off()
    shutil.rmtree(place)
    place.with_name("yesterday").rename(place)
    assert feeding.engine().search("zebra", "en").hits == []
    look_after(work_off)

    assert [item.article.title for item in search("zebra", "en").items] == ["Zebra"]


def test_an_article_that_the_index_lost_or_kept_too_long_is_noticed(store, indexed, work_off):
    lost, kept = indexed[0].id, 999
    feeding.engine().update("en", [Document(kept, "Ghost", "", version=1)], gone=[lost])
    db.session.commit()
    assert "2 behind" in index_faults()[0]
    look_after(work_off)

    assert index_faults() == []
    assert feeding.engine().ids("en") == {article.id for article in indexed}


def test_a_change_that_nobody_asked_to_index_is_indexed(store, indexed, work_off):
    indexed[0].title = "Zebra"
    db.session.commit()
    look_after(work_off)

    assert [item.article.title for item in search("zebra", "en").items] == ["Zebra"]


def test_a_full_disk_loses_nothing(indexed, work_off, ada, monkeypatch, clock):
    def full(*_args, **_more):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("whoosh.writing.SegmentWriter.commit", full)
        editing.revise(indexed[0], "Zebra", "Press print.", by=ada)
        editing.publish(indexed[0], by=ada)
        work_off()
        waiting = db.session.scalars(select(Job)).one()
        assert "IndexBusy" in waiting.error
        assert waiting.failed_at is None
        assert len(search("invoice", "en").items) == 4
    clock.shift(timedelta(minutes=1))
    work_off()

    assert [item.article.title for item in search("zebra", "en").items] == ["Zebra"]
    assert db.session.scalars(select(Job)).all() == []


def test_a_database_put_back_gets_an_index_of_its_own(store, indexed, work_off, tmp_path, written):
    back_up(tmp_path / "backup.tar.gz")
    later = written("Zebra").id
    work_off()
    restore(tmp_path / "backup.tar.gz", force=True)
    assert len(search("invoice", "en").items) == 4
    work_off()

    assert later not in feeding.engine().ids("en")
    assert index_faults() == []


def test_changing_the_store_makes_it_anew(app, indexed, work_off):
    app.config["HELPDESK_KB_ENGINE"] = "database"
    forget_memory(app)
    assert len(search("invoice", "en").items) == 4
    work_off()

    assert index_faults() == []
    assert feeding.engine().ids("en") == {article.id for article in indexed}


def test_the_doctor_tells_how_large_the_index_is(store, indexed):
    beat("here")
    said = {finding.what: finding.saying for finding in examine()}

    assert said["search index en"].startswith("4 articles; ")
    assert said["search index en"].endswith(" MB on disk" if store == "whoosh" else " MB in the database")


def test_warming_loads_what_the_first_question_needs(app, store, indexed, work_off):
    forget_memory(app)
    db.session.commit()
    tending.warm(app).join(30)
    loaded = app.extensions["helpdesk.search_engine"]

    assert loaded is feeding.engine()
    assert loaded._store._held if store == "database" else loaded._store._open


def test_warming_needs_no_index(app, store):
    db.session.commit()
    tending.warm(app).join(30)

    assert db.session.scalars(select(Job)).all() == []


def test_tidying_finds_garbage_that_nobody_has_read_yet(app, written, work_off):
    app.config["HELPDESK_KB_ENGINE"] = "database"
    written("Invoice")
    work_off()
    db.session.execute(update(ArticleWords).values(words=b"garbage"))
    tending.tidy()
    work_off()
    forget_memory(app)

    assert feeding.engine().ids("en") == {*db.session.scalars(select(Article.id))}


def test_tidying_joins_what_small_changes_left(store, indexed, work_off, ada):
    for number in range(20):
        editing.revise(indexed[0], f"Zebra {number}", "Press print.", by=ada)
        editing.publish(indexed[0], by=ada)
        work_off()
    tending.tidy()
    work_off()

    assert feeding.engine().ids("en") == {article.id for article in indexed}
    if store == "whoosh":
        assert feeding.engine().size("en").startswith("1 segments")


def test_a_worker_has_the_index_compared_at_its_start(app, indexed):
    db.session.commit()
    worker = Worker(app)
    worker.stop()
    worker.run()

    assert tending.check_index.name in {*db.session.scalars(select(Job.task))}
