"""A reply becomes a draft that remembers its ticket; a reply with an article's address tells the article."""

import pytest
from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.customers.models import Contact
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Channel, Message, MessageKind
from knowledge_base.belongings import ArticleMove, ArticleOrigin, ArticleUse
from knowledge_base.models import Article, ArticleStatus
from knowledge_base.steps import HelpStep, Step
from knowledge_base.vocabulary import LearnedQuestion
from knowledge_base.writing import editing

REPLY = """山田太郎様

いつもお世話になっております。

［請求］から山田様の請求書 INV-2026-0012 を開きます。

よろしくお願いいたします。"""


@pytest.fixture
def yamada(app):
    contact = Contact.meet("yamada@example.net", "山田太郎", language="ja")
    db.session.commit()
    return contact


@pytest.fixture
def answered(yamada, ada, support):
    """Yamada's ticket with a reply of Ada's."""
    ticket = Ticket.open_for(yamada, subject="Re: 請求書をなくしました（山田）", via=Channel.EMAIL)
    ticket.hear("山田です。請求書をなくしました。再発行できますか？")
    ticket.opened()
    ticket.reply(REPLY, by=ada)
    db.session.commit()
    return ticket


@pytest.fixture
def article(app, ada):
    article = editing.write("Invoices", "Body.", lang="en", by=ada, slug="invoices")
    editing.publish(article, by=ada)
    db.session.commit()
    return article


def reply_of(ticket):
    own = select(Message).where(Message.ticket_id == ticket.id, Message.kind == MessageKind.AGENT)
    return db.session.scalars(own).one()


def make(browser, ticket):
    return browser.post(f"/desk/tickets/{ticket.id}/messages/{reply_of(ticket).id}/article")


def test_a_reply_becomes_a_neutral_draft(desk, answered):
    there = make(desk, answered)
    draft = db.session.scalars(select(Article)).one()

    assert there.location == f"/desk/kb/{draft.id}"
    assert (draft.status, draft.lang) == (ArticleStatus.DRAFT, "ja")
    assert draft.newest.body == "［請求］からお客様の請求書 … を開きます。"
    assert draft.questions == ["再発行できますか？"]
    assert "山田" not in draft.newest.title
    assert draft.newest.title.startswith("請求書をなくしました")


def test_the_same_reply_makes_one_draft(desk, answered):
    assert make(desk, answered).location == make(desk, answered).location
    assert len(db.session.scalars(select(Article)).all()) == 1


def test_ticket_and_draft_show_each_other_and_what_was_taken_out(desk, answered):
    make(desk, answered)
    draft = db.session.scalars(select(Article)).one()
    panel = desk.get(f"/desk/kb/{draft.id}/tickets").text

    assert f"/desk/tickets/{answered.id}" in panel
    assert "<del>山田様</del><ins>お客様</ins>" in panel
    assert f"/desk/kb/{draft.id}" in desk.get(f"/desk/tickets/{answered.id}/articles").text
    assert f"/desk/kb/{draft.id}/tickets" in desk.get(f"/desk/kb/{draft.id}").text
    assert f"/desk/tickets/{answered.id}/articles" in desk.get(f"/desk/tickets/{answered.id}").text


def test_other_teams_see_that_there_is_a_ticket_and_nothing_of_it(desk, visit, mallory, answered):
    make(desk, answered)
    draft = db.session.scalars(select(Article)).one()
    panel = visit(mallory).get(f"/desk/kb/{draft.id}/tickets").text

    assert "and 1 ticket that you may not see" in panel
    assert "山田" not in panel
    assert (
        visit(mallory).post(f"/desk/kb/{draft.id}/tickets", data={"number": answered.id}).status_code == 404
    )
    assert make(visit(mallory), answered).status_code == 404


def test_more_tickets_can_be_added_each_once(desk, article, answered, ticket):
    for number in (answered.id, f"#{ticket.id}", ticket.id):
        desk.post(f"/desk/kb/{article.id}/tickets", data={"number": number})

    assert set(db.session.scalars(select(ArticleOrigin.ticket_id))) == {answered.id, ticket.id}
    assert desk.post(f"/desk/kb/{article.id}/tickets", data={"number": "x"}).status_code == 400


def test_only_our_replies_become_drafts(desk, answered):
    heard = db.session.scalar(select(Message.id).where(Message.kind == MessageKind.CUSTOMER))

    assert desk.post(f"/desk/tickets/{answered.id}/messages/{heard}/article").status_code == 404


@pytest.mark.parametrize(
    ("text", "uses"),
    [
        ("See http://localhost:8000/kb/en/invoices?from=1.", 1),
        ("See [this](/kb/en/invoices#top) and /kb/en/invoices.", 1),
        ("See /kb/en/old-invoices.", 1),
        ("See https://elsewhere.example/kb/en/invoices.", 0),
        ("See /kb/en/nothing.", 0),
    ],
)
def test_a_reply_with_an_articles_address_counts_once(app, article, ticket, ada, text, uses):
    app.config["HELPDESK_SITE_URL"] = "http://localhost:8000"
    db.session.add(ArticleMove(lang="en", slug="old-invoices", article_id=article.id))
    ticket.reply(text, by=ada)
    db.session.commit()

    rows = db.session.execute(select(ArticleUse.article_id, ArticleUse.ticket_id, ArticleUse.agent_id)).all()
    assert [tuple(row) for row in rows] == [(article.id, ticket.id, ada.id)] * uses


def test_a_note_is_no_use(article, ticket, ada):
    ticket.note("See /kb/en/invoices.", by=ada)

    assert db.session.scalars(select(ArticleUse)).all() == []


def test_what_the_customer_searched_before_is_learnt_from_the_reply(desk, article, ticket, ada):
    for query in ("paper gone", "紙がない"):
        db.session.add(HelpStep(visitor="a" * 32, step=Step.SEARCHED, query=query, lang="en"))
    db.session.flush()
    db.session.add(HelpStep(visitor="a" * 32, step=Step.WROTE, ticket_id=ticket.id))
    db.session.flush()
    ticket.reply("See /kb/en/invoices.", by=ada)
    db.session.commit()

    learnt = set(db.session.scalars(select(LearnedQuestion.query)))
    assert "paper gone" in learnt
    assert "紙がない" not in learnt
    assert "Used in replies: 1" in desk.get(f"/desk/kb/{article.id}/tickets").text
