"""A letter is read by a child process: what breaks, loops or swells there cannot take down who asked.

One warm child for each process, always, also for small letters: that the parser takes time in proportion
holds as far as our tests go, and the hand-over costs less than a millisecond. The child knows no setting
and no package but ours; it ends when its standard input does, so when its parent dies.
"""

import atexit
import contextlib
import logging
import os
import pickle
import resource
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from helpdesk.channels.email.letters.letter import LARGEST, ParsedLetter, Unreadable

log = logging.getLogger(__name__)

# Bytes from which a letter is large, and the seconds that a letter of either kind may take.
LARGE = 2 * 1024 * 1024
SECONDS, SECONDS_IF_LARGE = 10, 30
# Bytes that the child may allocate. Not of address space: a locale's file alone may map as much.
MEMORY = 300 * 1024 * 1024
# A letter that so many children died of, one after the other and seen by us, is not read.
DEADLY_AFTER = 3

PROGRAM = (
    "from helpdesk.channels.email.letters.parse import parse;"
    "from helpdesk.channels.email.letters.reading import serve;"
    "serve(parse)"
)
_ROOT = Path(__file__).parents[4]
# How many seconds the letter may take, and its length in bytes.
_ORDER = struct.Struct("<IQ")
_HARMLESS = {("datetime", name) for name in ("datetime", "date", "timezone", "timedelta")}


class _Died(Exception):
    """The child ended without an answer, for no fault of the letter that we know of."""


class _Answers(pickle.Unpickler):
    """Takes letters only, whatever became of the child."""

    def find_class(self, module: str, name: str) -> Any:
        if module == ParsedLetter.__module__ or (module, name) in _HARMLESS:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a letter")


class _Reader:
    """The child of this process."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603  (our own program)
            [sys.executable, "-S", "-P", "-c", PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PYTHONPATH": str(_ROOT), "PYTHONUTF8": "1"},
            process_group=0,
        )

    def ask(self, raw: bytes) -> ParsedLetter | tuple[str, str]:
        """The letter, or why there is none and what the log should have. Raises `_Died`."""
        seconds = SECONDS_IF_LARGE if len(raw) > LARGE else SECONDS
        late = threading.Timer(seconds + 5, self.process.kill)  # Its own alarm comes first, if it can.
        late.start()
        try:
            return self._answer(raw, seconds)
        except (OSError, EOFError, pickle.UnpicklingError) as fault:
            self.stop()
            if late.finished.is_set() or self.process.returncode == -signal.SIGALRM:
                return "too-slow", f"not read within {seconds} seconds"
            raise _Died(f"the reader ended with {self.process.returncode}") from fault
        finally:
            late.cancel()

    def _answer(self, raw: bytes, seconds: int) -> ParsedLetter | tuple[str, str]:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(_ORDER.pack(seconds, len(raw)))
        self.process.stdin.write(raw)
        self.process.stdin.flush()
        answer: ParsedLetter | tuple[str, str] = _Answers(self.process.stdout).load()
        return answer

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        self.let_go()

    def let_go(self) -> None:
        """Close our ends of its pipes."""
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                assert pipe
                pipe.close()


_lock = threading.Lock()
_reader: _Reader | None = None


def read_letter(raw: bytes) -> ParsedLetter:
    """What the letter says. Raises `Unreadable`; also where reading it took too long or too much memory."""
    if len(raw) > LARGEST:
        raise Unreadable("too-large")
    with _lock:
        answer = _asked(raw)
        if len(raw) > LARGE or isinstance(answer, tuple):
            _stop()  # What it took, it would keep.
    if isinstance(answer, ParsedLetter):
        return answer
    reason, details = answer
    if details:
        log.error("a letter of %s bytes cannot be read: %s\n%s", len(raw), reason, details)
    raise Unreadable(reason)


def _asked(raw: bytes) -> ParsedLetter | tuple[str, str]:
    """The child's answer. One that died may have been ended from outside: the next one is asked."""
    for child in range(1, DEADLY_AFTER + 1):
        try:
            return _running().ask(raw)
        except _Died as death:
            if child == DEADLY_AFTER:
                return "reader-ended", str(death)
    raise AssertionError("unreachable")


def _running() -> _Reader:
    global _reader
    if _reader is None or _reader.process.poll() is not None:
        _stop()
        _reader = _Reader()
    return _reader


def _stop() -> None:
    global _reader
    if _reader is not None:
        _reader.stop()
    _reader = None


def _forget() -> None:
    """After a fork: the child is our parent's, and must not live on because we hold its pipes open."""
    global _reader, _lock
    _lock = threading.Lock()
    if _reader is not None:
        _reader.let_go()
        _reader.process.returncode = 0
    _reader = None


os.register_at_fork(after_in_child=_forget)
atexit.register(_stop)


def serve(parse: Callable[[bytes], ParsedLetter]) -> None:
    """The child: read letters until there are no more. An alarm that nothing can hold off ends a slow one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    while len(order := asked.read(_ORDER.size)) == _ORDER.size:
        seconds, size = _ORDER.unpack(order)
        signal.alarm(seconds)
        _serve_one(asked, size, answers, parse)
        signal.alarm(0)


def _serve_one(asked: BinaryIO, size: int, answers: BinaryIO, parse: Callable[[bytes], ParsedLetter]) -> None:
    answer: ParsedLetter | tuple[str, str]
    try:
        answer = parse(asked.read(size))
    except Unreadable as refusal:
        answer = refusal.reason, ""
    except MemoryError:
        answer = "too-much-memory", f"more than {MEMORY} bytes"
    except Exception as fault:
        # Its place, not its words: they might be the letter's.
        frame = fault.__traceback__
        while frame and frame.tb_next:
            frame = frame.tb_next
        answer = "reader-broke", f"{type(fault).__name__} in line {frame.tb_lineno if frame else 0}"
    pickle.dump(answer, answers, protocol=5)
    answers.flush()
