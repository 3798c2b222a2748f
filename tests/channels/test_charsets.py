"""Bytes to text, whatever the label claims."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.channels.email.charsets import decode
from helpdesk.channels.email.headers import parameters, words

JAPANESE = "お世話になっております。東都精機の田中です。〜確認〜"


@pytest.mark.parametrize("codec", ["iso2022_jp", "euc_jp", "utf-8"])
@pytest.mark.parametrize(
    "label", ["iso-2022-jp", "euc-jp", "utf-8", "us-ascii", None, "x-martian", "zlib", "rot13"]
)
def test_japanese_is_read_under_any_label(codec: str, label: str | None) -> None:
    assert decode(JAPANESE.encode(codec), label) == JAPANESE


@pytest.mark.parametrize("label", ["shift_jis", "x-sjis", "Windows-31J", "iso-2022-jp", None])
def test_microsoft_characters_in_shift_jis_are_read(label: str | None) -> None:
    assert decode("①㈱髙№ﾊﾝｶｸの件".encode("cp932"), label) == "①㈱髙№ﾊﾝｶｸの件"


def test_nec_and_ibm_rows_and_half_width_kana_in_iso_2022_jp_are_read() -> None:
    assert decode(b"\x1b$B\x2d\x21\x2d\x6a\x7c\x62\x1b(I\x4a\x5d\x1b(B ok", "iso-2022-jp") == "①㈱髙ﾊﾝ ok"


def test_a_cut_character_costs_only_itself() -> None:
    assert (
        decode("確認しました。お待ちください。".encode()[:-1], "utf-8")
        == "確認しました。お待ちください\ufffd"
    )


def test_western_letters_are_not_taken_for_kanji() -> None:
    assert decode("Müller bestätigt".encode("cp1252")) == "Müller bestätigt"


@given(st.binary(max_size=300), st.text(max_size=20))
def test_no_bytes_and_no_label_raise(data: bytes, label: str) -> None:
    assert isinstance(decode(data, label), str)


@given(st.text(max_size=100))
def test_no_header_raises(value: str) -> None:
    assert isinstance(words(value), str)
    assert isinstance(parameters(value)[1], dict)


def test_words_of_two_character_sets_stand_side_by_side() -> None:
    assert words("=?utf-8?q?caf=C3=A9?= =?iso-2022-jp?b?GyRCRURDZhsoQg==?= x") == "café田中 x"
