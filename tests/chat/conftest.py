"""A visitor in a chat."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.tickets.models import Ticket
from tests.conftest import Browser

STARTED = {"name": "Erin", "email": "erin@example.net", "body": "My export is empty."}


@pytest.fixture
def begin(visit: Callable[..., Browser]) -> Callable[..., Browser]:
    """A browser in which a chat has begun."""

    def chatting(**given: str) -> Browser:
        browser = visit()
        assert browser.post("/chat", data={**STARTED, **given}).status_code == 303
        return browser

    return chatting


@pytest.fixture
def talked(app: object) -> Callable[[], Ticket]:
    """The ticket of the newest chat."""
    return lambda: db.session.scalar(select(Ticket).order_by(Ticket.id.desc()).limit(1))


def proof(browser: Browser) -> str:
    """What the forms of this browser's chat carry."""
    return re.search(r'name="proof" value="(\w+)"', browser.get("/chat").text)[1]


def say(browser: Browser, body: str, **more):
    return browser.post("/chat/messages", data={"body": body, "proof": proof(browser)}, **more)
