"""Writing the index: one writer at a time, one commit a batch, a rebuild beside what is in use.

`place` is a language's folder. Its file `current` names the folder in use; a rebuild makes
another one and then turns the pointer in one step, so that a reader never meets half an index.
Whoosh keeps pickles: an index is code, never take one from elsewhere.
"""

import json
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import NamedTuple

from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex
from whoosh.util.filelock import FileLock, try_for
from whoosh.writing import SegmentWriter

from knowledge_base.counting import Document, terms
from knowledge_base.postings import Damaged
from knowledge_base.whoosh_postings import noticing_damage, schema
from knowledge_base.words import stamp

# Seconds a writer waits for the one before it.
_PATIENCE = 10.0
_MEMORY_MB = 64
_FOLDER = re.compile(r"g[0-9a-f]{16}")


class IndexUnusable(Exception):
    """The index is missing, damaged or half-written; nothing but `rebuild` helps."""


class IndexBusy(Exception):
    """Another process kept writing; try again later."""


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
    """Put in or replace articles and take others out, in one commit."""
    changed = {document.id: document for document in documents}
    with _writing(place):
        folder = place / pointer(place).folder
        try:
            with noticing_damage():
                writer = SegmentWriter(
                    FileIndex(FileStorage(str(folder))), timeout=_PATIENCE, limitmb=_MEMORY_MB
                )
                with _committing(writer):
                    for id in {*gone, *changed}:
                        writer.delete_by_term("id", str(id))
                    _write(writer, changed.values())
        except Damaged as damage:
            raise IndexUnusable(f"{place.name}: {damage}") from damage


def rebuild(place: Path, documents: Iterable[Document]) -> None:
    """Make the index anew, whatever state it is in."""
    with _writing(place):
        # Never a name that was used before: readers tell generations by it.
        folder = place / f"g{token_hex(8)}"
        folder.mkdir()
        try:
            index = FileIndex.create(FileStorage(str(folder)), schema(), "MAIN")
            with _committing(SegmentWriter(index, limitmb=_MEMORY_MB), optimize=True) as writer:
                _write(writer, documents)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        _point(place, folder)


@contextmanager
def _writing(place: Path) -> Iterator[None]:
    """Be the only writer among all processes, in a folder made where it is missing."""
    if place.exists() and not place.is_dir():
        place.unlink()
    place.mkdir(parents=True, exist_ok=True)
    lock = FileLock(str(place / "writing"))
    if not try_for(lock.acquire, timeout=_PATIENCE, delay=0.05):
        raise IndexBusy(f"{place.name}: another process writes")
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _committing(writer: SegmentWriter, *, optimize: bool = False) -> Iterator[SegmentWriter]:
    try:
        yield writer
    except BaseException:
        writer.cancel()
        raise
    writer.commit(optimize=optimize)


def _write(writer: SegmentWriter, documents: Iterable[Document]) -> None:
    for document in documents:
        fields = {name: " ".join(found) for name, found in terms(document).items()}
        writer.add_document(id=str(document.id), number=document.id, version=document.version, **fields)


def _point(place: Path, folder: Path) -> None:
    """Turn the pointer in one step, then clear away what it pointed to before."""
    new = place / "current.new"
    new.write_text(json.dumps({"folder": folder.name, "stamp": stamp()}))
    new.replace(place / "current")
    for old in place.glob("g*"):
        if old != folder:
            shutil.rmtree(old, ignore_errors=True)
