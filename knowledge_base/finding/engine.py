"""The search engine: finds the articles that fit a question, in the index of one language.

The index is a cache of the articles that may be lost at any time. What is damaged or of another version
raises `IndexUnusable`, so that the caller can answer from the database and ask for a rebuild.
"""

import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from knowledge_base.finding.asking import Synonyms, ask, shipped_synonyms
from knowledge_base.finding.scoring import Hit, Reason, best, reasons, score
from knowledge_base.index.counting import Document
from knowledge_base.index.folder_store import FolderStore
from knowledge_base.index.postings import Postings
from knowledge_base.index.storing import IndexUnusable, Store

# The best article has less of the question than this: what is shown are close matches, not answers.
_NEAR = 0.15

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
    """The search over what one store keeps, of all languages. One object a process; threads share it."""

    def __init__(self, store: Store | Path, synonyms: Synonyms | None = None) -> None:
        """store: a folder stands for Whoosh's indexes below it. synonyms: None takes the shipped list."""
        self._store = FolderStore(store) if isinstance(store, Path) else store
        self._synonyms = synonyms

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

    def versions(self, lang: str) -> dict[int, int]:
        """The articles that are kept, with the version of each. Raises `IndexUnusable`."""
        return self._store.versions(lang)

    def size(self, lang: str) -> str:
        """What the index takes, for people. Raises `IndexUnusable`."""
        return self._store.size(lang)

    def is_current(self, lang: str) -> bool:
        """Whether the index can be read and is made of the words that this version gives; else rebuild it."""
        try:
            self._store.versions(lang)
        except IndexUnusable:
            return False
        return True

    def update(self, lang: str, documents: Iterable[Document], gone: Iterable[int] = ()) -> None:
        """Put in or replace articles and take others out, in one commit; better fifty at once than one.

        They are asked for when no other writer is at work any more, `gone` after the documents. Raises
        `IndexUnusable`, and `IndexBusy` after ten seconds or where the disk is full.
        """
        self._store.update(lang, documents, gone)

    def rebuild(self, lang: str, documents: Iterable[Document]) -> None:
        """Make the index anew, whatever state it is in; until it is done, questions get the old one.

        Raises `IndexBusy` when another process has been writing for ten seconds.
        """
        self._store.rebuild(lang, documents)

    def tidy(self, lang: str) -> None:
        """Join what many small changes left behind. Raises `IndexUnusable` and `IndexBusy`."""
        self._store.tidy(lang)

    def close(self) -> None:
        """Let go of what is held."""
        self._store.close()

    def reading(self, lang: str, use: Callable[[Postings], T]) -> T:
        """What `use` makes of the newest words of a language. Raises `IndexUnusable`."""
        return self._store.reading(lang, use)

    def _known_synonyms(self) -> Synonyms:
        return self._synonyms if self._synonyms is not None else shipped_synonyms()


def match_of(hits: list[Hit]) -> Match:
    """How well the best of some hits, the first, fits."""
    if not hits:
        return Match.NONE
    return Match.GOOD if hits[0].coverage >= _NEAR else Match.NEAR
