"""A Whoosh index, read into numpy arrays: the only place that looks below Whoosh's public face.

A query reads the postings of a few terms, each once per generation of the index, so Whoosh's own
matchers, which step from posting to posting, are too slow for what follows from them.
"""

import pickle
import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from whoosh.analysis import SpaceSeparatedTokenizer
from whoosh.codec.whoosh3 import LENGTHS_COLUMN, W3LeafMatcher, _lenfield
from whoosh.columns import NumericColumn
from whoosh.fields import COLUMN, ID, TEXT, Schema
from whoosh.index import FileIndex
from whoosh.index import IndexError as WhooshIndexError
from whoosh.matching import FilterMatcher
from whoosh.reading import TermNotFound
from whoosh.util.numeric import byte_to_length

from knowledge_base.index.counting import FIELDS, TEXT_FIELDS
from knowledge_base.index.postings import Array, Damaged
from knowledge_base.index.sealing import NAME, opened

NUMBER = NumericColumn("q")

# How Whoosh takes an index that is destroyed, cut short or half-written.
_SYMPTOMS = (
    OSError,
    EOFError,
    ValueError,
    TypeError,
    LookupError,
    AssertionError,
    AttributeError,
    ImportError,
    MemoryError,
    NameError,
    pickle.UnpicklingError,
    struct.error,
    zlib.error,
    WhooshIndexError,
)

# Arrays of this many terms are kept; a question has about ten, in four fields.
_MOST_TERMS_KEPT = 8_000


def schema() -> Schema:
    """An article's id, its words by field, what people misspell, how words are read; nothing of the text."""

    def text() -> TEXT:
        return TEXT(analyzer=SpaceSeparatedTokenizer(), phrase=False, stored=False)

    return Schema(
        id=ID(unique=True),
        number=COLUMN(NUMBER),
        version=COLUMN(NUMBER),
        **{name: text() for name in FIELDS},
    )


@contextmanager
def noticing_damage() -> Iterator[None]:
    """Around what reads the files: every way in which Whoosh stumbles over them becomes `Damaged`."""
    try:
        yield
    except _SYMPTOMS as symptom:
        raise Damaged(repr(symptom)) from symptom


class WhooshPostings:
    """One generation of one index. Any thread may read; deleted articles are left out of everything."""

    @noticing_damage()
    def __init__(self, folder: Path, before: "WhooshPostings | None" = None) -> None:
        """Read the newest generation in `folder`. before: an earlier one, which it shares files with.

        Raises `Damaged`.
        """
        self.generation, storage = opened(folder, before.files if before else {})
        self.files: dict[str, bytes] = storage.files
        self._reader = FileIndex(storage, indexname=NAME).reader()
        self._leaves = list(self._reader.leaf_readers()) if self._reader.doc_count_all() else []
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str], tuple[Array, Array]] = {}
        self._lexicons: dict[str, list[str]] = {}
        self.ids, self.versions = self._numbers("number"), self._numbers("version")
        self.is_live = np.ones(len(self.ids), bool)
        for leaf, base in self._leaves:
            self.is_live[[base + number for number in leaf.segment().deleted_docs()]] = False
        # How many articles there are.
        self.count = int(self.is_live.sum())
        self.lengths = {name: self._lengths(name) for name in TEXT_FIELDS}
        lived = {name: lengths[self.is_live] for name, lengths in self.lengths.items()}
        self.averages = {
            # In 64 bits, so that the order of the articles makes no difference.
            name: float(lengths.mean(dtype=np.float64)) if lengths.any() else 1.0
            for name, lengths in lived.items()
        }

    def read(self, field: str, term: str) -> tuple[Array, Array]:
        """The rows of the articles with the term in that field, ascending, and how often it is there.

        Raises `Damaged`.
        """
        kept = self._kept.get((field, term))
        if kept is not None:
            return kept
        with self._reading():
            if len(self._kept) >= _MOST_TERMS_KEPT:
                self._kept.clear()
            found = self._kept[field, term] = self._read(field, term)
            return found

    def has(self, field: str, term: str) -> bool:
        return len(self.read(field, term)[0]) > 0

    def lexicon(self, field: str) -> list[str]:
        """All terms of a field; those of deleted articles may still be among them."""
        kept = self._lexicons.get(field)
        if kept is not None:
            return kept
        with self._reading():
            found = self._lexicons[field] = [term.decode() for term in self._reader.lexicon(field)]
            return found

    @property
    def segments(self) -> int:
        return len(self._leaves)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """One thread at a time: Whoosh's readers share the position in their files."""
        with self._lock, noticing_damage():
            yield

    def _numbers(self, column: str) -> Array:
        return np.concatenate(
            [np.zeros(0, np.int64), *[_column(leaf, column, NUMBER, ">i8") for leaf, _ in self._leaves]]
        ).astype(np.int64)

    def _lengths(self, field: str) -> Array:
        """The number of words in each article's field, as Whoosh rounds it."""
        return np.concatenate(
            [np.zeros(0, np.float32), *[_field_lengths(leaf, field) for leaf, _ in self._leaves]]
        )

    def _read(self, field: str, term: str) -> tuple[Array, Array]:
        rows, counts = [np.zeros(0, np.int64)], [np.zeros(0, np.float32)]
        for leaf, base in self._leaves:
            try:
                matcher = leaf.postings(field, term)
            except TermNotFound:
                continue
            for block_rows, block_counts in _blocks(matcher):
                rows.append(np.asarray(block_rows, np.int64) + base)
                counts.append(np.asarray(block_counts, np.float32))
        all_rows, all_counts = np.concatenate(rows), np.concatenate(counts)
        live = self.is_live[all_rows]
        return all_rows[live], all_counts[live]


def _blocks(matcher: Any) -> Iterator[tuple[Any, Any]]:
    """The matcher's postings, a block of some hundred at a time where the format allows it."""
    if isinstance(matcher, FilterMatcher):
        matcher = matcher.child
    if not isinstance(matcher, W3LeafMatcher):
        while matcher.is_active():
            yield [matcher.id()], [matcher.weight()]
            matcher.next()
        return
    while matcher.is_active():
        matcher._read_ids()
        matcher._read_weights()
        yield matcher._ids, matcher._weights
        matcher._next_block()


_LENGTH_OF_BYTE = np.array([*map(byte_to_length, range(256))], np.float32)


def _field_lengths(leaf: Any, field: str) -> Array:
    return _LENGTH_OF_BYTE[_column(leaf, _lenfield(field), LENGTHS_COLUMN, "u1")]


def _column(leaf: Any, name: str, column: NumericColumn, kind: str) -> Array:
    """A number for each article of a segment; the column's file ends with the last one that is not zero."""
    values = np.zeros(leaf.doc_count_all(), kind)
    per_document = leaf._perdoc
    if per_document.has_column(name):
        reader = per_document.column_reader(name, column)
        written = reader._dbfile.get(reader._basepos, reader._count * reader._fixedlen)
        values[: reader._count] = np.frombuffer(written, kind)
    return values
