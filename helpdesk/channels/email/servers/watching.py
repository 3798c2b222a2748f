"""All mailboxes, watched: a thread each, so that a server that is down keeps no other one waiting."""

import logging
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from flask import Flask

from helpdesk.channels.email.arriving.inbound import Taken
from helpdesk.channels.email.servers import fetched
from helpdesk.channels.email.servers.faults import REFUSALS, MailFault
from helpdesk.channels.email.servers.fetching import Busy, Fetcher
from helpdesk.channels.email.servers.imap import Conversation
from helpdesk.core.db import db

log = logging.getLogger(__name__)

# All in seconds. How often a server without IDLE is asked; how long one with it may stay silent.
POLL_EVERY, IDLE_FOR = 60.0, 240.0
# How often we look which mailboxes there are, and whether another process is done with one.
LOOK_EVERY, BUSY_FOR = 5.0, 5.0
# After the first failure, and at most: a server that is back is heard within a minute.
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 60.0
# The same where it let us not in: some lock an account that says a wrong password too often.
FIRST_REFUSED, LONGEST_REFUSED = 60.0, 900.0
# How long a conversation may take to end by itself when told to stop.
_PARTING = 2.0
# An idle line that breaks sooner was none.
_TOO_SOON = 10.0
# Between two looks at a mailbox that somebody else fetches from.
_ONCE_MORE = 0.5

Told = Callable[[Taken], None]


def pause_after(failures: int, *, is_refused: bool = False) -> float:
    """For how many seconds a mailbox is left alone after so many failures of one kind in a row: ever longer.

    A little less by chance, so that all mailboxes of a server that was down do not come back in one moment.
    """
    first, most = (FIRST_REFUSED, LONGEST_REFUSED) if is_refused else (FIRST_PAUSE, LONGEST_PAUSE)
    return min(first * 2.0 ** min(failures - 1, 10), most) * random.uniform(0.85, 1.0)  # noqa: S311 - no secret


class Watch:
    """Watches every active mailbox until told to stop; any number of processes may."""

    def __init__(
        self, app: Flask, told: Told = lambda taken: None, stop: threading.Event | None = None
    ) -> None:
        self.app, self.told = app, told
        self._watchers: dict[int, _Watcher] = {}
        self._stop = stop or threading.Event()

    def run(self) -> None:
        """Look after the watchers until `stop`, and end them."""
        while not self._stop.is_set():
            with self.app.app_context():
                try:
                    self._look_after(fetched.active())
                except Exception:
                    log.exception("the watch over mailboxes stumbled")
            self._stop.wait(LOOK_EVERY)
        _end(list(self._watchers.values()))

    def stop(self) -> None:
        self._stop.set()

    def _look_after(self, wanted: dict[int, int]) -> None:
        for mailbox_id, version in wanted.items():
            watcher = self._watchers.get(mailbox_id)
            if watcher is None or not watcher.is_alive():
                self._watchers[mailbox_id] = watcher = _Watcher(self.app, mailbox_id, version, self.told)
                watcher.start()
            watcher.heed(version)
        _end([self._watchers.pop(each) for each in list(self._watchers) if each not in wanted])


def fetch_once(app: Flask, told: Told) -> dict[int, str]:
    """Fetch what is new in every mailbox, side by side; the faults by mailbox, as `explained` reads them."""
    with app.app_context():
        wanted = fetched.active()
    with ThreadPoolExecutor(max(len(wanted), 1), thread_name_prefix="mailbox") as pool:
        faults = dict(zip(wanted, pool.map(lambda each: _fetch_one(app, each, told), wanted), strict=True))
    return {mailbox_id: fault for mailbox_id, fault in faults.items() if fault}


def _fetch_one(app: Flask, mailbox_id: int, told: Told) -> str:
    fetcher, ends = Fetcher(mailbox_id), time.monotonic() + 2 * fetched.LEASE.total_seconds()
    while True:
        with app.app_context():
            try:
                for taken in fetcher.fetch():
                    told(taken)
                return fetcher.complaint
            except Busy:
                # What it has begun it will end, or its lease will.
                if time.monotonic() > ends:
                    return "busy"
            except fetched.NoSuchMailbox:
                return ""
            except MailFault as fault:
                return str(fault)
            except Exception:
                log.exception("mailbox %s: fetching stumbled", mailbox_id)
                return "house"
        time.sleep(_ONCE_MORE)


class _Watcher(threading.Thread):
    """Keeps one mailbox fetched: IDLE where its server has it, a look each minute elsewhere."""

    def __init__(self, app: Flask, mailbox_id: int, version: int, told: Told) -> None:
        super().__init__(name=f"mailbox-{mailbox_id}", daemon=True)
        self.app, self.told = app, told
        self._version, self._failures, self._was_refused = version, 0, False
        self._over, self._wake = threading.Event(), threading.Event()
        self._fetcher = Fetcher(mailbox_id, self._over.is_set)

    def heed(self, version: int) -> None:
        """Begin anew where somebody changed the mailbox, or wants its letters now."""
        if version != self._version:
            self._version, self._failures = version, 0
            self._wake.set()

    def stop(self) -> None:
        self._over.set()
        self._wake.set()

    def break_off(self) -> None:
        """Whatever is waited for will not come; what is kept is kept."""
        if (server := self._fetcher.server) is not None:
            server.break_off()

    def run(self) -> None:
        while not self._over.is_set():
            self._wake.clear()
            with self.app.app_context():
                pause = self._round()
            self._wake.wait(pause)

    def _round(self) -> float:
        """One connection, for as long as it lasts; how long to pause after it."""
        try:
            with self._fetcher.connected() as server:
                while not self._over.is_set():
                    self._poll(server)
                    if not server.has_idle:
                        return POLL_EVERY
                    if not self._idle(server):
                        return 0.0
        except fetched.NoSuchMailbox:
            return LOOK_EVERY
        except MailFault as fault:
            return self._failed(fault)
        except Exception:
            db.session.rollback()
            log.exception("mailbox %s: fetching stumbled", self._fetcher.mailbox_id)
            return self._failed(MailFault("house"))
        return 0.0

    def _poll(self, server: Conversation) -> None:
        while not self._over.is_set():
            try:
                for taken in self._fetcher.poll(server):
                    self.told(taken)
                self._failures = 0
                return
            except Busy:
                self._over.wait(BUSY_FOR)

    def _idle(self, server: Conversation) -> bool:
        """Wait for news; whether the conversation may go on after it."""
        began = time.monotonic()
        try:
            # What came while we looked was told already, and would not be told again.
            if server.open() != self._fetcher.folder:
                return True
            server.idle(IDLE_FOR, self._wake.is_set)
        except MailFault as fault:
            log.info("mailbox %s: %s while idle", self._fetcher.mailbox_id, fault)
            if time.monotonic() - began < _TOO_SOON:  # a server that only says that it can
                self._wake.wait(POLL_EVERY)
            return False
        return not self._wake.is_set()

    def _failed(self, fault: MailFault) -> float:
        if self._over.is_set():
            return 0.0
        if self._fetcher.moved_on:
            self._failures = 0
            return 1.0
        is_refused = fault.key in REFUSALS
        self._failures = self._failures + 1 if is_refused is self._was_refused else 1
        self._was_refused = is_refused
        with suppress(Exception):
            fetched.note_fault(self._fetcher.mailbox_id, str(fault))
        return pause_after(self._failures, is_refused=is_refused)


def _end(watchers: list[_Watcher]) -> None:
    for watcher in watchers:
        watcher.stop()
    for patient in (False, True):
        ends = time.monotonic() + _PARTING
        for watcher in watchers:
            watcher.join(max(ends - time.monotonic(), 0))
            if not patient:
                watcher.break_off()
