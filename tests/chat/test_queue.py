"""The agents' list: who waits now, the longest first, and only what one may see."""

from datetime import timedelta

from helpdesk.chat.queue import read
from tests.chat.conftest import proof


def test_who_waits_longest_stands_first(begin, desk, clock):
    begin(name="First")
    clock.shift(timedelta(seconds=30))
    begin(name="Second", email="second@example.net")
    page = desk.get("/desk/chats").text

    assert page.index("First") < page.index("Second")
    assert "2 waiting" in page


def test_who_has_left_comes_after_who_is_here(begin, ada, clock):
    begin(name="Gone")
    clock.shift(timedelta(minutes=3))
    begin(name="Here", email="here@example.net")

    assert [(chat.who, chat.is_here) for chat in read(ada).waiting] == [("Here", True), ("Gone", False)]


def test_an_answered_chat_is_under_way(begin, talked, ada):
    begin()
    talked().reply("Which format?", by=ada)
    queue = read(ada)

    assert queue.waiting == []
    assert [(chat.who, chat.agent) for chat in queue.active] == [("Erin", "Ada")]


def test_ended_and_resolved_chats_are_gone(begin, talked, ada):
    browser = begin()
    browser.post("/chat/end", data={"proof": proof(browser)})
    begin(email="second@example.net")
    talked().resolve(by=ada)

    assert read(ada).waiting == []


def test_yesterdays_chat_is_a_ticket_like_any_other(begin, ada, clock):
    begin()
    clock.shift(timedelta(hours=25))

    assert read(ada).waiting == []


def test_the_way_leads_to_the_ordinary_ticket(begin, talked, desk):
    begin()

    assert f'href="/desk/tickets/{talked().id}"' in desk.get("/desk/chats").text
    assert "My export is empty." in desk.get(f"/desk/tickets/{talked().id}").text


def test_the_list_asks_again_when_there_is_news(desk):
    assert "live:inbox" in desk.get("/desk/chats").text


def test_mallory_sees_nobody(begin, visit, mallory):
    begin(body="canary")

    assert "canary" not in visit(mallory).get("/desk/chats").text


def test_strangers_and_customers_do_not_see_the_list(begin, visit):
    assert begin().get("/desk/chats").status_code == 302
    assert visit().get("/desk/chats").status_code == 302


def test_the_number_of_questions_does_not_grow_with_the_chats(begin, desk, app):
    from sqlalchemy import event

    from helpdesk.core.db import db

    asked = []
    event.listen(db.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    begin()
    asked.clear()
    desk.get("/desk/chats")
    one = len(asked)
    for number in range(5):
        begin(email=f"v{number}@example.net")
    asked.clear()
    desk.get("/desk/chats")

    assert len(asked) == one <= 8
