"""The piece of an article that answers is shown as it is written, marked and safe."""

import pytest
from markupsafe import Markup

from knowledge_base.finding.highlighting import highlight
from knowledge_base.finding.wholes import whole


def test_words_are_marked_in_the_original_spelling():
    assert highlight("ﾊﾟｽﾜｰﾄﾞを忘れた", "パスワード") == Markup("<mark>ﾊﾟｽﾜｰﾄﾞ</mark>を忘れた")


def test_neighbours_are_one_mark():
    assert highlight("パスワードの再設定です", "再設定") == Markup("パスワードの<mark>再設定</mark>です")


def test_inflected_words_are_marked():
    assert highlight("We refunded it.", "refund") == Markup("We <mark>refunded</mark> it.")


def test_words_that_people_ask_with_are_not_marked():
    assert "<mark>" not in highlight("How to do it", "how do I refund")


def test_the_terms_of_a_hit_can_be_marked():
    assert highlight("ログインする", ["ろぐいん"]) == Markup("<mark>ログイン</mark>する")


def test_markup_is_shown_as_text():
    assert highlight("<b>refund</b>", "refund") == Markup("&lt;b&gt;<mark>refund</mark>&lt;/b&gt;")


def test_the_piece_with_most_of_the_question_is_shown():
    text = "返金の話です。" + "別の話です。" * 40 + "返金は振込で行います。" + "別の話です。" * 40
    shown = highlight(text, "返金の振込", length=40)

    assert "<mark>返金</mark>は<mark>振込</mark>" in shown
    assert shown.startswith("…")
    assert shown.endswith("…")


def test_without_a_find_it_is_the_beginning():
    assert highlight("最初の文です。" * 10, "refund", length=7) == Markup("最初の文です。…")


@pytest.mark.parametrize("asked", ["recipient", "billing", "members", "invoices"])
def test_english_is_cut_between_words(asked):
    text = "Your invoices go to the billing address; choose another recipient from the members' list. " * 5
    shown = highlight(text, asked, length=60)
    plain = shown.striptags().strip("…")

    assert f"<mark>{asked}</mark>" in shown
    assert f" {plain} " in f" {text} "
    assert 40 <= len(plain) <= 60


def test_japanese_is_cut_between_words():
    text = "請求書の宛名を変更して" * 20 + "解約の手続き" + "請求書の宛名を変更して" * 20

    shown = highlight(text, "解約", length=40)
    assert shown.startswith("…請求書の宛名を変更して<mark>解約</mark>")
    assert shown.endswith(("請求書の…", "宛名を…", "変更して…"))


def test_where_the_looking_ends_no_word_is_cut_either():
    text = "Nothing to be seen so far. The refund is sent by mail afterwards."

    assert highlight(text, "refund", length=30, within=52) == "…far. The <mark>refund</mark> is sent by…"


def test_a_whole_is_marked_where_its_words_stand_together():
    text = "番号ではなく、暗証番号です。"

    assert highlight(text, [whole(("暗証", "番号"))]) == "番号ではなく、<mark>暗証番号</mark>です。"
