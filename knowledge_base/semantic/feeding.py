"""Keeping the vectors behind the articles: jobs in small bites, so that letters are sent between them.

Only texts that changed are embedded. A visitor's page never waits for it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

from sqlalchemy import delete, func, select, update

from helpdesk.core.db import db, insert_into
from helpdesk.core.jobs import task
from knowledge_base.models import Article, ArticleStatus
from knowledge_base.semantic.pieces import Piece, pieces
from knowledge_base.semantic.vectors import Embedder, embedder, is_installed
from knowledge_base.stores import ArticleVector

# Articles a job is given, and seconds after which it leaves the rest to the next one.
_BATCH = 50
_BITE = 2.0


@dataclass(frozen=True)
class _Work:
    """What is to be done for one article: the texts to embed, and the pieces that stay as they are."""

    article_id: int
    lang: str
    missing: Sequence[Piece]
    kept: frozenset[tuple[str, int]]


@task
def embed_articles(ids: list[int]) -> None:
    """Bring the vectors of these articles up to their texts; a job."""
    model = embedder()
    if model is not None and (left := _embed(ids, model, until=monotonic() + _BITE)):
        embed_articles.later(ids=left)


def embed_later(ids: Sequence[int]) -> None:
    """Have the vectors of articles made, in the transaction that asks; nothing without a model."""
    if is_installed():
        for start in range(0, len(ids), _BATCH):
            embed_articles.later(ids=list(ids[start : start + _BATCH]))


def embed_all(lang: str, told: Callable[[int, int], None]) -> None:
    """Make all vectors of a language now, committing as it goes; told: how many of how many are done."""
    model = embedder()
    if model is None:
        return
    published = select(Article.id).where(Article.lang == lang, Article.status == ArticleStatus.PUBLISHED)
    left = ids = [*db.session.scalars(published.order_by(Article.id))]
    while left:
        left = _embed(left[:_BATCH], model, until=monotonic() + _BITE) + left[_BATCH:]
        db.session.commit()
        told(len(ids) - len(left), len(ids))


def _embed(ids: list[int], model: Embedder, *, until: float) -> list[int]:
    """Embed what changed of the articles until the time is over, at least of one; returns those left."""
    works = _works(ids, model.name)
    # The database is let go of: on SQLite nobody else could write while the model works.
    db.session.rollback()
    done: list[tuple[_Work, list[bytes]]] = []
    for work in works:
        if done and monotonic() > until:
            break
        texts = [piece.text for piece in work.missing]
        vectors = [row.astype("<f4").tobytes() for row in model.embed_passages(texts)] if texts else []
        done.append((work, vectors))
    _write(done, model.name)
    return [work.article_id for work in works[len(done) :]]


def _works(ids: Sequence[int], model: str) -> list[_Work]:
    """What there is to do; nothing for an article whose vectors are all there."""
    columns = select(Article.id, Article.lang, Article.title, Article.body, Article.status)
    known, works = _known(ids), []
    for row in db.session.execute(columns.where(Article.id.in_(ids)).order_by(Article.id)):
        wanted = pieces(row.title, row.body) if row.status == ArticleStatus.PUBLISHED else []
        there = known.get(row.id, {})
        missing = [piece for piece in wanted if there.get(piece.place) != (model, piece.hash)]
        kept = frozenset(piece.place for piece in wanted if piece not in missing)
        if missing or kept != there.keys():
            works.append(_Work(row.id, row.lang, missing, kept))
    return works


def _known(ids: Sequence[int]) -> dict[int, dict[tuple[str, int], tuple[str, str]]]:
    """Of each article its pieces that have a vector: of which model and which text."""
    place = ArticleVector.article_id, ArticleVector.kind, ArticleVector.number
    rows = select(*place, ArticleVector.model, ArticleVector.text_hash).where(
        ArticleVector.article_id.in_(ids)
    )
    known: dict[int, dict[tuple[str, int], tuple[str, str]]] = {}
    for article_id, kind, number, model, text_hash in db.session.execute(rows):
        known.setdefault(article_id, {})[kind, number] = (model, text_hash)
    return known


def _write(done: Sequence[tuple[_Work, list[bytes]]], model: str) -> None:
    """Put the vectors of each article in the place of those it had, under a new generation."""
    generation = (db.session.scalar(select(func.max(ArticleVector.generation))) or 0) + 1
    alive = select(Article.id).where(Article.id.in_([work.article_id for work, _ in done]))
    there = {*db.session.scalars(alive)}
    for work, vectors in done:
        own = ArticleVector.article_id == work.article_id
        place = select(ArticleVector.id, ArticleVector.kind, ArticleVector.number).where(own)
        old = [row.id for row in db.session.execute(place) if (row.kind, row.number) not in work.kept]
        db.session.execute(delete(ArticleVector).where(ArticleVector.id.in_(old)))
        db.session.execute(update(ArticleVector).where(own).values(generation=generation))
        if work.article_id in there and work.missing:
            new = zip(work.missing, vectors, strict=True)
            rows = [_row(work, piece, model, vector, generation) for piece, vector in new]
            # Two processes may have made the same one.
            once = ["article_id", "kind", "number"]
            db.session.execute(insert_into(ArticleVector).on_conflict_do_nothing(index_elements=once), rows)


def _row(work: _Work, piece: Piece, model: str, vector: bytes, generation: int) -> dict[str, Any]:
    names = {"article_id": work.article_id, "lang": work.lang, "kind": piece.kind, "number": piece.number}
    made = {"model": model, "generation": generation, "text_hash": piece.hash, "vector": vector}
    return names | made
