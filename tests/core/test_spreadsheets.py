"""Tables for spreadsheets: theirs to read, never to run."""

import pytest

from helpdesk.core.spreadsheets import csv_bytes


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "＝1", "－1", " =1", "\0=1"])
def test_a_formula_becomes_text(text):
    written = csv_bytes([[text]]).decode("utf-8-sig")

    assert written.startswith("\"'")


def test_plain_text_and_numbers_stay_as_they_are():
    assert csv_bytes([["Ada", -3, 78.3, None]]) == '\ufeff"Ada",-3,78.3,""\r\n'.encode()


def test_what_cp932_cannot_write_becomes_a_question_mark():
    assert csv_bytes([["円🍣"]], "cp932") == '"円?"\r\n'.encode("cp932")


def test_an_unknown_encoding_is_refused():
    with pytest.raises(KeyError):
        csv_bytes([], "klingon")
