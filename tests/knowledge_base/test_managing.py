"""The list of all articles: narrowed, in an order, page by page, and many changed at once."""

from datetime import date

import pytest
from sqlalchemy import event, select

from helpdesk.core.db import db
from knowledge_base import acts
from knowledge_base.categories import at_path
from knowledge_base.models import Article, ArticleStatus, Purpose, Revision, Vote
from knowledge_base.reading import pages
from knowledge_base.writing import editing, life, managing
from knowledge_base.writing.narrowing import ORDERS, Wanted


@pytest.fixture
def shelf(written):
    """Articles that differ in everything."""
    written("Refunds", category="Billing / Refunds", tags=["money"], purpose=Purpose.POLICY)
    written("Invoices", category="Billing", tags=["money back"], stages=["trial"])
    written("Signing in", "With a password.", category="Account")
    written("支払い", lang="ja", category="請求", tags=["お金"])
    written("Unfinished", is_public=False)


def titles(ada, **chosen):
    return [line.newest.title for line in managing.listed(ada, Wanted.of(chosen)).lines]


@pytest.mark.parametrize(
    ("chosen", "wanted"),
    [
        ({"status": "draft"}, ["Unfinished"]),
        ({"lang": "ja"}, ["支払い"]),
        ({"tag": "money"}, ["Refunds"]),
        ({"tag": "お金"}, ["支払い"]),
        ({"stage": "trial"}, ["Invoices"]),
        ({"purpose": "policy"}, ["Refunds"]),
        ({"q": "PASSWORD with"}, ["Signing in"]),
        ({"q": "refunds"}, ["Refunds"]),
        ({"q": "100%"}, []),
        ({"category": "none"}, ["Unfinished"]),
        ({"owner": "none", "lang": "ja"}, ["支払い"]),
        ({"owner": "me"}, []),
        ({"status": "nonsense", "lang": "ja", "owner": "x", "category": "y"}, ["支払い"]),
    ],
)
def test_the_list_is_narrowed(shelf, ada, chosen, wanted):
    assert titles(ada, **chosen) == wanted


def test_a_category_holds_what_lies_below_it(shelf, ada):
    billing = at_path("Billing", "en")

    assert titles(ada, category=str(billing.id), order="title") == ["Invoices", "Refunds"]


def test_words_of_a_draft_are_found_before_readers_have_them(shelf, ada):
    article = db.session.scalars(select(Article).where(Article.title == "Invoices")).one()
    editing.revise(article, "Receipts", "Brand new.", by=ada)

    assert titles(ada, q="brand") == ["Receipts"]


def test_the_list_comes_in_the_chosen_order(shelf, ada):
    invoices = db.session.scalars(select(Article).where(Article.title == "Invoices")).one()
    invoices.review_on = date(2026, 10, 1)
    for visitor in ("a", "b"):
        vote = Vote(revision_id=invoices.revision_id, visitor=visitor, is_helpful=False)
        db.session.add(vote)
    db.session.flush()

    assert titles(ada)[0] == "Unfinished"
    assert titles(ada, order="title")[:2] == ["Invoices", "Refunds"]
    assert titles(ada, order="unhelpful")[0] == "Invoices"
    assert titles(ada, order="review")[0] == "Invoices"


@pytest.mark.parametrize("order", ORDERS)
def test_page_by_page_there_and_back_nothing_is_left_out_or_twice(written, ada, monkeypatch, order):
    monkeypatch.setattr(managing, "PAGE", 3)
    for number in range(8):
        article = written(f"Same title {number % 2}")
        article.review_on = date(2026, 10, 1) if number % 3 else None
    wanted = Wanted.of({"order": order})
    there, listing = [], managing.listed(ada, wanted)
    there.append([line.article.id for line in listing.lines])
    while listing.older:
        listing = managing.listed(ada, wanted, after=listing.older)
        there.append([line.article.id for line in listing.lines])
    back = [there[-1]]
    while listing.newer:
        listing = managing.listed(ada, wanted, before=listing.newer)
        back.append([line.article.id for line in listing.lines])

    assert [len(page) for page in there] == [3, 3, 2]
    assert len({id for page in there for id in page}) == 8
    assert back == there[::-1]


@pytest.mark.parametrize("mark", ["x", "~", "1~", "99999999999999999999~5", "１~２"])
def test_a_mark_of_nobody_is_the_first_page(shelf, desk, mark):
    assert desk.get(f"/desk/kb?after={mark}").status_code == 200


def test_the_list_asks_the_database_as_often_for_fifty_as_for_one(written, desk, ada, grace):
    def count():
        asked = []
        event.listen(db.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
        desk.get("/desk/kb")
        return len(asked)

    life.own(written("One", category="A"), ada, by=ada)
    desk.get("/desk/kb")
    few = count()
    for number in range(30):
        life.own(written(f"Many {number}", category=f"A / {number}"), (ada, grace)[number % 2], by=ada)

    # The listener of the first count hears the second one too, and is not asked again.
    assert count() == few


def test_many_are_laid_into_a_category_with_a_clear_result(shelf, desk, ada):
    into = at_path("Billing", "en").id
    db.session.commit()
    ids = list(db.session.scalars(select(Article.id).where(Article.lang == "en")))
    desk.post("/desk/kb/changes", data={"id": ids, "what": "category", "category": into})
    page = desk.get("/desk/kb")

    assert "3 articles changed. 1 was so already." in page.text
    assert {
        article.category_id for article in db.session.scalars(select(Article)) if article.lang == "en"
    } == {into}


def test_many_get_an_owner(shelf, desk, grace):
    ids = list(db.session.scalars(select(Article.id)))
    desk.post("/desk/kb/changes", data={"id": ids, "what": "owner", "owner": grace.id})

    assert {article.owner for article in db.session.scalars(select(Article))} == {grace}
    assert {act.note for act in db.session.scalars(select(acts.ArticleAct)) if act.act is acts.Act.OWNED} == {
        "Grace"
    }


def test_many_are_put_away(shelf, desk, reader):
    ids = list(db.session.scalars(select(Article.id).where(Article.lang == "en")))
    desk.post("/desk/kb/changes", data={"id": ids, "what": "archive"})

    assert reader.get("/kb/en/refunds").status_code in (404, 410)
    left = select(Article.title).where(Article.status != ArticleStatus.ARCHIVED)
    assert db.session.scalars(left).all() == ["支払い"]


@pytest.mark.parametrize("data", [{}, {"id": ["x"]}, {"what": "archive"}, {"id": ["999"], "what": "archive"}])
def test_nothing_chosen_changes_nothing(shelf, desk, data):
    assert desk.post("/desk/kb/changes", data=data).status_code == 303
    assert db.session.scalars(select(Article).where(Article.status == ArticleStatus.ARCHIVED)).all() == []


def test_a_change_of_many_leads_to_no_other_site(shelf, desk):
    answer = desk.post("/desk/kb/changes", data={"next": "https://evil.example/"})

    assert answer.location == "/desk/kb"


def test_strangers_change_nothing_of_many(shelf, reader):
    answer = reader.post("/desk/kb/changes", data={"id": ["1", "2"], "what": "archive"})

    assert "/sign-in" in answer.location
    assert db.session.scalars(select(Article).where(Article.status == ArticleStatus.ARCHIVED)).all() == []


def test_two_revisions_are_compared_whatever_lies_between(desk, article, ada):
    for text in ("Second text.", "Third text."):
        editing.revise(article, article.title, text, by=ada, why=f"Because of {text}")
    page = desk.get(f"/desk/kb/{article.id}/revisions?with=1&number=3").text

    assert "Third text." in page
    assert "Second text.</ins>" not in page
    assert "Second text.</del>" not in page
    assert "Open **Billing**" in page
    assert "Because of Third text." in page


def test_votes_are_shown_with_the_revision_they_judged(desk, article, ada):
    first = article.revision_id
    db.session.add(Vote(revision_id=first, visitor="a", is_helpful=False, reason="Too short"))
    db.session.add(Vote(revision_id=first, visitor="b", is_helpful=True))
    editing.revise(article, article.title, "Longer.", by=ada)
    editing.publish(article, by=ada)
    old = desk.get(f"/desk/kb/{article.id}/revisions?number=1").text
    new = desk.get(f"/desk/kb/{article.id}/revisions?number=2").text

    assert "Helped 1 of 2 readers who said." in old
    assert "Too short" in old
    assert "Too short" not in new


def test_who_else_has_the_editor_open_is_shown_until_they_go(visit, article, ada, grace, clock):
    hers, his = visit(grace), visit(ada)
    hers.get(f"/desk/kb/{article.id}")
    during = his.get(f"/desk/kb/{article.id}").text
    clock.shift(acts.HERE_FOR)
    after = his.get(f"/desk/kb/{article.id}/company").text

    assert "Also open here: Grace" in during
    assert "Ada" not in his.get(f"/desk/kb/{article.id}/company").text
    assert "Grace" not in after


def test_an_open_editor_learns_of_a_newer_revision(desk, article, grace):
    editing.revise(article, article.title, "Newer.", by=grace)
    old, current = (desk.get(f"/desk/kb/{article.id}/company?base={base}").text for base in (1, 2))

    assert "Grace saved revision 2 while you write." in old
    assert "Grace saved" not in current


def test_readers_see_no_change_until_it_is_published(article, ada):
    before = pages.find("en", article.slug, None).body
    editing.revise(article, article.title, "Secret plan.", by=ada)

    assert pages.find("en", article.slug, None).body == before
    assert db.session.scalars(select(Revision.body)).all()[-1] == "Secret plan."


def test_a_segment_names_its_stages(desk, article):
    form = {"base": "1", "title": "T", "body": "B", "purpose": "how-to", "visibility": "segment"}
    page = desk.post(f"/desk/kb/{article.id}", data=form)

    assert page.status_code == 422
    assert "Choose the stages that may read it." in page.text


@pytest.mark.parametrize("what", [{}, {"what": "archive"}])
def test_what_cannot_be_done_to_many_looks_like_an_error(desk, article, what):
    desk.post("/desk/kb/changes", data=what)

    assert 'flash--error" role="alert"' in desk.get("/desk/kb").text
