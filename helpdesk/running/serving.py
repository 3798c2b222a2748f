"""Web and worker under one parent that restarts a dead child and stops both cleanly."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

# A child that dies again and again is started ever more slowly, in seconds.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
# After that a child that does not stop is killed, in seconds.
PATIENCE = 40
_PR_SET_PDEATHSIG = 1


class Child:
    """One command that should be running."""

    def __init__(self, command: Sequence[str]) -> None:
        self.command = command
        self.pause = FIRST_PAUSE
        self.start()

    def start(self) -> None:
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(self.command, preexec_fn=_die_with_parent)  # noqa: S603

    def look_after(self) -> None:
        """Start it again where it died; one that ran for a minute is forgiven its past."""
        if self.process.poll() is None:
            return
        ran_for = time.monotonic() - self.started_at
        self.pause = FIRST_PAUSE if ran_for > 60 else min(self.pause * 2, LONGEST_PAUSE)
        print(
            f"helpdesk: {self.command[-1]} ended ({self.process.returncode}), again in {self.pause:.0f} s",
            file=sys.stderr,
        )
        time.sleep(self.pause)
        self.start()

    def end(self) -> None:
        """Ask it to stop, wait, and insist in the end."""
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()


def serve(bind: str, workers: int, threads: int) -> None:
    """Keep a web server and a worker running until Ctrl-C or SIGTERM."""
    stopped: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, _frame: stopped.append(received))
    here = [sys.executable, "-m", "helpdesk"]
    web = Child([*here, "web", "--bind", bind, "--workers", str(workers), "--threads", str(threads)])
    children = [web, Child([*here, "worker"])]
    while not stopped:
        time.sleep(0.3)
        for child in children:
            if not stopped:
                child.look_after()
    for child in children:
        child.process.terminate()
    for child in children:
        child.end()


def _die_with_parent() -> None:
    """On Linux no child outlives a parent that was killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    os.setpgrp()
