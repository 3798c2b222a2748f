"""Chance that repeats itself: the same seed tells the same story."""

from collections.abc import Mapping
from random import Random
from typing import TypeVar

T = TypeVar("T")

_PACK = 20


class Deck:
    """Says yes as often as its share, in the smallest numbers too: the cards of a pack are spread evenly."""

    def __init__(self, share: float, rng: Random) -> None:
        self._share, self._rng = share, rng
        self._cards: list[bool] = []

    def draw(self, wanted: bool | None = None) -> bool:
        """The next card; with `wanted` the next such card, so that what was planned is not counted twice."""
        if not self._cards or (wanted is not None and wanted not in self._cards):
            yes, first = round(self._share * _PACK), self._rng.randrange(_PACK)
            self._cards += [(first + number) * yes % _PACK < yes for number in range(_PACK)]
        at = len(self._cards) - 1 if wanted is None else self._cards.index(wanted)
        return self._cards.pop(at)


def weighted(rng: Random, weights: Mapping[T, float]) -> T:
    """One of the keys, as often as its weight says."""
    return rng.choices([*weights], [*weights.values()])[0]
