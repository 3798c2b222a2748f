"""Addresses: chosen, changed, and never lost."""

import pytest
from sqlalchemy import select

from helpdesk.core.db import db
from knowledge_base.belongings import ArticleMove
from knowledge_base.writing import addressing
from knowledge_base.writing.addressing import AddressTaken


def moves():
    return {(move.slug, move.article_id) for move in db.session.scalars(select(ArticleMove))}


def test_the_old_address_leads_to_the_article(article, ada):
    addressing.move(article, "Lost Invoice", by=ada)

    assert article.slug == "lost-invoice"
    assert moves() == {("find-a-lost-invoice", article.id)}


def test_moving_there_and_back_makes_no_loop(article, ada):
    for slug in ("b", "c", "b", "find-a-lost-invoice"):
        addressing.move(article, slug, by=ada)

    assert article.slug == "find-a-lost-invoice"
    assert moves() == {("b", article.id), ("c", article.id)}


def test_an_address_that_leads_to_another_article_is_refused(article, written, ada):
    other = written("Other")
    addressing.move(article, "moved", by=ada)

    with pytest.raises(AddressTaken) as taken:
        addressing.move(other, "find-a-lost-invoice", by=ada)
    assert taken.value.article is article
    with pytest.raises(AddressTaken):
        addressing.move(other, "moved", by=ada)


def test_a_new_article_does_not_take_an_address_that_leads_elsewhere(article, written, ada):
    addressing.move(article, "moved", by=ada)

    assert written("Find a lost invoice").slug == "find-a-lost-invoice-2"


def test_the_same_address_in_the_other_language_is_another(article, written, ada):
    other = written("請求書", lang="ja")
    addressing.move(other, "find-a-lost-invoice", by=ada)

    assert other.slug == article.slug


def test_the_editor_is_told_whose_the_address_is_and_keeps_the_text(desk, article, written):
    written("Other one", slug="taken")
    form = {"base": "1", "title": "Mine", "body": "My work.", "purpose": "how-to", "visibility": "public"}
    page = desk.post(f"/desk/kb/{article.id}", data={**form, "slug": "taken", "slug_was": article.slug})

    assert page.status_code == 422
    assert "This address leads to “Other one”." in page.text
    assert "My work." in page.text
    assert len(article.revisions) == 1


def test_what_cannot_stand_in_an_address_is_refused(desk, article):
    form = {"base": "1", "title": "Mine", "body": "x", "purpose": "how-to", "visibility": "public"}
    page = desk.post(f"/desk/kb/{article.id}", data={**form, "slug": "請求書", "slug_was": article.slug})

    assert page.status_code == 422
    assert article.slug == "find-a-lost-invoice"


def test_the_editor_changes_the_address(desk, article, reader):
    form = {"base": "1", "title": "T", "body": "B", "purpose": "how-to", "visibility": "public"}
    desk.post(f"/desk/kb/{article.id}", data={**form, "slug": "new-home", "slug_was": article.slug})

    assert article.slug == "new-home"
    assert moves() == {("find-a-lost-invoice", article.id)}
