"""Why an article is where it is for a question: what an editor needs to know before changing either."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from helpdesk.core.text import one_line
from knowledge_base.finding.asking import Asked, ask
from knowledge_base.finding.fusing import weight, worth
from knowledge_base.finding.judging import match_of
from knowledge_base.finding.ranking import boosts_of, near_in_meaning, placed_articles
from knowledge_base.finding.scoring import Reason, factors, reasons
from knowledge_base.finding.synonyms import known_synonyms
from knowledge_base.finding.wholes import read_term
from knowledge_base.index.counting import TEXT_FIELDS
from knowledge_base.index.feeding import engine
from knowledge_base.index.postings import Postings
from knowledge_base.index.storing import IndexUnusable
from knowledge_base.models import Article
from knowledge_base.search import LONGEST_QUESTION
from knowledge_base.semantic.nearness import Nearness

# A place further down is told as none.
_DEEPEST = 1_000


@dataclass(frozen=True)
class AskedWord:
    """A word that was asked for. terms: what answers it, with the weight of each; below 1 are synonyms."""

    terms: dict[str, float]
    is_soft: bool
    # How many articles have one of the terms, and whether this one does.
    articles: int
    is_here: bool


@dataclass(frozen=True)
class Meaning:
    """What the vectors say: cosines with title and text, and what the two ranks give to the score."""

    title: float
    text: float
    weight: float
    score: float


@dataclass(frozen=True)
class Explanation:
    """All that decides about an article and a question. Places count articles that not everybody may read."""

    words: Sequence[AskedWord]
    corrections: Sequence[str]
    # What each term gave in each field, most first, before coverage and boost.
    reasons: Sequence[Reason] = ()
    # The share of the question that the article has, 0 to 1: its words' score counts 1 + this times.
    coverage: float = 0.0
    boost: float = 1.0
    # By the words alone, and in the order that readers get; from 1, None where it is not found.
    word_place: int | None = None
    place: int | None = None
    score: float = 0.0
    # good, near or none.
    match: str = "none"
    meaning: Meaning | None = None
    # False for a draft, and while the index is behind or cannot be read.
    is_indexed: bool = True


def explain(question: str, lang: str, article: Article, stage: str = "") -> Explanation:
    """Why the article is where it is for the question, asked on a stage. Knows nothing without an index."""
    question = one_line(question)[:LONGEST_QUESTION]
    try:
        return _explain(question, lang, article, stage)
    except IndexUnusable:
        return Explanation((), (), is_indexed=False)


def _explain(question: str, lang: str, article: Article, stage: str) -> Explanation:
    near, boosts = near_in_meaning(question, lang), boosts_of(lang, stage)
    placed, found = placed_articles(question, lang, near, boosts, limit=_DEEPEST)
    by_words = [hit.id for hit in found.hits]
    order = [place.id for place in placed]
    own = next((place for place in placed if place.id == article.id), None)
    words, why, is_indexed = engine().reading(lang, lambda postings: _read(question, postings, article.id))
    return Explanation(
        words,
        found.corrections,
        why,
        coverage=own.coverage if own else 0.0,
        boost=float(factors(np.array([article.id]), boosts)[0]),
        word_place=by_words.index(article.id) + 1 if article.id in by_words else None,
        place=order.index(article.id) + 1 if own else None,
        score=own.score if own else 0.0,
        match=match_of(question, placed),
        meaning=_meaning(near, article.id, weight(found.hits)) if near is not None else None,
        is_indexed=is_indexed,
    )


def _read(question: str, postings: Postings, id: int) -> tuple[list[AskedWord], list[Reason], bool]:
    """The words that were asked for, what each gave, and whether the article is in the index."""
    read = ask(question, postings, known_synonyms())
    is_indexed = bool(np.any(postings.is_live & (postings.ids == id)))
    return [_word(asked, postings, id) for asked in read.asked], reasons(read, postings, id), is_indexed


def _word(asked: Asked, postings: Postings, id: int) -> AskedWord:
    names = ("title",) if asked.is_soft else TEXT_FIELDS
    rows = [read_term(postings, name, term)[0] for name in names for term in asked.terms]
    ids = np.unique(postings.ids[np.concatenate(rows)]) if rows else np.zeros(0, np.int64)
    return AskedWord(asked.terms, asked.is_soft, len(ids), bool(np.any(ids == id)))


def _meaning(near: Nearness, id: int, its_weight: float) -> Meaning | None:
    """None for an article that has no vectors yet."""
    at = np.flatnonzero(near.ids == id)
    if not len(at):
        return None
    place = int(at[0])
    score = its_weight * float(worth(near)[place])
    return Meaning(float(near.titles[place]), float(near.texts[place]), its_weight, score)
