"""Several processes at once, as in production: readers that ask without a pause, a worker, and disasters."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from helpdesk.app import create_app
from helpdesk.core.db import db, reading
from knowledge_base.index import feeding, tending
from knowledge_base.index.storing import IndexUnusable
from knowledge_base.models import Article
from knowledge_base.stores import ArticleWords, WordStore
from knowledge_base.writing import editing
from tests import houses
from tests.knowledge_base.disasters import DISASTERS, garble, remove

ROOT = Path(__file__).resolve().parents[2]
STORES = ("whoosh", "database")

READER = """
import json, sys, threading, time
from helpdesk.app import create_app
from helpdesk.core.db import reading
from knowledge_base.search import search
app, told, asked, wrong = create_app(), threading.Event(), [], []
def ask():
    while not told.is_set():
        try:
            with app.app_context(), reading():
                titles = [item.article.title for item in search("再発行", "ja", viewer=None).items]
            asked.append(1)
            if titles[:1] != ["請求書を再発行する"]:
                wrong.append(titles)
        except BaseException as error:
            wrong.append(repr(error))
        time.sleep(0.02)
threads = [threading.Thread(target=ask) for _ in range(int(sys.argv[1]))]
for thread in threads:
    thread.start()
while len(asked) + len(wrong) < 5:
    time.sleep(0.05)
print("reading", flush=True)
sys.stdin.read()
told.set()
for thread in threads:
    thread.join()
print(json.dumps({"asked": len(asked), "wrong": wrong[:5]}))
"""

# Changes articles one by one, each in a transaction of its own, as the desk does; and works jobs off.
WRITER = """
import sys
from helpdesk.app import create_app
from helpdesk.core.db import db
from helpdesk.core.jobs import run_due
from knowledge_base.writing import editing
app, mine = create_app(), sys.argv[1]
print("writing", flush=True)
for number in range(int(sys.argv[2])):
    with app.app_context():
        article = editing.write(f"鳥 {mine}x{number}", "鳥の話", lang="ja")
        editing.publish(article, by=None)
        if number % 3 == 2:
            editing.withdraw(article, by=None)
        db.session.commit()
    with app.app_context():
        run_due(limit=20)
"""


@pytest.fixture(params=STORES)
def database(request, prepared_house, tmp_path) -> Iterator[Flask]:
    """A house by the real clock, for processes of its own; an article to look for among others."""
    with houses.copied(prepared_house, tmp_path / "home") as settings:
        app = create_app(settings.model_copy(update={"kb_engine": request.param}))
        with app.app_context():
            for title in ("請求書を再発行する", "解約する", "パスワードを忘れたとき"):
                editing.publish(editing.write(title, "画面から行えます。", lang="ja"), by=None)
            db.session.commit()
            feeding.rebuild_index(lang="ja")
            db.session.commit()
            yield app
            db.session.remove()
            db.engine.dispose()


@contextmanager
def process(app: Flask, *command: str) -> Iterator[subprocess.Popen[str]]:
    """One that belongs to the house; killed at the end where it still runs."""
    settings = app.extensions["helpdesk.settings"]
    ours = {
        "HELPDESK_HOME": str(settings.home),
        "HELPDESK_DATABASE_URL": settings.database,
        "HELPDESK_SECRET_KEY": settings.secret_key,
        "HELPDESK_KB_ENGINE": settings.kb_engine,
    }
    with subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, **ours},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as started:
        try:
            yield started
        finally:
            started.kill()


def readers(app: Flask, stack: ExitStack, count: int, threads: int) -> list[subprocess.Popen[str]]:
    """Processes that ask already."""
    started = [stack.enter_context(process(app, "-c", READER, str(threads))) for _ in range(count)]
    for reader in started:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "reading\n"
    return started


def told(reader: subprocess.Popen[str]) -> dict[str, object]:
    """What a reader has seen."""
    return dict(json.loads(reader.communicate(timeout=60)[0]))


def is_back() -> bool:
    """Whether the index is whole again."""
    with looking():
        wanted = {*db.session.scalars(select(Article.id).where(Article.status == "published"))}
        try:
            return feeding.engine().versions("ja").keys() == wanted
        except IndexUnusable:
            return False


@contextmanager
def looking() -> Iterator[None]:
    """A short look at the database that keeps nobody from writing."""
    with reading():
        try:
            yield
        finally:
            db.session.rollback()


def wait_for(true: Callable[[], bool], seconds: float = 240) -> float:
    begun = time.monotonic()
    while not true():
        assert time.monotonic() < begun + seconds, "it never came"
        time.sleep(0.1)
    return time.monotonic() - begun


def _lose_store() -> None:
    db.session.execute(delete(WordStore))


def _lose_words() -> None:
    db.session.execute(delete(ArticleWords))


def _garble_words() -> None:
    db.session.execute(update(ArticleWords).values(words=b"garbage"))


def _other_version() -> None:
    db.session.execute(update(WordStore).values(stamp="older"))


IN_DATABASE = (_lose_store, _lose_words, _garble_words, _other_version)


def destroy(app: Flask, disaster: Callable[..., None]) -> None:
    if disaster in IN_DATABASE:
        disaster()
    else:
        place = Path(app.config["HELPDESK_HOME"]) / "index" / "kb-ja"
        # A writer that clears away meanwhile has done the same.
        with suppress(OSError):
            disaster(place, max(place.glob("g*"), default=place / "g"))
    # Where readers have it in memory, the worker's round finds it.
    tending.look_after()
    db.session.commit()


def survive(app: Flask, disasters: list[Callable[..., None]], processes: int, threads: int) -> int:
    """How many questions were answered meanwhile, all of them rightly."""
    with ExitStack() as stack:
        asking = readers(app, stack, processes, threads)
        stack.enter_context(process(app, "-m", "helpdesk", "worker"))
        for disaster in disasters:
            destroy(app, disaster)
            wait_for(is_back)
        seen = [told(reader) for reader in asking]
    assert [each["wrong"] for each in seen] == [[]] * processes
    return sum(int(str(each["asked"])) for each in seen)


def disasters_of(app: Flask) -> list[Callable[..., None]]:
    return list(IN_DATABASE if app.config["HELPDESK_KB_ENGINE"] == "database" else DISASTERS)


def test_readers_never_notice_that_the_index_is_destroyed(database):
    quick = [garble, remove] if disasters_of(database)[0] is remove else [_lose_store, _other_version]

    assert survive(database, quick, processes=1, threads=3) > 20


@pytest.mark.long
@pytest.mark.timeout(900)
def test_readers_never_notice_any_disaster(database):
    assert survive(database, disasters_of(database) * 3, processes=3, threads=4) > 500


@pytest.mark.long
@pytest.mark.timeout(900)
def test_writers_in_several_processes_lose_nothing_while_others_read(database):
    with ExitStack() as stack:
        asking = readers(database, stack, 2, 2)
        writers = [stack.enter_context(process(database, "-c", WRITER, str(n), "40")) for n in range(4)]
        assert [writer.wait(600) for writer in writers] == [0] * 4
        stack.enter_context(process(database, "-m", "helpdesk", "worker"))
        wait_for(is_back)
        seen = [told(reader) for reader in asking]
    titles = {*db.session.scalars(select(Article.title).where(Article.status == "published"))}

    assert [each["wrong"] for each in seen] == [[], []]
    assert {title for title in titles if title.startswith("鳥")} == {
        f"鳥 {mine}x{number}" for mine in range(4) for number in range(40) if number % 3 != 2
    }


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_worker_that_is_killed_again_and_again_loses_nothing(database):
    chance = random.Random(1)
    for number in range(12):
        for more in range(5):
            title = f"鳥 {number}x{more}"
            editing.publish(editing.write(title, "鳥の話 " * 300, lang="ja"), by=None)
            db.session.commit()
        with process(database, "-m", "helpdesk", "worker") as worker:
            # From its start on, through the cutting of words, into the commit and after it.
            time.sleep(2 + 4 * chance.random())
            worker.send_signal(signal.SIGKILL)
    with process(database, "-m", "helpdesk", "worker"):
        wait_for(is_back)

    assert len(feeding.engine().ids("ja")) == 3 + 60


def test_an_article_is_findable_in_moments_and_gone_at_once(database):
    from knowledge_base.search import search

    def found() -> bool:
        with looking():
            return bool(search("縞馬", "ja", viewer=None).items)

    with process(database, "-m", "helpdesk", "worker"):
        zebra = editing.write("縞馬の飼い方", "草を食べます。", lang="ja")
        editing.publish(zebra, by=None)
        db.session.commit()
        wait_for(found)
        editing.withdraw(zebra, by=None)
        db.session.commit()
        assert not found()
        editing.publish(zebra, by=None)
        db.session.commit()
        assert wait_for(found) < 3
