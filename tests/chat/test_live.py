"""A visitor and an agent in two browsers: what one writes, the other sees without asking."""

import pytest
from sqlalchemy import select

from helpdesk.accounts.models import Role, Team
from helpdesk.core.db import db
from helpdesk.tickets.models import Ticket
from tests.browsing import axe_findings
from tests.conftest import hire

# What a person takes for at once, in milliseconds; the machine that tests may be busy.
AT_ONCE = 10_000

pytestmark = pytest.mark.browser


@pytest.fixture
def answerer(house):
    """Ada, in the house behind the port."""
    return hire("Ada", Role.AGENT, Team.default())


@pytest.fixture
def visitor(open_page):
    """A visitor's window in which a chat has begun."""
    page = open_page("/chat")
    page.fill("[name=body]", "My export is empty.")
    page.fill("[name=name]", "Erin")
    page.fill("[name=email]", "erin@example.net")
    page.click("text=Talk to a person")
    page.wait_for_selector("html[data-live=leader]")
    return page


def test_they_talk_in_real_time(visitor, open_page, answerer):
    number = db.session.scalar(select(Ticket.id))
    agent = open_page(f"/desk/tickets/{number}", agent=answerer)
    agent.wait_for_selector("html[data-live=leader]")

    agent.fill("textarea[name=body]", "Which **format**?")
    agent.press("textarea[name=body]", "Control+Enter")
    visitor.wait_for_selector(".bubble strong", timeout=AT_ONCE)
    visitor.fill("#chat-body", "It is CSV.")
    visitor.press("#chat-body", "Enter")
    agent.wait_for_selector("text=It is CSV.", timeout=AT_ONCE)

    assert visitor.locator(".bubble").count() == 3
    assert visitor.input_value("#chat-body") == ""
    assert axe_findings(visitor) == []


def test_a_new_chat_appears_in_the_queue_by_itself(open_page, visitor, answerer):
    queue = open_page("/desk/chats", agent=answerer)
    queue.wait_for_selector("html[data-live=leader]")
    other = open_page("/chat")
    for name, value in {"body": "Second question", "name": "Fay", "email": "fay@example.net"}.items():
        other.fill(f"[name={name}]", value)
    other.click("text=Talk to a person")

    queue.wait_for_selector("text=Second question", timeout=AT_ONCE)
    assert queue.locator(".presence--here").count() == 2


# What most browsers tell of the key that ends a conversion, and what Safari does.
@pytest.mark.parametrize("key", [{"isComposing": True}, {"keyCode": 229}])
def test_enter_in_japanese_composition_sends_nothing(visitor, key):
    visitor.fill("#chat-body", "へんかん")
    visitor.evaluate(
        """key => document.querySelector("#chat-body").dispatchEvent(
            new KeyboardEvent("keydown", {key: "Enter", bubbles: true, ...key}))""",
        key,
    )
    visitor.wait_for_timeout(300)

    assert visitor.locator(".bubble").count() == 1
    assert visitor.input_value("#chat-body") == "へんかん"


@pytest.mark.parametrize("path", ["/", "/chat", "/requests/new", "/portal/sign-in"])
@pytest.mark.parametrize("looks", [{"size": "phone", "dark": True}, {"lang": "ja"}])
def test_everybody_can_use_the_pages(open_page, path, looks):
    page = open_page(path, **looks)

    assert axe_findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
