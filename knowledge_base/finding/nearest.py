"""The written questions that look most like one whose words stand in no article: better than nothing."""

from collections.abc import Iterable

from helpdesk.core.words import fold
from knowledge_base.finding.questions import questions

# Of a longer question the beginning is compared: each pair of letters is looked for in each line.
_COMPARED = 20
# The share of its pairs of letters that a line must have; with less it looks like anything.
_ALIKE = 0.5


def nearest(question: str, lang: str, *, limit: int) -> list[tuple[int, float]]:
    """Articles by the share, up to 1, of the question's pairs of letters that one of their questions has.

    Whoever may read them, most first; of equals the shorter question.
    """
    pairs = _pairs(fold(question)[:_COMPARED])
    if not pairs:
        return []
    lines = questions(lang).lines
    found = ((sum(pair in line.folded for pair in pairs) / len(pairs), line) for line in lines)
    alike = [(share, line) for share, line in found if share >= _ALIKE]
    alike.sort(key=lambda each: (-each[0], len(each[1].folded), each[1].article_id))
    best: dict[int, float] = {}
    for share, line in alike:
        best.setdefault(line.article_id, share)
    return [*best.items()][:limit]


def _pairs(folded: str) -> set[str]:
    return {pair for word in folded.split() for pair in _neighbours(word) if pair.isalnum()}


def _neighbours(word: str) -> Iterable[str]:
    return (word[at : at + 2] for at in range(len(word) - 1))
