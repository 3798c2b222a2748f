"""However a question is written, it asks for the words of the articles."""

import time

import pytest

from knowledge_base.finding.asking import Synonyms
from knowledge_base.finding.engine import Engine
from knowledge_base.index.counting import Document

ARTICLES = [
    Document(1, "パスワードを忘れたとき", "ログイン画面の「お忘れですか」を押します。"),
    Document(2, "解約する", "設定の「契約」から手続きできます。"),
    Document(3, "請求書をダウンロードする", "請求の一覧から、PDFの請求書を保存できます。"),
    Document(4, "サーバーに接続できない", "エラーE-42が出る場合も同じです。"),
    Document(5, "高橋様と渡辺様の口座変更", "斎藤が承ります。型番はAB-1234です。"),
    Document(6, "配送の状況を調べる", "注文履歴から荷物の場所が分かります。送料は無料です。"),
]


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    engine = Engine(tmp_path_factory.mktemp("index"))
    engine.rebuild("ja", ARTICLES)
    yield engine
    engine.close()


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("ぱすわーど", 1),
        ("ぱすわーどをわすれた", 1),
        ("pasuwaado", 1),
        ("PASUWAADO wasureta", 1),
        ("ｐａｓｕｗａｄｏ", 1),
        ("パスワアド", 1),
        ("かいやくしたい", 2),
        ("カイヤク", 2),
        ("ｶｲﾔｸ", 2),
        ("kaiyaku", 2),
        ("kaiyakushitai", 2),
        ("せいきゅうしょはどこ", 3),
        ("ｾｲｷｭｳｼｮ", 3),
        ("seikyuusho", 3),
        ("seikyusho no daunrodo", 3),
        ("サーバ", 4),
        ("e42", 4),
        ("Ｅ－４２", 4),
        ("髙橋", 5),
        ("渡邊", 5),
        ("齋藤", 5),
        ("齊藤さん", 5),
        ("こうざへんこう", 5),
        ("ab1234", 5),
        ("ＡＢ－１２３４", 5),
        ("AB-1234 の口座", 5),
        ("はいそうじょうきょう", 6),
        ("そうりょう", 6),
    ],
)
def test_the_answer_is_first_however_it_is_asked(engine, question, answer):
    assert [hit.id for hit in engine.search(question, "ja").hits][:1] == [answer]


def test_what_is_meant_is_told_as_articles_write_it(engine):
    assert engine.search("かいやくしたい", "ja").corrections == ["解約"]
    assert engine.search("pasuwaado", "ja").corrections == ["パスワード"]
    assert engine.search("パスワアド", "ja").corrections == ["パスワード"]
    assert engine.search("解約したい", "ja").corrections == []


def test_a_word_that_articles_have_is_not_read_as_another(tmp_path):
    engine = Engine(tmp_path)
    engine.rebuild(
        "ja", [Document(1, "回答の期限", ""), Document(2, "解凍のしかた", ""), Document(3, "桃", "")]
    )

    assert [hit.id for hit in engine.search("回答", "ja").hits] == [1]
    assert {hit.id for hit in engine.search("かいとう", "ja").hits} == {1, 2}
    engine.close()


def test_a_slip_in_a_word_people_ask_with_stays_soft(tmp_path):
    engine = Engine(tmp_path)
    engine.rebuild("en", [Document(1, "What is new", "Nothing."), Document(2, "Invoices", "What they say.")])

    assert [hit.id for hit in engine.search("waht", "en").hits] == [1]
    assert engine.search("waht", "en").hits[0].score == engine.search("what", "en").hits[0].score
    engine.close()


def test_synonyms_may_be_given_with_a_question(engine):
    own = Synonyms([["口座", "バンク"]])

    assert engine.search("バンク", "ja").hits == []
    assert [hit.id for hit in engine.search("バンク", "ja", synonyms=own).hits] == [5]


@pytest.mark.parametrize("question", ["qzxv " * 2_000, "ぬるぽ" * 3_000, "kakikukeko" * 1_000, "ヌ" * 10_000])
def test_a_long_text_of_strange_words_takes_bounded_time(engine, question):
    begun = time.process_time()

    engine.search(question, "ja")

    assert time.process_time() - begun < 1


@pytest.mark.parametrize(
    "question", ["バーコードの印刷", "ライトの色", "満たしていますか", "これはどうすればいい"]
)
def test_a_loanword_of_the_dictionary_is_no_slip_and_nothing_is_read_across_words(tmp_path, question):
    engine = Engine(tmp_path)
    engine.rebuild(
        "ja", [Document(1, "高度な検索", "サイトの範囲を指定します。"), Document(2, "印刷", "ハード")]
    )

    assert engine.search(question, "ja").corrections == []
    engine.close()


def test_one_of_three_kana_may_be_missing(tmp_path):
    engine = Engine(tmp_path)
    engine.rebuild(
        "ja",
        [Document(1, "データを残す", ""), Document(2, "ロックを外す", ""), Document(3, "メモを残す", "")],
    )

    assert engine.search("ロクを解除", "ja").corrections == ["ロック"]
    assert engine.search("ﾛｸを解除", "ja").corrections == ["ロック"]
    assert [hit.id for hit in engine.search("ータはどこ", "ja").hits] == [1]
    assert engine.search("ネコ", "ja").corrections == []
    engine.close()


def test_a_short_latin_word_a_slip_away_counts_less_than_a_long_one(tmp_path):
    engine = Engine(tmp_path)
    engine.rebuild(
        "en", [Document(1, "Such a fish", ""), Document(2, "Password", ""), Document(3, "Fish pond", "")]
    )

    short, long = (engine.search(question, "en").hits[0] for question in ("fush", "pasword"))
    assert short.coverage == 0.5
    assert long.coverage == 1.0
    engine.close()


def ordered(tmp_path, lang, question, *documents):
    """The ids found, best first, and the terms of the first one."""
    engine = Engine(tmp_path)
    engine.rebuild(lang, [Document(id, *texts) for id, texts in enumerate(documents)])
    hits = engine.search(question, lang).hits
    engine.close()
    return [hit.id for hit in hits], set(hits[0].terms)


def test_an_expression_of_several_words_counts_as_a_whole(tmp_path):
    documents = ("請求書番号の付け方", "番号を変えます。"), ("パスワードを忘れた", "再設定します。")

    assert ordered(tmp_path, "ja", "暗証番号", *documents) == ([1], {"ぱすわーど"})


def test_a_synonym_of_several_words_is_found_whole_alone(tmp_path):
    documents = ("番号の付け方", "番号"), ("鍵", "暗証番号を押します。")

    assert ordered(tmp_path, "ja", "パスワード", *documents)[0] == [1]


def test_an_affix_counts_with_its_word_alone(tmp_path):
    documents = ("見積書と請求書", "納品書と計算書"), ("料金と支払", "領収書は画面にあります。")

    assert ordered(tmp_path, "ja", "領収書が欲しい", *documents)[0] == [1]


def test_what_an_article_has_in_kana_is_read_as_the_others_write_it(tmp_path):
    engine = Engine(tmp_path)
    engine.rebuild("ja", [Document(1, "請求書を送る", ""), Document(2, "作成", "", (), ["セイキュウショ"])])

    for question in ("せいきゅうしょ", "セイキュウショ", "seikyuusho"):
        found = engine.search(question, "ja")
        assert {hit.id for hit in found.hits} == {1, 2}
        assert found.corrections == ["請求"]
    engine.close()


@pytest.mark.parametrize(
    ("question", "corrections"),
    [
        ("dunning", []),
        ("rounding", []),
        ("runing", ["running"]),
        ("urnning", ["running"]),
        ("unning", ["running"]),
        ("refnuding", ["refunding"]),
    ],
)
def test_a_word_with_another_first_letter_is_another_word(tmp_path, question, corrections):
    engine = Engine(tmp_path)
    engine.rebuild("en", [Document(1, "Running and counting", "all around"), Document(2, "Refunding", "")])

    assert engine.search(question, "en").corrections == corrections
    engine.close()
