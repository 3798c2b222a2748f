"""Markdown as plain sentences."""

import pytest

from knowledge_base.language.prose import prose


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        ("# Title\n\nText **bold** and _soft_ `code`.", "Title\nText bold and soft code."),
        ("- [ ] one\n- [x] two\n1. three", "one\ntwo\nthree"),
        ("> [!NOTE]\n> Careful.", "Careful."),
        ('[words](/kb/en/a "t") ![image](/b.png)', "words image"),
        ("| a | b |\n|---|:-:|\n| c | |d\\|e|", "a b\nc d|e"),
        ("this | that", "this that"),
        ("```\ncurl -x\n```", "curl -x"),
        ("snake_case_name and 2*3*4", "snake_case_name and 234"),
        ("請求書の**宛名**を変える", "請求書の宛名を変える"),
        ("", ""),
        ("***", ""),
    ],
)
def test_marks_go_and_words_stay(markdown, plain):
    assert prose(markdown) == plain


def test_people_get_a_sign_between_the_cells_of_a_table():
    assert prose("| a | b |\n|---|:-:|\n| c | |d\\|e|\nx | y", between=" · ") == "a · b\nc · d|e\nx y"


def test_what_is_made_to_be_slow_is_quick():
    assert prose("*" * 20_000 + "[" * 20_000 + "(" * 20_000 + "_" * 20_000)
