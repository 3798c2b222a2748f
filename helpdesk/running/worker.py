"""The loop that works off jobs and the schedule, and watches the mailboxes; any number of them may run."""

import os
import signal
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

from flask import Flask

from helpdesk.core.db import db
from helpdesk.core.jobs import run_due
from helpdesk.core.scheduling import beat, run_scheduled
from helpdesk.schedule import AT_START, SCHEDULE
from knowledge_base.index import tending

# How long an idle worker looks away, in seconds: what a person waits for a letter to leave.
IDLE = 0.5
BEAT_EVERY = timedelta(seconds=15)
# Jobs side by side. SQLite has one writer, so more would only wait for each other there.
THREADS = {"sqlite": 1, "postgresql": 4}


class Worker:
    """Works until told to stop; a job that runs is finished first."""

    def __init__(self, app: Flask, name: str = "") -> None:
        self.app = app
        self.name = name or f"{socket.gethostname()}:{os.getpid()}"
        self._stop = threading.Event()

    def stop(self) -> None:
        self._stop.set()

    def run(self) -> None:
        """Work until `stop`."""
        with self.app.app_context():
            threads = THREADS[db.engine.dialect.name]
            self._begin()
        with ThreadPoolExecutor(threads + 2, thread_name_prefix="worker") as pool:
            wait(
                [
                    pool.submit(self._loop, self._keep_time),
                    pool.submit(self._watch_mailboxes),
                    *(pool.submit(self._loop, self._work) for _ in range(threads)),
                ]
            )

    def _watch_mailboxes(self) -> None:
        from helpdesk.channels.email.servers.watching import Watch  # noqa: PLC0415  (costly to import)

        Watch(self.app, stop=self._stop).run()

    def _loop(self, step: Callable[[], float]) -> None:
        while not self._stop.is_set():
            with self.app.app_context():
                try:
                    pause = step()
                except Exception:
                    self.app.logger.exception("the worker stumbled")
                    pause = 5.0
            self._stop.wait(pause)

    def _begin(self) -> None:
        for work in AT_START:
            try:
                work()
                db.session.commit()
            except Exception:
                db.session.rollback()
                self.app.logger.exception("the worker stumbled at its start")

    def _work(self) -> float:
        return 0.0 if run_due(limit=20, worker=self.name) else IDLE

    def _keep_time(self) -> float:
        beat(self.name)
        run_scheduled(SCHEDULE)
        return BEAT_EVERY.total_seconds()


def run_until_told(app: Flask) -> None:
    """Run a worker in the foreground until Ctrl-C or SIGTERM."""
    worker, told = Worker(app), list[int]()
    for number in (signal.SIGINT, signal.SIGTERM):
        # A list, not the worker's event: a second signal within the first's handler would wait for its lock.
        signal.signal(number, lambda received, _frame: told.append(received))
    # The first article to be indexed would wait for the dictionary.
    tending.warm(app)
    working = threading.Thread(target=worker.run, name="worker")
    working.start()
    while working.is_alive():
        working.join(0.2)
        if told:
            worker.stop()
