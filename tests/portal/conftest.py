"""A customer's browser."""

import re
from collections.abc import Callable

import pytest

from helpdesk.core.db import db
from helpdesk.customers.models import Contact
from helpdesk.customers.sessions import ContactSession
from tests.conftest import Browser


@pytest.fixture
def enter(visit: Callable[..., Browser]) -> Callable[..., Browser]:
    """A browser in which `contact` is signed in."""

    def browse(contact: Contact, lang: str = "en") -> Browser:
        browser = visit(lang=lang)
        token = ContactSession.start(contact, "test")
        db.session.commit()
        with browser.session_transaction() as session:
            session["contact"] = token
        return browser

    return browse


@pytest.fixture
def dave(app: object) -> Contact:
    """Dave asks too, about other things."""
    contact = Contact.meet("dave@example.net", "Dave", language="en")
    db.session.commit()
    return contact


@pytest.fixture
def letter(postbox: Callable, work_off: Callable) -> Callable[[], tuple[str, str]]:
    """The path of the link and the code of the newest letter."""

    def read() -> tuple[str, str]:
        work_off()
        text = postbox()[-1].get_body(("plain",)).get_content()
        return re.search(r"/portal/links/\S+", text)[0], re.search(r"code: (\w{3} \w{3})", text)[1]

    return read
