"""How many SQL statements each page needs: asked of the house in this process, not measured."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from urllib.parse import urlencode

from sqlalchemy import event

from helpdesk.accounts.models import Agent, AgentSession
from helpdesk.app import create_app
from helpdesk.config import Settings
from helpdesk.core.db import db
from tests.bench.houses import EMAIL
from tests.bench.pages import PAGES, Target


class _Client:
    """What a page asks of a browser, answered without a server."""

    def __init__(self, client: object) -> None:
        self.client = client

    def get(self, address: str) -> tuple[int, bytes]:
        answer = self.client.get(address)
        return answer.status_code, answer.data

    def post(self, address: str, form: dict[str, str]) -> tuple[int, bytes]:
        kind = "application/x-www-form-urlencoded"
        answer = self.client.post(address, data=urlencode(form), content_type=kind)
        return answer.status_code, answer.data


def statements(home: Path, tickets: int) -> dict[str, int]:
    """Statements of each page, the second time it is asked for; the session's own look-up included."""
    app = create_app(Settings(_env_file=None, home=home, secret_key="counting", rate_limits=False))
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    with app.app_context():
        token = AgentSession.start(Agent.by_email(EMAIL), "bench")
        db.session.commit()
        engine = db.engine
    with client.session_transaction() as session:
        session.update(_user_id=token, _fresh=True)
    target, found = Target(tickets, Random(3)), {}
    for page in PAGES:
        page.visit(_Client(client), target)
        with _counted(engine) as seen:
            page.visit(_Client(client), target)
        found[page.name] = len(seen)
    return found


@contextmanager
def _counted(engine: object) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)
