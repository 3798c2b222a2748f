"""One article in two languages: tied together, and behind when its source moves on."""

import pytest
from sqlalchemy import select

from helpdesk.core.db import db
from knowledge_base import acts
from knowledge_base.acts import Act
from knowledge_base.models import Article
from knowledge_base.writing import editing, translating

FORM = {"purpose": "how-to", "visibility": "public"}


@pytest.fixture
def source(written):
    return written("請求書を探す", "請求を開きます。\n\n次に書類を押します。", lang="ja", slug="invoice")


@pytest.fixture
def translation(source, desk):
    form = {
        **FORM,
        "lang": "en",
        "source": source.newest.id,
        "title": "Find an invoice",
        "body": "Open Billing.",
    }
    desk.post("/desk/kb", data={**form, "then": "publish"})
    return db.session.scalars(select(Article).where(Article.source_revision_id.is_not(None))).one()


def test_the_editor_of_a_translation_shows_its_source(desk, source):
    page = desk.get(f"/desk/kb/new?from={source.id}").text

    assert "請求を開きます。\n\n次に書類を押します。</textarea>" in page
    assert f'name="source" type="hidden" value="{source.newest.id}"' in page
    assert 'name="lang" value="en"' in page


def test_a_translation_begins_without_a_title(desk, source):
    page = desk.get(f"/desk/kb/new?from={source.id}").text

    assert 'name="title" required type="text" value=""' in page
    assert "Written in: English" in page


def test_both_languages_are_tied(source, translation):
    assert translation.external_id is not None
    assert translation.external_id == source.external_id
    assert translation.source_revision_id == source.revision_id
    assert translating.translations(source) == [translation]


def test_an_id_that_is_there_stays(written, desk):
    source = written("出典", lang="ja", external_id="from-import")
    form = {**FORM, "lang": "en", "source": source.newest.id, "title": "T", "body": "B"}
    desk.post("/desk/kb", data=form)

    assert [article.external_id for article in db.session.scalars(select(Article))] == ["from-import"] * 2


def test_there_is_one_translation_and_no_work_is_lost(desk, source, translation):
    form = {**FORM, "lang": "en", "source": source.newest.id, "title": "Second", "body": "My own work."}
    page = desk.post("/desk/kb", data=form)

    assert page.status_code == 409
    assert "My own work." in page.text
    assert len(db.session.scalars(select(Article)).all()) == 2


def test_a_source_that_moved_on_is_told_with_what_changed(desk, source, translation, ada):
    editing.revise(source, source.title, source.body.replace("次に", "最後に"), by=ada)
    unpublished = translating.source_of(translation).has_moved
    editing.publish(source, by=ada)
    page = desk.get(f"/desk/kb/{translation.id}").text

    assert not unpublished
    assert "The source has changed since this was translated." in page
    assert "最後</mark>に書類を押します。" in page
    assert "Find an invoice" in desk.get("/desk/kb?translation=behind").text
    assert "請求書を探す" not in desk.get("/desk/kb?translation=behind").text


def test_what_has_caught_up_is_behind_no_more(desk, source, translation, ada):
    editing.revise(source, source.title, "新しい。", by=ada)
    editing.publish(source, by=ada)
    desk.post(f"/desk/kb/{translation.id}/catching-up")

    assert translation.source_revision_id == source.revision_id
    assert "Nothing matches." in desk.get("/desk/kb?translation=behind").text
    assert acts.last(translation, Act.CAUGHT_UP) is not None


def test_a_change_beside_the_text_leaves_no_translation_behind(desk, source, translation, ada):
    form = {**FORM, "base": "1", "title": source.title, "body": source.body, "tags": "new", "then": "publish"}
    desk.post(f"/desk/kb/{source.id}", data=form)

    assert len(source.revisions) == 2
    assert "Nothing matches." in desk.get("/desk/kb?translation=behind").text


def test_articles_without_a_translation_are_found(desk, source, article, translation):
    page = desk.get("/desk/kb?translation=missing").text

    assert "Find a lost invoice" in page
    assert "Find an invoice" not in page
    assert "請求書を探す" not in page
