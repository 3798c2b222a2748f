"""The document and the page made from it."""

import pytest

from helpdesk.api.openapi import document
from tests.browsing import SIZES, axe_findings

PROMISED = {
    "/api/v1/tickets": {"get", "post"}, "/api/v1/tickets/{number}": {"get", "patch"},
    "/api/v1/tickets/{number}/messages": {"get", "post"}, "/api/v1/tickets/{number}/resolution": {"post"},
    "/api/v1/customers": {"get", "post"}, "/api/v1/customers/{id}": {"get", "patch"},
    "/api/v1/customers/{id}/timeline": {"get"}, "/api/v1/events": {"post"}, "/api/v1/kb/search": {"get"},
    "/api/v1/kb/articles/{id}": {"get"}, "/api/v1/surveys/responses": {"get"},
    "/api/v1/reports/satisfaction": {"get"},
}  # fmt: skip


def test_the_document_names_every_address(visit):
    told = visit().get("/api/openapi.json").json

    assert told["openapi"] == "3.1.0"
    assert {path: set(operations) for path, operations in told["paths"].items()} == PROMISED


def test_it_is_in_english_whoever_asks(visit):
    told = visit(lang="ja").get("/api/openapi.json").json

    assert told["paths"]["/api/v1/tickets"]["get"]["summary"] == "List tickets"


@pytest.mark.parametrize(("lang", "words"), [("en", "API reference"), ("ja", "チケットの一覧を取得する")])
def test_the_page_speaks_the_readers_language(visit, lang, words):
    page = visit(lang=lang).get("/api/docs").text

    assert f'<html lang="{lang}"' in page
    assert words in page


def test_every_reference_of_the_page_leads_somewhere(visit):
    page = visit().get("/api/docs").text
    named = [f"schema-{name}" for name in document("en")["components"]["schemas"]]

    assert [place for place in named if f'id="{place}"' not in page] == []


@pytest.mark.browser
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_it_can_be_read_on_every_screen(open_page, lang, size):
    page = open_page("/api/docs", lang=lang, size=size)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")

    assert axe_findings(page) == []
    assert wide <= 0
