"""What a text becomes in the index, what a question becomes, and what is shown of a find."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from helpdesk.core.words import LONGEST_TEXT, fold, grams, parse, snippet


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("ｻｰﾊﾞｰ", "サーバー"),
        ("サ－バ－", "サーバー"),
        ("サーバー", "さーばー"),
        ("ＩＮＶＯＩＣＥ", "invoice"),
        ("Café", "cafe"),
        ("髙島屋", "高島屋"),
        ("ﾊﾟｽﾜｰﾄﾞ", "パスワード"),
    ],
)
def test_one_word_written_two_ways_is_folded_to_one(written, same):
    assert fold(written) == fold(same)


def test_japanese_becomes_pairs_and_the_last_character():
    assert grams("請求書") == ["請求", "求書", "書"]


def test_a_japanese_word_broken_by_a_line_end_is_still_a_word():
    assert "求書" in grams("ご請求\r\n書が届きません")


def test_english_becomes_whole_words_in_lower_case():
    assert grams("Invoices of May, please") == ["invoices", "of", "may", "please"]


def test_a_hyphenated_word_is_its_parts_and_one_word():
    assert grams("Wi-Fi is down") == ["wi", "fi", "is", "down", "wifi"]


def test_names_of_languages_keep_their_signs():
    assert grams("C++とC#") == ["c++", "と", "c#"]


def test_addresses_and_numbers_come_in_parts():
    assert grams("ada@example.com HD-1042")[:5] == ["ada", "example", "com", "hd", "1042"]


def test_text_without_letters_has_no_words():
    assert grams(" …!? 🎉") == []


def test_a_word_without_end_is_cut():
    assert grams("x" * 500) == ["x" * 64]


def test_only_the_beginning_of_a_huge_text_is_indexed():
    assert "late" not in grams("a " * (LONGEST_TEXT // 2) + "late")


def test_blanks_and_japanese_commas_part_the_terms_of_a_question():
    assert [term.pieces for term in parse("請求書、返金\u3000invoice").terms] == [
        ("請求書",),
        ("返金",),
        ("invoice",),
    ]


def test_quotes_keep_words_together_and_whole():
    (term,) = parse('"lost invoice"').terms

    assert term.tokens == ("lost", "invoice")
    assert not term.is_prefix


@pytest.mark.parametrize("question", ["", "   ", '""', "*** --", "🎉", '"'])
def test_a_question_without_letters_is_empty(question):
    assert not parse(question)


def test_asking_for_the_same_twice_asks_once():
    assert len(parse("invoice INVOICE ｉｎｖｏｉｃｅ").terms) == 1


@given(st.text(max_size=600))
def test_no_text_is_too_strange_to_index_ask_for_and_show(strange):
    query = parse(strange)

    assert all(token == token.strip() and " " not in token for token in grams(strange))
    assert all(len(term.tokens) > 0 for term in query.terms)
    assert isinstance(snippet(strange, query), Markup)


@given(st.text(alphabet="請求書がさーば", min_size=1, max_size=30), st.data())
def test_every_piece_of_a_japanese_text_asks_for_a_run_of_its_words(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    (term,) = parse(text[start : data.draw(st.integers(start + 1, len(text)))]).terms
    indexed = " ".join(["", *grams(text), ""])
    asked = " " + " ".join(term.tokens)

    assert (asked if term.is_prefix else asked + " ") in indexed


def test_a_snippet_marks_what_was_found_in_the_original_spelling():
    shown = snippet("ﾊﾟｽﾜｰﾄﾞを忘れました", parse("パスワード"))

    assert shown == Markup("<mark>ﾊﾟｽﾜｰﾄﾞ</mark>を忘れました")


def test_a_snippet_marks_the_whole_word_that_begins_as_asked():
    assert snippet("two invoices", parse("invoice")) == Markup("two <mark>invoices</mark>")


def test_a_snippet_does_not_mark_the_middle_of_an_english_word():
    assert "<mark>" not in snippet("a reinvoiced order", parse("invoice"))


def test_a_snippet_shows_markup_as_text():
    shown = snippet("<script>invoice</script>", parse("invoice"))

    assert shown == Markup("&lt;script&gt;<mark>invoice</mark>&lt;/script&gt;")


def test_a_snippet_of_a_long_text_is_the_place_of_the_find():
    shown = snippet("前置き。" * 200 + "請求書" + "。後書き" * 200, parse("請求書"), length=40)

    assert "<mark>請求書</mark>" in shown
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert len(shown.striptags()) == 42


def test_a_snippet_without_a_find_is_the_beginning():
    assert snippet("Hello there", parse("invoice"), length=5) == Markup("Hello…")
