"""Counted words in folders of Whoosh's on this machine's disk, a folder a language.

Readers compare the generation with every question and read a new one where it has moved.
"""

import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from knowledge_base.index import indexing
from knowledge_base.index.counting import Document
from knowledge_base.index.postings import Damaged, Postings
from knowledge_base.index.sealing import generation
from knowledge_base.index.storing import IndexUnusable
from knowledge_base.index.whoosh_postings import WhooshPostings
from knowledge_base.language.words import stamp

# A writer may clear the files away between the look at the pointer and the opening.
_TRIES = 3
# From here on the nightly round makes one segment of them all.
_MOST_SEGMENTS, _MOST_DEAD = 6, 0.2

T = TypeVar("T")


class FolderStore:
    """`Store` in the folders `kb-<lang>` below one folder; it commits by itself."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._open: dict[str, tuple[tuple[str, int], WhooshPostings]] = {}
        self._opening = threading.Lock()

    def reading(self, lang: str, use: Callable[[Postings], T]) -> T:
        try:
            return use(self._newest(lang))
        except Damaged as damage:
            raise IndexUnusable(f"{lang}: {damage}") from damage

    def versions(self, lang: str) -> dict[int, int]:
        read = self._read_anew(lang)
        return dict(zip(read.ids[read.is_live].tolist(), read.versions[read.is_live].tolist(), strict=True))

    def size(self, lang: str) -> str:
        read = self._read_anew(lang)
        size = sum(map(len, read.files.values()))
        return f"{read.segments} segments, {size / 2**20:.1f} MB on disk"

    def update(self, lang: str, documents: Iterable[Document], gone: Iterable[int]) -> None:
        indexing.update(self._place(lang), documents, gone)

    def rebuild(self, lang: str, documents: Iterable[Document]) -> None:
        indexing.rebuild(self._place(lang), documents)

    def tidy(self, lang: str) -> None:
        read = self._read_anew(lang)
        dead = len(read.ids) - read.count
        if read.segments > _MOST_SEGMENTS or dead > _MOST_DEAD * len(read.ids):
            indexing.optimise(self._place(lang))

    def close(self) -> None:
        with self._opening:
            self._open.clear()

    def _newest(self, lang: str) -> WhooshPostings:
        """What there is of the newest generation; never refreshed in place."""
        for is_last in (*[False] * (_TRIES - 1), True):
            folder = self._folder(lang)
            try:
                return self._opened(lang, folder)
            except Damaged:
                if is_last:
                    self._open.pop(lang, None)
                    raise
        raise AssertionError

    def _opened(self, lang: str, folder: Path) -> WhooshPostings:
        now = (folder.name, generation(folder))
        held = self._open.get(lang)
        if held and held[0] == now:
            return held[1]
        with self._opening:
            held = self._open.get(lang)
            if held and held[0] == now:
                return held[1]
            is_same_making = held is not None and held[0][0] == folder.name
            postings = WhooshPostings(folder, held[1] if held and is_same_making else None)
            self._open[lang] = ((folder.name, postings.generation), postings)
            return postings

    def _read_anew(self, lang: str) -> WhooshPostings:
        """From the disk, whatever was read before."""
        for _ in range(_TRIES - 1):
            try:
                return WhooshPostings(self._folder(lang))
            except Damaged:
                continue
        try:
            return WhooshPostings(self._folder(lang))
        except Damaged as damage:
            raise IndexUnusable(f"{lang}: {damage}") from damage

    def _folder(self, lang: str) -> Path:
        """The folder in use. Raises `IndexUnusable` also where it is of another version."""
        place = self._place(lang)
        pointer = indexing.pointer(place)
        if pointer.stamp != stamp():
            raise IndexUnusable(f"{lang}: made by another version")
        return place / pointer.folder

    def _place(self, lang: str) -> Path:
        return self._home / f"kb-{lang}"
