"""The house as real processes that are killed at any moment and come back, as a service manager does it."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

ROOT = Path(__file__).resolve().parents[3]

# The command as people run it. Waits are seconds instead of minutes, so that a day passes in a minute; how
# often something is tried, and what is longer than what, is as ever.
HELPDESK = """
import sys
from datetime import timedelta as time
from helpdesk.api import idempotency
from helpdesk.core import delivering, jobs
idempotency.IN_FLIGHT_FOR = time(seconds=15)
delivering.WAITS = tuple(time(seconds=1 + n / 2) for n in range(len(delivering.WAITS)))
delivering.SENDING_FOR = time(seconds=20)
jobs.LEASE, jobs.RENEWED_EVERY = time(seconds=8), time(seconds=2)
jobs.RETRIES = tuple(time(seconds=1 + n) for n in range(len(jobs.RETRIES)))
if sys.argv[1] != "web":
    from helpdesk.channels.email.servers import fetched, watching
    fetched.LEASE = time(seconds=4)
    watching.FIRST_PAUSE = watching.LONGEST_PAUSE = watching.POLL_EVERY = watching.BUSY_FOR = 0.5
from helpdesk.cli import main
main()
"""


class Ending(Protocol):
    """Whatever can be stopped."""

    def end(self) -> None: ...


class Unit(threading.Thread):
    """One command that runs, and is started again whenever it ends."""

    def __init__(self, kind: str, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        super().__init__(name=kind, daemon=True)
        self.kind, self.command, self.environment = kind, command, {**os.environ, **environment}
        self.log, self._over = log.open("ab"), threading.Event()
        self._process = self._begun()
        # When which process of it was killed.
        self.killed: dict[int, float] = {}

    @property
    def pid(self) -> int:
        return self._process.pid

    def run(self) -> None:
        while not self._over.is_set():
            self._process.wait()
            self._sweep()
            if not self._over.wait(0.1):
                self._process = self._begun()

    def kill(self, chance: random.Random) -> None:
        """SIGKILL, without a word before: the process, all of its group, or one child of a web server."""
        children = _children(self.pid) if self.kind == "web" else []
        victim = chance.choice([self.pid, -self.pid, *children])
        self.killed[abs(victim)] = time.time()
        try:
            os.kill(victim, signal.SIGKILL)
        except ProcessLookupError:
            del self.killed[abs(victim)]

    def end(self) -> None:
        """Stop it as one stops a service."""
        self._over.set()
        self._process.terminate()
        try:
            self._process.wait(40)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._sweep()
        self.join(5)
        self.log.close()

    def _begun(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", HELPDESK, *self.command]
        told = {"stdout": self.log, "stderr": self.log}
        return subprocess.Popen(command, cwd=ROOT, env=self.environment, start_new_session=True, **told)  # type: ignore[call-overload, no-any-return]

    def _sweep(self) -> None:
        """What is left of its group goes with it, as a service manager does it."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return


class Killer(threading.Thread):
    """Kills the units in any order, so often, each time after a pause of any length between two."""

    def __init__(
        self, units: Sequence[Unit], often: int, pause: tuple[float, float], chance: random.Random
    ) -> None:
        super().__init__(daemon=True)
        self.units, self.often, self.pause, self.chance = units, often, pause, chance
        self._over = threading.Event()

    @property
    def kills(self) -> Counter[str]:
        return Counter(unit.kind for unit in self.units for _kill in unit.killed)

    def run(self) -> None:
        order = list[Unit]()
        while self.kills.total() < self.often and not self._over.wait(self.chance.uniform(*self.pause)):
            order = order or self.chance.sample(self.units, len(self.units))
            order.pop().kill(self.chance)

    def end(self) -> None:
        self._over.set()
        if self.is_alive():
            self.join()


def end_all(those: Iterable[Ending]) -> None:
    """Stop them side by side."""
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda each: each.end(), those))


def _children(pid: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
