"""Whoosh's folders survive whatever happens to their files."""

import os
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from knowledge_base.counting import Document
from knowledge_base.engine import Engine
from knowledge_base.storing import IndexUnusable
from tests.knowledge_base.articles import ENGLISH, JAPANESE, first


@pytest.fixture
def engine(tmp_path):
    engine = Engine(tmp_path)
    engine.rebuild("ja", JAPANESE)
    engine.rebuild("en", ENGLISH)
    return engine


def _remove(place, folder):
    shutil.rmtree(place)


def _empty(place, folder):
    for file in folder.iterdir():
        file.write_bytes(b"")


def _truncate(place, folder):
    for file in folder.iterdir():
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _garble(place, folder):
    for file in folder.iterdir():
        file.write_bytes(os.urandom(file.stat().st_size))


def _lose_segments(place, folder):
    for file in folder.glob("MAIN_*"):
        file.unlink()


def _lose_pointer(place, folder):
    (place / "current").unlink()


def _garble_pointer(place, folder):
    (place / "current").write_bytes(b'{"folder": "../../etc", "stamp": 7}')


def _replace_with_a_file(place, folder):
    shutil.rmtree(place)
    place.write_text("what?")


DISASTERS = [
    _remove,
    _empty,
    _truncate,
    _garble,
    _lose_segments,
    _lose_pointer,
    _garble_pointer,
    _replace_with_a_file,
]


# Whoosh leaves what it could not read to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("disaster", DISASTERS)
@pytest.mark.parametrize("is_open", [True, False], ids=["open", "not open"])
def test_a_destroyed_index_is_noticed_and_rebuilt(engine, tmp_path, disaster, is_open):
    engine.search("請求書", "ja") if is_open else None
    place = tmp_path / "kb-ja"
    disaster(place, next(place.glob("g*")))

    with pytest.raises(IndexUnusable):
        Engine(tmp_path).search("解約", "ja")
    assert not Engine(tmp_path).is_current("ja")
    engine.rebuild("ja", JAPANESE)

    assert first(engine, "解約") == 2
    assert engine.is_current("ja")


def test_an_index_of_other_words_is_not_current(engine, tmp_path):
    pointer = tmp_path / "kb-ja" / "current"
    pointer.write_text(pointer.read_text().replace('"stamp": "', '"stamp": "old-'))

    assert not engine.is_current("ja")
    with pytest.raises(IndexUnusable):
        engine.search("解約", "ja")


def test_a_rebuild_that_fails_leaves_the_old_index(engine, tmp_path):
    def broken():
        yield JAPANESE[0]
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError):
        engine.rebuild("ja", broken())

    assert engine.ids("ja") == {1, 2, 3, 4, 5}
    assert len(list((tmp_path / "kb-ja").glob("g*"))) == 1


KILLED = """
import os, sys
from pathlib import Path
from knowledge_base.engine import Engine
from knowledge_base.indexing import Document
def documents():
    yield Document(99, "猫", "猫の話")
    print("writing", flush=True)
    sys.stdin.read()
getattr(Engine(Path(sys.argv[1])), sys.argv[2])("ja", documents())
"""


@pytest.mark.parametrize("verb", ["update", "rebuild"])
def test_a_killed_writer_leaves_a_working_index_and_no_lock(engine, tmp_path, verb):
    script = [sys.executable, "-c", KILLED, str(tmp_path), verb]
    with subprocess.Popen(
        script, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    ) as writer:
        assert writer.stdout.readline() == b"writing\n"
        writer.send_signal(signal.SIGKILL)

    assert engine.ids("ja") == {1, 2, 3, 4, 5}
    engine.update("ja", [Document(6, "鳥", "鳥の話")])
    assert engine.ids("ja") == {1, 2, 3, 4, 5, 6}


def test_readers_are_never_disturbed_by_writers(engine):
    def read(_):
        return {hit.id for hit in engine.search("解約", "ja").hits}

    with ThreadPoolExecutor(8) as threads:
        reading = [threads.submit(read, None) for _ in range(300)]
        for number in range(6, 14):
            engine.update("ja", [Document(number, "鳥", "鳥の話")])
        engine.rebuild("ja", JAPANESE)
        results = [found.result() for found in reading]

    assert all(2 in result for result in results)


def test_writers_in_several_threads_lose_nothing(engine, tmp_path):
    def write(number):
        Engine(tmp_path).update("ja", [Document(number, "鳥", "鳥の話")])

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, range(100, 120)))

    assert engine.ids("ja") == {1, 2, 3, 4, 5, *range(100, 120)}
