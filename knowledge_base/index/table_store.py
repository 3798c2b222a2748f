"""Counted words in the database, shared by all machines; each process has them in memory and fetches news.

Writers of a language take its generation in their transaction, and with it a lock until they commit. So
generations become visible in their order, and whoever has read one has read all before it.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from secrets import token_hex
from typing import Any, TypeVar

from sqlalchemy import Row, delete, func, select, update

from helpdesk.core.db import db, insert_into
from knowledge_base.index.counting import Document, terms
from knowledge_base.index.memory_postings import MemoryPostings, Vocabulary
from knowledge_base.index.packing import pack, unpack
from knowledge_base.index.postings import Damaged, Postings
from knowledge_base.index.storing import IndexUnusable
from knowledge_base.language.words import stamp
from knowledge_base.stores import ArticleWords, WordStore

# Rows written or fetched at once.
_BATCH = 500

T = TypeVar("T")


@dataclass(frozen=True)
class _Held:
    """What this process has of a language: everything up to a generation of one making."""

    epoch: str
    generation: int
    postings: MemoryPostings


class TableStore:
    """`Store` in the tables `word_stores` and `article_words`. It writes in its caller's transaction."""

    def __init__(self) -> None:
        self._held: dict[str, _Held] = {}
        self._fetching: dict[str, threading.Lock] = {}
        self._beginning = threading.Lock()

    def reading(self, lang: str, use: Callable[[Postings], T]) -> T:
        try:
            return use(self._newest(lang))
        except Damaged as damage:
            raise IndexUnusable(f"{lang}: {damage}") from damage

    def versions(self, lang: str) -> dict[int, int]:
        _made_by_us(lang)
        kept = select(ArticleWords.article_id, ArticleWords.version)
        alive = kept.where(ArticleWords.lang == lang, func.length(ArticleWords.words) > 0)
        return dict(db.session.execute(alive).all())

    def size(self, lang: str) -> str:
        stored = select(func.coalesce(func.sum(func.length(ArticleWords.words)), 0))
        size = db.session.scalar(stored.where(ArticleWords.lang == lang)) or 0
        return f"{size / 2**20:.1f} MB in the database"

    def update(self, lang: str, documents: Iterable[Document], gone: Iterable[int]) -> None:
        rows = [_row(lang, document) for document in documents]
        put_in = {row["article_id"] for row in rows}
        taken_out = [id for id in gone if id not in put_in]
        if not rows and not taken_out:
            return
        taken = update(WordStore).where(WordStore.lang == lang, WordStore.stamp == stamp())
        generation = db.session.scalar(
            taken.values(generation=WordStore.generation + 1)
            .returning(WordStore.generation)
            .execution_options(synchronize_session=False)
        )
        if generation is None:
            raise IndexUnusable(f"{lang}: not made by this version")
        _write(rows, generation)
        emptied = update(ArticleWords).where(
            ArticleWords.lang == lang, ArticleWords.article_id.in_(taken_out), ArticleWords.words != b""
        )
        db.session.execute(
            emptied.values(words=b"", generation=generation).execution_options(synchronize_session=False)
        )

    def rebuild(self, lang: str, documents: Iterable[Document]) -> None:
        rows = [_row(lang, document) for document in documents]
        made = {"stamp": stamp(), "epoch": token_hex(8)}
        first = insert_into(WordStore).values(lang=lang, generation=1, **made)
        begun = first.on_conflict_do_update(
            index_elements=["lang"], set_={"generation": WordStore.generation + 1, **made}
        )
        generation = db.session.scalar(begun.returning(WordStore.generation))
        db.session.execute(delete(ArticleWords).where(ArticleWords.lang == lang))
        _write(rows, generation)

    def tidy(self, lang: str) -> None:
        """Read all of it once: what lies in memory tidies itself, but damage shows itself only so."""
        _made_by_us(lang)
        try:
            for row in db.session.execute(_newer(lang, 0)):
                if row.words:
                    unpack(row.words)
        except Damaged as damage:
            raise IndexUnusable(f"{lang}: {damage}") from damage

    def close(self) -> None:
        self._held.clear()

    def _newest(self, lang: str) -> MemoryPostings:
        state = _made_by_us(lang)
        held = self._held.get(lang)
        if held and held.epoch == state.epoch and held.generation >= state.generation:
            return held.postings
        with self._fetch(lang, is_patient=held is None) as is_ours:
            # Whoever comes while another thread fetches answers from what there was a moment ago.
            if is_ours:
                held = self._fetched(lang, state)
        assert held is not None
        return held.postings

    @contextmanager
    def _fetch(self, lang: str, *, is_patient: bool) -> Iterator[bool]:
        with self._beginning:
            lock = self._fetching.setdefault(lang, threading.Lock())
        is_ours = lock.acquire(blocking=is_patient)
        try:
            yield is_ours
        finally:
            if is_ours:
                lock.release()

    def _fetched(self, lang: str, state: Row[int, str, str]) -> _Held:
        """What is held with all that is newer; another making is read from its beginning."""
        held = self._held.get(lang)
        if held is None or held.epoch != state.epoch:
            held = _Held(state.epoch, 0, MemoryPostings(Vocabulary(), []))
        if held.generation < state.generation:
            newest = state.generation
            found = db.session.execute(_newer(lang, held.generation))
            articles = []
            for row in found:
                articles.append((row.article_id, row.version, row.words))
                newest = max(newest, row.generation)
            held = _Held(state.epoch, newest, held.postings.changed(articles))
        self._held[lang] = held
        return held


def _state(lang: str) -> Row[int, str, str] | None:
    columns = select(WordStore.generation, WordStore.stamp, WordStore.epoch)
    return db.session.execute(columns.where(WordStore.lang == lang)).first()


def _made_by_us(lang: str) -> Row[int, str, str]:
    state = _state(lang)
    if state is None or state.stamp != stamp():
        raise IndexUnusable(f"{lang}: {'made by another version' if state else 'never made'}")
    return state


def _newer(lang: str, generation: int) -> Any:
    columns = select(
        ArticleWords.article_id, ArticleWords.version, ArticleWords.words, ArticleWords.generation
    )
    newer = columns.where(ArticleWords.lang == lang, ArticleWords.generation > generation)
    return newer.order_by(ArticleWords.generation).execution_options(yield_per=_BATCH)


def _row(lang: str, document: Document) -> dict[str, Any]:
    words = pack(terms(document))
    return {"article_id": document.id, "lang": lang, "version": document.version, "words": words}


def _write(rows: list[dict[str, Any]], generation: int | None) -> None:
    written = insert_into(ArticleWords)
    new = {name: written.excluded[name] for name in ("lang", "version", "words", "generation")}
    put = written.on_conflict_do_update(index_elements=["article_id"], set_=new)
    # The last of two of the same article counts.
    once = [*{row["article_id"]: {**row, "generation": generation} for row in rows}.values()]
    for first in range(0, len(once), _BATCH):
        db.session.execute(put, once[first : first + _BATCH])
