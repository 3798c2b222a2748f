"""Words in the database: the same results as Whoosh's, and no reader misses what another machine wrote."""

import threading
from concurrent.futures import ThreadPoolExecutor
from random import Random
from time import sleep

import pytest
from sqlalchemy import delete, event, update

from helpdesk.core.db import db, reading
from helpdesk.demo import phrases
from knowledge_base.finding.engine import Engine
from knowledge_base.index.counting import Document
from knowledge_base.index.memory_postings import MemoryPostings, Vocabulary
from knowledge_base.index.packing import pack, unpack
from knowledge_base.index.postings import Damaged
from knowledge_base.index.storing import IndexUnusable
from knowledge_base.index.table_store import TableStore
from knowledge_base.stores import ArticleWords, WordStore
from tests.knowledge_base.articles import JAPANESE, first

# An article has one language, and its number is no other's.
FIRST = {"ja": 1, "en": 1001}
QUESTIONS = [
    ("ja", "パスワードを忘れました。どうすればいいですか？"),
    ("ja", "パスワドの変更"),
    ("ja", "ぱすわーどがわからない"),
    ("ja", "請求書 再発行 PDF"),
    ("ja", "サーバ"),
    ("ja", "解約したい"),
    ("en", "how do I change the invoice address?"),
    ("en", "passwrod"),
    ("en", "export to CSV"),
    ("en", "does not exist anywhere"),
]


@pytest.fixture
def engine(app):
    engine = Engine(TableStore())
    engine.rebuild("ja", JAPANESE)
    db.session.commit()
    return engine


def document(rng: Random, id: int, lang: str) -> Document:
    title, body = phrases.article(rng, lang)
    return Document(id, title, body, tags=title.split()[:1], version=rng.randrange(1, 9))


def answers(engine: Engine) -> list[object]:
    boosts = {3: 1.3, 40: 1.2, 1040: 1.3}
    return [
        *(engine.search(question, lang, limit=30, boosts=boosts) for lang, question in QUESTIONS),
        *(engine.explain(question, lang, FIRST[lang] + 6) for lang, question in QUESTIONS),
    ]


def test_both_stores_answer_the_same_after_any_changes(app, tmp_path):
    rng = Random(7)
    stores = [Engine(tmp_path), Engine(TableStore())]
    for lang in ("ja", "en"):
        documents = [document(rng, FIRST[lang] + id, lang) for id in range(80)]
        for engine in stores:
            engine.rebuild(lang, documents)
    for _ in range(12):
        lang = rng.choice(["ja", "en"])
        changed = [document(rng, FIRST[lang] + rng.randrange(140), lang) for _ in range(rng.randrange(4))]
        gone = [FIRST[lang] + rng.randrange(140) for _ in range(rng.randrange(4))]
        for engine in stores:
            engine.update(lang, changed, gone=gone)
        whoosh, database = map(answers, stores)

        # Whole answers: ids, order, scores, coverage, terms, match and corrections.
        assert whoosh == database
        assert stores[0].versions(lang) == stores[1].versions(lang)
        assert stores[0].ids(lang) == stores[1].ids(lang) == {*stores[1].versions(lang)}


def test_another_process_reads_only_what_is_new(engine):
    reader = Engine(TableStore())
    assert first(reader, "解約") == 2
    rows = []

    def count(_connection, cursor, statement, *_rest):
        if "article_words.words" in statement and "SELECT" in statement:
            rows.append(statement)

    event.listen(db.engine, "after_cursor_execute", count)
    assert first(reader, "解約") == 2
    assert rows == []
    engine.update("ja", [Document(6, "返品", "返品の話")], gone=[2])
    db.session.commit()
    fetched = read_by(reader)
    assert first(reader, "返品") == 6
    assert first(reader, "解約") is None
    event.remove(db.engine, "after_cursor_execute", count)

    assert len(rows) == 1
    assert fetched == [{2, 6}]


def read_by(reader: Engine) -> list[set[int]]:
    """The articles of each fetch, from now on."""
    fetched: list[set[int]] = []
    held = reader._store._held["ja"].postings
    changed = held.changed

    def noted(articles):
        fetched.append({id for id, _version, _words in articles})
        return changed(articles)

    held.changed = noted
    return fetched


def test_a_making_anew_is_read_from_its_beginning(engine):
    reader = Engine(TableStore())
    assert reader.ids("ja") == {1, 2, 3, 4, 5}
    engine.rebuild("ja", JAPANESE[:2])

    assert reader.ids("ja") == {1, 2}


def test_a_database_put_back_is_noticed_though_its_generation_is_lower(engine):
    for _ in range(3):
        engine.update("ja", [Document(2, "猫", "猫")])
    assert first(engine, "解約") is None
    db.session.execute(delete(WordStore))
    engine.rebuild("ja", JAPANESE)

    assert first(engine, "解約") == 2


def _empty_words():
    db.session.execute(update(ArticleWords).values(words=b"x", generation=ArticleWords.generation + 1))
    db.session.execute(update(WordStore).values(generation=WordStore.generation + 1))


def _cut_words():
    rows = db.session.execute(db.select(ArticleWords.id, ArticleWords.words)).all()
    for id, words in rows:
        changed = update(ArticleWords).where(ArticleWords.id == id)
        db.session.execute(changed.values(words=words[: len(words) // 2]))


def _lose_store():
    db.session.execute(delete(WordStore))


def _other_version():
    db.session.execute(update(WordStore).values(stamp="older"))


@pytest.mark.parametrize("disaster", [_empty_words, _cut_words, _lose_store, _other_version])
def test_what_is_destroyed_is_noticed_and_made_anew(engine, disaster):
    disaster()

    with pytest.raises(IndexUnusable):
        Engine(TableStore()).search("解約", "ja")
    engine.rebuild("ja", JAPANESE)
    assert first(Engine(TableStore()), "解約") == 2
    assert first(engine, "解約") == 2


def test_a_writer_of_another_version_writes_nothing_between_ours(engine):
    db.session.execute(update(WordStore).values(stamp="newer"))

    with pytest.raises(IndexUnusable):
        engine.update("ja", [Document(6, "猫", "猫")])


def test_what_was_rolled_back_never_was(engine):
    engine.update("ja", [Document(6, "猫", "猫の話")])
    db.session.rollback()
    engine.update("ja", [Document(7, "猫", "猫の話")])
    db.session.commit()

    assert engine.ids("ja") == {1, 2, 3, 4, 5, 7}


def test_writers_that_commit_in_any_order_lose_nothing(app, engine):
    """Several machines write while another reads all the time; what was committed is never missed later."""
    rng, done, wrong = Random(3), threading.Event(), []
    pauses = [[rng.random() / 200 for _ in range(12)] for _ in range(4)]

    def write(writer: int) -> None:
        with app.app_context():
            own = Engine(TableStore())
            for number, pause in enumerate(pauses[writer]):
                id = 100 + writer * 100 + number
                own.update("ja", [Document(id, "鳥", "鳥の話"), Document(99, "鳥", f"{writer} {number}")])
                sleep(pause)
                db.session.commit()
                with reading():
                    if id not in own.ids("ja"):
                        wrong.append(id)
                    db.session.rollback()

    def read() -> set[int]:
        with app.app_context(), reading():
            own, seen = Engine(TableStore()), set[int]()
            while not done.is_set():
                now = own.ids("ja")
                wrong.extend(seen - now)
                seen = now
                db.session.rollback()
            return own.ids("ja")

    with ThreadPoolExecutor(6) as threads:
        readers = [threads.submit(read) for _ in range(2)]
        list(threads.map(write, range(4)))
        done.set()
    written = {100 + writer * 100 + number for writer in range(4) for number in range(12)}

    assert wrong == []
    assert [reader.result() for reader in readers] == [{1, 2, 3, 4, 5, 99} | written] * 2


def test_many_small_changes_stay_few_parts():
    postings = MemoryPostings(Vocabulary(), [])
    rng = Random(5)
    for number in range(400):
        terms = {
            "title": [f"t{rng.randrange(50)}"],
            "body": ["b"] * 3,
            "tags": [],
            "asked": [],
            "spelling": [],
        }
        postings = postings.changed([(number % 150, number, pack({**terms, "readings": []}))])

    assert postings.count == 150
    assert len(postings._parts) <= 6
    assert len(postings.ids) < 250
    assert sorted(postings.ids[postings.read("body", "b")[0]].tolist()) == list(range(150))
    assert set(postings.read("body", "b")[1].tolist()) == {3.0}


def test_packed_words_come_back_and_nothing_else_does():
    terms = {
        "title": ["a", "b", "a"],
        "body": [],
        "tags": ["\u3000"],
        "asked": [],
        "spelling": ["サ"],
        "readings": [],
    }
    packed = unpack(pack(terms))

    assert packed.terms == ["a", "b", "\u3000", "サ"]
    assert packed.lengths == (3, 0, 1, 0, 1, 0)
    for broken in (b"", b"x", pack(terms)[:-3]):
        with pytest.raises(Damaged):
            unpack(broken)
