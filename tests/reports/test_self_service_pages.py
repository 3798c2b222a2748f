"""The help centre's pages for those who write: what was asked in vain, the rows behind it, who sees which."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Channel
from knowledge_base.reading import voting
from knowledge_base.steps import HelpStep, Step
from knowledge_base.writing import editing
from knowledge_base.writing.editing import Particulars

PLACE = "/desk/reports/self-service"


@pytest.fixture
def searched(app):
    def search(query, count=1, lang="ja", ticket=None, **more):
        for number in range(count):
            visitor, at = f"{query}-{number}", now() - timedelta(days=3, minutes=number)
            told = {"hits": 0, "match": "none", **more}
            db.session.add(
                HelpStep(visitor=visitor, step=Step.SEARCHED, query=query, lang=lang, at=at, **told)
            )
            if ticket is not None:
                db.session.add(
                    HelpStep(
                        visitor=visitor, step=Step.WROTE, ticket_id=ticket.id, at=at + timedelta(hours=1)
                    )
                )
        db.session.commit()

    return search


@pytest.fixture
def about(carol, support):
    """`about("topic", "subject", …)`: a ticket for each subject."""

    def open_tickets(topic, *subjects, team=support):
        for subject in subjects:
            ticket = Ticket(customer=carol.customer, contact=carol, team=team, channel=Channel.EMAIL)
            ticket.subject, ticket.topic, ticket.opened_at = subject, topic, now() - timedelta(days=2)
            db.session.add(ticket)
        db.session.commit()
        return ticket

    return open_tickets


@pytest.fixture
def article(app, ada):
    about = Particulars(questions=["解約するには"])
    article = editing.write("プランを解約する", "本文", lang="ja", by=ada, particulars=about)
    editing.publish(article, by=ada)
    db.session.commit()
    return article


def test_the_same_question_in_other_words_and_letters_is_one_row(desk, searched):
    searched("解約したい", 3)
    searched("かいやく方法", 2)
    searched("請求書 再発行")
    page = desk.get(PLACE).text

    assert "解約したい" in page
    assert "and 1 other wording" in page
    assert ">かいやく方法<" not in page


def test_a_row_opens_its_searches_and_the_tickets_that_followed(desk, searched, ticket):
    searched("解約したい", 2, ticket=ticket)
    searched("かいやく方法")
    page = desk.get(f"{PLACE}/questions/one?text=解約したい&of=ja").text

    assert ">かいやく方法<" in page
    assert f'href="/desk/tickets/{ticket.id}"' in page


def test_tickets_of_other_teams_are_not_shown(visit, mallory, searched, ticket, about):
    searched("解約したい", 2, ticket=ticket)
    about("送料", "送料はいくら", "送料の請求")
    page = visit(mallory).get(f"{PLACE}/questions/one?text=解約したい&of=ja").text

    assert f"/desk/tickets/{ticket.id}" not in page
    assert "送料" not in visit(mallory).get(PLACE).text
    assert visit(mallory).get(f"{PLACE}/topics?name=送料").status_code == 404


def test_what_to_write_is_begun_with_its_title_and_questions(desk, searched):
    searched("解約したい", 3)
    searched("解約方法")
    searched("電話 090-1234-5678", 2)
    page = desk.get(f"{PLACE}/questions?kind=none").text
    link = page.split('href="/desk/kb/new?')[1].split('"')[0].replace("&amp;", "&")
    editor = desk.get(f"/desk/kb/new?{link}").text

    assert 'value="解約したい"' in editor
    assert "解約方法" in editor
    assert '<option selected value="ja">' in editor
    assert all("090" not in part.split('"')[0] for part in page.split('href="/desk/kb/new?')[1:])


def test_topics_with_tickets_and_no_article_are_named(desk, about, article):
    about("送料", "送料はいくらですか", "送料を教えてください")
    about("解約", "解約したい", "解約の手順")
    about("一度だけ", "一度だけの件")
    page = desk.get(PLACE).text

    assert ">送料</a>" in page
    assert ">解約</a>" not in page
    assert "一度だけ" not in page
    assert "送料を教えてください" in desk.get(f"{PLACE}/topics?name=送料").text


def test_an_articles_votes_are_told_by_revision(desk, article, ada):
    for number in range(6):
        voting.vote(article, visitor=str(number), is_helpful=number > 1, reason="" if number else "古い画面")
    editing.revise(article, article.title, "新しい本文", by=ada)
    editing.publish(article, by=ada)
    voting.vote(article, visitor="9", is_helpful=True)
    db.session.commit()
    page = desk.get(f"{PLACE}/articles/{article.id}").text

    assert "66.7% (n = 6)" in page
    assert "too few (n = 1)" in page
    assert "古い画面" in page


def test_articles_that_nobody_read_are_found(desk, article):
    assert "プランを解約する" in desk.get(f"{PLACE}/articles?show=unread").text
    db.session.add(HelpStep(visitor="a", step=Step.READ, article_id=article.id, lang="ja", at=now()))
    db.session.commit()
    assert "プランを解約する" not in desk.get(f"{PLACE}/articles?show=unread").text


def test_a_choice_that_cannot_be_is_refused_kindly(desk):
    assert desk.get(f"{PLACE}?lang=xx").status_code == 400
    assert "lang" in desk.get(f"{PLACE}?lang=xx").text
    for address in ("questions?kind=x", "articles?show=x", "figures.csv?lang=xx", "figures.csv?encoding=x"):
        assert desk.get(f"{PLACE}/{address}").status_code == 400


def test_the_table_is_for_spreadsheets(desk, searched, about):
    searched("=1+1", 6)
    about("送料", "送料はいくら", "送料の請求")
    told = desk.get(f"{PLACE}/figures.csv").data.decode("utf-8-sig")

    assert '"\'=1+1"' in told
    assert "送料" in told
    assert desk.get(f"{PLACE}/figures.csv?encoding=cp932").data.decode("cp932")


def test_statements_do_not_grow_with_what_happened(desk, searched, about, article):
    counts = []
    for more in (2, 30):
        for number in range(more):
            searched(f"question {more} {number}", lang="en")
            about(f"topic {more} {number}", f"subject {number}", f"other {number}")
        seen: list[str] = []
        event.listen(db.engine, "before_cursor_execute", lambda *told, seen=seen: seen.append(told[2]))
        assert desk.get(PLACE).status_code == 200
        counts.append(len(seen))

    assert counts[0] == counts[1] <= 20
