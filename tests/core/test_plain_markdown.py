"""Markdown in letters without HTML: the words, where their writer put them, and none of the marks."""

import pytest

from helpdesk.core.markup import literal, markdown
from helpdesk.core.plain_markdown import plain_text


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Look in **spam**, `now`.", "Look in spam, now."),
        ("**重要:**必ず", "重要:必ず"),
        ("[手順](https://e.jp/a) <https://e.jp/b> a@b.jp", "手順 (https://e.jp/a) https://e.jp/b a@b.jp"),
        ("## 見出し\n本文\n\n■日時\n------", "見出し\n本文\n\n■日時\n------"),
        ("- 一\n- 二\n  続き\n  - 三\n\n1) x\n2) y", "・一\n・二\n　続き\n　・三\n\n1) x\n2) y"),
        ("- [x] a\n- [ ] b", "・[x] a\n・[ ] b"),
        ("```py\nx = *1*\n\ny\n```\n\n    z", "x = *1*\n\ny\n\n    z"),
        ("　字下げ\n　二行目\n\n\n結び", "　字下げ\n　二行目\n\n\n結び"),
        ("| a | b |\n|---|---|\n| 1 | **2** |", "a | b\n1 | 2"),
        ("~~12:00~~ 13:00", "~~12:00~~ 13:00"),
        ("> [!NOTE]\n> hey", "> 補足\n> hey"),
    ],
)
def test_marks_go_and_lines_stay(written, read):
    assert plain_text(written, "ja") == read


def test_an_answer_between_quoted_lines_stays_an_answer():
    said = "> いつですか\n> どこですか\n明日、本社です。\n\n> 何名ですか\n3名です。"

    assert plain_text(said, "ja") == said


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("> いつ?\n明日です。", "<blockquote>\n<p>いつ?</p>\n</blockquote>\n<p>明日です。</p>"),
        ("> 1. いつ?\n明日です。", "</blockquote>\n<p>明日です。</p>"),
        (">> いつ?\n> 明日では?\n明日です。", "<p>明日では?</p>\n</blockquote>\n<p>明日です。</p>"),
        ("> | a |\n> |---|\n> | 1 |\n明日です。", "</blockquote>\n<p>明日です。</p>"),
    ],
)
def test_an_answer_right_below_a_quoted_line_is_not_quoted(written, shown):
    assert shown in markdown(written)


@pytest.mark.parametrize("text", ["*a*_b_[x](http://e) 1. # <b>", "- y", "1. x", "-----\n*03-0000*\n====="])
def test_what_is_literal_says_itself(text):
    html = markdown(literal(text))

    assert plain_text(literal(text)) == text
    assert not any(tag in html for tag in ("<a", "<em", "<li", "<h2", "<hr"))
