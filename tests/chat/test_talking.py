"""A chat is a ticket's thread: the visitor's turns, the agent's answers, its end and what follows."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from helpdesk.chat.models import ChatSession
from helpdesk.core.db import db
from helpdesk.customers.sessions import ContactSession
from helpdesk.tickets.kinds import Status
from helpdesk.tickets.thread import Channel
from helpdesk.timeline import Event, Kind
from knowledge_base.models import Article, ArticleStatus
from tests.chat.conftest import STARTED, proof, say
from tests.conftest import HTMX


def window():
    return db.session.scalars(select(ChatSession)).one()


def news(browser, after=0, state="", **more):
    return browser.get(f"/chat/lines?after={after}&state={state}&here=1", **more)


def test_the_first_words_open_a_ticket(begin, talked, facts):
    begin()
    ticket = talked()

    assert (ticket.channel, ticket.subject) == (Channel.CHAT, "My export is empty.")
    assert ticket.messages[0].proof == "unverified"
    assert Kind.TICKET_OPENED in facts()


def test_the_window_survives_the_closing_of_the_browser(begin):
    browser = begin()

    assert "My export is empty." in browser.get("/chat").text
    assert browser.get_cookie("helpdesk_chat").max_age == timedelta(days=14).total_seconds()


def test_an_answer_appears_in_the_window(begin, talked, ada):
    browser = begin()
    first = talked().messages[-1].id
    talked().reply("Which **format**?", by=ada)
    shown = news(browser, after=first).text

    assert "<strong>format</strong>" in shown
    assert "Ada" in shown
    assert "My export" not in shown


def test_without_news_there_is_nothing_to_swap(begin, talked):
    browser = begin()
    state = re.search(r"state=([\w-]+)", browser.get("/chat").text)[1]

    assert news(browser, after=talked().messages[-1].id, state=state).status_code == 204


def test_the_window_learns_of_a_resolution_without_words(begin, talked, ada):
    browser = begin()
    last = talked().messages[-1].id
    talked().resolve(by=ada)

    assert 'id="chat-outcome" hx-swap-oob="true"' in news(browser, after=last, state="open-0-open").text


def test_what_the_visitor_says_is_heard(begin, talked, facts):
    browser = begin()
    answer = say(browser, "It is CSV.", headers=HTMX)

    assert answer.text.strip().startswith("<form")
    assert talked().messages[-1].body == "It is CSV."
    assert Kind.TICKET_HEARD in facts()


def test_it_works_without_a_script(begin, talked):
    browser = begin()

    assert say(browser, "It is CSV.").location == "/chat"
    assert "It is CSV." in browser.get("/chat").text


def test_nothing_is_no_turn(begin, talked):
    assert say(begin(), "  ").status_code == 422
    assert len(talked().messages) == 1


@pytest.mark.parametrize("field", ["name", "email", "body"])
def test_what_is_missing_is_asked_for_and_nothing_typed_is_lost(visit, field):
    page = visit().post("/chat", data={**STARTED, field: ""})

    assert page.status_code == 422
    kept = next(value for name, value in STARTED.items() if name != field)
    assert kept in page.text


def test_programs_that_fill_in_everything_stay_outside(visit, talked):
    assert visit().post("/chat", data={**STARTED, "website": "x"}).status_code == 422
    assert talked() is None


def test_looking_counts_as_being_here(begin, clock):
    browser = begin()
    clock.shift(timedelta(minutes=2))
    assert not window().is_here

    news(browser)
    assert window().is_here


def test_a_window_out_of_sight_is_not_being_here(begin, clock):
    browser = begin()
    clock.shift(timedelta(minutes=2))
    browser.get("/chat/lines")

    assert not window().is_here


def test_who_reads_the_answer_here_gets_no_letter(begin, talked, ada, clock, work_off, postbox):
    browser = begin()
    talked().reply("Which format?", by=ada)
    clock.shift(timedelta(seconds=30))
    news(browser)
    clock.shift(timedelta(minutes=5))
    work_off()

    assert postbox() == []


def test_who_has_left_gets_the_answer_by_mail(begin, talked, ada, clock, work_off, postbox):
    begin()
    clock.shift(timedelta(minutes=2))
    talked().reply("Which format?", by=ada)
    work_off()

    assert "Which format?" in postbox()[0].get_body(("plain",)).get_content()


def test_who_ends_the_chat_gets_the_answer_by_mail(begin, talked, ada, work_off, postbox):
    browser = begin()
    browser.post("/chat/end", data={"proof": proof(browser)})
    talked().reply("Which format?", by=ada)
    work_off()

    assert len(postbox()) == 1


def test_the_end_is_a_fact_and_ends_once(begin, talked, facts):
    browser = begin()
    mark = proof(browser)
    for _ in range(2):
        browser.post("/chat/end", data={"proof": mark})

    assert facts().count(Kind.CHAT_ENDED) == 1
    assert talked().status is Status.OPEN
    assert "This chat has ended." in browser.get("/chat").text


def test_what_was_solved_can_be_rated(begin, talked, ada):
    browser = begin()
    talked().reply("Use UTF-8.", by=ada)
    browser.post("/chat/end", data={"proof": proof(browser), "solved": "yes"})

    assert talked().is_resolved
    assert "/surveys/" in browser.get("/chat").text


def test_nothing_is_said_in_an_ended_chat(begin, talked):
    browser = begin()
    mark = proof(browser)
    browser.post("/chat/end", data={"proof": mark})
    browser.post("/chat/messages", data={"proof": mark, "body": "Still there?"})

    assert len(talked().messages) == 1


def test_an_ended_chat_can_be_read_for_an_hour(begin, clock):
    browser = begin()
    browser.post("/chat/end", data={"proof": proof(browser)})
    clock.shift(timedelta(minutes=61))

    assert "My export" not in browser.get("/chat").text
    assert browser.get("/chat/lines").status_code == 404


def test_a_new_chat_is_a_new_ticket(begin, talked):
    browser = begin()
    first = talked().id

    assert 'name="email"' in browser.get("/chat?new=1").text
    browser.post("/chat", data={**STARTED, "body": "Another thing."})
    assert talked().id != first
    assert "My export" not in browser.get("/chat").text


def test_the_conversation_can_be_had_by_mail_once(begin, talked, ada, work_off, postbox):
    browser = begin()
    mark = proof(browser)
    talked().reply("Use UTF-8.", by=ada)
    talked().note("canary", by=ada)
    for _ in range(2):
        browser.post("/chat/transcript", data={"proof": mark})
    work_off()
    letters = [letter.get_body(("plain",)).get_content() for letter in postbox()]

    assert len(letters) == 1
    assert "My export is empty." in letters[0]
    assert "Use UTF-8." in letters[0]
    assert "canary" not in letters[0]


def test_no_strangers_words_are_mailed_before_a_person_answered(begin, work_off, postbox):
    browser = begin()
    browser.post("/chat/transcript", data={"proof": proof(browser)})
    work_off()

    assert postbox() == []


def test_a_mail_answer_is_in_the_same_thread_for_its_writer_alone(begin, talked):
    """Whoever only typed an address does not read what comes from it."""
    browser = begin()
    talked().hear("By mail.", channel=Channel.EMAIL)
    assert "By mail." not in browser.get("/chat").text

    token = ContactSession.start(talked().contact, "test")
    db.session.commit()
    with browser.session_transaction() as session:
        session["contact"] = token
    assert "By mail." in browser.get("/chat").text


def test_who_waits_longer_is_counted(begin):
    begin()
    second = begin(email="second@example.net")

    assert "One person is before you." in second.get("/chat").text


def test_chats_are_throttled(app, visit):
    app.config["HELPDESK_RATE_LIMITS"] = True
    for _ in range(10):
        visit().post("/chat", data=STARTED)

    assert visit().post("/chat", data=STARTED).status_code == 429


def test_the_question_and_the_article_come_along(visit, talked, facts, app):
    article = Article(
        lang="en", slug="ink", title="Ink is out", body="Refill.", status=ArticleStatus.PUBLISHED
    )
    db.session.add(article)
    db.session.commit()
    browser = visit()
    page = browser.get(f"/chat?q=no+ink&article={article.id}").text
    assert re.search(r"<textarea [^>]*autofocus[^>]*>\s*no ink</textarea>", page)
    assert "About the article “Ink is out”." in page

    browser.post("/chat", data={**STARTED, "article": str(article.id)})
    opened = db.session.scalars(select(Event).where(Event.kind == Kind.TICKET_OPENED)).one()
    assert opened.details["article"] == "Ink is out"
    assert ">no colour</textarea>" in browser.get("/chat?q=no+colour").text


def test_who_comes_when_nobody_works_is_told_when_somebody_does(begin, visit, clock):
    assert "We answer again" not in visit().get("/chat").text
    sunday = datetime(2026, 9, 20, 4, 41, tzinfo=UTC)
    clock.move_to(sunday)

    assert "We answer again from 24 Sep 2026 09:00." in visit().get("/chat").text
    window = begin().get("/chat").text
    assert "shortly" not in window
    assert "the answer then comes by e-mail to erin@example.net" in window


def test_who_finds_the_answer_while_they_wait_says_so(begin, talked):
    browser = begin()
    assert "It is solved" in browser.get("/chat").text
    browser.post("/chat/end", data={"proof": proof(browser), "solved": "yes"})

    assert talked().is_resolved
