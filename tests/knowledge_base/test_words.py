"""Two spellings of one word give one term, and every word knows where it stood."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.language.words import is_japanese, spellings, words


def hard(text):
    return [word.term for word in words(text) if not word.is_soft]


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("ﾊﾟｽﾜｰﾄﾞ", "パスワード"),
        ("サーバ", "サーバー"),
        ("サ－バ－", "サーバー"),
        ("髙橋様の口座", "高橋様の口座"),
        ("渡邊", "渡辺"),
        ("齋藤", "斎藤"),
        ("can't", "can"),
        ("ＡＢ－１２３４", "AB-1234"),
        ("ごみ", "ゴミ"),
        ("引越し", "引っ越し"),
        ("ＡＰＩキー", "APIキー"),
        ("Cancelled", "cancelling"),
        ("customer's", "customers"),
        ("v3.11.2", "3.11.2"),
    ],
)
def test_two_spellings_are_one_term(written, same):
    assert hard(written) == hard(same)


def test_particles_and_auxiliaries_are_left_out():
    assert hard("パスワードを再設定したいです。") == ["ぱすわーど", "再", "設定"]


@pytest.mark.parametrize("text", ["教えてください", "how do I use it", "どうすればいいですか"])
def test_words_people_ask_with_are_soft(text):
    assert hard(text) == []


def test_names_of_languages_and_versions_stay_whole():
    assert hard("C++ C# 3.11.2 Wi-Fi") == ["c++", "c#", "3.11.2", "wi", "fi"]


@pytest.mark.parametrize("code", ["AB-1234", "ab1234", "ＡＢ－１２３４", "AB‐1234", "a-b-1234"])
def test_a_code_is_one_word_however_it_is_written(code):
    assert "ab1234" in hard(code)


def test_words_with_a_hyphen_are_no_code():
    assert hard("Wi-Fi on 2026-11-22") == ["wi", "fi", "2026", "11", "22"]


def test_places_are_those_of_the_original_text():
    text = "★ﾊﾟｽﾜｰﾄﾞの 再設定 and Refunds"

    assert [text[word.start : word.end] for word in words(text)] == ["ﾊﾟｽﾜｰﾄﾞ", "再", "設定", "and", "Refunds"]


def test_loanwords_and_long_latin_words_can_be_misspelt():
    assert list(spellings("ﾛｸﾞｲﾝ画面で Password を ID と")) == ["ログイン", "password"]


def test_a_question_without_japanese_is_english():
    assert is_japanese("PCが")
    assert not is_japanese("PC")


def test_threads_have_tokenizers_of_their_own():
    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(lambda _: hard("請求書を再発行する"), range(200)))

    assert {tuple(terms) for terms in results} == {("請求", "書", "再", "発行")}


def test_text_of_any_length_is_cut_into_bites():
    assert len(words("請求" * 30_000)) > 1_000


@given(st.text(max_size=200))
def test_no_text_is_too_strange(strange):
    assert all(
        word.term.split() == [word.term] and 0 <= word.start < word.end <= len(strange)
        for word in words(strange)
    )


def test_versions_and_languages_are_the_same_in_full_width():
    narrow, wide = words("v3.11.2 c++ C#"), words("ｖ３．１１．２ ｃ＋＋ Ｃ＃")

    assert [word.term for word in wide] == [word.term for word in narrow] == ["3.11.2", "c++", "c#"]
