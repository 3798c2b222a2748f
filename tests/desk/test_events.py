"""The stream: names of what has news, to whoever is signed in, as long as there is room."""

import pytest

from helpdesk.core import streaming
from helpdesk.core.db import db
from helpdesk.core.live import announce


@pytest.fixture(autouse=True)
def quickly(monkeypatch):
    monkeypatch.setattr(streaming, "READ_EVERY", streaming.READ_EVERY / 10)


@pytest.fixture
def tune_in(desk):
    """Opens the stream and returns its pieces as they come; closed at the end."""
    opened = []

    def listen(address="/events", **headers):
        answer = desk.get(address, headers=headers)
        opened.append(answer)
        return (piece.decode() for piece in answer.response)

    yield listen
    for answer in opened:
        answer.close()


def say(*topics):
    announce(*topics)
    db.session.commit()


def test_a_stranger_hears_nothing(visit):
    assert visit().get("/events").status_code == 302


def test_a_signal_is_a_name_and_no_more(tune_in):
    stream = tune_in()
    assert next(stream).startswith("retry: 2000")
    say("ticket-7")

    assert next(stream).split("\n")[1:3] == ["event: signal", "data: ticket-7"]


def test_a_page_hears_what_it_asks_for(tune_in):
    stream = tune_in("/events?topics=ticket-7,inbox")
    next(stream)
    say("ticket-8", "ticket-7")

    assert "data: ticket-7" in next(stream)


def test_what_was_missed_is_told_first(tune_in):
    say("ticket-1", "ticket-2")
    stream = tune_in("/events", **{"Last-Event-ID": "1"})
    next(stream)

    assert "data: ticket-2" in next(stream)


def test_a_full_house_says_when_to_try_again(app, desk, tune_in):
    app.config["HELPDESK_MAX_STREAMS"] = 1
    tune_in()
    answer = desk.get("/events")

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


def test_a_stream_that_ended_makes_room(app, desk, tune_in):
    app.config["HELPDESK_MAX_STREAMS"] = 1
    desk.get("/events", buffered=False).close()

    assert desk.get("/events", buffered=False).status_code == 200


def test_a_stopping_server_ends_every_stream(tune_in, monkeypatch):
    stream = tune_in()
    next(stream)
    monkeypatch.setattr(streaming._stopping, "is_set", lambda: True)

    assert list(stream) == []


def test_a_listening_stream_holds_no_connection(tune_in):
    next(tune_in())

    assert db.engine.pool.checkedout() <= 1
