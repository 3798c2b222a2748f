"""Out and in again: an empty house has the same articles then, and a second export the same bytes."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from helpdesk.core.db import Base, db
from helpdesk.core.files import keep
from knowledge_base.belongings import ArticleFile, ArticleMove
from knowledge_base.categories import Category, at_path
from knowledge_base.models import Article, Purpose, Visibility
from knowledge_base.transfer.exporting import Chosen, Folder, export
from knowledge_base.transfer.importing import take
from knowledge_base.transfers import FORMATS
from knowledge_base.writing import editing
from knowledge_base.writing.editing import Particulars

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


def bytes_of(folder):
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def empty():
    """Nothing of the knowledge base is left."""
    db.session.expunge_all()
    for table in reversed(Base.metadata.sorted_tables):
        if table.name.startswith(("article", "revision", "categor")):
            db.session.execute(delete(table))
    db.session.expunge_all()


def stood():
    """Every article as it stands, by its address."""
    names = (
        "external_id title body status visibility purpose tags stages audience questions position review_on"
    )
    moments = "created_at published_at updated_at"
    articles = db.session.scalars(select(Article)).all()
    return {
        (article.lang, article.slug): {
            **{name: getattr(article, name) for name in f"{names} {moments}".split()},
            "category": article.shelf and (article.shelf.name_ja, article.shelf.name_en),
            "newest": (article.newest.title, article.newest.body),
        }
        for article in articles
    }


@pytest.fixture
def library(app, ada):
    """Articles with all that they can have."""
    shelf = at_path("Money / TCP", "en")
    shelf.name_ja, shelf.position = "通信", 7
    more = Particulars(
        category="Money / TCP",
        purpose=Purpose.POLICY,
        visibility=Visibility.SEGMENT,
        tags=["a", 'quo"te'],
        stages=["trial"],
        audience=["trial"],
        questions=["どこ?"],
    )
    first = editing.write("First: “one”", "x", lang="en", by=ada, external_id="one", particulars=more)
    body = (
        "# First: “one”\n\n![shot](files/shot%201.png) [b](/kb/ja/nihongo#section-x)\n\n:::tip\nraw\n:::\n\n"
        "`[c](/kb/ja/nihongo)` <b>raw</b> {#raw}\n\n## H {#h}"
    )
    editing.revise(first, "First: “one”", body, by=ada)
    editing.publish(first, by=ada)
    first.review_on, first.position, first.owner_id = date(2027, 1, 2), 4, ada.id
    first.published_at = datetime(2025, 1, 2, 3, 4, 5, 678, UTC)
    editing.revise(first, "First again", "Not out yet.", by=ada)
    second = editing.write("日本語", "## X\n\n本文", lang="ja", by=ada, external_id="one", slug="nihongo")
    editing.publish(second, by=ada)
    editing.archive(editing.write("Old", "Gone.", lang="en", by=ada), by=ada)
    editing.write("Draft", "", lang="en", by=ada)
    db.session.add(ArticleMove(lang="ja", slug="mukashi", article_id=second.id))
    db.session.add(ArticleFile(article_id=first.id, file_id=keep(PNG, "s.png").id, name="shot 1.png"))
    db.session.flush()
    db.session.expire_all()
    return stood()


@pytest.mark.parametrize("form", FORMATS)
def test_what_goes_out_comes_in_again(library, tmp_path, form, ada):
    ada_id = ada.id
    counts = export(Folder(tmp_path / "one"), form, Chosen(owners=True))
    empty()
    done = take(tmp_path / "one")
    db.session.expire_all()

    assert [fault.words for fault in (*done.faults, *done.warnings)] == []
    assert stood() == library
    assert counts["articles"] == 4
    assert db.session.scalars(select(ArticleMove.slug)).all() == ["mukashi"]
    assert db.session.scalars(select(ArticleFile)).one().file.path.read_bytes() == PNG
    assert db.session.scalars(select(Article.owner_id).where(Article.slug == "first-one")).all() == [ada_id]
    assert db.session.scalar(select(Category.position).where(Category.name_ja == "通信")) == 7


@pytest.mark.parametrize("form", FORMATS)
def test_the_second_export_has_the_same_bytes(library, tmp_path, form):
    export(Folder(tmp_path / "one"), form, Chosen())
    empty()
    take(tmp_path / "one")
    export(Folder(tmp_path / "two"), form, Chosen())

    assert bytes_of(tmp_path / "two") == bytes_of(tmp_path / "one")


@pytest.mark.parametrize("form", FORMATS)
def test_an_export_taken_in_where_it_came_from_changes_nothing(library, tmp_path, form):
    export(Folder(tmp_path / "one"), form, Chosen())
    done = take(tmp_path / "one")

    assert done.counts["created"] == done.counts["updated"] == 0
    assert stood() == library


def test_only_what_was_chosen_goes_out(library, tmp_path):
    counts = export(Folder(tmp_path / "one"), "markdown", Chosen(lang="ja", status="published"))

    assert counts["articles"] == 1
    assert "money/tcp" in {
        str(f.parent.relative_to(tmp_path / "one")) for f in (tmp_path / "one").rglob("_index.md")
    }


def test_links_go_from_page_to_page(library, tmp_path):
    export(Folder(tmp_path / "one"), "markdown", Chosen())
    page = (tmp_path / "one/money/tcp/first-one.en.md").read_text()

    assert "[b](../../nihongo.ja.md#section-x)" in page
    assert "![shot](first-one.en.files/shot%201.png)" in page
    assert "`[c](/kb/ja/nihongo)`" in page
    assert "owner" not in page


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=40)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    title=WORDS.filter(lambda words: editing.one_line(words) != ""),
    body=st.lists(
        WORDS | st.sampled_from(["```", "# A", "---", "+++", "![x](files/y)", "<b>", "a\tb"]), max_size=6
    ),
    tags=st.lists(WORDS, max_size=3),
    form=st.sampled_from(FORMATS),
)
def test_any_words_go_out_and_come_in_again(app, tmp_path_factory, title, body, tags, form):
    article = editing.write(title, "\n".join(body), lang="ja", particulars=Particulars(tags=tags))
    editing.publish(article, by=None)
    db.session.expire_all()
    before, folder = stood(), tmp_path_factory.mktemp("out")
    export(Folder(folder), form, Chosen())
    empty()
    done = take(folder)
    db.session.expire_all()
    after = stood()
    empty()

    assert [fault.words for fault in done.faults] == []
    assert after == before
