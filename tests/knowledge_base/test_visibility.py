"""One table: who finds which article, and by which door."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.customers.models import Contact
from helpdesk.customers.sessions import ContactSession
from helpdesk.lifecycle import presets
from knowledge_base.models import Article, ArticleStatus, Visibility
from knowledge_base.writing import editing, uploading
from knowledge_base.writing.editing import Particulars

PEOPLE = ("stranger", "outside", "inside", "agent")
# Who reads it: a stranger, a customer outside the segment, one inside, an agent.
ARTICLES = {
    "public": (Visibility.PUBLIC, ArticleStatus.PUBLISHED, (True, True, True, True)),
    "signed-in": (Visibility.SIGNED_IN, ArticleStatus.PUBLISHED, (False, True, True, True)),
    "segment": (Visibility.SEGMENT, ArticleStatus.PUBLISHED, (False, False, True, True)),
    "staff": (Visibility.STAFF, ArticleStatus.PUBLISHED, (False, False, False, True)),
    "draft": (Visibility.PUBLIC, ArticleStatus.DRAFT, (False,) * 4),
    "review": (Visibility.PUBLIC, ArticleStatus.REVIEW, (False,) * 4),
    "scheduled": (Visibility.PUBLIC, ArticleStatus.DRAFT, (False,) * 4),
    "archived": (Visibility.PUBLIC, ArticleStatus.ARCHIVED, (False,) * 4),
}
ROWS = [
    pytest.param(who, name, seen[place], id=f"{who}-{name}")
    for name, (_visibility, _status, seen) in ARTICLES.items()
    for place, who in enumerate(PEOPLE)
]


@pytest.fixture
def shelf(app, ada):
    """One article of each kind, all of one category, each with a public one in Japanese."""
    made = {}
    for name, (visibility, status, _seen) in ARTICLES.items():
        particulars = Particulars(
            category="Shelf", visibility=visibility, questions=[f"how to {name} canary"]
        )
        article = editing.write(
            f"Canary {name}", f"Body of {name}.", lang="en", by=ada, particulars=particulars
        )
        editing.publish(article, by=ada)
        article.status, article.external_id = status, name
        if name == "segment":
            article.audience = [presets.ensure_default().stages[1].key]
        if name == "scheduled":
            article.publish_at, article.scheduled_revision_id = now() + timedelta(days=1), article.newest.id
        made[name] = article
        other = editing.write(f"別の {name}", "本文。", lang="ja", by=ada, external_id=name)
        editing.publish(other, by=ada)
    db.session.commit()
    return made


@pytest.fixture
def browsers(visit, ada):
    """The browser of each of PEOPLE, made on demand."""

    def browse(who):
        browser = visit(ada if who == "agent" else None)
        if who in ("outside", "inside"):
            contact = Contact.meet(f"{who}@{who}.example.org", who.title(), language="en")
            contact.customer.stage_id = presets.ensure_default().stages[1 if who == "inside" else 0].id
            token = ContactSession.start(contact, "test")
            db.session.commit()
            with browser.session_transaction() as session:
                session["contact"] = token
        return browser

    return browse


@pytest.mark.parametrize(("who", "name", "sees"), ROWS)
def test_an_article_is_seen_by_those_who_may_read_it_and_is_nothing_to_others(
    shelf, browsers, work_off, who, name, sees
):
    work_off()
    browser, article = browsers(who), shelf[name]
    beside = shelf["draft" if name == "public" else "public"]
    pages = {
        "search": "/kb/search?lang=en&q=canary",
        "suggestions": "/kb/suggestions?lang=en&q=canary",
        "category": f"/kb/en/categories/{article.category_id}",
        "translation": f"/kb/ja/{_other(article).slug}",
        "related": f"/kb/en/{beside.slug}",
    }
    told = {where for where, page in pages.items() if _leads_to(article, browser.get(page).text)}

    assert browser.get(f"/kb/en/{article.slug}").status_code == status_of(name, sees)
    assert told == ({*pages} - ({"related"} if name == "public" else set()) if sees else set())


@pytest.mark.parametrize(("who", "name", "sees"), ROWS)
def test_a_file_is_for_those_who_may_read_its_article(shelf, browsers, ada, who, name, sees):
    article = shelf[name]
    uploading.attach(article, "plan.png", b"\x89PNG\r\n\x1a\n plan", by=ada)
    uploading.attach(article, "plan.pdf", b"%PDF-1.7 plan", by=ada)
    browser = browsers(who)
    answers = [browser.get(f"/kb/files/{article.id}/plan.{kind}") for kind in ("png", "pdf")]

    for answer in answers:
        answer.close()
    # Our team sees those of drafts too, as in the editor.
    assert {answer.status_code for answer in answers} == {200 if sees or who == "agent" else 404}
    if sees:
        assert [answer.headers["Content-Disposition"][:6] for answer in answers] == ["inline", "attach"]
        assert answers[0].content_type == "image/png"


@pytest.mark.parametrize("name", ARTICLES)
def test_search_engines_and_programs_without_a_token_get_what_a_stranger_gets(shelf, visit, work_off, name):
    work_off()
    browser, article, sees = visit(), shelf[name], ARTICLES[name][2][0]
    found = browser.get("/api/v1/kb/search?lang=en&limit=50&q=canary").json["items"]

    assert (f"/kb/en/{article.slug}<" in browser.get("/sitemap.xml").text) == sees
    for feed in ("/kb/en/feed.xml", f"/kb/en/categories/{article.category_id}/feed.xml"):
        assert (f'/kb/en/{article.slug}"' in browser.get(feed).text) == sees
    assert browser.get(f"/api/v1/kb/articles/{article.id}").status_code == (200 if sees else 404)
    assert (article.slug in [item["slug"] for item in found]) == sees


@pytest.mark.parametrize("name", [name for name in ARTICLES if name != "public"])
def test_without_an_index_the_same_is_hidden(shelf, visit, name):
    assert f"Canary {name}" not in visit().get("/kb/search?lang=en&q=canary").text


def test_a_customer_who_moves_on_gains_and_loses_what_is_for_a_segment(shelf, browsers):
    browser = browsers("outside")
    outside, stages = Contact.known_as("outside@outside.example.org"), presets.ensure_default().stages
    seen = []
    for stage in (stages[1], stages[0]):
        outside.customer.stage_id = stage.id
        seen.append(browser.get("/kb/en/canary-segment").status_code)

    assert seen == [200, 404]


def test_a_key_is_not_taken_for_a_part_of_another(shelf, browsers):
    key = presets.ensure_default().stages[1].key
    shelf["segment"].audience = [f"{key}-later", f"not-{key}"]

    assert browsers("inside").get("/kb/en/canary-segment").status_code == 404


def test_nobody_votes_on_what_they_may_not_read(shelf, browsers):
    votes = "/kb/en/canary-signed-in/votes"

    assert browsers("stranger").post(votes, data={"helpful": "yes"}).status_code == 404
    assert browsers("outside").post(votes, data={"helpful": "yes"}).status_code == 303


def status_of(name, sees):
    # What everybody could read once is gone; that it was there is no secret.
    return 200 if sees else 410 if name == "archived" else 404


def _leads_to(article, page):
    return re.search(rf'href="/kb/en/{article.slug}["?]', page)


def _other(article):
    same = select(Article).where(Article.external_id == article.external_id, Article.lang == "ja")
    return db.session.scalars(same).one()
