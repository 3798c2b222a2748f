"""A text that is a page of its own: its files, figures, tables, boxes to tick, cards; all of it harmless."""

from html.parser import HTMLParser

import pytest

from helpdesk.core.markup import markdown
from helpdesk.core.page_dressing import FileShown, OwnPage

PAGE = OwnPage(
    "/kb/files/3/",
    {
        "plan.pdf": FileShown("/kb/files/3/plan.pdf", 1_300_000),
        "a b.png": FileShown("/kb/files/3/a%20b.png", 13_000, 640, 480),
    },
)


def page(text: str, lang: str = "en") -> str:
    return str(markdown(text, lang, PAGE))


def test_a_picture_alone_is_a_figure_whose_place_is_kept_free() -> None:
    html = page('![The plan](files/a%20b.png "Our <plan>")')

    assert html.startswith('<figure><a class="zoom" href="/kb/files/3/a%20b.png"')
    assert 'alt="The plan"' in html
    assert 'width="640" height="480"' in html
    assert "<figcaption>Our &lt;plan&gt;</figcaption>" in html


def test_a_picture_in_a_sentence_stays_in_it() -> None:
    assert "<figure" not in page("Press ![ok](files/a%20b.png) now.")


def test_a_file_says_what_it_is_and_how_large() -> None:
    assert '<a href="/kb/files/3/plan.pdf" class="download" download=""' in page("[Plan](files/plan.pdf)")
    assert "Plan <small>PDF, 1.2 MB</small></a>" in page("[Plan](./files/plan.pdf)")


def test_a_file_that_is_not_there_yet_has_its_address_all_the_same() -> None:
    assert 'src="/kb/files/3/new.png"' in page("![x](files/new.png)")


@pytest.mark.parametrize(
    "given", ["files/../x.png", "files/", "/files/x.png", "https://x.example/files/x.png"]
)
def test_what_is_no_file_of_the_text_stays_as_it_is(given: str) -> None:
    assert f'src="{given}"' in page(f"![x]({given})")


def test_elsewhere_a_text_has_no_files_and_nothing_to_tick() -> None:
    html = str(markdown("- [ ] a\n\n![x](files/a.png)"))

    assert "disabled" in html
    assert 'src="files/a.png"' in html


def test_a_box_to_tick_is_named_by_its_words() -> None:
    html = page("- [x] **Back up**\n- [ ] Restart")

    assert '<label class="task__label"><input type="checkbox" checked=""> <span><strong>Back up' in html
    assert "disabled" not in html


def test_a_wide_table_and_a_long_line_of_code_scroll_where_keys_reach_them() -> None:
    html = page("| a |\n|---|\n| b |\n\n```\n<pre>\n```", "ja")

    assert '<div class="table-box" role="group" aria-label="表" tabindex="0"><table>' in html
    assert '<pre tabindex="0" role="group" aria-label="コード"><code>&lt;pre&gt;' in html


def test_a_heading_can_be_linked_to() -> None:
    assert 'href="#section-手順" aria-label="この見出しへのリンク"' in page("## 手順", "ja")


def test_a_video_is_a_card_that_leads_to_it_and_its_words_fold() -> None:
    html = page("https://www.youtube.com/watch?v=abc\n\n> [!TRANSCRIPT]\n> First we *open* it.\n\nAfter.")

    assert 'class="video"' in html
    assert "Watch the video (YouTube)</a>" in html
    assert "<details" in html
    assert "<summary>Transcript of the video</summary>" in html
    assert "<p>First we <em>open</em> it.</p>" in html
    assert html.rstrip().endswith("</details>\n<p>After.</p>")


def test_an_address_that_only_looks_like_a_video_is_a_link() -> None:
    assert 'class="video"' not in page("https://youtube.com.evil.example/watch")


@pytest.mark.parametrize(
    "hostile",
    [
        '![x" onerror="alert(1)](files/a%20b.png "<script>alert(1)</script>")',
        '[x](files/plan.pdf "<pre onclick=alert(1)>")',
        "> [!TRANSCRIPT] <script>alert(1)</script>\n> x",
        "- [ ] <img src=x onerror=alert(1)>",
        '## <a href="javascript:alert(1)">x</a>',
        "```\n</code></pre><script>alert(1)</script>\n```",
    ],
)
def test_nothing_of_it_can_run(hostile: str) -> None:
    found: list[tuple[str, list[tuple[str, str | None]]]] = []
    reader = HTMLParser()
    reader.handle_starttag = lambda tag, attributes: found.append((tag, attributes))  # type: ignore[method-assign]
    reader.feed(page(hostile))
    attributes = [pair for _tag, given in found for pair in given]

    assert "script" not in {tag for tag, _given in found}
    assert [name for name, _value in attributes if name.startswith("on")] == []
    assert [value for name, value in attributes if name == "href" and "javascript:" in (value or "")] == []


def test_a_picture_of_a_text_without_a_place_is_asked_of_nobody():
    assert 'src=""' in markdown("![A dot](files/dot.png)", "en", page=OwnPage())
