"""Questions that ask for the same thing, found together: by their words, and by how these are spoken."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Generic, TypeVar

from knowledge_base.language.readings import by_reading, reading_entry, spoken
from knowledge_base.language.words import Word, words

T = TypeVar("T")

# The share of words in common from which on two questions are one.
_SAME_FROM = 0.6
_HIRAGANA = re.compile("[\u3041-\u3096ー]{3,}")


@dataclass
class Group(Generic[T]):
    """Texts that ask for the same, with what belongs to each; the first one is the most frequent."""

    text: str
    terms: frozenset[str]
    members: list[tuple[str, T]] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        return [text for text, _ in self.members]


def grouped(rows: Iterable[tuple[str, T]]) -> list[Group[T]]:
    """The rows (a text and what belongs to it) in groups; rows come in order, the most frequent first.

    A text joins the group whose first text it shares most words with, else it begins one of its own.
    """
    given = list(rows)
    known = spoken_terms(text for text, _ in given)
    groups: list[Group[T]] = []
    having: dict[str, list[Group[T]]] = {}
    for text, belonging in given:
        terms = terms_of(text, known)
        near = {id(group): group for term in terms for group in having.get(term, ())}
        best = max(near.values(), key=lambda group: _likeness(terms, group.terms), default=None)
        if best is None or _likeness(terms, best.terms) < _SAME_FROM:
            best = Group(text, terms)
            groups.append(best)
            for term in terms:
                having.setdefault(term, []).append(best)
        best.members.append((text, belonging))
    return groups


def spoken_terms(texts: Iterable[str]) -> dict[str, list[str]]:
    """Of texts written with kanji: how their words are spoken, for those who write them in kana."""
    # What is written in hiragana alone is no better known by its sound.
    entries = (
        reading_entry(word)
        for text in texts
        for word in _words(text)
        if not _HIRAGANA.fullmatch(text[word.start : word.end])
    )
    return by_reading(dict.fromkeys(filter(None, entries)))


def terms_of(text: str, known: Mapping[str, Sequence[str]] | None = None) -> frozenset[str]:
    """The words that say what a text is about; where it has none, all its words, or the text itself."""
    found = list(_words(text))
    terms = {word.term for word in found if not word.is_soft}
    for run in _HIRAGANA.finditer(text) if known else ():
        meant = list(spoken(run.group(), known or {}))
        if meant:
            inside = {w.term for w in found if run.start() <= w.start and w.end <= run.end()}
            terms = terms - inside | {choices[0] for _place, choices in meant}
    return frozenset(terms or {word.term for word in found} or {text})


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other)


@lru_cache(maxsize=5_000)
def _words(text: str) -> tuple[Word, ...]:
    return tuple(words(text))
