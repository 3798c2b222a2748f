"""Where an address leads that is nobody's today, and what machines read of those that are."""

import json
import re
from xml.etree import ElementTree

import pytest

from helpdesk.core.db import db
from knowledge_base.belongings import ArticleMove
from knowledge_base.models import Purpose, Visibility
from knowledge_base.reading import announcing
from knowledge_base.writing import editing

ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def facts(page):
    return json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)[1])[
        "@graph"
    ]


def test_an_address_that_moved_leads_to_the_article_for_ever(reader, article):
    db.session.add(ArticleMove(lang="en", slug="lost-bill", article_id=article.id))
    moved = reader.get("/kb/en/lost-bill")

    assert (moved.status_code, moved.location) == (301, "/kb/en/find-a-lost-invoice")


def test_an_address_that_moved_tells_nothing_to_those_who_may_not_read_it(reader, desk, written):
    article = written("How we refund", visibility=Visibility.STAFF)
    db.session.add(ArticleMove(lang="en", slug="refunds", article_id=article.id))

    assert reader.get("/kb/en/refunds").status_code == 404
    assert desk.get("/kb/en/refunds").status_code == 301


def test_large_letters_lead_to_small_ones(reader, article):
    assert reader.get("/kb/en/Find-A-Lost-Invoice").location == "/kb/en/find-a-lost-invoice"


def test_an_article_in_the_wrong_language_leads_to_its_translation(reader, written):
    written("Invoice", external_id="invoice", slug="invoice")
    written("請求書", lang="ja", external_id="invoice", slug="seikyusho")
    answer = reader.get("/kb/ja/invoice")

    assert (answer.status_code, answer.location) == (302, "/kb/ja/seikyusho")


def test_an_article_without_a_translation_is_offered_as_it_is(reader, article):
    page = reader.get("/kb/ja/find-a-lost-invoice")

    assert page.status_code == 404
    assert 'href="/kb/en/find-a-lost-invoice"' in page.text
    assert '<html lang="ja"' in page.text


def test_what_was_put_away_offers_what_is_near_and_says_nothing_of_itself(reader, article, written, ada):
    written("Print an invoice", category="Invoices")
    editing.archive(article, by=ada)
    page = reader.get("/kb/en/find-a-lost-invoice")

    assert page.status_code == 410
    assert "/kb/en/print-an-invoice" in page.text
    assert "Find a lost invoice" not in page.text


def test_what_was_never_public_was_never_there(reader, written, ada):
    editing.archive(written("How we refund", visibility=Visibility.STAFF), by=ada)
    editing.archive(written("Never out", is_public=False), by=ada)

    assert reader.get("/kb/en/how-we-refund").status_code == 404
    assert reader.get("/kb/en/never-out").status_code == 404


@pytest.mark.parametrize(
    ("title", "kind"),
    [("How do I print?", "FAQPage"), ("Print an invoice", "HowTo"), ("Our prices", "Article")],
)
def test_search_engines_learn_what_kind_of_page_it_is(reader, written, title, kind):
    body = "Prices." if kind == "Article" else "1. Open **it**.\n2. Press Print."
    page = reader.get(f"/kb/en/{written(title, body, category='Shelf', purpose=Purpose.HOW_TO).slug}").text
    itself, way = facts(page)

    assert itself["@type"] == kind
    assert [each["name"] for each in way["itemListElement"]] == ["Help centre", "Shelf", title]
    assert [each["position"] for each in way["itemListElement"]] == [1, 2, 3]
    if kind == "FAQPage":
        assert itself["mainEntity"][0]["acceptedAnswer"]["text"] == "Open it.\nPress Print."
    if kind == "HowTo":
        assert [step["text"] for step in itself["step"]] == ["Open it.", "Press Print."]


def test_what_is_not_public_tells_search_engines_to_go_away(desk, written):
    written("How we refund", visibility=Visibility.STAFF)
    page = desk.get("/kb/en/how-we-refund").text

    assert '<meta name="robots" content="noindex">' in page
    assert "ld+json" not in page
    assert "canonical" not in page


def test_a_feed_is_atom_with_whole_addresses(reader, written):
    article = written("A & B <i>", "![x](files/a.png) [home](/kb/en/x)", category="Shelf")
    answer = reader.get("/kb/en/feed.xml")
    feed = ElementTree.fromstring(answer.data)
    entry = feed.find(f"{ATOM}entry")

    assert answer.mimetype == "application/atom+xml"
    assert entry.find(f"{ATOM}title").text == "A & B <i>"
    assert entry.find(f"{ATOM}link").get("href") == "http://localhost/kb/en/a-b-i"
    assert f'src="http://localhost/kb/files/{article.id}/a.png"' in entry.find(f"{ATOM}content").text
    assert entry.find(f"{ATOM}category").get("term") == "Shelf"
    assert feed.get("{http://www.w3.org/XML/1998/namespace}base") == "http://localhost/"


def test_a_feed_of_a_category_has_what_lies_below_it_too(reader, written):
    below = written("Below", category="Shelf / Part")
    written("Elsewhere", category="Other")
    above = below.shelf.parent_id

    assert [
        title in reader.get(f"/kb/en/categories/{above}/feed.xml").text for title in ("Below", "Elsewhere")
    ] == [
        True,
        False,
    ]
    assert reader.get(f"/kb/ja/categories/{above}/feed.xml").status_code == 404
    assert reader.get("/kb/ja/feed.xml").status_code == 200


@pytest.mark.parametrize(
    "place", ["/", "/sitemap.xml", "/robots.txt", "/kb/en/feed.xml", "/kb/en/categories/1", "/kb/en/one"]
)
def test_what_has_not_changed_is_not_sent_again(visit, written, place):
    written("One", category="Shelf")
    browser = visit()
    first = browser.get(place)
    again = browser.get(place, headers={"If-None-Match": first.headers["ETag"]})
    written("Two", category="Shelf")
    changed = browser.get(place, headers={"If-None-Match": first.headers["ETag"]})

    assert (first.status_code, again.status_code) == (200, 304)
    assert first.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert changed.status_code == (304 if place == "/robots.txt" else 200)


def test_many_articles_have_several_maps_and_languages_stay_together(reader, written, monkeypatch):
    monkeypatch.setattr(announcing, "IN_SITEMAP", 2)
    for n in range(2):
        written(f"One {n}", external_id=f"k{n}")
        written(f"いち{n}", lang="ja", external_id=f"k{n}", slug=f"ichi-{n}")
    written("Alone", external_id="k9")
    index = ElementTree.fromstring(reader.get("/sitemap.xml").data)
    places = [place.text for place in index.iter(f"{MAP}loc")]
    parts = [reader.get(place.removeprefix("http://localhost")).text for place in places]

    assert places == [f"http://localhost/sitemap-{n}.xml" for n in (1, 2, 3)]
    assert [part.count("<lastmod>") for part in parts] == [2, 2, 1]
    assert parts[0].count('hreflang="x-default" href="http://localhost/kb/en/one-0"') == 2
    assert reader.get("/sitemap-4.xml").status_code == 404


def test_languages_that_stand_in_two_maps_know_each_other(reader, written, monkeypatch):
    monkeypatch.setattr(announcing, "IN_SITEMAP", 1)
    written("One", external_id="k")
    written("いち", lang="ja", external_id="k", slug="ichi")

    assert [reader.get(f"/sitemap-{n}.xml").text.count('hreflang="ja"') for n in (1, 2)] == [1, 1]


def test_robots_are_told_where_the_map_is_and_what_is_private(reader):
    text = reader.get("/robots.txt").text

    assert "Sitemap: http://localhost/sitemap.xml" in text
    assert "Disallow: /desk" in text


def test_a_language_is_chosen_from_a_page_that_is_the_same_for_all(reader):
    answer = reader.get("/language/ja?next=/kb/ja/x")

    assert (answer.status_code, answer.location) == (303, "/kb/ja/x")
    assert reader.get_cookie("helpdesk_lang").value == "ja"
    assert reader.get("/language/ja?next=//evil.example").location == "/"
