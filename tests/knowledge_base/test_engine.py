"""The search finds the article that answers, and survives whatever happens to its files."""

import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from knowledge_base.asking import Synonyms
from knowledge_base.counting import Document
from knowledge_base.engine import Engine, Match
from knowledge_base.storing import IndexUnusable

JAPANESE = [
    Document(
        1,
        "パスワードを忘れたとき",
        "ログイン画面の「お忘れですか」を押すと、再設定のメールが届きます。",
        ["再設定"],
    ),
    Document(2, "解約する", "設定の「契約」から手続きできます。違約金はありません。", ["退会"]),
    Document(
        3,
        "請求書をダウンロードする",
        "請求の一覧から、PDFの請求書を保存できます。",
        asked=["インボイスはどこ"],
    ),
    Document(
        4,
        "サーバーに接続できない",
        "Wi-Fiとプロキシの設定を確かめてください。エラーE-42が出る場合も同じです。",
    ),
    Document(5, "配送の状況を調べる", "注文履歴から荷物の場所が分かります。"),
]
ENGLISH = [
    Document(11, "Reset a forgotten password", "Press the link on the sign-in page."),
    Document(12, "Cancel your plan", "Open Settings, then Contract. There is no fee."),
    Document(13, "Download an invoice", "Invoices are kept as PDF for ten years. Refunds appear there too."),
]


@pytest.fixture
def engine(tmp_path):
    engine = Engine(tmp_path)
    engine.rebuild("ja", JAPANESE)
    engine.rebuild("en", ENGLISH)
    yield engine
    engine.close()


def first(engine, question, lang="ja"):
    hits = engine.search(question, lang).hits
    return hits[0].id if hits else None


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("パスワードを忘れました。どうすればいいですか？", 1),
        ("ﾊﾟｽﾜｰﾄﾞ", 1),
        ("パスワド", 1),
        ("ぱすわーどがわからない", 1),
        ("退会したい", 2),
        ("インボイスをください", 3),
        ("サーバに接続", 4),
        ("ＷＩ－ＦＩ", 4),
        ("E-42", 4),
        ("荷物はどこですか", 5),
    ],
)
def test_a_question_in_japanese_finds_its_answer_first(engine, question, answer):
    assert first(engine, question) == answer


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("I forgot my passwords", 11),
        ("passwrod", 11),
        ("how can I cancel?", 12),
        ("INVOICES", 13),
        ("refunding", 13),
        ('"cancel" AND NOT (*', 12),
    ],
)
def test_a_question_in_english_finds_its_answer_first(engine, question, answer):
    assert first(engine, question, "en") == answer


def test_a_corrected_spelling_is_told(engine):
    assert engine.search("パスワド", "ja").corrections == ["パスワード"]
    assert engine.search("パスワード", "ja").corrections == []


def test_the_languages_are_apart(engine):
    assert engine.search("refund", "ja").hits == []
    assert engine.ids("en") == {11, 12, 13}


def test_how_well_the_best_fits_is_told(engine):
    long_and_foreign = "パスワード 猫 犬 鳥 魚 馬 牛 羊 猿 熊 狼 兎 鹿 鯨 鮫"

    assert engine.search("パスワードを忘れた", "ja").match is Match.GOOD
    assert engine.search(long_and_foreign, "ja").match is Match.NEAR
    assert engine.search("猫の餌", "ja").match is Match.NONE


@pytest.mark.parametrize(
    "question", ["", "   ", "。。。", "🎉", "\x00", '"(*', "a" * 10_000, "請求書" * 5_000]
)
def test_strange_questions_are_answered_in_bounded_time(engine, question):
    begun = time.process_time()

    assert len(engine.search(question, "ja", limit=3).hits) <= 3
    assert time.process_time() - begun < 2


def test_more_of_the_question_is_better(engine):
    hits = engine.search("請求書の設定", "ja").hits

    assert hits[0].coverage > hits[1].coverage
    assert hits[0].score > hits[1].score


def test_a_hit_names_the_terms_it_has(engine):
    assert engine.search("パスワードの猫", "ja").hits[0].terms == ("ぱすわーど",)


def test_only_as_many_as_asked_come_and_ties_by_age(tmp_path):
    engine = Engine(tmp_path)
    engine.rebuild("en", [Document(id, "Refund", "same") for id in (5, 3, 9, 1, 7)])

    assert [hit.id for hit in engine.search("refund", "en", limit=3).hits] == [1, 3, 5]
    engine.close()


def test_a_boost_prefers_but_never_hides(tmp_path):
    engine = Engine(tmp_path)
    engine.rebuild("en", [Document(1, "Refund", "same"), Document(2, "Refund", "same")])
    hits = engine.search("refund", "en", boosts={2: 99.0, 77: 1.5}).hits

    assert [hit.id for hit in hits] == [2, 1]
    assert hits[0].score == pytest.approx(1.5 * hits[1].score)
    engine.close()


def test_synonyms_of_an_installation_replace_the_shipped_ones(tmp_path):
    engine = Engine(tmp_path, Synonyms([["わんこ", "チワワ"]]))
    engine.rebuild("ja", [Document(1, "チワワの飼い方", ""), Document(2, "猫の飼い方", "")])

    assert [hit.id for hit in engine.search("わんこ", "ja").hits] == [1]
    engine.close()


def test_an_explanation_adds_up_what_each_term_gave(engine):
    reasons = engine.explain("パスワードの再設定", "ja", 1)

    assert {(reason.term, reason.field) for reason in reasons} >= {("ぱすわーど", "title"), ("設定", "body")}
    assert [reason.score for reason in reasons] == sorted((reason.score for reason in reasons), reverse=True)
    assert engine.explain("パスワードの再設定", "ja", 5) == []


def test_a_changed_article_is_found_by_its_new_words_alone(engine):
    assert first(engine, "配送") == 5
    engine.update("ja", [Document(5, "返品を申し込む", "注文履歴から申し込めます。")])

    assert first(engine, "配送") is None
    assert first(engine, "返品") == 5
    assert engine.ids("ja") == {1, 2, 3, 4, 5}


def test_a_withdrawn_article_is_gone_at_once_and_stays_gone(engine, tmp_path):
    other = Engine(tmp_path)
    assert first(other, "解約") == 2
    engine.update("ja", [], gone=[2])
    engine.update("ja", [Document(6, "新しい記事", "新しい話")])

    for reader in (engine, other):
        assert first(reader, "解約") is None
        assert reader.ids("ja") == {1, 3, 4, 5, 6}
    other.close()


def test_one_batch_is_one_generation(engine):
    engine.update("ja", [Document(6, "猫", "猫"), Document(6, "犬", "犬"), Document(7, "鳥", "鳥")], gone=[1])

    assert engine.ids("ja") == {2, 3, 4, 5, 6, 7}
    assert first(engine, "猫") is None


def _remove(place, folder):
    shutil.rmtree(place)


def _empty(place, folder):
    for file in folder.iterdir():
        file.write_bytes(b"")


def _truncate(place, folder):
    for file in folder.iterdir():
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _garble(place, folder):
    for file in folder.iterdir():
        file.write_bytes(os.urandom(file.stat().st_size))


def _lose_segments(place, folder):
    for file in folder.glob("MAIN_*"):
        file.unlink()


def _lose_pointer(place, folder):
    (place / "current").unlink()


def _garble_pointer(place, folder):
    (place / "current").write_bytes(b'{"folder": "../../etc", "stamp": 7}')


def _replace_with_a_file(place, folder):
    shutil.rmtree(place)
    place.write_text("what?")


DISASTERS = [
    _remove,
    _empty,
    _truncate,
    _garble,
    _lose_segments,
    _lose_pointer,
    _garble_pointer,
    _replace_with_a_file,
]


# Whoosh leaves what it could not read to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("disaster", DISASTERS)
@pytest.mark.parametrize("is_open", [True, False], ids=["open", "not open"])
def test_a_destroyed_index_is_noticed_and_rebuilt(engine, tmp_path, disaster, is_open):
    engine.search("請求書", "ja") if is_open else None
    place = tmp_path / "kb-ja"
    disaster(place, next(place.glob("g*")))

    with pytest.raises(IndexUnusable):
        Engine(tmp_path).search("解約", "ja")
    assert not Engine(tmp_path).is_current("ja")
    engine.rebuild("ja", JAPANESE)

    assert first(engine, "解約") == 2
    assert engine.is_current("ja")


def test_an_index_that_never_was_is_unusable_until_it_is_built(tmp_path):
    engine = Engine(tmp_path)

    with pytest.raises(IndexUnusable):
        engine.search("解約", "ja")
    with pytest.raises(IndexUnusable):
        engine.update("ja", JAPANESE)
    engine.rebuild("ja", [])
    assert engine.search("解約", "ja").match is Match.NONE
    engine.update("ja", JAPANESE)
    assert first(engine, "解約") == 2
    engine.close()


def test_an_index_of_other_words_is_not_current(engine, tmp_path):
    pointer = tmp_path / "kb-ja" / "current"
    pointer.write_text(pointer.read_text().replace('"stamp": "', '"stamp": "old-'))

    assert not engine.is_current("ja")
    with pytest.raises(IndexUnusable):
        engine.search("解約", "ja")


def test_a_rebuild_that_fails_leaves_the_old_index(engine, tmp_path):
    def broken():
        yield JAPANESE[0]
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError):
        engine.rebuild("ja", broken())

    assert engine.ids("ja") == {1, 2, 3, 4, 5}
    assert len(list((tmp_path / "kb-ja").glob("g*"))) == 1


KILLED = """
import os, sys
from pathlib import Path
from knowledge_base.engine import Engine
from knowledge_base.indexing import Document
def documents():
    yield Document(99, "猫", "猫の話")
    print("writing", flush=True)
    sys.stdin.read()
getattr(Engine(Path(sys.argv[1])), sys.argv[2])("ja", documents())
"""


@pytest.mark.parametrize("verb", ["update", "rebuild"])
def test_a_killed_writer_leaves_a_working_index_and_no_lock(engine, tmp_path, verb):
    script = [sys.executable, "-c", KILLED, str(tmp_path), verb]
    with subprocess.Popen(
        script, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    ) as writer:
        assert writer.stdout.readline() == b"writing\n"
        writer.send_signal(signal.SIGKILL)

    assert engine.ids("ja") == {1, 2, 3, 4, 5}
    engine.update("ja", [Document(6, "鳥", "鳥の話")])
    assert engine.ids("ja") == {1, 2, 3, 4, 5, 6}


def test_readers_are_never_disturbed_by_writers(engine):
    def read(_):
        return {hit.id for hit in engine.search("解約", "ja").hits}

    with ThreadPoolExecutor(8) as threads:
        reading = [threads.submit(read, None) for _ in range(300)]
        for number in range(6, 14):
            engine.update("ja", [Document(number, "鳥", "鳥の話")])
        engine.rebuild("ja", JAPANESE)
        results = [found.result() for found in reading]

    assert all(2 in result for result in results)


def test_writers_in_several_threads_lose_nothing(engine, tmp_path):
    def write(number):
        Engine(tmp_path).update("ja", [Document(number, "鳥", "鳥の話")])

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, range(100, 120)))

    assert engine.ids("ja") == {1, 2, 3, 4, 5, *range(100, 120)}
