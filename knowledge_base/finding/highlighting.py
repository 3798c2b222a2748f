"""The piece of an article that answers, with the words that were asked for marked in it."""

from collections.abc import Collection, Iterator

from markupsafe import Markup

from helpdesk.core.words import marked
from knowledge_base.finding.wholes import JOINT
from knowledge_base.language.words import Word, words

# A longer article shows something of its beginning.
_LONGEST_TEXT = 4_000
_SENTENCE_ENDS = "。！？!?\n"
_LONGEST_WORD = 40


def highlight(
    text: str, asked: str | Collection[str], *, length: int = 120, within: int = _LONGEST_TEXT
) -> Markup:
    """About `length` characters of plain text with most of what was asked in them, in <mark>, all escaped.

    asked: a question, or the terms of a hit. Without any of them in the text it is the text's beginning.
    within: so many characters of the text are looked through, which takes its time.
    """
    text = text.strip()
    terms = {word.term for word in words(asked) if not word.is_soft} if isinstance(asked, str) else {*asked}
    seen = text[:within]
    every = words(seen)
    found = [*_having(every, terms)]
    start = _start(seen, every, found, length)
    end = _end(text, every, min(start + length, len(seen)), len(seen))
    shown = [word for word in found if word.start >= start and word.end <= end]
    return marked(text, _merged(text, shown), start, end)


def _having(every: list[Word], terms: Collection[str]) -> Iterator[Word]:
    """The words that are asked for; those of a whole where they stand together in its order."""
    wholes = [term.split(JOINT) for term in terms if JOINT in term]
    inside = {
        at + place
        for at in range(len(every) if wholes else 0)
        for parts in wholes
        if [word.term for word in every[at : at + len(parts)]] == parts
        for place in range(len(parts))
    }
    return (word for at, word in enumerate(every) if word.term in terms or at in inside)


def _start(text: str, every: list[Word], found: list[Word], length: int) -> int:
    """Where to begin, so that most different terms are within: with a sentence if one is near, or a word."""
    if not found or len(text) <= length:
        return 0

    def terms_from(first: Word) -> int:
        return len({word.term for word in found if first.start <= word.start < first.start + length * 2 // 3})

    first = max(found, key=lambda word: (terms_from(word), -word.start)).start
    earliest = max(0, first - length // 3)
    sentence = max(text.rfind(sign, earliest, first) for sign in _SENTENCE_ENDS) + 1
    if sentence > earliest or earliest == 0:
        earliest = sentence
    earliest = max(0, min(earliest, len(text) - length))
    return (
        next((word.start for word in every if earliest <= word.start <= first), earliest) if earliest else 0
    )


def _end(text: str, every: list[Word], latest: int, seen: int) -> int:
    """Where to end at the latest, without a word that is cut; a word that is longer than a line is cut.

    seen: where the last of `every` may be cut itself.
    """
    if latest >= len(text):
        return len(text)
    ends = ((word.start, word.end + (word.end == seen)) for word in every)
    cut = next((start for start, end in ends if start < latest < end), latest)
    return len(text[: cut if latest - cut < _LONGEST_WORD else latest].rstrip())


def _merged(text: str, found: list[Word]) -> list[tuple[int, int]]:
    """The words' places, neighbours made one: 再設定 is one mark, not two."""
    merged: list[tuple[int, int]] = []
    for word in found:
        if merged and not text[merged[-1][1] : word.start].strip(" ・-"):
            merged[-1] = (merged[-1][0], word.end)
        else:
            merged.append((word.start, word.end))
    return merged
