"""Which articles fit a question best, term at a time over whole columns of numbers.

Rare words count more than in plain BM25, and an article gains by the share of the question it covers;
soft words count in titles alone. The figures were measured on judged questions in both languages.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import log, sqrt

import numpy as np

from knowledge_base.finding.asking import Asked, Question
from knowledge_base.finding.wholes import read_term
from knowledge_base.index.counting import TEXT_FIELDS
from knowledge_base.index.postings import Array, Postings

_K1, _B = 1.2, 0.75
_USUAL_IDF = 5.0
_TITLE_JAPANESE, _TITLE_ENGLISH = 1.0, 2.0
_WEIGHTS = {"body": 1.0, "tags": 1.5, "asked": 1.0}
# A boost puts an article before its equals; it never hides another one.
_BOOSTS = (1.0, 1.5)


@dataclass(frozen=True)
class Hit:
    """An article found. score: to compare within one question; coverage: the share of it found, 0 to 1."""

    id: int
    score: float
    coverage: float
    terms: tuple[str, ...]


@dataclass(frozen=True)
class Reason:
    """What one term in one field gave to an article's score, before coverage and boost."""

    term: str
    field: str
    frequency: int
    idf: float
    score: float


@dataclass
class Scores:
    """A question's result for every article, by row."""

    total: Array
    coverage: Array
    terms: dict[str, Array] = field(default_factory=dict)


def score(question: Question, postings: Postings) -> Scores:
    """Score every article; 0 for those that have nothing of the question."""
    size = len(postings.ids)
    total, covered, whole = np.zeros(size), np.zeros(size), 0.0
    terms: dict[str, Array] = {}
    for asked in question.asked:
        part = np.zeros(size)
        rarity = 0.0
        for term, weight in asked.terms.items():
            rows = _rows(term, asked, postings)
            if len(rows):
                np.maximum.at(part, rows, weight)
                rarity = max(rarity, _idf(postings.count, len(rows)) if weight == 1.0 else 0.0)
                terms[term] = rows
        for _, _, rows, _, given in _given(asked, question, postings):
            total[rows] += given
        if not asked.is_soft:
            rarity = rarity or _idf(postings.count, 0)
            covered += rarity * part
            whole += rarity
    coverage = covered / whole if whole else covered
    return Scores(total * (1 + coverage), coverage, terms)


def best(scores: Scores, postings: Postings, *, limit: int, boosts: Mapping[int, float]) -> list[Hit]:
    """The highest scores first, ties by the lower id; articles without a score are never among them."""
    total = scores.total * factors(postings.ids, boosts)
    candidates = np.flatnonzero(total > 0)
    if len(candidates) > limit:
        bound = np.partition(total[candidates], -limit)[-limit]
        candidates = candidates[total[candidates] >= bound]
    ordered = candidates[np.lexsort((postings.ids[candidates], -total[candidates]))][:limit]
    terms = _terms(scores, ordered)
    return [
        Hit(int(postings.ids[row]), float(total[row]), float(scores.coverage[row]), terms[at])
        for at, row in enumerate(ordered)
    ]


def factors(ids: Array, boosts: Mapping[int, float]) -> Array:
    """What each article's score is multiplied by: its boost within bounds, 1 without one."""
    if not boosts:
        return np.ones(len(ids))
    boosted, given = np.fromiter(boosts, np.int64), np.fromiter(boosts.values(), float)
    order = np.argsort(boosted)
    boosted, given = boosted[order], np.clip(given[order], *_BOOSTS)
    places = np.clip(np.searchsorted(boosted, ids), 0, len(boosted) - 1)
    return np.where(boosted[places] == ids, given[places], 1.0)


def reasons(question: Question, postings: Postings, id: int) -> list[Reason]:
    """Why the article has its score, what gave most first; empty for an article that has none."""
    found = []
    for asked in question.asked:
        for term, name, rows, frequencies, given in _given(asked, question, postings):
            at = np.flatnonzero(postings.ids[rows] == id)
            if len(at):
                idf = _idf(postings.count, len(rows))
                found.append(Reason(term, name, int(frequencies[at[0]]), idf, float(given[at[0]])))
    return sorted(found, key=lambda reason: -reason.score)


def _given(
    asked: Asked, question: Question, postings: Postings
) -> Iterator[tuple[str, str, Array, Array, Array]]:
    """Term, field, rows, frequencies and what each row is given, for each of the word's terms and fields."""
    title = _TITLE_JAPANESE if question.is_japanese else _TITLE_ENGLISH
    for term, weight in asked.terms.items():
        for name, field_weight in (("title", title), *([] if asked.is_soft else _WEIGHTS.items())):
            rows, frequencies = read_term(postings, name, term)
            if not len(rows):
                continue
            idf = _idf(postings.count, len(rows))
            norm = _K1 * (1 - _B + _B * postings.lengths[name][rows] / postings.averages[name])
            bm25 = idf * frequencies * (_K1 + 1) / (frequencies + norm)
            yield term, name, rows, frequencies, weight * sqrt(idf / _USUAL_IDF) * field_weight * bm25


def _rows(term: str, asked: Asked, postings: Postings) -> Array:
    """The rows with the term in any field that counts for it."""
    names = ("title",) if asked.is_soft else TEXT_FIELDS
    return np.unique(np.concatenate([read_term(postings, name, term)[0] for name in names]))


def _idf(count: int, having: int) -> float:
    """How rare a term is, as Whoosh has it: 1 for one that nearly every article has."""
    return max(log(max(count, 1) / (having + 1)) + 1, 0.1)


def _terms(scores: Scores, ordered: Array) -> list[tuple[str, ...]]:
    """Which terms of the question each of these rows has."""
    has = {}
    for term, rows in scores.terms.items():
        places = np.minimum(np.searchsorted(rows, ordered), len(rows) - 1)
        has[term] = rows[places] == ordered
    return [tuple(term for term, there in has.items() if there[at]) for at in range(len(ordered))]
