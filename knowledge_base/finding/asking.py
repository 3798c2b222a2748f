"""What a question asks for: its words, what else means the same, and what was probably meant.

Nothing a customer types is an operator. A word may stand for several terms: itself, a synonym, the
spelling that was meant. They are kept together, so that an article is not credited twice for one word.
"""

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path

from knowledge_base.finding.correcting import Meant, meant
from knowledge_base.finding.wholes import has_term, whole
from knowledge_base.index.postings import Postings
from knowledge_base.language.words import Word, is_japanese, spellings, words

SYNONYMS = Path(__file__).with_name("synonyms.toml")

# Of a longer question the beginning counts.
_LONGEST_QUESTION = 1_000
_MOST_WORDS = 60
_SYNONYM_WEIGHT = 0.4
# … of an expression of several words that no article has: it is what articles call it.
_MEANT_WEIGHT = 0.8
_SOFT_WEIGHT_JAPANESE, _SOFT_WEIGHT_ENGLISH = 0.3, 0.5


@dataclass
class Asked:
    """One word of a question: the terms that answer it, each with its weight."""

    terms: dict[str, float]
    is_soft: bool = False


@dataclass
class Question:
    """The words of a question. `corrections`: spellings of the articles that were searched as well."""

    asked: list[Asked]
    is_japanese: bool
    corrections: list[str] = field(default_factory=list)

    @property
    def hard(self) -> list[Asked]:
        return [word for word in self.asked if not word.is_soft]


class Synonyms:
    """Groups of expressions that mean the same: one of them in a question brings in the others."""

    def __init__(self, groups: Iterable[Sequence[str]]) -> None:
        """groups: expressions as people write them, in any language, of any number of words."""
        self._others: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
        # Words of them whose spelling people get wrong.
        self.spellings: list[str] = []
        for group in groups:
            self.spellings += [spelling for text in group for spelling in spellings(text)]
            found = [words(text) for text in group]
            hard = [tuple(word.term for word in expression if not word.is_soft) for expression in found]
            for expression in found:
                terms = tuple(word.term for word in expression)
                others = self._others.setdefault(terms, [])
                others += [other for other in hard if other and not set(other) <= set(terms)]
        self._longest = max(map(len, self._others), default=0)

    def matching(self, terms: Sequence[str]) -> Iterator[tuple[slice, tuple[str, ...]]]:
        """For each expression found in `terms`: where it stands, and each other one of its group."""
        for start in range(len(terms)):
            for end in range(min(len(terms), start + self._longest), start, -1):
                for other in self._others.get(tuple(terms[start:end]), ()):
                    yield slice(start, end), other


@cache
def shipped_synonyms() -> Synonyms:
    """The list that comes with the product; read and analysed once."""
    return Synonyms(shipped_groups())


def shipped_groups() -> list[list[str]]:
    """The groups of the list that comes with the product, as they are written."""
    groups: list[list[str]] = tomllib.loads(SYNONYMS.read_text(encoding="utf-8"))["groups"]
    return groups


def ask(question: str, postings: Postings, synonyms: Synonyms) -> Question:
    """Read a question against the words that the articles have."""
    question = question[:_LONGEST_QUESTION]
    every = words(question)[:_MOST_WORDS]
    soft_weight = _SOFT_WEIGHT_JAPANESE if is_japanese(question) else _SOFT_WEIGHT_ENGLISH
    asked = [
        Asked({word.term: soft_weight if word.is_soft else 1.0}, word.is_soft) for word in _distinct(every)
    ]
    read = Question(asked, is_japanese(question))
    for meaning in meant(question, every, postings, synonyms.spellings):
        _add(read, meaning, soft_weight)
    _add_synonyms(read, synonyms, postings)
    _join_affixes(read, every)
    return read


def _distinct(found: list[Word]) -> list[Word]:
    return list({word.term: word for word in reversed(found)}.values())[::-1]


def _add(read: Question, meaning: Meant, soft_weight: float) -> None:
    """Ask for what was meant too; where it stands for words of the question, they count as one with it."""
    known = {term for asked in read.asked for term in asked.terms}
    if all(term in known for word in meaning.words for term in word):
        return
    told = [
        Asked(
            {term: soft_weight if is_soft else meaning.weight for term, is_soft in word.items()},
            all(word.values()),
        )
        for word in meaning.words
    ]
    replaced = [not asked.terms.keys().isdisjoint(meaning.instead_of) for asked in read.asked]
    at = replaced.index(True) if True in replaced else len(replaced)
    kept = [asked for asked, is_replaced in zip(read.asked, replaced, strict=True) if not is_replaced]
    read.asked = [*kept[:at], *told, *kept[at:]]
    read.corrections.append(meaning.shown)


def _add_synonyms(read: Question, synonyms: Synonyms, postings: Postings) -> None:
    """Ask for the other expressions of each group that one in the question is of, where it stands."""
    added: list[Asked] = []
    unknown: dict[str, list[Asked]] = {}
    for place, other in synonyms.matching([next(iter(word.terms)) for word in read.asked]):
        hard = [word for word in read.asked[place] if not word.is_soft]
        term, own = whole(other), whole(next(iter(word.terms)) for word in hard)
        if not hard:
            added.append(Asked({term: _SYNONYM_WEIGHT}))
        elif len(hard) > 1 and not has_term(postings, own) and has_term(postings, term):
            unknown[own] = hard
            hard[0].terms[term] = _MEANT_WEIGHT
        else:
            hard[0].terms.setdefault(term, _SYNONYM_WEIGHT)
    # Its words are not what was asked for, each by itself: 暗証番号 is no 番号.
    for own, (first, *others) in unknown.items():
        first.terms = {own: 1.0} | dict([*first.terms.items()][1:])
        read.asked = [word for word in read.asked if all(word is not other for other in others)]
    read.asked += added


def _join_affixes(read: Question, every: Sequence[Word]) -> None:
    """Let an affix count with its word alone: the 書 of 請求書 says nothing of a 領収書."""
    known = {term for asked in read.asked for term in asked.terms}
    joined: dict[str, str] = {}
    for one, next_one in pairwise(every):
        is_joined = (one.affix > 0 or next_one.affix < 0) and one.end == next_one.start
        if is_joined and {one.term, next_one.term} <= known:
            joined[one.term if one.affix > 0 else next_one.term] = whole((one.term, next_one.term))
    for asked in read.asked:
        if not asked.is_soft:
            asked.terms = {joined.get(term, term): weight for term, weight in asked.terms.items()}
