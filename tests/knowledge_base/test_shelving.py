"""Arranging categories: every step, what is refused, and what becomes of what lies in them."""

import re

import pytest
from sqlalchemy import select

from helpdesk.core.db import db
from knowledge_base.categories import Category, Tree, at_path
from knowledge_base.models import Article
from knowledge_base.writing import shelving
from knowledge_base.writing.shelving import Refused, Step
from tests.conftest import HTMX

DESK = "/desk/kb/categories"


@pytest.fixture
def tree(app):
    """A, with B in it, then C, then D; by name."""
    made = {name: at_path(path, "en") for name, path in (("A", "A"), ("B", "A / B"), ("C", "C"), ("D", "D"))}
    db.session.commit()
    return made


def told():
    return [("-" * shelf.depth) + shelf.category.name("en") for shelf in Tree.load().all]


@pytest.mark.parametrize(
    ("name", "step", "order"),
    [
        ("C", Step.UP, ["C", "A", "-B", "D"]),
        ("C", Step.DOWN, ["A", "-B", "D", "C"]),
        ("C", Step.IN, ["A", "-B", "-C", "D"]),
        ("B", Step.OUT, ["A", "B", "C", "D"]),
        ("A", Step.UP, ["A", "-B", "C", "D"]),
        ("A", Step.IN, ["A", "-B", "C", "D"]),
        ("A", Step.OUT, ["A", "-B", "C", "D"]),
        ("D", Step.DOWN, ["A", "-B", "C", "D"]),
    ],
)
def test_a_step_moves_by_one_and_never_out_of_the_tree(desk, tree, name, step, order):
    answer = desk.post(f"{DESK}/{tree[name].id}/place", data={"step": step.value})

    assert answer.status_code == 303
    assert told() == order


def test_what_is_dropped_lies_before_the_one_it_was_dropped_on(desk, tree):
    desk.post(f"{DESK}/{tree['D'].id}/place", data={"parent": tree["A"].id, "before": tree["B"].id})
    assert told() == ["A", "-D", "-B", "C"]

    desk.post(f"{DESK}/{tree['D'].id}/place", data={"parent": "", "before": ""}, headers=HTMX)
    assert told() == ["A", "-B", "C", "D"]


def test_nothing_can_lie_in_itself(desk, tree):
    answer = desk.post(f"{DESK}/{tree['A'].id}/place", data={"parent": tree["B"].id}, headers=HTMX)

    assert "A category cannot lie in itself" in answer.text
    assert told() == ["A", "-B", "C", "D"]


def test_no_way_down_is_longer_than_four(tree):
    deepest = at_path("C / 2 / 3 / 4", "en")
    with pytest.raises(Refused, match="too-deep"):
        shelving.put(tree["D"], deepest.id)
    with pytest.raises(Refused, match="too-deep"):
        shelving.put(tree["A"], deepest.parent_id)
    with pytest.raises(Refused, match="too-deep"):
        shelving.add("", "5", deepest.id)


def test_a_category_has_a_name_and_no_namesake_beside_it(desk, tree):
    for names in ({"name_en": " "}, {"name_en": "C"}):
        desk.post(f"{DESK}/{tree['D'].id}", data=names)
    assert told() == ["A", "-B", "C", "D"]

    desk.post(f"{DESK}/{tree['D'].id}", data={"name_ja": "デー", "name_en": "Dee"})
    assert (tree["D"].name("ja"), tree["D"].name("en")) == ("デー", "Dee")


def test_a_new_one_is_the_last_of_its_parents(desk, tree):
    desk.post(DESK, data={"name_ja": "イー", "name_en": "E", "parent": tree["A"].id})

    assert told() == ["A", "-B", "-E", "C", "D"]


def test_what_lies_in_a_category_outlives_it(desk, tree, written):
    article = written("One", category="A")
    desk.post(f"{DESK}/{tree['A'].id}/removal", data={"destination": tree["C"].id})

    assert told() == ["B", "C", "D"]
    assert article.category == "C"


def test_articles_may_be_left_without_a_category(desk, tree, written):
    article = written("One", category="D")
    desk.post(f"{DESK}/{tree['D'].id}/removal", data={"destination": "none"})

    assert article.category_id is None
    assert "1 article lies in no category" in desk.get(DESK).text


def test_nobody_takes_a_category_away_without_saying_where_its_articles_go(desk, tree, written):
    article = written("One", category="D")
    desk.post(f"{DESK}/{tree['D'].id}/removal", data={"destination": ""})
    page = desk.get(f"{DESK}/{tree['D'].id}").text

    assert article.category == "D"
    assert "flash--error" in page
    assert '<option value="" selected' not in page
    assert page.index('<option value="">Choose') < page.index(f'<option value="{tree["A"].id}"')


@pytest.mark.parametrize("typed", ["A/New", "A / New", "A／New", "A>New", "A ＞ New"])
def test_a_new_category_is_named_with_its_parent_by_any_sign(desk, tree, typed):
    form = {"title": "T", "body": "B", "lang": "ja", "purpose": "how-to", "visibility": "public"}
    desk.post("/desk/kb", data={**form, "new_category": typed})

    assert told() == ["A", "-B", "-New", "C", "D"]


def test_articles_do_not_go_where_nobody_is(desk, tree):
    for wanted, status in ((tree["A"].id, 303), (999, 404)):
        answer = desk.post(f"{DESK}/{tree['A'].id}/removal", data={"destination": wanted})
        assert answer.status_code == status
    assert told() == ["A", "-B", "C", "D"]


def test_a_category_that_somebody_took_away_is_told_of(tree):
    gone = tree["D"]
    db.session.delete(db.session.get(Category, gone.id))
    db.session.flush()
    with pytest.raises(Refused, match="gone"):
        shelving.take_step(gone, Step.UP)


def test_articles_stand_as_editors_put_them_and_their_words_have_not_changed(desk, reader, written):
    articles = [written(title, category="Shelf") for title in ("One", "Two", "Three")]
    shelf, versions = articles[0].category_id, [article.version for article in articles]
    place = f"{DESK}/{shelf}/articles"
    desk.post(place, data={"article": articles[1].id, "step": "up"})
    assert _order(shelf) == ["One", "Two", "Three"]

    desk.post(place, data={"article": articles[2].id, "before": articles[0].id}, headers=HTMX)
    assert _order(shelf) == ["Three", "One", "Two"]
    page = reader.get(f"/kb/en/categories/{shelf}").text
    assert page.index("Three") < page.index("One") < page.index("Two")
    assert [article.version for article in articles] == versions
    assert re.search(r'rel="prev" href="/kb/en/three"', reader.get("/kb/en/one").text)


def test_only_articles_of_the_category_are_put_in_its_order(desk, tree, written):
    article = written("One", category="C")

    assert desk.post(f"{DESK}/{tree['D'].id}/articles", data={"article": article.id}).status_code == 404


def test_the_first_page_shows_topics_as_editors_put_them_with_what_lies_below(reader, desk, tree, written):
    written("In B", category="A / B")
    written("In D", category="D")
    written("Secret", category="C", is_public=False)
    desk.post(f"{DESK}/{tree['D'].id}/place", data={"parent": "", "before": tree["A"].id})
    page = reader.get("/").text.partition('id="h-topics"')[2]

    assert page.index(">D</a>") < page.index("In D") < page.index(">A</a>") < page.index("In B")
    assert ">C</a>" not in page


def test_a_page_of_a_category_counts_what_lies_below_it(reader, tree, written):
    for n in range(3):
        written(f"In B {n}", category="A / B")
    page = reader.get(f"/kb/en/categories/{tree['A'].id}").text

    assert "3 articles" in page
    assert f"/kb/en/categories/{tree['B'].id}" in page
    assert reader.get(f"/kb/ja/categories/{tree['A'].id}").location == f"/kb/en/categories/{tree['A'].id}"
    assert reader.get(f"/kb/en/categories/{tree['C'].id}").status_code == 404


def test_the_tree_costs_the_same_however_large_it_is(desk, tree, statements):
    def cost():
        with statements() as said:
            desk.get(DESK)
        return len(said)

    few = cost()
    for n in range(30):
        at_path(f"A / more {n}", "en")
    assert cost() == few


def _order(shelf):
    own = select(Article.title).where(Article.category_id == shelf, Article.lang == "en")
    return list(db.session.scalars(own.order_by(Article.position, Article.title)))
