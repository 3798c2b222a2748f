"""Articles of the help centre, and what the cast does with them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from helpdesk.accounts.models import Agent
from helpdesk.core.db import db
from helpdesk.customers.sessions import ContactSession
from knowledge_base.models import Article
from knowledge_base.writing import editing
from knowledge_base.writing.editing import Particulars

READER = {"User-Agent": "Mozilla/5.0"}


@pytest.fixture
def written(app, ada: Agent) -> Callable[..., Article]:
    """Ada writes an article and, unless told not to, publishes it: `written("Title", "Body", lang="ja")`."""

    def write(title: str, body: str = "Body.", lang: str = "en", is_public: bool = True, **more) -> Article:
        names = {name: more.pop(name) for name in ("slug", "external_id") if name in more}
        article = editing.write(title, body, lang=lang, by=ada, particulars=Particulars(**more), **names)
        if is_public:
            editing.publish(article, by=ada)
        db.session.commit()
        return article

    return write


@pytest.fixture
def article(written: Callable[..., Article]) -> Article:
    """An article that everybody may read."""
    return written(
        "Find a lost invoice",
        "Open **Billing**, then Documents.",
        category="Invoices",
        questions=["where is my bill"],
    )


@pytest.fixture
def reader(visit):
    """A stranger's browser, which is no program."""
    browser = visit()
    browser.environ_base["HTTP_USER_AGENT"] = READER["User-Agent"]
    return browser


@pytest.fixture
def statements(app) -> Callable[[], object]:
    """`with statements() as said:`: what is said to the database within."""

    @contextmanager
    def listen() -> Iterator[list[str]]:
        said: list[str] = []

        def note(_connection, _cursor, statement, *_more) -> None:
            if not statement.startswith("BEGIN"):
                said.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            yield said
        finally:
            event.remove(db.engine, "before_cursor_execute", note)

    return listen


@pytest.fixture
def enter(visit):
    """A browser in which `contact` is signed in."""

    def browse(contact, lang: str = "en"):
        browser = visit(lang=lang)
        token = ContactSession.start(contact, "test")
        db.session.commit()
        with browser.session_transaction() as session:
            session["contact"] = token
        return browser

    return browse
