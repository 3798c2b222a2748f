"""A desk with answers whose truth is known."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count

import pytest

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.surveys.models import Survey
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Channel

_numbers = count()


@pytest.fixture
def answered(carol, support, ada) -> Callable[..., Survey]:
    """`answered(csat, at=…, agent=…)`: one more ticket of Carol's with its answer; None is unanswered."""

    def answer(csat=None, *, at=None, agent=ada, team=support, channel=Channel.EMAIL, **others) -> Survey:
        at = at or now()
        ticket = Ticket(customer=carol.customer, contact=carol, team=team, channel=channel)
        ticket.subject = f"No. {next(_numbers)}"
        survey = Survey(
            ticket=ticket, cycle=1, customer=carol.customer, contact=carol, team=team, agent=agent,
            channel=channel, resolved_at=at - timedelta(days=1), invited_at=at - timedelta(hours=1),
            csat=csat, answered_at=at if csat else None, **others,
        )  # fmt: skip
        db.session.add(survey)
        db.session.commit()
        return survey

    return answer
