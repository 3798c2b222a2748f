"""One order out of two: of the words in common, and of the nearness in meaning.

Words are trusted when they match, meaning when they do not: the less of the question the best article has,
the more the vectors weigh. Only ranks are added, since the two scores cannot be compared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from knowledge_base.finding.scoring import Hit, factors
from knowledge_base.index.postings import Array
from knowledge_base.semantic.nearness import Nearness

# A rank counts 1 / (11 + rank), from 0 on.
_FIRST = 11
_WEIGHT, _TRUST = 1.6, 1.4
# Words in common with articles of another language are names and loanwords: they tell less.
_WORDS_ABROAD = 0.7


@dataclass(frozen=True)
class Placed:
    """An article in the order that readers get. cosine: how near it is in meaning, None without vectors."""

    id: int
    score: float
    coverage: float = 0.0
    terms: tuple[str, ...] = ()
    cosine: float | None = None
    # The piece of its text that is nearest.
    piece: int | None = None


def weight(hits: Sequence[Hit]) -> float:
    """How much the vectors count beside the words, whose hits these are: 0.2 to 1.6."""
    return _WEIGHT - _TRUST * (hits[0].coverage if hits else 0.0)


def by_words(hits: Sequence[Hit]) -> list[Placed]:
    """The order of the words alone."""
    return [Placed(hit.id, hit.score, hit.coverage, hit.terms) for hit in hits]


def fuse(hits: Sequence[Hit], near: Nearness, *, boosts: Mapping[int, float], limit: int) -> list[Placed]:
    """The best of all articles that have words or vectors, ties by the lower id.

    hits: by words, without boosts. An article that has no vectors yet is taken as near as it is by words.
    """
    meaning = weight(hits)
    by_rank = (_WORDS_ABROAD if near.abroad else 1.0) / (_FIRST + np.arange(len(hits)))
    in_words = np.array([hit.id for hit in hits], np.int64)
    ids = np.union1d(near.ids, in_words)
    places = np.searchsorted(ids, near.ids)
    scores, cosines, pieces = np.zeros(len(ids)), np.full(len(ids), np.nan), np.zeros(len(ids), np.int32)
    scores[places] = meaning * worth(near)
    cosines[places], pieces[places] = near.best, near.pieces
    places = np.searchsorted(ids, in_words)
    scores[places] += by_rank * np.where(np.isnan(cosines[places]), 1 + 2 * meaning, 1)
    scores *= factors(ids, boosts)
    found = {hit.id: hit for hit in hits}
    order = np.lexsort((ids, -scores))[:limit]
    return [
        _placed(found.get(int(ids[at])), int(ids[at]), scores[at], cosines[at], pieces[at]) for at in order
    ]


def _placed(hit: Hit | None, id: int, score: Any, cosine: Any, piece: Any) -> Placed:
    words = (hit.coverage, hit.terms) if hit else (0.0, ())
    meaning = (None, None) if np.isnan(cosine) else (float(cosine), int(piece))
    return Placed(id, float(score), *words, *meaning)


def worth(near: Nearness) -> Array:
    """What the vectors of each article are worth before their weight: its title's and its text's."""
    titles, texts = near.abroad or (near.titles, near.texts)
    return _worth(titles) + _worth(texts)


def _worth(cosines: Array) -> Array:
    worth = np.zeros(len(cosines))
    worth[np.argsort(-cosines, kind="stable")] = 1 / (_FIRST + np.arange(len(cosines)))
    return worth
