"""The postings of a language in memory, grown by what is new without reading the rest again.

They are parts that never change: what is new becomes a small one behind the others, small ones become
one, and of an article that changed the old row is marked dead. So readers keep what they have meanwhile.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from whoosh.util.numeric import byte_to_length, length_to_byte

from knowledge_base.index.counting import FIELDS, TEXT_FIELDS
from knowledge_base.index.packing import unpack
from knowledge_base.index.postings import Array

_FIELD = {name: number for number, name in enumerate(FIELDS)}
# A part is joined with the one before it unless that is so many times as large: few parts, little joining.
_RATIO = 4
# From this share of dead rows on all parts are made one without them.
_MOST_DEAD = 0.25
_FEW = 100
# Arrays of this many terms are kept; a question has about ten, in four fields.
_MOST_TERMS_KEPT = 8_000


class Vocabulary(dict[str, int]):
    """The number of each term that was ever met; it only grows."""

    def __missing__(self, term: str) -> int:
        number = self[term] = len(self)
        return number


@dataclass(frozen=True)
class Part:
    """Some articles. Entries are in the order of `keys` (term and field); of the n-th from `starts[n]` on."""

    ids: Array
    versions: Array
    # A row a field of `TEXT_FIELDS`.
    lengths: Array
    keys: Array
    starts: Array
    rows: Array
    counts: Array

    def read(self, key: int) -> slice:
        """Where the entries of a key are."""
        place = int(np.searchsorted(self.keys, key))
        if place == len(self.keys) or self.keys[place] != key:
            return slice(0, 0)
        return slice(int(self.starts[place]), int(self.starts[place + 1]))

    @classmethod
    def of(
        cls, ids: Array, versions: Array, lengths: Array, keys: Array, rows: Array, counts: Array
    ) -> "Part":
        """Of entries in the order of rows."""
        order = np.argsort(keys, kind="stable")
        found, starts = np.unique(keys[order], return_index=True)
        return cls(ids, versions, lengths, found, np.append(starts, len(keys)), rows[order], counts[order])


class MemoryPostings:
    """`Postings` of parts; one moment of them, which never changes."""

    def __init__(self, vocabulary: Vocabulary, parts: Sequence[tuple[Part, Array]]) -> None:
        """parts: each with its rows that are alive."""
        self._vocabulary = vocabulary
        self._parts = parts
        self._bases = np.cumsum([0, *(len(part.ids) for part, _live in parts)])
        self._kept: dict[int, tuple[Array, Array]] = {}
        self._lexicons: dict[str, list[str]] = {}
        self.ids = _joined([part.ids for part, _live in parts], np.int64)
        self.versions = _joined([part.versions for part, _live in parts], np.int64)
        self.is_live = _joined([live for _part, live in parts], bool)
        self.count = int(self.is_live.sum())
        self.lengths = {
            name: _joined([part.lengths[row] for part, _live in parts], np.float32)
            for row, name in enumerate(TEXT_FIELDS)
        }
        lived = {name: lengths[self.is_live] for name, lengths in self.lengths.items()}
        self.averages = {
            name: float(lengths.mean(dtype=np.float64)) if lengths.any() else 1.0
            for name, lengths in lived.items()
        }

    @property
    def size(self) -> int:
        """What the arrays take, in bytes."""
        columns = ("ids", "versions", "lengths", "keys", "starts", "rows", "counts")
        return sum(getattr(part, name).nbytes for part, _live in self._parts for name in columns)

    def changed(self, articles: Iterable[tuple[int, int, bytes]]) -> "MemoryPostings":
        """With these articles (id, version, packed words) in place of what was there; without words: gone.

        Raises `Damaged`. Not for two threads at once.
        """
        said = {id: (version, words) for id, version, words in articles}
        gone = np.fromiter(said, np.int64, len(said))
        parts = [(part, live & ~np.isin(part.ids, gone)) for part, live in self._parts]
        new = _part_of([(id, *rest) for id, rest in said.items() if rest[1]], self._vocabulary)
        if len(new.ids):
            parts.append((new, np.ones(len(new.ids), bool)))
        changed = MemoryPostings(self._vocabulary, _tidied(parts))
        for field, known in self._lexicons.items():
            changed._lexicons[field] = sorted({*known, *changed._terms(new, field)})
        return changed

    def read(self, field: str, term: str) -> tuple[Array, Array]:
        number = self._vocabulary.get(term)
        if number is None:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        key = number * len(FIELDS) + _FIELD[field]
        kept = self._kept.get(key)
        if kept is None:
            if len(self._kept) >= _MOST_TERMS_KEPT:
                self._kept.clear()
            kept = self._kept[key] = self._read(key)
        return kept

    def has(self, field: str, term: str) -> bool:
        return len(self.read(field, term)[0]) > 0

    def lexicon(self, field: str) -> list[str]:
        if field not in self._lexicons:
            found = {term for part, _live in self._parts for term in self._terms(part, field)}
            self._lexicons[field] = sorted(found)
        return self._lexicons[field]

    def _read(self, key: int) -> tuple[Array, Array]:
        found = [
            (base, part, part.read(key)) for base, (part, _) in zip(self._bases, self._parts, strict=False)
        ]
        rows = _joined([part.rows[place] + base for base, part, place in found], np.int64)
        counts = _joined([part.counts[place] for _base, part, place in found], np.float32)
        live = self.is_live[rows]
        return rows[live], counts[live]

    def _terms(self, part: Part, field: str) -> list[str]:
        names = list(self._vocabulary)
        keys = part.keys[part.keys % len(FIELDS) == _FIELD[field]]
        return [names[number] for number in (keys // len(FIELDS)).tolist()]


def _joined(arrays: Sequence[Array], kind: type) -> Array:
    return np.concatenate([np.zeros(0, kind), *arrays]).astype(kind, copy=False)


# Lengths as Whoosh keeps them, in one byte: both stores give the same scores.
_ROUNDED = [byte_to_length(length_to_byte(length)) for length in range(1024)]


def _rounded(length: int) -> int:
    return _ROUNDED[length] if length < len(_ROUNDED) else int(byte_to_length(length_to_byte(length)))


def _part_of(articles: Sequence[tuple[int, int, bytes]], vocabulary: Vocabulary) -> Part:
    lengths, keys, sizes, counts = [], [], [], []
    fields = np.arange(len(FIELDS), dtype=np.int64)
    for _id, _version, words in articles:
        packed = unpack(words)
        numbers = np.fromiter(map(vocabulary.__getitem__, packed.terms), np.int64, len(packed.terms))
        keys.append(numbers * len(FIELDS) + np.repeat(fields, packed.sizes))
        lengths.append([_rounded(length) for length in packed.lengths[: len(TEXT_FIELDS)]])
        sizes.append(len(numbers))
        counts.append(packed.counts)
    return Part.of(
        np.array([id for id, _version, _words in articles], np.int64),
        np.array([version for _id, version, _words in articles], np.int64),
        np.array(lengths, np.float32).reshape(len(articles), len(TEXT_FIELDS)).T,
        _joined(keys, np.int64),
        np.repeat(np.arange(len(articles), dtype=np.int32), sizes),
        np.frombuffer(b"".join(counts), "<u4").astype(np.float32),
    )


def _tidied(parts: list[tuple[Part, Array]]) -> list[tuple[Part, Array]]:
    """As few parts as is cheap, none of them empty."""
    rows, live = sum(len(part.ids) for part, _ in parts), sum(int(live.sum()) for _, live in parts)
    if rows > _FEW and rows - live > _MOST_DEAD * rows:
        return [_merged(parts)]
    tidied: list[tuple[Part, Array]] = []
    for part in parts:
        tidied.append(part)
        while len(tidied) > 1 and len(tidied[-2][0].ids) < _RATIO * len(tidied[-1][0].ids):
            tidied[-2:] = [_merged(tidied[-2:])]
    return tidied


def _merged(parts: Sequence[tuple[Part, Array]]) -> tuple[Part, Array]:
    """One part of what is alive in several."""
    keys, rows, counts, base = [], [], [], 0
    for part, live in parts:
        is_kept = live[part.rows]
        keys.append(np.repeat(part.keys, np.diff(part.starts))[is_kept])
        rows.append((np.cumsum(live, dtype=np.int32) - 1 + base)[part.rows[is_kept]])
        counts.append(part.counts[is_kept])
        base += int(live.sum())
    return Part.of(
        _joined([part.ids[live] for part, live in parts], np.int64),
        _joined([part.versions[live] for part, live in parts], np.int64),
        np.concatenate([part.lengths[:, live] for part, live in parts], axis=1),
        _joined(keys, np.int64),
        _joined(rows, np.int32),
        _joined(counts, np.float32),
    ), np.ones(base, bool)
