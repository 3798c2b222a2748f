"""Whoosh's folders survive whatever happens to their files."""

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from knowledge_base.finding.engine import Engine
from knowledge_base.index import indexing
from knowledge_base.index.counting import Document
from knowledge_base.index.storing import IndexBusy, IndexUnusable
from tests.knowledge_base.articles import ENGLISH, JAPANESE, first
from tests.knowledge_base.disasters import DISASTERS, garble_words_alone


@pytest.fixture
def engine(tmp_path):
    engine = Engine(tmp_path)
    engine.rebuild("ja", JAPANESE)
    engine.rebuild("en", ENGLISH)
    return engine


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
from knowledge_base.finding.engine import Engine
from knowledge_base.index.indexing import Document
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


@contextmanager
def without_root() -> Iterator[Path]:
    """A folder of somebody whom rights mean something to."""
    with TemporaryDirectory() as folder:
        me = os.geteuid()
        if me == 0:
            os.chown(folder, 65534, -1)
            os.seteuid(65534)
        try:
            yield Path(folder)
        finally:
            os.seteuid(me)


@pytest.mark.parametrize("taken", ["kb-ja", "kb-ja/current", "kb-ja/writing", "kb-ja/g*", "kb-ja/g*/*"])
def test_rights_that_were_taken_are_noticed_and_taken_back(engine, taken):
    # Loads all modules that may lie where only root may read.
    assert first(engine, "解約") == 2
    with without_root() as home:
        engine = Engine(home)
        engine.rebuild("ja", JAPANESE)
        for path in home.glob(taken):
            path.chmod(0)
        if taken != "kb-ja/writing":
            with pytest.raises(IndexUnusable):
                Engine(home).search("解約", "ja")
        engine.rebuild("ja", JAPANESE)

        assert first(engine, "解約") == 2
        assert engine.is_current("ja")
        for path in home.rglob("*"):
            path.chmod(0o700)


def test_damage_is_not_merged_into_what_is_new(engine, tmp_path):
    for number in range(6, 16):
        engine.update("ja", [Document(number, "鳥", "鳥の話")])
    garble_words_alone(tmp_path, in_use(tmp_path))

    with pytest.raises(IndexUnusable):
        engine.update("ja", [Document(16, "鳥", "鳥の話")])


def test_readers_keep_what_they_have_read_whatever_becomes_of_the_files(engine, tmp_path):
    assert first(engine, "解約") == 2
    garble_words_alone(tmp_path, in_use(tmp_path))

    assert first(engine, "請求書") == 3
    assert not engine.is_current("ja")


def in_use(home: Path) -> Path:
    return next((home / "kb-ja").glob("g*"))


def test_a_folder_that_somebody_else_locks_is_busy_and_works_again(engine, tmp_path, monkeypatch):
    monkeypatch.setattr(indexing, "_PATIENCE", 0.2)
    with (tmp_path / "kb-ja" / "writing").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        for write in (engine.update, engine.rebuild):
            with pytest.raises(IndexBusy):
                write("ja", [Document(6, "鳥", "鳥の話")])
        assert first(engine, "解約") == 2
    engine.update("ja", [Document(6, "鳥", "鳥の話")])

    assert engine.ids("ja") == {1, 2, 3, 4, 5, 6}


def test_a_full_disk_harms_nothing(engine, tmp_path):
    script = [sys.executable, "-c", FULL, str(tmp_path)]
    done = subprocess.run(script, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])

    assert done.stdout.split() == ["IndexBusy", "OSError"]
    assert engine.ids("ja") == {1, 2, 3, 4, 5}
    assert engine.is_current("ja")
    engine.update("ja", [Document(6, "鳥", "鳥の話")])
    assert engine.ids("ja") == {1, 2, 3, 4, 5, 6}
    assert len(list((tmp_path / "kb-ja").glob("g*"))) == 1


FULL = """
import resource, sys
from pathlib import Path
from knowledge_base.index.counting import Document
from knowledge_base.finding.engine import Engine
engine = Engine(Path(sys.argv[1]))
documents = [Document(id, f"鳥 {id}", " ".join(f"word{id}x{n}" for n in range(300))) for id in range(6, 30)]
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
for write in (engine.update, engine.rebuild):
    try:
        write("ja", documents)
    except Exception as error:
        print(type(error).__name__)
"""


def test_many_small_changes_stay_few_segments_and_tidying_makes_them_one(engine, tmp_path):
    most = 0
    for number in range(120):
        engine.update("ja", [Document(6 + number % 40, "鳥", f"鳥の話 {number}")])
        most = max(most, int(engine.size("ja").split()[0]))
    assert most <= 15
    engine.tidy("ja")

    assert engine.size("ja").startswith("1 segments")
    assert engine.ids("ja") == {1, 2, 3, 4, 5, *range(6, 46)}
    assert len(list(in_use(tmp_path).iterdir())) <= 4
