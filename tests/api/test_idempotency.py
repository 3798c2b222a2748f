"""The same request twice is one."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from helpdesk.api import idempotency
from helpdesk.api.models import KeptAnswer
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.tickets.models import Ticket

QUESTION = {"subject": "Help", "body": "Please.", "requester": {"email": "carol@example.org"}}


def send(client, key="k", path="/api/v1/tickets", **changes):
    return client.post(path, json={**QUESTION, **changes}, headers={"Idempotency-Key": key})


def tickets() -> int:
    return db.session.scalar(select(func.count(Ticket.id)))


def test_a_retry_gets_the_first_answer(api, carol):
    first, again = send(api), send(api)

    assert (again.status_code, again.data) == (201, first.data)
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert tickets() == 1


def test_another_body_under_the_same_key_is_refused(api, carol):
    send(api)
    refused = send(api, subject="Another")

    assert (refused.status_code, refused.json["type"]) == (409, "/api/docs#problem-key-reused")
    assert tickets() == 1


def test_a_key_is_its_tokens_own(api, program, ada, carol):
    assert [send(api).status_code, send(program(ada)).status_code] == [201, 201]
    assert tickets() == 2


def test_a_key_is_its_addresss_own(api, ticket):
    for _ in range(2):
        for number in (ticket.number, send(api).json["number"]):
            reply = {"json": {"body": "Yes."}, "headers": {"Idempotency-Key": "k"}}
            assert api.post(f"/api/v1/tickets/{number}/messages", **reply).status_code == 201

    assert len(ticket.messages) == 2


def test_while_the_first_is_worked_on_a_retry_waits(api, carol):
    claim(api)
    waiting = send(api)

    assert (waiting.status_code, waiting.json["type"]) == (409, "/api/docs#problem-in-flight")
    assert (waiting.headers["Retry-After"], tickets()) == ("1", 1)


def test_a_worker_that_died_does_not_keep_the_key(api, carol, clock):
    claim(api)
    clock.shift(idempotency.IN_FLIGHT_FOR + timedelta(seconds=1))

    assert send(api).status_code == 201


def test_a_day_later_it_is_a_new_request(api, carol, clock):
    send(api)
    clock.shift(timedelta(hours=24, seconds=1))
    again = send(api)

    assert (again.status_code, "Idempotent-Replayed" in again.headers, tickets()) == (201, False, 2)


def test_what_failed_may_be_tried_again(api, carol, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(Ticket, "opened", lambda *_args, **_details: 1 / 0)
        assert send(api).status_code == 500
    assert tickets() == 0

    assert send(api).status_code == 201
    assert tickets() == 1


def test_a_refusal_is_not_kept(api, carol):
    assert send(api, team=4711).status_code == 422
    assert send(api).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 201, "é", "two words"])
def test_a_key_has_a_form(api, key):
    assert send(api, key).status_code == 422


def test_old_answers_are_forgotten(api, carol, clock):
    send(api)
    clock.shift(timedelta(hours=25))
    idempotency.forget()

    assert db.session.scalar(select(func.count(KeptAnswer.id))) == 0


def claim(api):
    """As if the same request were being worked on elsewhere: the same row, without its answer."""
    send(api)
    kept = db.session.scalars(select(KeptAnswer)).one()
    kept.status, kept.claimed_at = None, now()
    db.session.commit()
