"""What scoring reads: which articles have a term and how often, as arrays, whatever store keeps them."""

from typing import Any, Protocol

from numpy.typing import NDArray

Array = NDArray[Any]


class Postings(Protocol):
    """The articles of one language at one moment. Any thread may read; deleted ones are left out."""

    # A row an article; those that are gone may still have one, and are not live.
    ids: Array
    versions: Array
    is_live: Array
    # How many articles there are.
    count: int
    # The number of words in each article's field, rounded as Whoosh does, and their mean over the live ones.
    lengths: dict[str, Array]
    averages: dict[str, float]

    def read(self, field: str, term: str) -> tuple[Array, Array]:
        """The rows of the articles with the term in that field, ascending, and how often it is there."""
        ...

    def has(self, field: str, term: str) -> bool: ...

    def lexicon(self, field: str) -> list[str]:
        """All terms of a field in order; those of deleted articles may still be among them."""
        ...


class Damaged(Exception):
    """What is kept cannot be read."""
