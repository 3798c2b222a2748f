"""The help centre of the demo company shows all that a help centre can be."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from helpdesk.core.db import db
from helpdesk.demo import content, truth
from helpdesk.demo.company import Built
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Message
from knowledge_base.acts import Act, ArticleAct
from knowledge_base.belongings import ArticleFile, ArticleMove, ArticleOrigin, ArticleUse
from knowledge_base.categories import Category, Tree, path_of
from knowledge_base.models import Article, ArticleStatus, Purpose, Revision, Visibility
from knowledge_base.vocabulary import LearnedQuestion, SynonymGroup
from knowledge_base.writing import translating
from tests.conftest import NINE

# What a reader with a slow line still waits for gladly, in bytes.
LARGEST_IMAGE = 60_000


@pytest.fixture
def articles(company: Built) -> list[Article]:
    return list(db.session.scalars(select(Article).order_by(Article.id)))


def named(key: str, lang: str) -> Article:
    return db.session.scalars(select(Article).where(Article.external_id == key, Article.lang == lang)).one()


def test_every_article_lies_on_a_shelf_of_both_languages(articles):
    told = content.help_centre()["shelf"]
    tree = Tree.load()

    assert [(path_of(each.category, "ja"), path_of(each.category, "en")) for each in tree.all] == [
        (shelf["ja"], shelf["en"]) for shelf in told
    ]
    assert [each for each in articles if each.shelf is None] == []
    paths = {shelf[lang] for shelf in told for lang in ("ja", "en")}
    assert {text.about["category"] for text in content.articles()} <= paths


def test_an_article_lies_on_the_same_shelf_in_both_languages(articles):
    shelves: dict[str, set[int]] = {}
    for article in articles:
        shelves.setdefault(article.external_id, set()).add(article.category_id)

    assert {key: ids for key, ids in shelves.items() if len(ids) > 1} == {}


def test_articles_stand_in_an_order_that_somebody_chose(articles):
    listed = [key for shelf in content.help_centre()["shelf"] for key in shelf["articles"]]
    assert len(listed) == len({*listed})
    assert {*listed} == {article.external_id for article in articles}

    start = named("getting-started", "ja")
    together = [each for each in articles if (each.lang, each.category_id) == ("ja", start.category_id)]
    assert [each.external_id for each in sorted(together, key=lambda each: each.position)] == [
        "getting-started",
        "onboarding-checklist",
        "support-hours",
    ]


def test_it_has_articles_of_every_kind(articles):
    assert len(articles) == truth.ARTICLES
    assert {article.purpose for article in articles} == {*Purpose}
    assert {article.visibility for article in articles} == {*Visibility}
    assert {article.status for article in articles} == {*ArticleStatus}
    assert [each.audience for each in articles if each.visibility is Visibility.SEGMENT] == [
        ["growth", "advocate"]
    ]
    marks = ("> [!TIP]", "> [!NOTE]", "> [!WARNING]", "- [ ] ", "| --- |", "![", ".csv)", "\n```\n", "\n1. ")
    assert [mark for mark in marks if not any(mark in article.body for article in articles)] == []


def test_something_is_always_under_way(articles):
    waiting = [each for each in articles if each.status is ArticleStatus.REVIEW]
    planned = [each for each in articles if each.publish_at]

    assert [each.reviewer.email for each in waiting] == ["mizuno@harunoki.example.jp"]
    assert [each.scheduled_revision_id for each in planned] == [each.newest.id for each in planned]
    assert [NINE < each.publish_at < NINE + timedelta(days=14) for each in planned] == [True]
    assert named("old-app", "ja").revision_id is not None


def test_everybody_looks_after_something_and_some_are_late(articles):
    assert len({article.owner_id for article in articles} - {None}) >= 5
    assert [article for article in articles if article.owner_id is None] == []
    dated = [article.review_on for article in articles if article.is_published]
    assert None not in dated
    assert 3 <= sum(day < NINE.date() for day in dated) <= 8


def test_three_translations_are_behind(articles):
    sources = {each.external_id: translating.source_of(each) for each in articles if each.lang == "en"}

    behind = {key for key, source in sources.items() if source and source.has_moved}
    assert behind == {"refund-policy", "send-invoice", "pricing-and-payment"}
    assert [key for key, source in sources.items() if source is None] == []


def test_files_are_there_and_light(articles):
    files = list(db.session.scalars(select(ArticleFile)))
    kept = {(file.article_id, file.name) for file in files}
    told = {(each.id, name) for each in articles for name in re.findall(r"\(files/([^)]+)\)", each.body)}

    assert kept == told
    assert len(kept) >= 10
    shown = [file.file for file in files if file.file.is_shown]
    assert len(shown) >= 5
    assert [file.sha256 for file in shown if file.size > LARGEST_IMAGE] == []


def test_links_between_articles_lead_somewhere(articles):
    there = {f"/kb/{article.lang}/{article.slug}" for article in articles if article.is_published}
    linked = {link for each in articles for link in re.findall(r"\((/kb/[^)#]+)", each.body)}

    assert len(linked) > 30
    assert linked - there == set()


def test_old_addresses_lead_to_their_article(company: Built):
    moves = {(move.lang, move.slug): move.article for move in db.session.scalars(select(ArticleMove))}

    assert moves["ja", "saihakko"] is moves["ja", "invoice-reissue"] is named("reissue-invoice", "ja")
    assert moves["en", "2fa"] is named("two-factor", "en")


def test_a_draft_remembers_whom_it_was_written_for(company: Built):
    topic = content.topics()["import-customers"]["label_ja"]
    asked = select(Ticket.topic).join(ArticleOrigin, ArticleOrigin.ticket_id == Ticket.id)
    draft = ArticleOrigin.article_id == named("import-stops-half-way", "ja").id

    assert list(db.session.scalars(asked.where(draft))) == [topic] * 3


def test_replies_name_articles_that_were_there_already(company: Built):
    uses = (
        select(ArticleUse, Article, Message).join(Article).join(Message, Message.id == ArticleUse.message_id)
    )
    rows = db.session.execute(uses).all()

    assert len(rows) > 50
    for use, article, message in rows:
        assert f"/kb/{article.lang}/{article.slug}\n" in message.body
        assert article.published_at <= use.at == message.created_at
        assert (use.ticket_id, use.agent_id) == (message.ticket_id, message.agent_id)


def test_the_past_is_in_order_and_the_future_is_empty(articles):
    assert max(each.updated_at for each in articles) <= NINE
    assert db.session.scalar(select(func.max(Revision.created_at))) <= NINE
    assert db.session.scalar(select(func.max(ArticleAct.at))) <= NINE
    for article in articles:
        moments = [revision.created_at for revision in article.revisions]
        assert [article.created_at, *moments[1:]] == moments == sorted(moments)
    assert sum(len(each.revisions) > 1 for each in articles) > len(articles) / 3
    planned = db.session.scalars(select(ArticleAct.article_id).where(ArticleAct.act == Act.SCHEDULED))
    assert list(planned) == [named("invoice-list-renewal", "ja").id]


def test_it_has_learnt_words_and_questions(company: Built):
    groups = list(db.session.scalars(select(SynonymGroup.expressions)))
    learned = list(db.session.scalars(select(LearnedQuestion)))

    assert len(groups) >= 6
    assert min(map(len, groups)) >= 2
    assert {learned_one.is_refused for learned_one in learned} == {True, False}
    assert len(learned) >= 8


def test_shelves_stand_below_the_one_they_belong_to(company: Built):
    below = select(func.count()).select_from(Category).where(Category.parent_id.is_not(None))

    assert db.session.scalar(below) >= 8
