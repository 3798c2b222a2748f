"""Jobs and the schedule: later is a row, and each is done once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from helpdesk.core import jobs
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.jobs import Job, task
from helpdesk.core.live import Signal, announce
from helpdesk.core.scheduling import run_scheduled

heard: list[str] = []


@task
def hear(words: str) -> None:
    heard.append(words)
    announce(words)


@task
def stumble(words: str) -> None:
    announce(words)
    raise ValueError("no")


@pytest.fixture(autouse=True)
def silence(app):
    heard.clear()


def topics() -> list[str]:
    return list(db.session.scalars(select(Signal.topic)))


def test_a_job_runs_once_when_it_is_due(clock):
    hear.later(words="later", after=timedelta(minutes=5))
    db.session.commit()
    assert jobs.run_due() == 0

    clock.shift(timedelta(minutes=5))

    assert (jobs.run_due(), jobs.run_due()) == (1, 0)
    assert heard == ["later"]


def test_a_job_of_a_transaction_that_failed_never_was():
    hear.later(words="never")
    db.session.rollback()

    assert jobs.run_due() == 0


def test_two_waiting_jobs_of_one_key_are_one():
    hear.later(words="one", key="same")
    hear.later(words="two", key="same")
    db.session.commit()

    jobs.run_due()

    assert heard == ["one"]


def test_a_key_may_wait_again_once_its_job_was_taken():
    hear.later(words="one", key="same")
    db.session.commit()
    jobs._claim("another worker")
    hear.later(words="two", key="same")
    db.session.commit()

    assert jobs.run_due() == 1


def test_a_failed_job_leaves_nothing_behind_and_is_tried_again(clock):
    stumble.later(words="half")
    db.session.commit()
    jobs.run_due()

    assert topics() == []
    assert db.session.scalar(select(Job.due_at)) > now()


def test_a_job_that_goes_on_failing_is_kept_for_people(clock):
    stumble.later(words="half")
    db.session.commit()
    for _ in range(4):
        jobs.run_due()
        clock.shift(timedelta(hours=2))

    assert "ValueError: no" in jobs.failed()[0].error
    assert jobs.run_due() == 0


def test_the_job_of_a_dead_worker_comes_back(clock):
    hear.later(words="again")
    db.session.commit()
    jobs._claim("dead worker")
    assert jobs.run_due() == 0

    clock.shift(jobs.LEASE)

    assert jobs.run_due() == 1


def test_a_slot_is_taken_once(clock):
    schedule = ((timedelta(minutes=5), lambda: heard.append("tick")),)
    run_scheduled(schedule)
    run_scheduled(schedule)
    clock.shift(timedelta(minutes=12))
    run_scheduled(schedule)
    run_scheduled(schedule)

    assert heard == ["tick", "tick"]
