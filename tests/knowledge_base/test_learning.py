"""Questions learnt from readers and agents: counted, unlearned, refused, adopted, and told to the index."""

import pytest
from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.core.jobs import Job
from knowledge_base.models import Article
from knowledge_base.reading import learning
from knowledge_base.vocabulary import LearnedQuestion

VOTES = "/kb/en/find-a-lost-invoice/votes"


@pytest.fixture
def ask(visit, article):
    """A new reader searches and says whether the article solved it; returns the browser."""

    def ask(question, *helpful):
        browser = visit()
        browser.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0"
        browser.get(f"/kb/search?lang=en&q={question}")
        for each in helpful:
            browser.post(VOTES, data={"helpful": each})
        return browser

    return ask


def learnt():
    db.session.expire_all()
    rows = db.session.execute(select(LearnedQuestion.query, LearnedQuestion.votes, LearnedQuestion.links))
    return [tuple(row) for row in rows]


def settled(article):
    """Pretend that the index has the article as it is now."""
    db.session.refresh(article)
    article_id, version = article.id, article.version
    db.session.execute(Article.__table__.update().values(indexed_version=version))
    db.session.execute(Job.__table__.delete())
    db.session.commit()
    return lambda: db.session.scalar(select(Article.version).where(Article.id == article_id)) != version


def test_a_vote_after_a_search_is_learnt_without_names(ask):
    ask("bill of carol@example.org", "yes")

    assert learnt() == [("bill of …", 1, 0)]


def test_without_a_search_nothing_is_learnt(visit, article):
    visit().post(VOTES, data={"helpful": "yes"})

    assert learnt() == []


@pytest.mark.parametrize(
    ("votes", "worth"), [(("yes", "yes"), 1), (("yes", "no"), -1), (("yes", "no", "yes"), 1), (("no",), None)]
)
def test_a_readers_last_word_counts_once(ask, votes, worth):
    ask("paper gone", *votes)

    assert [row[1] for row in learnt()] == ([] if worth is None else [worth])


def test_two_readers_prove_a_question_and_a_third_who_disagrees_unlearns_it(ask, article):
    ask("paper gone", "yes")
    was_indexed = settled(article)
    assert not was_indexed()
    ask("paper gone", "yes")
    assert was_indexed()
    assert db.session.scalar(select(Job.key)).endswith("index_changes:en")
    was_indexed = settled(article)
    ask("paper gone", "no")
    assert was_indexed()


def test_what_the_article_says_itself_is_not_learnt(ask):
    ask("where is my bill", "yes")

    assert learnt() == []


def test_an_agents_link_is_enough(article):
    learning.linked(article, ["paper gone", "paper gone", ""])

    assert learnt() == [("paper gone", 0, 1)]
    assert learning.is_proven(db.session.scalars(select(LearnedQuestion)).one())


def test_an_editor_refuses_for_ever(desk, ask, article):
    learning.linked(article, ["paper gone"])
    db.session.commit()
    was_indexed = settled(article)
    question = db.session.scalars(select(LearnedQuestion.id)).one()
    assert "paper gone" in desk.get(f"/desk/kb/learned?article={article.id}").text
    desk.post(f"/desk/kb/learned/{question}/refusal")

    assert was_indexed()
    assert "paper gone" not in desk.get("/desk/kb/learned").text
    learning.linked(db.session.get_one(Article, article.id), ["paper gone"])
    assert not learning.is_proven(db.session.scalars(select(LearnedQuestion)).one())


def test_an_editor_writes_it_on_the_article(desk, article):
    learning.linked(article, ["paper gone"])
    db.session.commit()
    question = db.session.scalars(select(LearnedQuestion.id)).one()
    desk.post(f"/desk/kb/learned/{question}/adoption")

    db.session.expire_all()
    assert db.session.get_one(Article, article.id).questions == ["where is my bill", "paper gone"]
    assert "paper gone" not in desk.get("/desk/kb/learned").text


def test_a_list_of_many_goes_on(desk, article):
    for number in range(learning.PAGE + 1):
        db.session.add(LearnedQuestion(article_id=article.id, query=f"question {number}"))
    db.session.commit()
    first = desk.get("/desk/kb/learned").text

    assert 'rel="next"' in first
    assert "question 0<" not in first
