"""The search finds the article that answers, the same from every store."""

import time

import pytest

from knowledge_base.finding.asking import Synonyms
from knowledge_base.finding.engine import Engine, Match
from knowledge_base.index.counting import Document
from knowledge_base.index.storing import IndexUnusable
from knowledge_base.index.table_store import TableStore
from tests.knowledge_base.articles import ENGLISH, JAPANESE, first


@pytest.fixture(params=["whoosh", "database"])
def new_engine(app, request, tmp_path):
    """Another process's engine over the same store: `new_engine()`."""

    def make(synonyms=None):
        return Engine(tmp_path if request.param == "whoosh" else TableStore(), synonyms)

    return make


@pytest.fixture
def engine(new_engine):
    engine = new_engine()
    engine.rebuild("ja", JAPANESE)
    engine.rebuild("en", ENGLISH)
    return engine


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


def test_only_as_many_as_asked_come_and_ties_by_age(new_engine):
    engine = new_engine()
    engine.rebuild("en", [Document(id, "Refund", "same") for id in (5, 3, 9, 1, 7)])

    assert [hit.id for hit in engine.search("refund", "en", limit=3).hits] == [1, 3, 5]


def test_a_boost_prefers_but_never_hides(new_engine):
    engine = new_engine()
    engine.rebuild("en", [Document(1, "Refund", "same"), Document(2, "Refund", "same")])
    hits = engine.search("refund", "en", boosts={2: 99.0, 77: 1.5}).hits

    assert [hit.id for hit in hits] == [2, 1]
    assert hits[0].score == pytest.approx(1.5 * hits[1].score)


def test_synonyms_of_an_installation_replace_the_shipped_ones(new_engine):
    engine = new_engine(Synonyms([["わんこ", "チワワ"]]))
    engine.rebuild("ja", [Document(1, "チワワの飼い方", ""), Document(2, "猫の飼い方", "")])

    assert [hit.id for hit in engine.search("わんこ", "ja").hits] == [1]


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


def test_a_withdrawn_article_is_gone_at_once_and_stays_gone(engine, new_engine):
    other = new_engine()
    assert first(other, "解約") == 2
    engine.update("ja", [], gone=[2])
    engine.update("ja", [Document(6, "新しい記事", "新しい話")])

    for reader in (engine, other):
        assert first(reader, "解約") is None
        assert reader.ids("ja") == {1, 3, 4, 5, 6}


def test_one_batch_is_one_generation(engine):
    engine.update("ja", [Document(6, "猫", "猫"), Document(6, "犬", "犬"), Document(7, "鳥", "鳥")], gone=[1])

    assert engine.ids("ja") == {2, 3, 4, 5, 6, 7}
    assert first(engine, "猫") is None


def test_an_index_that_never_was_is_unusable_until_it_is_built(new_engine):
    engine = new_engine()

    with pytest.raises(IndexUnusable):
        engine.search("解約", "ja")
    with pytest.raises(IndexUnusable):
        engine.update("ja", JAPANESE)
    engine.rebuild("ja", [])
    assert engine.search("解約", "ja").match is Match.NONE
    engine.update("ja", JAPANESE)
    assert first(engine, "解約") == 2
