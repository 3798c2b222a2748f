"""Kana and latin letters lead to the words of articles by how these are spoken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.language.readings import by_reading, in_kana, key, reading_entry, spoken
from knowledge_base.language.words import words


@pytest.mark.parametrize(
    ("latin", "kana"),
    [
        ("kaiyaku", "かいやく"),
        ("pasuwaado", "ぱすわあど"),
        ("shinbun", "しんぶん"),
        ("shimbun", "しんぶん"),
        ("happyou", "はっぴょう"),
        ("matcha", "まっちゃ"),
        ("kon'ya", "こんや"),
        ("konnichiha", "こんにちは"),
        ("tyuusi", "ちゅうし"),
        ("refund", None),
        ("", ""),
    ],
)
def test_latin_letters_are_read_as_japanese_where_they_are(latin, kana):
    assert in_kana(latin) == kana


@pytest.mark.parametrize(
    ("written", "same"),
    [("ぱすわーど", "ぱすわあど"), ("りょうきん", "りょーきん"), ("めえる", "めーる"), ("つづき", "つずき")],
)
def test_long_vowels_make_no_difference(written, same):
    assert key(written) == key(same)


def test_the_longest_words_of_a_run_are_found_and_where_they_are():
    terms = by_reading(["かいやく=解約", "こざ=口座", "へんこ=変更", "へんこ=偏光", "やくし=薬師"])

    assert [*spoken("こうざへんこうをしたい", terms)] == [
        (slice(0, 3), ["口座"]),
        (slice(3, 7), ["変更", "偏光"]),
    ]
    assert [*spoken("かいやくしたい", terms)] == [(slice(0, 4), ["解約"])]


def test_words_keep_their_reading_where_it_tells_them_apart():
    entries = [reading_entry(word) for word in words("解約の方法とPCの口座と目")]

    assert [entry for entry in entries if entry] == ["かいやく=解約", "こざ=口座"]


@given(st.text(alphabet="あいうえおかんっゃゅょー", max_size=30))
def test_no_run_of_kana_is_too_strange(kana):
    terms = {"かい": ["貝"], "あか": ["赤"]}

    assert all(0 <= where.start < where.stop <= len(kana) for where, _ in spoken(kana, terms))
