"""The production web server: gunicorn with threads, stopped within a second even with streams open."""

import signal
from types import FrameType
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.http import message

from helpdesk.core import streaming
from knowledge_base.index import tending

# A question of ten thousand Japanese letters is ninety thousand in an address.
LONGEST_ADDRESS = 100_000


class WebServer(BaseApplication):
    """gunicorn, configured from here alone."""

    def __init__(self, make_app: Any, **options: Any) -> None:
        self.make_app = make_app
        self.options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Made in each worker, so that no database connection crosses a fork."""
        app: Flask = self.make_app()
        return app


def run(make_app: Any, bind: str, workers: int, threads: int) -> None:
    """Serve until told to stop."""
    # Beyond this number gunicorn takes no setting.
    message.MAX_REQUEST_LINE = LONGEST_ADDRESS
    WebServer(
        make_app,
        bind=bind,
        workers=workers,
        threads=threads,
        worker_class="gthread",
        graceful_timeout=10,
        keepalive=5,
        control_socket_disable=True,
        limit_request_line=LONGEST_ADDRESS,
        post_worker_init=_begin,
    ).run()


def _begin(worker: Any) -> None:
    _stop_streams_on_term()
    # The first search loads the dictionary and the index, which takes seconds on a slow machine.
    tending.warm(worker.app.callable)


def _stop_streams_on_term() -> None:
    """Open event streams would hold a stopping worker for its whole patience; so tell them first."""
    before = signal.getsignal(signal.SIGTERM)

    def stop(number: int, frame: FrameType | None) -> None:
        streaming.stop()
        if callable(before):
            before(number, frame)

    signal.signal(signal.SIGTERM, stop)
