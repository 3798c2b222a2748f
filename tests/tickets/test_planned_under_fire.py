"""The worker that says a held answer is killed at each line of the way: none is lost, none is said twice."""

import os
import signal
import sys
from datetime import timedelta
from types import FrameType
from typing import Any

import pytest
from sqlalchemy import func, select

from helpdesk.core import jobs
from helpdesk.core.db import db
from helpdesk.tickets import planning
from helpdesk.tickets.planned import PlannedReply, PlannedState
from helpdesk.tickets.planning import Answer
from helpdesk.tickets.thread import Message

# What a held answer passes on its way: the queue, the words, the facts, and what reacts to them.
WAY = ("core/jobs.py", "tickets/", "timeline.py", "channels/email/leaving/outbound.py", "core/mail.py")


def die_at(number: int) -> Any:
    """A tracer that kills its process without a word at the so-manieth line of the way."""
    left = number

    def trace(frame: FrameType, event: str, _argument: object) -> Any:
        nonlocal left
        path = frame.f_code.co_filename
        if "/helpdesk/" not in path or not any(part in path for part in WAY):
            return None
        if event == "line":
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    return trace


def worked_until(app, line: int) -> bool:
    """Let a process of its own work off what is due until that line; whether it came to its end before."""
    db.session.rollback()
    db.engine.dispose()
    child = os.fork()
    if not child:
        sys.settrace(die_at(line))
        try:
            with app.app_context():
                jobs.run_due()
        finally:
            os._exit(0)
    return not os.WIFSIGNALED(os.waitpid(child, 0)[1])


@pytest.mark.sqlite
@pytest.mark.parametrize("step", [31, pytest.param(1, marks=pytest.mark.long)])
@pytest.mark.timeout(900)
def test_a_worker_killed_at_any_line(app, ticket, ada, clock, work_off, step):
    app.config["HELPDESK_UNDO_SEND"] = 10
    work_off()
    line = kills = 0
    is_through = False
    while not is_through:
        line += step
        planned = planning.send(ticket, Answer(f"Answer {line}."), by=ada)
        db.session.commit()
        clock.shift(timedelta(seconds=10))
        is_through = worked_until(app, line)
        kills += not is_through
        # Whoever held the job is dead: when its hold ends, it is anybody's.
        clock.shift(jobs.LEASE + timedelta(seconds=1))
        work_off()
        clock.shift(jobs.LEASE)
        work_off()

        said = select(func.count(Message.id)).where(Message.body == f"Answer {line}.")
        assert (line, db.session.scalar(said)) == (line, 1)
        assert db.session.get_one(PlannedReply, planned.id).state is PlannedState.SAID
    assert kills > 100 // step
