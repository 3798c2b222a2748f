"""Writing articles: revisions, publishing, and two editors at once."""

import pytest
from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.core.jobs import Job
from knowledge_base.models import Article, ArticleStatus, Revision
from knowledge_base.writing import addressing, comparing, editing
from knowledge_base.writing.editing import Overtaken, Particulars


def test_a_new_article_is_a_draft_with_one_revision(written):
    draft = written("Find a lost invoice", is_public=False)

    assert draft.status is ArticleStatus.DRAFT
    assert [revision.number for revision in draft.revisions] == [1]


def test_readers_keep_the_published_text_until_the_next_one_is_published(article, ada):
    editing.revise(article, "Find any invoice", "Press Documents.", by=ada)
    before = article.title
    editing.publish(article, by=ada)

    assert (before, article.title) == ("Find a lost invoice", "Find any invoice")


def test_saving_the_same_again_makes_no_revision(article, ada):
    editing.revise(article, article.title, article.body, by=ada)

    assert len(article.revisions) == 1


def test_changed_particulars_are_part_of_the_history(article, ada):
    editing.revise(article, article.title, article.body, by=ada, particulars=Particulars(category="Billing"))

    assert [revision.particulars["category"] for revision in article.revisions] == ["Invoices", "Billing"]


def test_the_second_of_two_editors_is_told_and_writes_over_nothing(article, ada, grace):
    editing.revise(article, "Ada's title", "Ada's text.", by=ada, base=1)

    with pytest.raises(Overtaken):
        editing.revise(article, "Grace's title", "Grace's text.", by=grace, base=1)
    assert article.newest.title == "Ada's title"


def test_restoring_a_revision_keeps_what_came_between(article, ada, grace):
    editing.revise(article, "Worse", "Nothing.", by=ada)
    editing.restore(article.revisions[0], by=grace)

    assert [revision.title for revision in article.revisions] == [
        "Find a lost invoice",
        "Worse",
        "Find a lost invoice",
    ]
    assert article.newest.agent is grace


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Find a lost invoice", "find-a-lost-invoice"),
        ("  Café & Co. — 100 %!", "cafe-co-100"),
        ("CSVが文字化けする", ""),
        ("🙂", ""),
    ],
)
def test_the_address_is_made_of_latin_titles(title, slug):
    assert addressing.slug_of(title) == slug


def test_a_japanese_title_gets_its_number_as_address(written):
    draft = written("請求書を探す", lang="ja")

    assert draft.slug == f"a-{draft.id}"


def test_a_taken_address_gets_a_number_and_other_languages_do_not_matter(article, written):
    assert written("Find a lost invoice").slug == "find-a-lost-invoice-2"
    assert written("請求書", lang="ja", slug="find-a-lost-invoice").slug == "find-a-lost-invoice"


def test_each_change_asks_for_the_index_in_the_same_transaction(article, ada, work_off):
    work_off()
    editing.withdraw(article, by=ada)
    asked = list(db.session.scalars(select(Job.key)))
    db.session.rollback()

    assert any("index_changes" in key for key in asked)
    assert db.session.scalars(select(Job.key)).all() == []


def test_the_editor_saves_and_publishes_in_one_press(desk, ada):
    form = {"title": "New", "body": "Text.", "lang": "en", "purpose": "how-to", "visibility": "public"}
    desk.post("/desk/kb", data={**form, "then": "publish", "tags": "a、b, c"})

    article = db.session.scalars(select(Article)).one()
    assert (article.status, article.tags, article.status_by) == (
        ArticleStatus.PUBLISHED,
        ["a", "b", "c"],
        ada,
    )


def test_the_second_editor_sees_both_texts_and_loses_nothing(desk, article, grace):
    editing.revise(article, article.title, "Grace's text.", by=grace)
    form = {"base": "1", "title": "Mine", "body": "My own text.", "purpose": "how-to", "visibility": "public"}
    page = desk.post(f"/desk/kb/{article.id}", data=form)

    assert page.status_code == 409
    assert "Grace&#39;s text." in page.text
    assert "My own text." in page.text
    assert len(db.session.scalars(select(Revision)).all()) == 2


def test_a_title_is_needed_and_the_text_comes_back(desk):
    form = {"title": " ", "body": "Long work.", "lang": "en", "purpose": "how-to", "visibility": "public"}
    page = desk.post("/desk/kb", data=form)

    assert page.status_code == 422
    assert "Long work." in page.text


def test_the_history_shows_what_a_revision_changed(desk, article, ada):
    editing.revise(article, article.title, "Open Billing.\nThen press Documents.", by=ada)
    page = desk.get(f"/desk/kb/{article.id}/revisions")

    assert "Then press Documents.</ins>" in page.text
    assert "Billing<mark" in page.text


def test_differences_leave_out_what_stayed():
    old = "\n".join(f"line {number}" for number in range(40))
    lines = comparing.differences(old, old.replace("line 20", "line twenty"))

    assert [line.text for line in lines if line.change in "+-"] == ["line 20", "line twenty"]
    assert len(lines) < 10


@pytest.mark.parametrize("address", ["", "/new", "/1", "/1/revisions", "/suggestions?q=invoice"])
def test_strangers_see_nothing_of_the_desk(reader, article, address):
    assert "/sign-in" in reader.get(f"/desk/kb{address}").location


@pytest.mark.parametrize("noun", ["publication", "withdrawal", "archiving", "revisions/1/restoration"])
def test_strangers_change_nothing(reader, article, noun):
    reader.post(f"/desk/kb/{article.id}/{noun}")

    assert article.is_published
    assert len(article.revisions) == 1
