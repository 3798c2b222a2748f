"""A mail server that refuses, hangs up, lies and dawdles, and knows which process it spoke with."""

import asyncio
import random
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.mail_server import CUT_AFTER, CUT_BEFORE

SLOW, WELL = "slow", "250 OK"
# What becomes of an attempt, and how often of a hundred times; else all is well.
MOODS = {"451 4.3.0 come again": 20, "554 5.7.1 not liked": 3, CUT_BEFORE: 7, CUT_AFTER: 6, SLOW: 5}


@dataclass(frozen=True)
class Acceptance:
    """A letter that was taken: by whom it came, and whether that process was told so."""

    letter: EmailMessage
    at: float
    pid: int
    is_lied_about: bool


class Moody:
    """Takes letters as real servers do on their worst day."""

    def __init__(self, pids: Callable[[], Sequence[int]]) -> None:
        self.taken: list[Acceptance] = []
        self.moods: Counter[str] = Counter()
        self._pids, self._chance = pids, random.Random(11)

    @property
    def attempts(self) -> int:
        return self.moods.total()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        began, pid = time.time(), _whose(session.peer[1], self._pids())
        [mood] = self._chance.choices([*MOODS, WELL], [*MOODS.values(), 100 - sum(MOODS.values())])
        self.moods[mood] += 1
        if mood == SLOW:
            await asyncio.sleep(self._chance.uniform(0.5, 3))
        if mood in (SLOW, WELL, CUT_AFTER):
            letter = message_from_bytes(envelope.content or b"", policy=policy.default)
            self.taken.append(Acceptance(letter, began, pid, mood == CUT_AFTER))
        if mood in (CUT_BEFORE, CUT_AFTER):
            server.transport.close()
        return mood if mood[0].isdigit() else WELL


@contextmanager
def listening(pids: Callable[[], Sequence[int]]) -> Iterator[tuple[Moody, str]]:
    """The server, and its address as the settings name it. pids: whose lines it may be spoken to over."""
    handler = Moody(pids)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield handler, f"smtp://127.0.0.1:{port}"
    finally:
        controller.stop()


def _whose(port: int, pids: Sequence[int]) -> int:
    """Which of the processes holds the line from this port; 0 where it is gone by now."""
    rows = (row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:])
    inode = next((row[9] for row in rows if row[1].endswith(f":{port:04X}")), "none")
    for pid in pids:
        if f"socket:[{inode}]" in _held_by(pid):
            return pid
    return 0


def _held_by(pid: int) -> Iterator[str]:
    """What the open files of a process are."""
    with suppress(OSError):
        for each in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                yield str(each.readlink())
