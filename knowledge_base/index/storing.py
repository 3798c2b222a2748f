"""What a store of counted words must be able to do, and how it says that it cannot."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    # numpy and Whoosh are costly: who only asks what went wrong needs neither.
    from knowledge_base.index.counting import Document
    from knowledge_base.index.postings import Postings

T = TypeVar("T")


class IndexUnusable(Exception):
    """The index is missing, damaged, half-written or of another version; nothing but `rebuild` helps."""


class IndexBusy(Exception):
    """Another process kept writing; try again later."""


class Store(Protocol):
    """The counted words of all languages. One object a process; threads share it.

    Documents are asked for when no other writer is at work any more, so that none writes over what is newer.
    """

    def reading(self, lang: str, use: "Callable[[Postings], T]") -> T:
        """What `use` makes of the newest words of a language. Raises `IndexUnusable`."""
        ...

    def versions(self, lang: str) -> dict[int, int]:
        """The articles that are kept and the version of each, read anew from where they are kept.

        Raises `IndexUnusable`.
        """
        ...

    def size(self, lang: str) -> str:
        """What the index takes, as a sentence for people."""
        ...

    def update(self, lang: str, documents: "Iterable[Document]", gone: Iterable[int]) -> None:
        """Put in or replace articles and take others out; all of it or nothing.

        gone: asked for after the documents. Raises `IndexUnusable` and `IndexBusy`.
        """
        ...

    def rebuild(self, lang: str, documents: "Iterable[Document]") -> None:
        """Make the index anew, whatever state it is in; until then questions get the old one. `IndexBusy`."""
        ...

    def tidy(self, lang: str) -> None:
        """Join what many small changes left behind. Raises `IndexUnusable` and `IndexBusy`."""
        ...

    def close(self) -> None: ...
