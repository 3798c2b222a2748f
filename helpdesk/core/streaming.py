"""One stream of signals per browser: one reader for the whole process, handed out to whoever listens.

A stream waits on a queue of its own and never asks the database, so however many are open, the
database is asked once. What a signal means is asked at the ordinary address, where rights are checked.
"""

import logging
import threading
from collections.abc import Iterator, Sequence
from datetime import timedelta
from queue import Empty, SimpleQueue
from time import monotonic

from flask import Flask, Response, current_app
from sqlalchemy.exc import SQLAlchemyError

from helpdesk.core import live
from helpdesk.core.db import db, reading

log = logging.getLogger(__name__)

READ_EVERY = timedelta(seconds=0.3)
# A comment so often keeps proxies from taking the line for dead.
HEARTBEAT_EVERY = timedelta(seconds=15)
# Afterwards the browser comes back by itself, and its session is looked at again.
OPEN_FOR = timedelta(minutes=10)
# How long a browser waits before it comes back, and one that found no free stream.
RETRY_AFTER = timedelta(seconds=2)
TRY_AGAIN_AFTER = timedelta(seconds=60)
# PostgreSQL numbers rows before they commit: so many numbers back may still turn up late.
LATE_NUMBERS = 200

Signal = tuple[int, str]

_stopping = threading.Event()


def init_app(app: Flask) -> None:
    app.extensions["helpdesk.hub"] = Hub(app)


def stop() -> None:
    """End every stream of this process within a second, so that a stopping server need not wait."""
    _stopping.set()


def answer(topics: frozenset[str], last_seen: int | None = None) -> Response:
    """The stream of `topics` (all, where none are named); 503 where the process holds no more streams.

    last_seen: the number of the newest signal the browser had; what came since is told first.
    """
    hub: Hub = current_app.extensions["helpdesk.hub"]
    listener = hub.listen(topics)
    if listener is None:
        return Response(status=503, headers={"Retry-After": str(int(TRY_AGAIN_AFTER.total_seconds()))})
    missed = live.since(last_seen) if last_seen is not None else ()
    response = Response(listener.tell(missed), mimetype="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"
    response.headers["Cache-Control"] = "no-store"
    response.call_on_close(lambda: hub.leave(listener))
    return response


class Listener:
    """One open stream."""

    def __init__(self, topics: frozenset[str]) -> None:
        self.topics = topics
        self.news: SimpleQueue[Signal] = SimpleQueue()

    def tell(self, missed: Sequence[Signal] = ()) -> Iterator[str]:
        """The stream as text: what was missed, then what comes; it ends by itself."""
        ends = monotonic() + OPEN_FOR.total_seconds()
        yield f"retry: {int(RETRY_AFTER.total_seconds() * 1000)}\n\n"
        yield from (_written(signal) for signal in missed if self.wants(signal))
        quiet_since = monotonic()
        while not _stopping.is_set() and monotonic() < ends:
            try:
                yield _written(self.news.get(timeout=1))
                quiet_since = monotonic()
            except Empty:
                if monotonic() - quiet_since >= HEARTBEAT_EVERY.total_seconds():
                    yield ": still here\n\n"
                    quiet_since = monotonic()

    def wants(self, signal: Signal) -> bool:
        return not self.topics or signal[1] in self.topics


class Hub:
    """All open streams of this process, and the one thread that reads for them."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._listeners: set[Listener] = set()
        self._reader: threading.Thread | None = None

    def listen(self, topics: frozenset[str]) -> Listener | None:
        """A new stream, or None where this process holds as many as it may."""
        with self._lock:
            if len(self._listeners) >= self._app.config["HELPDESK_MAX_STREAMS"]:
                return None
            listener = Listener(topics)
            self._listeners.add(listener)
            if self._reader is None:
                source = _Source(self._app, live.latest())
                self._reader = threading.Thread(
                    target=self._read, args=(source,), name="signals", daemon=True
                )
                self._reader.start()
            return listener

    def leave(self, listener: Listener) -> None:
        with self._lock:
            self._listeners.discard(listener)

    def _read(self, source: "_Source") -> None:
        """Hand out news until nobody listens."""
        while not _stopping.wait(READ_EVERY.total_seconds()):
            with self._lock:
                if not self._listeners:
                    self._reader = None
                    return
                listeners = tuple(self._listeners)
            for signal in source.news():
                for listener in listeners:
                    if listener.wants(signal):
                        listener.news.put(signal)


class _Source:
    """Signals as they appear after number `newest`, each once."""

    def __init__(self, app: Flask, newest: int) -> None:
        self._app = app
        self._newest = newest
        self._seen = set(range(newest - LATE_NUMBERS, newest + 1))

    def news(self) -> list[Signal]:
        """What appeared since the last look; empty while the database is away."""
        try:
            with self._app.app_context(), reading():
                return self._look()
        except SQLAlchemyError:
            log.warning("signals cannot be read", exc_info=True)
            return []

    def _look(self) -> list[Signal]:
        late = 0 if db.engine.dialect.name == "sqlite" else LATE_NUMBERS
        found = live.since(max(0, self._newest - late))
        fresh = [signal for signal in found if signal[0] not in self._seen]
        self._seen = {number for number, _ in found}
        self._newest = max(self._newest, *self._seen, 0)
        return fresh


def _written(signal: Signal) -> str:
    number, topic = signal
    return f"id: {number}\nevent: signal\ndata: {topic}\n\n"
