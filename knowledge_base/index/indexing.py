"""Writing the index: one writer at a time, one commit a batch, a rebuild beside what is in use.

`place` is a language's folder. Its file `current` names the folder in use; a rebuild makes
another one and then turns the pointer in one step, so that a reader never meets half an index.
Whoosh keeps pickles: an index is code, never take one from elsewhere.
"""

import errno
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import NamedTuple

from whoosh.index import FileIndex
from whoosh.util.filelock import FileLock, try_for
from whoosh.writing import SegmentWriter

from knowledge_base.index.counting import Document, terms
from knowledge_base.index.postings import Damaged
from knowledge_base.index.sealing import NAME, Sealing, opened
from knowledge_base.index.storing import IndexBusy, IndexUnusable
from knowledge_base.index.whoosh_postings import noticing_damage, schema
from knowledge_base.language.words import stamp

# Seconds a writer waits for the one before it.
_PATIENCE = 10.0
_MEMORY_MB = 64
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EMFILE, errno.ENFILE, errno.ENOMEM)
_FOLDER = re.compile(r"g[0-9a-f]{16}")


class Pointer(NamedTuple):
    """Which folder is in use, and what its words depend on."""

    folder: str
    stamp: str


def pointer(place: Path) -> Pointer:
    """The pointer of a language's folder. Raises `IndexUnusable` where there is none that names a folder."""
    try:
        read = Pointer(**json.loads((place / "current").read_text()))
        if _FOLDER.fullmatch(read.folder):
            return read
    except (OSError, ValueError, TypeError) as error:
        raise IndexUnusable(f"{place.name}: {error!r}") from error
    raise IndexUnusable(f"{place.name}: its pointer names no folder")


def update(place: Path, documents: Iterable[Document], gone: Iterable[int]) -> None:
    """Put in or replace articles and take others out, in one commit; none where nothing is said."""
    with _writing(place):
        folder = place / _current(place).folder
        changed = {document.id: document for document in documents}
        old = {*gone, *changed}
        if not old:
            return
        with _changing(folder) as writer:
            for id in old:
                writer.delete_by_term("id", str(id))
            _write(writer, changed.values())


def optimise(place: Path) -> None:
    """Make one segment of all."""
    with _writing(place), _changing(place / _current(place).folder, optimize=True):
        pass


def rebuild(place: Path, documents: Iterable[Document]) -> None:
    """Make the index anew, whatever state it is in."""
    with _writing(place):
        # Never a name that was used before: readers tell generations by it.
        folder = place / f"g{token_hex(8)}"
        folder.mkdir()
        try:
            index = FileIndex.create(_storage(folder), schema(), NAME)
            with _committing(index, optimize=True) as writer:
                _write(writer, documents)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        _point(place, folder)


def _current(place: Path) -> Pointer:
    found = pointer(place)
    if found.stamp != stamp():
        raise IndexUnusable(f"{place.name}: made by another version")
    return found


@contextmanager
def _writing(place: Path) -> Iterator[None]:
    """Be the only writer among all processes, in a folder made, or made usable, where it is not."""
    for folder in (place.parent, place):
        if os.path.lexists(folder) and not folder.is_dir():
            folder.unlink()
        folder.mkdir(parents=True, exist_ok=True)
        _grant(folder, 0o700)
    lock = FileLock(str(_usable(place / "writing")))
    if not try_for(lock.acquire, timeout=_PATIENCE, delay=0.05):
        raise IndexBusy(f"{place.name}: another process writes")
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _changing(folder: Path, *, optimize: bool = False) -> Iterator[SegmentWriter]:
    """A commit to an index that is as it was written. Raises `IndexUnusable` where it is not."""
    try:
        with noticing_damage(), _having_room():
            # What a killed writer was about to sort.
            shutil.rmtree(folder / f"{NAME}.tmp", ignore_errors=True)
            # Else damage would be merged into what is written now, and sealed with it.
            opened(folder, {})
            with _committing(FileIndex(_storage(folder), indexname=NAME), optimize=optimize) as writer:
                yield writer
    except Damaged as damage:
        raise IndexUnusable(f"{folder.parent.name}: {damage}") from damage


@contextmanager
def _having_room() -> Iterator[None]:
    """A full disk says nothing against the index."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise IndexBusy(f"it cannot be written: {error}") from error
        raise


@contextmanager
def _committing(index: FileIndex, *, optimize: bool = False) -> Iterator[SegmentWriter]:
    # Whoosh's own lock is of no use beside ours, and would stay where its commit fails.
    writer = SegmentWriter(index, limitmb=_MEMORY_MB, _lk=False)
    try:
        yield writer
        writer.commit(optimize=optimize)
    except BaseException:
        # A commit that failed has closed some of its files already.
        with suppress(Exception):
            writer.cancel()
        raise


def _storage(folder: Path) -> Sealing:
    # Without memory maps: a file that is cut short under a map kills the process.
    return Sealing(str(folder), supports_mmap=False)


def _write(writer: SegmentWriter, documents: Iterable[Document]) -> None:
    for document in documents:
        fields = {name: " ".join(found) for name, found in terms(document).items()}
        writer.add_document(id=str(document.id), number=document.id, version=document.version, **fields)


def _point(place: Path, folder: Path) -> None:
    """Turn the pointer in one step, then clear away what it pointed to before."""
    new = _usable(place / "current.new")
    new.write_text(json.dumps({"folder": folder.name, "stamp": stamp()}))
    new.replace(_usable(place / "current"))
    for old in place.glob("g*"):
        if old != folder:
            shutil.rmtree(old, ignore_errors=True)


def _usable(file: Path) -> Path:
    """A file that can be written: a folder in its place is removed, rights are taken back."""
    if file.is_dir():
        shutil.rmtree(file)
    elif file.exists():
        _grant(file, 0o600)
    return file


def _grant(path: Path, rights: int) -> None:
    """Give ourselves the rights we need; those of others stay as they are."""
    mode = path.stat().st_mode
    if mode & rights != rights:
        path.chmod(mode | rights)
