"""What editors see of the search: words that mean the same, and why an article is found."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from helpdesk.core.db import db
from knowledge_base.search import search
from knowledge_base.vocabulary import SynonymGroup

WORDS = "/desk/kb/words"


@pytest.fixture
def indexed(written, work_off):
    """Three articles with their index; the first says nothing of a quokka."""
    found = [
        written(
            "Rotate the key", "Open Settings, then Keys.", questions=["key rotation"], stages=["adoption"]
        ),
        written("Delete a key", "Open Settings."),
        written("Invoices", "Settings of invoices."),
    ]
    work_off()
    return found


def titles(question):
    return [item.article.title for item in search(question, "en").items]


def test_a_new_group_counts_at_once_and_no_longer_when_it_is_gone(desk, indexed, clock):
    assert "Rotate the key" not in titles("quokka")
    assert desk.post(WORDS, data={"words": "quokka, rotate\n適格, invoice"}).location == WORDS
    groups = db.session.scalars(select(SynonymGroup).order_by(SynonymGroup.id)).all()
    assert [group.expressions for group in groups] == [["quokka", "rotate"], ["適格", "invoice"]]
    assert titles("quokka")[0] == "Rotate the key"

    clock.shift(timedelta(seconds=1))
    desk.post(f"{WORDS}/{groups[0].id}", data={"words": "quokka、invoice"})
    assert titles("quokka")[0] == "Invoices"

    desk.post(f"{WORDS}/{groups[0].id}/deletion")
    assert titles("quokka") == []


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "one",
        "one, ONE, ｏｎｅ",
        "!!, ??",
        "a" * 61 + ", b",
        ", ".join(map(str, range(21))),
        "ok, fine\nlonely",
    ],
)
def test_what_is_no_group_is_refused_whole_and_comes_back(desk, typed):
    answer = desk.post(WORDS, data={"words": typed})

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert db.session.scalars(select(SynonymGroup)).all() == []


def test_the_trial_shows_what_the_words_change(desk, indexed):
    desk.post(WORDS, data={"words": "quokka, rotate"})
    page = desk.get(WORDS + "?try=quokka").text
    # 来ない is made of words that are left out: it is no part of every question.
    assert "来ない" not in page.split('id="h-try"')[1]

    assert "Your words change what is found." in page
    assert "<strong>quokka</strong>" in page
    assert "Your words change nothing here." in desk.get(WORDS + "?try=invoices").text


def test_the_list_is_searched_however_a_word_is_written(desk):
    desk.post(WORDS, data={"words": "パスワード, <b>PW\nquokka, rotate"})
    page = desk.get(WORDS + "?q=ﾊﾟｽ").text

    assert "&lt;b&gt;PW" in page
    assert "quokka" not in page
    assert desk.get(WORDS + ".csv").data.decode("utf-8-sig").splitlines()[0] == '"quokka","rotate"'


def test_each_result_is_explained(desk, indexed):
    page = desk.get("/desk/kb/explain?q=rotate the key&lang=en").text

    assert "Rotate the key" in page
    assert '<th scope="row">rotat</th>' in page
    assert "counts little" in page


def test_two_stages_show_the_same_articles_in_another_order(desk, indexed):
    page = desk.get("/desk/kb/explain?q=settings&lang=en&stage=&beside=adoption").text
    own, beside = page.split('id="h-beside"')

    for title in ("Rotate the key", "Delete a key", "Invoices"):
        assert title in own
        assert title in beside
    assert "further up" in beside


def test_an_article_that_is_not_found_is_explained_by_its_number(desk, indexed):
    page = desk.get(f"/desk/kb/explain?q=rotate&lang=en&article={indexed[2].id}").text

    assert 'id="h-missing"' in page
    assert "It has no word of the question." in page


def test_the_page_needs_no_question(desk):
    assert desk.get("/desk/kb/explain").status_code == 200


@pytest.mark.parametrize("address", [WORDS, "/desk/kb/explain", WORDS + ".csv", "/desk/kb/links?q=key"])
def test_customers_have_no_business_here(reader, address):
    assert reader.get(address).status_code == 302
