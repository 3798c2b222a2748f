"""Programs that hold a token."""

from collections.abc import Callable

import pytest

from helpdesk.accounts.models import Agent, ApiToken
from helpdesk.core.db import db


@pytest.fixture
def program(visit) -> Callable:
    """`program(agent, "read")`: a client whose requests carry a token of theirs."""

    def client(agent: Agent, *scopes: str):
        token = ApiToken.issue(agent, "test", list(scopes))
        db.session.commit()
        browser = visit()
        browser.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        return browser

    return client


@pytest.fixture
def api(program, ada):
    """Ada's program."""
    return program(ada)
