"""What a question asks for: its words, what else means the same, and what was probably meant.

Nothing a customer types is an operator. A word may stand for several terms: itself, a synonym, the
spelling that was meant. They are kept together, so that an article is not credited twice for one word.
"""

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from helpdesk.core.words import fold
from knowledge_base.counting import TEXT_FIELDS
from knowledge_base.postings import Postings
from knowledge_base.words import Word, is_japanese, possible_loanwords, spellings, words

SYNONYMS = Path(__file__).with_name("synonyms.toml")

# Of a longer question the beginning counts.
_LONGEST_QUESTION = 500
_MOST_WORDS = 40
_SYNONYM_WEIGHT = 0.4
_SOFT_WEIGHT_JAPANESE, _SOFT_WEIGHT_ENGLISH = 0.3, 0.5
# Letters from which on two slips are forgiven instead of one.
_LONG_WORD = 8
_SHORTEST_LOANWORD = 4


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
        for group in groups:
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
    return Synonyms(tomllib.loads(SYNONYMS.read_text())["groups"])


def ask(question: str, postings: Postings, synonyms: Synonyms) -> Question:
    """Read a question against the words that the articles have."""
    question = question[:_LONGEST_QUESTION]
    found = _distinct(words(question))[:_MOST_WORDS]
    soft_weight = _SOFT_WEIGHT_JAPANESE if is_japanese(question) else _SOFT_WEIGHT_ENGLISH
    asked = [Asked({word.term: soft_weight if word.is_soft else 1.0}, word.is_soft) for word in found]
    added: list[Asked] = []
    for place, other in synonyms.matching([word.term for word in found]):
        replaced = next((word for word in asked[place] if not word.is_soft), None)
        if replaced is None:
            added.append(replaced := Asked({}))
        for term in other:
            replaced.terms.setdefault(term, _SYNONYM_WEIGHT / len(other))
    read = Question(asked + added, is_japanese(question))
    _correct(read, question, postings)
    return read


def _distinct(found: list[Word]) -> list[Word]:
    return list({word.term: word for word in reversed(found)}.values())[::-1]


def _correct(read: Question, question: str, postings: Postings) -> None:
    """Add the spellings that the articles have: of loanwords written in hiragana, and of slips."""
    for run in possible_loanwords(question):
        _add(read, _loanword(run, postings), instead_of=_unknown(fold(run), postings))
    for spelling in dict.fromkeys(spellings(question)):
        terms = [word.term for word in words(spelling)]
        if not postings.has("spelling", spelling) and _unknown(spelling, postings) == terms:
            _add(read, _nearest(spelling, postings), instead_of=terms)


def _unknown(text: str, postings: Postings) -> list[str]:
    """The text's terms that no article has."""
    terms = [word.term for word in words(text)]
    return [term for term in terms if not any(postings.has(name, term) for name in TEXT_FIELDS)]


def _add(read: Question, spelling: str | None, instead_of: Sequence[str]) -> None:
    """Ask for the spelling too; where it corrects words of the question, they count as one with it."""
    if spelling is None:
        return
    terms = {word.term: 1.0 for word in words(spelling)}
    if not terms.keys() - {term for asked in read.asked for term in asked.terms}:
        return
    corrected = [asked for asked in read.asked if not asked.terms.keys().isdisjoint(instead_of)]
    read.asked = [asked for asked in read.asked if asked not in corrected]
    read.asked += [Asked({term: weight}) for term, weight in terms.items()]
    read.corrections.append(spelling)


def _loanword(run: str, postings: Postings) -> str | None:
    """The longest beginning of the run that is a loanword of the articles."""
    ends = range(min(len(run), 20), _SHORTEST_LOANWORD - 1, -1)
    return next((run[:end] for end in ends if postings.has("spelling", run[:end])), None)


def _nearest(spelling: str, postings: Postings) -> str | None:
    """The articles' spelling that is one slip away, or two for a long word; of several the commonest."""
    slips = 2 if len(spelling) >= _LONG_WORD else 1
    near = process.extract(
        spelling,
        postings.lexicon("spelling"),
        scorer=DamerauLevenshtein.distance,
        score_cutoff=slips,
        limit=20,
    )
    ranked = [(distance, -len(postings.read("spelling", word)[0]), word) for word, distance, _ in near]
    return min((entry for entry in ranked if entry[1] < 0), default=(0, 0, None))[2]
