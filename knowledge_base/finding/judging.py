"""How well what was found fits: an answer, a close match, or nothing that people should be shown.

The figures were measured on judged questions, on questions about the world, and on codes and noise.
"""

from collections.abc import Sequence

from knowledge_base.finding.answers import GOOD, NEAR, NONE
from knowledge_base.finding.fusing import Placed
from knowledge_base.language.words import is_japanese

# What is shown are close matches, not answers: where the best has less of the question than this …
_COVERED = 0.15
# … or, with vectors, where none is as near as this, having none of its words or (the second figure is taken
# off) all of them. Both together part questions about something else from the others better than either.
# The model puts English texts a little farther apart.
_NEAR_JAPANESE, _NEAR_ENGLISH, _BY_WORDS = 0.86, 0.845, 0.03
# Codes and letters at random are near to something too: so much more where no article has a word of it.
_WORDLESS_JAPANESE, _WORDLESS_ENGLISH = 0.01, 0.005
# An article with about all of what was asked answers, unless it is far away: a single word, or one written
# in kana or Latin letters, is near to nothing.
_MUCH, _FAR = 0.9, 0.81
# Judged by vectors only where about all articles that were found have some.
_EMBEDDED = 0.8
# Without a word in common and less near than this, an article has nothing to do with the question.
_FLOORS = {"ja": 0.85, "en": 0.835}
# An article is behind the best with less than this share of its words, where it is also farther away by the
# first figure, less the second one where the best has all that was asked.
_SHARE, _BEHIND, _BY_BEST = 0.34, 0.05, 0.04


def match_of(question: str, placed: Sequence[Placed]) -> str:
    """How well the best articles, of those that the asker may read, fit: good, near or none."""
    if not placed:
        return NONE
    known = [(place.cosine, place.coverage) for place in placed if place.cosine is not None]
    if len(known) < _EMBEDDED * len(placed):
        return GOOD if placed[0].coverage >= _COVERED else NEAR
    japanese = is_japanese(question)
    enough = _NEAR_JAPANESE if japanese else _NEAR_ENGLISH
    if not any(place.coverage for place in placed):
        enough += _WORDLESS_JAPANESE if japanese else _WORDLESS_ENGLISH
    is_good = any(
        cosine + _BY_WORDS * coverage >= enough or (coverage >= _MUCH and cosine >= _FAR)
        for cosine, coverage in known
    )
    return GOOD if is_good else NEAR


def is_far(placed: Sequence[Placed], lang: str) -> bool:
    """Whether no article of `lang` has a word of the question or is near to it; unknown without vectors."""
    known = [place.cosine for place in placed if place.cosine is not None]
    is_known = bool(known) and len(known) >= _EMBEDDED * len(placed)
    return is_known and max(known) < _FLOORS[lang] and not any(place.coverage for place in placed)


def are_close(placed: Sequence[Placed]) -> list[bool]:
    """Of each, best first, whether it is not far behind the best, by words or by meaning."""
    most = max((place.coverage for place in placed), default=0.0)
    nearest = max((place.cosine for place in placed if place.cosine is not None), default=None)
    behind = _BEHIND - _BY_BEST * (placed[0].coverage if placed else 0.0)
    return [
        (place.coverage > 0 and place.coverage >= _SHARE * most)
        or nearest is None
        or place.cosine is None
        or place.cosine >= nearest - behind
        for place in placed
    ]
