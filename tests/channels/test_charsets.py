"""Bytes to text, whatever the label claims."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.channels.email.letters.charsets import decode
from helpdesk.channels.email.letters.headers import parameters, words

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


@pytest.mark.parametrize(
    ("labels", "codec", "text"),
    [
        (
            "cp50220 cp50221 cp50222 csISO2022JP x-iso-2022-jp iso-2022-jp-1 jis 50221",
            "iso2022_jp",
            "お知らせ",
        ),
        ("cp51932 eucJP-ms x-euc-jp eucjp-win EUC_JP 51932", "euc_jp", "お知らせ"),
        ("Shift-JIS x-ms-cp932 windows-932 csshiftjis x-mac-japanese sjis-win 932", "cp932", "①髙です"),
        ("utf8 UTF_8 'utf-8' charset=utf-8 utf-8-mac cp65001 unicode-1-1-utf-8", "utf-8", "日本です"),
        ("uhc windows-949 ks_c_5601-1987", "cp949", "똠방각하"),
        ("cp-1251 windows-1251 1251", "cp1251", "Здравствуйте"),
        ("ibm850 cp850", "cp850", "café"),
        ("big5 csbig5", "cp950", "帳單€"),
    ],
)
def test_a_set_is_known_by_all_its_names(labels: str, codec: str, text: str) -> None:
    assert {label: decode(text.encode(codec), label) for label in labels.split()} == dict.fromkeys(
        labels.split(), text
    )


@pytest.mark.parametrize(
    "text", ["表示", "ご確認ください", "了解です。", "ﾃｽﾄです", "返品したい", "株式会社"]
)
@pytest.mark.parametrize("codec", ["cp932", "euc_jp", "utf-8"])
def test_few_words_without_a_label_are_read(text: str, codec: str) -> None:
    assert decode(text.encode(codec)) == text


@pytest.mark.parametrize(
    ("data", "label", "text"),
    [
        (b"\xca\xdd\xb6\xb8\x1b$B$N7o\x1b(B", "iso-2022-jp", "ﾊﾝｶｸの件"),
        (b"\x0eJ]68\x0f \x1b$B$N7o\x1b(B", "cp50222", "ﾊﾝｶｸ の件"),
        (b"\x1b$B3NG'\n$*4j$$\x1b(B", "iso-2022-jp", "確認\nお願い"),
        ("俱".encode("iso2022_jp_2004"), "iso-2022-jp-2004", "俱"),
        (b"\xed\xa0\xbd\xed\xb8\x80", "utf-8", "😀"),
        (b"please check this", "utf-16", "please check this"),
        ("確認お願いします。".encode(), "utf-16", "確認お願いします。"),
        (b"\x00h\x00i\x00,\x00 \x00C\x00a\x00r\x00o\x00l\x00!\x00!", None, "hi, Carol!!"),
    ],
)
def test_rare_ways_of_writing_are_read(data: bytes, label: str | None, text: str) -> None:
    assert decode(data, label) == text
