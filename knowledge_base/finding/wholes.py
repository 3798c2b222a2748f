"""Terms of several words that count together or not at all, like 暗証番号."""

from collections.abc import Iterable

import numpy as np

from knowledge_base.index.counting import TEXT_FIELDS
from knowledge_base.index.postings import Array, Postings

# No term has it: normal forms know but the plain space.
JOINT = "\N{NO-BREAK SPACE}"


def whole(terms: Iterable[str]) -> str:
    """One term of several, to be read as a whole; of one it is the term itself."""
    return JOINT.join(terms)


def read_term(postings: Postings, name: str, term: str) -> tuple[Array, Array]:
    """The rows that have a term in a field, all words of it where it is a whole, and how often."""
    first, *others = term.split(JOINT)
    rows, frequencies = postings.read(name, first)
    for other in others:
        more, counts = postings.read(name, other)
        rows, mine, theirs = np.intersect1d(rows, more, assume_unique=True, return_indices=True)
        frequencies = np.minimum(frequencies[mine], counts[theirs])
    return rows, frequencies


def has_term(postings: Postings, term: str) -> bool:
    """Whether any article has a term, or all words of a whole in one of its fields."""
    return any(len(read_term(postings, name, term)[0]) for name in TEXT_FIELDS)
