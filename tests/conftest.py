"""The cast, and a house for them to live in: a fresh copy of one prepared database per test."""

import os
from collections.abc import Callable, Iterator
from contextvars import Context
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from helpdesk.accounts.models import Agent, AgentSession, Role, Team
from helpdesk.app import create_app
from helpdesk.config import Settings
from helpdesk.core import jobs
from helpdesk.core.db import db
from helpdesk.customers.models import Contact
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Channel
from helpdesk.timeline import Event, Kind
from tests import houses
from tests.browsing import chrome, house, open_page  # noqa: F401  (fixtures of all tests)
from tests.mail_server import mail_server  # noqa: F401

# Where no browser or server is asked for, a test that needs one says so and is left out; strictly, it fails.
STRICT = os.environ.get("HELPDESK_TEST_STRICT") == "1"

# A Friday; the clock of every test that does not choose its own.
NINE = datetime(2026, 9, 18, 0, 0, tzinfo=UTC)
HTMX = {"HX-Request": "true"}
PASSWORD = "correct horse battery staple"
# argon2 of PASSWORD at its cheapest: signing in is tested elsewhere.
PASSWORD_HASH = (
    "$argon2id$v=19$m=8,t=1,p=1$+BhMotFkRpOO42BqrTxGEg$DCNQLEsNzPS1HNz+j8xdmYHgvF37q9bEHkeOkFR4VWA"
)


@pytest.fixture(scope="session")
def prepared_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """All tables, made once and copied for each test."""
    with houses.prepared(tmp_path_factory.mktemp("prepared") / "home") as made:
        yield made


@pytest.fixture
def clock() -> Iterator[object]:
    """Stands still at nine in the morning; `clock.shift(timedelta(hours=1))`."""
    with time_machine.travel(NINE, tick=False) as travel:
        yield travel


@pytest.fixture
def app(prepared_house: Settings, tmp_path: Path, clock: object) -> Iterator[Flask]:
    """The whole house, on a database of its own."""
    with houses.copied(prepared_house, tmp_path / "home") as chosen:
        app = create_app(chosen)
        app.config["TESTING"] = True
        # Each app compiles its pages anew, which would be half of the suite's time.
        app.jinja_env.bytecode_cache = houses.PAGES
        with app.app_context():
            yield app
            db.session.remove()
            db.engine.dispose()


class Browser(FlaskClient):
    """Stands outside, so that what a view forgets to commit is lost."""

    def open(self, *args, **kwargs):
        db.session.commit()
        try:
            return Context().run(super().open, *args, **kwargs)
        finally:
            db.session.expire_all()
            db.session.rollback()


@pytest.fixture
def visit(app: Flask) -> Callable[..., Browser]:
    """A browser, `agent`'s or a stranger's; without CSRF, which has tests of its own."""
    app.test_client_class = Browser
    app.config["WTF_CSRF_ENABLED"] = False

    def browse(agent: Agent | None = None, lang: str = "en") -> Browser:
        browser = app.test_client()
        browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = lang
        if agent is not None:
            token = AgentSession.start(agent, "test")
            db.session.commit()
            with browser.session_transaction() as session:
                session["_user_id"] = token
                session["_fresh"] = True
        return browser

    return browse


@pytest.fixture
def support(app: Flask) -> Team:
    return Team.default()


@pytest.fixture
def ada(support: Team) -> Agent:
    """Ada answers."""
    return hire("Ada", Role.AGENT, support)


@pytest.fixture
def grace(support: Team) -> Agent:
    """Grace leads."""
    return hire("Grace", Role.LEAD, support)


@pytest.fixture
def root(support: Team) -> Agent:
    """Root administers."""
    return hire("Root", Role.ADMIN, support)


@pytest.fixture
def mallory(app: Flask) -> Agent:
    """Mallory works elsewhere and must see nothing."""
    elsewhere = Team(name="Elsewhere")
    db.session.add(elsewhere)
    return hire("Mallory", Role.LEAD, elsewhere)


@pytest.fixture
def carol(app: Flask) -> Contact:
    """Carol asks."""
    contact = Contact.meet("carol@example.org", "Carol", language="en")
    db.session.commit()
    return contact


@pytest.fixture
def ticket(carol: Contact, support: Team) -> Ticket:
    """Carol's question, unanswered."""
    ticket = Ticket.open_for(carol, subject="Invoice lost", via=Channel.EMAIL)
    ticket.hear("I cannot find my invoice.")
    ticket.opened()
    db.session.commit()
    return ticket


@pytest.fixture
def desk(visit: Callable[..., Browser], ada: Agent) -> Browser:
    """Ada's browser."""
    return visit(ada)


@pytest.fixture
def work_off(app: Flask) -> Callable[[], int]:
    """Runs every job that is due, and those that these ask for."""

    def work() -> int:
        db.session.commit()
        done = Context().run(_in_own_context, app)
        db.session.expire_all()
        return done

    return work


@pytest.fixture
def postbox(app: Flask) -> Callable[[], list[EmailMessage]]:
    """The letters that left, oldest first."""

    def letters() -> list[EmailMessage]:
        folder = Path(app.config["HELPDESK_HOME"]) / "letters"
        files = sorted(folder.glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
        return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]

    return letters


@pytest.fixture
def facts(app: Flask) -> Callable[[], list[Kind]]:
    """The kinds of all events, oldest first."""
    return lambda: list(db.session.scalars(select(Event.kind).order_by(Event.id)))


def _in_own_context(app: Flask) -> int:
    with app.app_context():
        return jobs.run_due(limit=1000)


def hire(name: str, role: Role, team: Team) -> Agent:
    """Somebody of this name, role and team."""
    agent = Agent(
        email=f"{name.lower()}@helpdesk.example.com", name=name, role=role, password_hash=PASSWORD_HASH
    )
    agent.teams.append(team)
    db.session.add(agent)
    db.session.commit()
    return agent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only tests that live in a house are worth repeating."""
    if houses.SERVER:
        again = [item for item in items if {"app", "database"} & set(item.fixturenames)]
        again = [item for item in again if not any(map(item.get_closest_marker, ("browser", "sqlite")))]
        config.hook.pytest_deselected(items=[item for item in items if item not in again])
        items[:] = again


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: object):
    """Where everything is installed, a test that is left out is a failure."""
    report = yield
    if STRICT and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
    return report
