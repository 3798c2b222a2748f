"""Exports of Zendesk Guide and Freshdesk Solutions, as their APIs answer."""

from pathlib import Path

import pytest
from sqlalchemy import select

from helpdesk.core.db import db
from knowledge_base.belongings import ArticleFile
from knowledge_base.categories import path_of
from knowledge_base.models import Article, ArticleStatus, Visibility
from knowledge_base.transfer.importing import take
from knowledge_base.transfer.importing.html import html_to_markdown

EXPORTS = Path(__file__).parent / "exports"


@pytest.fixture
def zendesk(app):
    done = take(EXPORTS / "zendesk")
    assert [fault.words for fault in done.faults] == []
    articles = db.session.scalars(select(Article)).all()
    return {(article.external_id, article.lang): article for article in articles}, done


@pytest.fixture
def freshdesk(app):
    done = take(EXPORTS / "freshdesk", "en")
    assert [fault.words for fault in done.faults] == []
    return {article.external_id: article for article in db.session.scalars(select(Article))}, done


def test_a_guide_comes_with_its_translations(zendesk):
    articles, done = zendesk

    assert {key: article.title for key, article in articles.items()} == {
        ("zendesk-360201", "en"): "Find an invoice",
        ("zendesk-360201", "ja"): "請求書を探す",
        ("zendesk-360202", "en"): "Reissue an invoice",
        ("zendesk-360203", "en"): "For us",
    }
    assert "pages in fr are left out" in [fault.words for fault in done.warnings]


def test_its_text_is_markdown_with_links_of_ours(zendesk):
    articles, _done = zendesk

    assert articles["zendesk-360201", "en"].body == (
        "## Where it is\n\nOpen **Billing**, then see [how to reissue](/kb/en/reissue).\n\n"
        "![The screen](files/screen.png)\n\n> [!WARNING]\n> Only owners see it.\n\n"
        "| Plan | PDF |\n| --- | --- |\n| Free | no |\n\n"
        "[Up](#section-where-it-is) [Far](https://cdn.example.com/x.png)"
    )
    assert articles["zendesk-360201", "ja"].body.startswith("[再発行](/kb/en/reissue)をご覧ください。")
    assert articles["zendesk-360202", "en"].body == "```sh\nreissue 42\n```"


def test_its_particulars_come_along(zendesk):
    articles, _done = zendesk
    first = articles["zendesk-360201", "en"]

    assert (first.slug, first.tags, first.status) == (
        "find-an-invoice",
        ["invoice", "pdf"],
        ArticleStatus.PUBLISHED,
    )
    assert first.published_at.isoformat() == "2023-04-03T01:02:03+00:00"
    assert articles["zendesk-360201", "ja"].status is ArticleStatus.DRAFT
    assert [file.name for file in db.session.scalars(select(ArticleFile))] == ["screen.png"]


def test_sections_are_categories_with_both_names(zendesk):
    articles, _done = zendesk
    shelf = articles["zendesk-360202", "en"].shelf

    assert path_of(shelf, "en") == "Billing / Invoices / Reissue"
    assert path_of(shelf, "ja") == "請求 / 請求書 / Reissue"
    assert articles["zendesk-360201", "ja"].shelf is articles["zendesk-360201", "en"].shelf


def test_what_was_kept_from_some_is_shown_to_nobody_else(zendesk):
    articles, done = zendesk

    assert articles["zendesk-360202", "en"].visibility is Visibility.SIGNED_IN
    assert articles["zendesk-360203", "en"].visibility is Visibility.STAFF
    told = "the readers of 501 are not known here: only our team"
    assert told in [fault.words for fault in done.warnings]


def test_a_guide_again_changes_nothing(zendesk):
    assert take(EXPORTS / "zendesk").counts["skipped"] == 4


def test_solutions_come_with_folders_and_states(freshdesk):
    articles, _done = freshdesk

    assert {
        id: (a.status.value, a.visibility.value, path_of(a.shelf, "en")) for id, a in articles.items()
    } == {
        "freshdesk-72001": ("published", "public", "Billing / Invoices"),
        "freshdesk-72002": ("draft", "public", "Billing / Invoices"),
        "freshdesk-72003": ("published", "staff", "Billing / For companies"),
    }
    assert articles["freshdesk-72001"].tags == ["invoice", "pdf"]


def test_attached_files_hang_on_the_text(freshdesk):
    articles, done = freshdesk

    assert articles["freshdesk-72001"].body == (
        "Open **Billing**. See [this](/kb/en/reissue-an-invoice).\n\n- One\n- Two\n\n"
        "- [guide.pdf](files/guide.pdf)"
    )
    assert "the file lost.pdf is not in the export" in [fault.words for fault in done.warnings]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<ol><li>One<ul><li>sub</li></ul></li><li>Two</li></ol>", "1. One\n   - sub\n2. Two"),
        ("<p>a_b * c</p>", "a\\_b \\* c"),
        ("<table><tr><th>A|B</th></tr><tr><td>x</td></tr></table>", "| A\\|B |\n| --- |\n| x |"),
        ('<p class="note">Mind</p>', "> [!NOTE]\n> Mind"),
        ('<iframe src="//v.example.com/1" title="Film"></iframe>', "[Film](<https://v.example.com/1>)"),
        ("<script>alert(1)</script><p>x</p>", "x"),
        ("<details><summary>More</summary><p>In</p></details>", "**More**\n\nIn"),
    ],
)
def test_html_becomes_markdown(html, expected):
    assert html_to_markdown(html) == expected


def test_html_built_to_multiply_ends_soon():
    assert "x" in html_to_markdown("<b><i>" * 60_000 + "x")
