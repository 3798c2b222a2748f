"""The first page: search, topics, what others read, and the way to a person; in both languages."""

import re

import pytest

from helpdesk.core.db import db
from helpdesk.core.i18n import COOKIE
from knowledge_base.categories import at_path
from knowledge_base.models import Article, ArticleStatus, Visibility
from knowledge_base.steps import HelpStep, Step


def publish(title, lang="en", **given):
    slug = title.lower().replace(" ", "-")
    given = {"status": ArticleStatus.PUBLISHED, **given}
    article = Article(shelf=at_path("Billing", lang), lang=lang, slug=slug, title=title, body="x", **given)
    db.session.add(article)
    db.session.commit()
    return article


def test_topics_are_counted(visit):
    for title in ("Pay by card", "Pay by transfer", "Refunds", "Receipts"):
        publish(title)
    page = visit().get("/").text

    assert "4 articles" in page
    assert re.search(r"/kb/en/categories/\d+\">Billing", page)


def test_drafts_and_papers_of_the_house_are_not_shown(visit):
    publish("canary draft", status=ArticleStatus.DRAFT)
    publish("canary internal", visibility=Visibility.STAFF)
    publish("canary 日本語", lang="ja")

    assert "canary" not in visit().get("/").text


@pytest.mark.parametrize("address", ["/", "/kb/search?q=zzqqxx&lang=en"])
def test_what_is_read_most_stands_first_also_for_whoever_found_nothing(visit, address):
    publish("Seldom read")
    often = publish("Often read indeed")
    db.session.add_all(HelpStep(visitor=str(n), step=Step.READ, article_id=often.id) for n in range(3))
    page = visit().get(address).text

    assert page.index("Often read indeed") < page.index("Seldom read")


def test_a_person_is_always_in_reach(visit):
    page = visit().get("/").text

    assert 'href="/chat"' in page
    assert 'href="/requests/new"' in page


def test_the_language_is_the_browsers_until_one_is_chosen(visit):
    browser = visit(lang="ja")

    assert 'lang="ja"' in browser.get("/").text
    assert browser.post("/language", data={"language": "en", "next": "/chat"}).location == "/chat"
    assert browser.get_cookie(COOKIE).value == "en"
    assert '<html lang="en"' in browser.get("/").text


def test_a_choice_is_kept_for_whoever_is_signed_in(enter, carol):
    enter(carol).post("/language", data={"language": "ja"})

    assert carol.language == "ja"


def test_choosing_leads_to_no_other_site_and_no_other_language(visit):
    browser = visit()
    answer = browser.post("/language", data={"language": "xx", "next": "https://evil.example.com/"})

    assert answer.location == "/"
    assert browser.get_cookie(COOKIE) is None


def test_whoever_got_lost_can_search(visit, desk):
    lost, at_home = (visit().get(path).text.count('role="search"') for path in ("/nowhere", "/"))

    assert (lost, at_home) == (1, 1)
    assert 'action="/kb/search"' not in desk.get("/desk/nowhere").text
