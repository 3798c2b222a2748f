"""Text for people: shortened, named, read from HTML."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.core.text import (
    addressed,
    clean_filename,
    excerpt,
    is_company,
    one_line,
    plain,
    without_controls,
)


def test_an_excerpt_is_one_line_and_never_longer_than_asked() -> None:
    assert excerpt("請求書の\n再発行を お願いします", 12) == "請求書の 再発行を お…"
    assert excerpt("short", 12) == "short"


def test_an_excerpt_does_not_cut_a_latin_word() -> None:
    assert excerpt("please send the invoice again", 17) == "please send the…"


@given(st.text(), st.integers(min_value=1, max_value=50))
def test_no_excerpt_is_too_long(text: str, length: int) -> None:
    assert len(excerpt(text, length)) <= length


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("請求書_9月.pdf", "請求書_9月.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\図面.png", "図面.png"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        (".htaccess\u200b", "htaccess"),
        ("con.txt", "_.txt"),
        ("a\r\nb.pdf", "a b.pdf"),
        ("", "file"),
        ("..", "file"),
    ],
)
def test_a_file_name_is_fit_to_show(name: str, clean: str) -> None:
    assert clean_filename(name) == clean


def test_a_long_file_name_keeps_its_ending() -> None:
    assert clean_filename("長" * 300 + ".pdf").endswith("長.pdf")
    assert len(clean_filename("長" * 300 + ".pdf")) == 120


@given(st.text())
def test_no_file_name_holds_a_folder_or_a_control(name: str) -> None:
    clean = clean_filename(name)

    assert clean
    assert not set(clean) & set('/\\\0\r\n<>:"|?*\u202e')


@pytest.mark.parametrize(
    ("name", "lang", "spoken"),
    [
        ("田中 花子", "ja", "田中様"),
        ("田中", "ja", "田中様"),
        ("田中様", "ja", "田中様"),
        ("東都精機株式会社", "ja", "東都精機株式会社 御中"),
        ("東都精機(株)", "ja", "東都精機(株) 御中"),
        ("Carol Weber", "ja", "Carol Weber 様"),
        ("Tanaka", "en", "Tanaka"),
        ("田中様", "en", "田中"),
        ("", "ja", ""),
    ],
)
def test_a_name_is_spoken_to_in_the_manner_of_the_language(name: str, lang: str, spoken: str) -> None:
    assert addressed(name, lang) == spoken


def test_a_person_is_no_company() -> None:
    assert is_company("Brightwell Ltd.")
    assert not is_company("Lincoln Cooper")


def test_controls_and_lone_surrogates_leave_the_text() -> None:
    assert without_controls("a\x00b\ud800c\r\nd\re\tf") == "abc\nd\ne\tf"


def test_one_line_hides_nothing() -> None:
    assert one_line(" a\u202eb\u200b\r\n\tc ") == "ab c"


def test_html_becomes_readable_text() -> None:
    page = "<style>x{}</style><h1>返品</h1><p>品番<br>A-1</p><ul><li>一<li>二</ul>"

    assert plain(page + "<table><tr><td>1<td>2</tr></table>") == "返品\n\n品番\nA-1\n\n- 一\n- 二\n\n1  2"


def test_a_link_shows_where_it_leads() -> None:
    assert plain('<a href="https://evil.example/x">https://bank.example</a>') == (
        "https://bank.example (https://evil.example/x)"
    )
    assert plain('<a href="https://bank.example/">bank.example</a>') == "bank.example"


def test_quotes_in_html_are_marked_as_in_text() -> None:
    assert plain("Yes.<blockquote>Blue?<blockquote>Red?</blockquote></blockquote>").startswith(
        "Yes.\n\n> Blue?"
    )


@given(st.text(alphabet="<>/ab=\"'!-&#; divpre\n", max_size=200))
def test_no_html_breaks_the_reader(html: str) -> None:
    assert isinstance(plain(html), str)
