"""A letter that breaks its reader, stops it or fills it is refused with a reason; the next one is read."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from helpdesk.channels.email.letters import reading
from helpdesk.channels.email.letters.letter import Unreadable
from helpdesk.channels.email.letters.reading import read_letter

LETTER = b"From: Carol <carol@brightwell.example>\nSubject: hello\n\nwords"
# A parser that does what the letter says: what no letter should be able to make ours do.
OBEDIENT = """
import os, signal, time
from helpdesk.channels.email.letters.parse import parse
from helpdesk.channels.email.letters.reading import serve
def obey(raw):
    if b"loop" in raw:
        while True: pass
    if b"hold" in raw:
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
        while True: time.sleep(1)
    if b"swell" in raw: return bytes(10**9)
    if b"fail" in raw: raise KeyError(raw)
    if b"die" in raw: os.kill(os.getpid(), signal.SIGKILL)
    if b"lie" in raw: return os.system
    return parse(raw)
serve(obey)
"""


@pytest.fixture
def _obedient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    reading._stop()
    monkeypatch.setattr(reading, "PROGRAM", OBEDIENT)
    monkeypatch.setattr(reading, "SECONDS", 1)
    yield
    reading._stop()


@pytest.mark.usefixtures("_obedient")
@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (b"loop", "too-slow"),
        (b"swell", "too-much-memory"),
        (b"fail", "reader-broke"),
        (b"die", "reader-ended"),
        (b"lie", "reader-ended"),
    ],
)
def test_what_harms_the_reader_is_refused_and_the_next_letter_is_read(words: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        read_letter(LETTER + words)

    assert refusal.value.reason == reason
    assert read_letter(LETTER).subject == "hello"


@pytest.mark.usefixtures("_obedient")
def test_a_letter_at_which_two_readers_ended_is_read_by_the_third(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []
    ask = reading._Reader.ask

    def unlucky(self: reading._Reader, raw: bytes) -> object:
        asked.append(raw)
        return ask(self, LETTER + b"die" if len(asked) < reading.DEADLY_AFTER else raw)

    monkeypatch.setattr(reading._Reader, "ask", unlucky)

    assert (read_letter(LETTER).subject, len(asked)) == ("hello", 3)


@pytest.mark.usefixtures("_obedient")
def test_a_reader_that_holds_off_its_alarm_is_ended_from_outside() -> None:
    with pytest.raises(Unreadable, match="too-slow"):
        read_letter(LETTER + b"hold")


@pytest.mark.usefixtures("_obedient")
def test_the_log_names_the_place_of_a_fault_and_not_the_letter(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(Unreadable):
        read_letter(LETTER + b"fail")

    assert "KeyError in line" in caplog.text
    assert "carol" not in caplog.text


def test_a_letter_beyond_the_size_is_refused_before_it_is_handed_over() -> None:
    with pytest.raises(Unreadable, match="too-large"):
        read_letter(b"x" * (31 * 1024 * 1024))


def test_a_reader_ended_from_outside_costs_no_letter() -> None:
    read_letter(LETTER)
    assert reading._reader
    os.kill(reading._reader.process.pid, signal.SIGSTOP)
    threading.Timer(0.2, os.kill, (reading._reader.process.pid, signal.SIGKILL)).start()

    assert read_letter(LETTER).subject == "hello"


def test_threads_and_forks_each_get_their_own_letter() -> None:
    seen: list[str] = []
    threads = [
        threading.Thread(target=lambda n=n: seen.append(read_letter(LETTER + b" %d" % n).text))
        for n in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(seen) == sorted(f"words {n}" for n in range(20))
    forked = "import os; from helpdesk.channels.email.letters.reading import read_letter as r\n"
    forked += "r(b'From: a@b.jp\\n\\nx')\n"
    forked += "if os.fork() == 0: os._exit(r(b'From: a@b.jp\\n\\ny').text != 'y')\n"
    forked += "assert os.wait()[1] == 0 and r(b'From: a@b.jp\\n\\nz').text == 'z'"
    subprocess.run([sys.executable, "-c", forked], check=True, timeout=30)


def test_the_reader_ends_with_its_parent_however_that_ends() -> None:
    program = (
        "import os; from helpdesk.channels.email.letters import reading\n"
        "reading.read_letter(b'From: a@b\\n\\nx')\n"
        "print(reading._reader.process.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=30)
    pid = int(ended.stdout)

    for _ in range(100):
        if not _lives(pid):
            break
        threading.Event().wait(0.05)
    assert not _lives(pid)


def _lives(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
