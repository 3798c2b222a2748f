"""A resolved ticket, its letter, and the link in it."""

import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.surveys.models import Survey


@pytest.fixture
def resolved(ticket, ada):
    """Carol's ticket, answered and resolved by Ada."""
    ticket.assign(ada, by=ada)
    ticket.resolve(by=ada)
    db.session.commit()
    return ticket


@pytest.fixture
def survey(resolved) -> Survey:
    """The survey of that resolution, planned."""
    return db.session.scalars(select(Survey)).one()


@pytest.fixture
def an_hour_later(clock, work_off) -> Callable[[], int]:
    """Lets the delay pass and the worker work."""

    def pass_by() -> int:
        clock.shift(timedelta(minutes=61))
        return work_off()

    return pass_by


@pytest.fixture
def invitation(survey, an_hour_later, postbox) -> SimpleNamespace:
    """The letter that left, with the address in it."""
    an_hour_later()
    letter = next(letter for letter in postbox() if "How was our support" in letter["Subject"])
    text = letter.get_body(("plain",)).get_content()
    link = re.search(r"http://localhost(/surveys/\w+)\?score=1", text)[1]
    return SimpleNamespace(letter=letter, text=text, link=link)
