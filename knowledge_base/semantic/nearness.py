"""How near the articles of a language are to a question in meaning: one product with a matrix in memory.

A process fetches only what is newer than what it has, and looks for that every few seconds at most.
"""

import threading
from dataclasses import dataclass
from functools import cached_property
from time import monotonic
from typing import Any

import numpy as np
from flask import current_app
from numpy.typing import NDArray
from sqlalchemy import func, select

from helpdesk.core.db import db
from knowledge_base.language.words import is_japanese
from knowledge_base.semantic.pieces import TITLE
from knowledge_base.semantic.vectors import embedder
from knowledge_base.stores import ArticleVector

# Seconds between two looks for news.
_PATIENCE = 2.0
# Transactions may end in another order than they took their generation.
_OVERLAP = 20
_NOWHERE = -1.0
# How much of what a text is near to anyway is taken off for a question in another language: measured on
# pairs of translated pages.
_USUAL = 0.5


Array = NDArray[Any]


@dataclass(frozen=True)
class Nearness:
    """Cosines of a question with the articles `ids`: with the title, and with the best piece of the text."""

    ids: Array
    titles: Array
    texts: Array
    # Which piece of the text that is.
    pieces: Array
    # What the articles are ordered by, title and text, for a question in another language than theirs.
    abroad: tuple[Array, Array] | None = None

    @property
    def best(self) -> Array:
        return np.maximum(self.titles, self.texts)


@dataclass(frozen=True)
class Held:
    """All vectors of a language. of_article: the article of each row; pieces: -1 for a title."""

    generation: int
    of_article: Array
    pieces: Array
    vectors: Array

    @cached_property
    def articles(self) -> tuple[Array, Array]:
        """The ids of all articles in order, and the place of each row's article among them."""
        ids, places = np.unique(self.of_article, return_inverse=True)
        return ids, places

    @cached_property
    def usual(self) -> Array:
        """How near each row is to all others: some texts are near to whatever is asked."""
        return _products(self.vectors, self.vectors.mean(axis=0))


class _Matrices:
    """What a process has of each language."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[float, Held]] = {}
        self._lock = threading.Lock()

    def get(self, lang: str, model: str) -> Held:
        """The newest vectors; those from before while another thread fetches."""
        looked, held = self._held.get(lang, (0.0, _NOTHING))
        if monotonic() - looked < _PATIENCE:
            return held
        if not self._lock.acquire(blocking=held is _NOTHING):
            return held
        try:
            held = _with_news(self._held.get(lang, (0.0, _NOTHING))[1], lang, model)
            self._held[lang] = (monotonic(), held)
            return held
        finally:
            self._lock.release()


_NOTHING = Held(0, np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros((0, 0), np.float32))


def nearness(question: str, lang: str) -> Nearness | None:
    """The articles that have vectors, by id; None without a model or without any."""
    model = embedder()
    if model is None:
        return None
    matrices = current_app.extensions.setdefault("helpdesk.vectors", _Matrices())
    held = matrices.get(lang, model.name)
    if not len(held.vectors):
        return None
    is_abroad = is_japanese(question) != (lang == "ja")
    return near_to(model.embed_query(question), held, is_abroad=is_abroad)


def near_to(question: Array, held: Held, *, is_abroad: bool = False) -> Nearness:
    """The cosines of a question's vector with all that is held. is_abroad: it is in another language."""
    cosines = _products(held.vectors, question)
    ids, places = held.articles
    is_title = held.pieces < 0
    titles, texts = _by_article(cosines, held)
    pieces = np.zeros(len(ids), np.int32)
    is_best = ~is_title & (cosines == texts[places])
    pieces[places[is_best]] = held.pieces[is_best]
    abroad = _by_article(cosines - _USUAL * held.usual, held) if is_abroad else None
    return Nearness(ids, titles, texts, pieces, abroad)


def _by_article(values: Array, held: Held) -> tuple[Array, Array]:
    """Of each article what its title has, and the highest that a piece of its text has."""
    ids, places = held.articles
    is_title = held.pieces < 0
    titles, texts = np.full(len(ids), _NOWHERE, np.float32), np.full(len(ids), _NOWHERE, np.float32)
    np.maximum.at(titles, places[is_title], values[is_title])
    np.maximum.at(texts, places[~is_title], values[~is_title])
    return titles, texts


def _products(rows: Array, vector: Array) -> Array:
    """Each row's product with the vector, on one core: what `@` uses wakes all, which costs 40 times more."""
    products: Array = np.einsum("ij,j->i", rows, vector)
    return products


def _with_news(held: Held, lang: str, model: str) -> Held:
    """What is held, with the articles that were embedded since then."""
    own = select(ArticleVector).where(ArticleVector.lang == lang, ArticleVector.model == model)
    newest = db.session.scalar(own.with_only_columns(func.max(ArticleVector.generation)))
    if newest is None or newest == held.generation:
        return held
    news = own.where(ArticleVector.generation > held.generation - _OVERLAP).with_only_columns(
        ArticleVector.article_id, ArticleVector.kind, ArticleVector.number, ArticleVector.vector
    )
    rows = db.session.execute(news.order_by(ArticleVector.article_id)).all()
    of_article = np.array([row.article_id for row in rows], np.int64)
    pieces = np.array([-1 if row.kind == TITLE else row.number for row in rows], np.int32)
    vectors = np.frombuffer(b"".join(row.vector for row in rows), "<f4").reshape(len(rows), -1)
    stays = ~np.isin(held.of_article, of_article)
    if not stays.any():
        return Held(newest, of_article, pieces, vectors.astype(np.float32))
    return Held(
        newest,
        np.concatenate([held.of_article[stays], of_article]),
        np.concatenate([held.pieces[stays], pieces]),
        np.concatenate([held.vectors[stays], vectors.astype(np.float32)]),
    )
