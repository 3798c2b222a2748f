"""The search engine: finds the articles that fit a question, in the index of one language.

The index is a cache of the articles that may be lost at any time. What is damaged raises `IndexUnusable`,
so that the caller can answer from the database and ask for a rebuild. Readers compare the generation
with every question and open a new one where it has moved, so a withdrawn article is gone at once.
"""

import enum
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC

from knowledge_base import indexing
from knowledge_base.asking import Synonyms, ask, shipped_synonyms
from knowledge_base.counting import Document
from knowledge_base.indexing import IndexUnusable
from knowledge_base.postings import Damaged, Postings
from knowledge_base.scoring import Hit, Reason, best, reasons, score
from knowledge_base.whoosh_postings import Moved, WhooshPostings, noticing_damage
from knowledge_base.words import stamp

# The best article has less of the question than this: what is shown are close matches, not answers.
_NEAR = 0.15
_TRIES = 5

T = TypeVar("T")


class Match(enum.Enum):
    """How well the best article fits."""

    GOOD = "good"
    NEAR = "near"
    NONE = "none"


@dataclass(frozen=True)
class Found:
    """The answer to a question, best first. corrections: other spellings that were searched as well."""

    hits: list[Hit]
    match: Match
    corrections: list[str]


class Engine:
    """The indexes of all languages below one folder. One object a process; threads share it."""

    def __init__(self, home: Path, synonyms: Synonyms | None = None) -> None:
        """home: where the `kb-<lang>` folders are. synonyms: None takes the shipped list."""
        self._home = home
        self._synonyms = synonyms
        self._open: dict[str, tuple[tuple[str, int], WhooshPostings]] = {}
        self._opening = threading.Lock()

    def search(
        self,
        question: str,
        lang: str,
        *,
        limit: int = 10,
        boosts: Mapping[int, float] | None = None,
        synonyms: Synonyms | None = None,
    ) -> Found:
        """The articles of a language that fit best; none for a question without a word in common with any.

        boosts: factors from 1 to 1.5 by article id. synonyms: None takes those of the engine.
        Raises `IndexUnusable`.
        """

        def use(postings: Postings) -> Found:
            read = ask(question, postings, synonyms or self._known_synonyms())
            hits = best(score(read, postings), postings, limit=limit, boosts=boosts or {})
            return Found(hits, match_of(hits), read.corrections)

        return self.reading(lang, use)

    def explain(self, question: str, lang: str, id: int) -> list[Reason]:
        """What each term of the question gave to one article's score, most first. Raises `IndexUnusable`."""
        synonyms = self._known_synonyms()
        return self.reading(lang, lambda postings: reasons(ask(question, postings, synonyms), postings, id))

    def ids(self, lang: str) -> set[int]:
        """The articles in the index, to compare with those that should be. Raises `IndexUnusable`."""
        return self.reading(lang, lambda postings: set(postings.ids[postings.is_live].tolist()))

    def is_current(self, lang: str) -> bool:
        """Whether the index can be read and is made of the words that this version gives; else rebuild it."""
        try:
            self.ids(lang)
            return indexing.pointer(self._place(lang)).stamp == stamp()
        except IndexUnusable:
            return False

    def update(self, lang: str, documents: Iterable[Document], gone: Iterable[int] = ()) -> None:
        """Put in or replace articles and take others out, in one commit; better fifty at once than one.

        Raises `IndexUnusable`, and `IndexBusy` after ten seconds.
        """
        indexing.update(self._place(lang), documents, gone)

    def rebuild(self, lang: str, documents: Iterable[Document]) -> None:
        """Make the index anew, whatever state it is in; until it is done, questions get the old one.

        Raises `IndexBusy` when another process has been writing for ten seconds.
        """
        indexing.rebuild(self._place(lang), documents)

    def close(self) -> None:
        """Let go of all files."""
        with self._opening:
            for _, postings in self._open.values():
                postings.close()
            self._open.clear()

    def reading(self, lang: str, use: Callable[[Postings], T]) -> T:
        """What `use` makes of the newest words of a language. Raises `IndexUnusable`."""
        for _ in range(_TRIES):
            try:
                return use(self._newest(lang))
            except Moved:
                continue
            except Damaged as damage:
                raise IndexUnusable(f"{lang}: {damage}") from damage
        raise IndexUnusable(f"{lang}: it changes faster than it can be read")

    def _newest(self, lang: str) -> WhooshPostings:
        """The postings of the newest generation, opened anew where it has moved; never refreshed in place."""
        with self._opening:
            for is_last in (False, False, True):
                folder = indexing.pointer(self._place(lang)).folder
                try:
                    return self._opened(lang, folder)
                except Damaged:
                    # A writer may have cleared the files away between the pointer and the opening.
                    if is_last:
                        self._drop(lang)
                        raise
        raise AssertionError

    def _opened(self, lang: str, folder: str) -> WhooshPostings:
        place = self._place(lang) / folder
        with noticing_damage():
            generation = TOC._latest_generation(FileStorage(str(place)), "MAIN")
        held = self._open.get(lang)
        if held and held[0] == (folder, generation):
            return held[1]
        postings = WhooshPostings(place)
        self._drop(lang)
        self._open[lang] = ((folder, postings.generation), postings)
        return postings

    def _drop(self, lang: str) -> None:
        held = self._open.pop(lang, None)
        if held:
            held[1].close()

    def _known_synonyms(self) -> Synonyms:
        return self._synonyms if self._synonyms is not None else shipped_synonyms()

    def _place(self, lang: str) -> Path:
        return self._home / f"kb-{lang}"


def match_of(hits: list[Hit]) -> Match:
    """How well the best of some hits, the first, fits."""
    if not hits:
        return Match.NONE
    return Match.GOOD if hits[0].coverage >= _NEAR else Match.NEAR
