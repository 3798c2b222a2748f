"""Figures that the reader of letters has to hold: damage, time and memory."""

import base64
import json
import random
import statistics
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from helpdesk.channels.email.letters.letter import Unreadable
from helpdesk.channels.email.letters.quotes import split_reply
from helpdesk.channels.email.letters.reading import read_letter

pytestmark = pytest.mark.long

LETTERS = [path.read_bytes() for path in sorted((Path(__file__).parent.parent / "letters").glob("*.eml"))]
MUTATIONS = 5000
# Of the letter itself; the others would be faults of the reader.
HONEST = {"empty", "too-large", "too-many-parts", "too-deep", "no-header"}
CHARSETS = (
    b"utf-8 iso-2022-jp shift_jis euc-jp utf-16 utf-7 gb2312 big5 euc-kr us-ascii x-martian zlib hz".split()
)
ODD = (
    b"",
    b"\0",
    b"\xff",
    b'"',
    b"=?",
    b"?=",
    b"\n--",
    b"\x1b$B",
    b"\x1b(B",
    b"\r",
    b"\n\n",
    b"<" * 50,
    b"=\n",
)


def _flipped(raw: bytearray, chance: random.Random) -> None:
    for _ in range(chance.randint(1, 30)):
        raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)


def _cut(raw: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(raw))
    del raw[start : start + chance.choice((1, 5, 200, len(raw)))]


def _stuffed(raw: bytearray, chance: random.Random) -> None:
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(raw))
        raw[at : at + chance.choice((0, 1, 30))] = chance.choice(ODD)


def _shuffled(raw: bytearray, chance: random.Random) -> None:
    head, blank, body = bytes(raw).partition(b"\n\n")
    lines = head.split(b"\n")
    chance.shuffle(lines)
    raw[:] = b"\n".join(lines) + blank + body


def _relabelled(raw: bytearray, chance: random.Random) -> None:
    for label in CHARSETS:
        raw[:] = raw.replace(label, chance.choice(CHARSETS))


def _rebound(raw: bytearray, chance: random.Random) -> None:
    """Damage to boundaries: lost, doubled, or made like another's."""
    at = raw.find(b"\n--", chance.randrange(len(raw)))
    if at >= 0:
        raw[at + 1 : at + 1 + chance.randint(0, 6)] = chance.choice((b"", b"--", b"----", b"--b\n--"))


WAYS = (_flipped, _cut, _stuffed, _shuffled, _relabelled, _rebound)


def test_five_thousand_damaged_letters_are_read_or_refused_for_what_they_are() -> None:
    chance = random.Random(20260918)
    outcomes: Counter[str] = Counter()
    slowest = 0.0
    for number in range(MUTATIONS):
        raw = bytearray(LETTERS[number % len(LETTERS)][:100_000])
        for way in chance.sample(WAYS, chance.randint(1, 3)):
            way(raw, chance) if raw else None
        started = time.perf_counter()
        outcomes[_outcome(bytes(raw))] += 1
        slowest = max(slowest, time.perf_counter() - started)
    print(f"\n{MUTATIONS} damaged letters: {dict(outcomes)}, slowest {slowest * 1000:.0f} ms")

    assert sum(outcomes.values()) == MUTATIONS
    assert set(outcomes) <= HONEST | {"read"}
    assert outcomes["read"] > MUTATIONS // 2
    assert slowest < 10


def _outcome(raw: bytes) -> str:
    try:
        letter = read_letter(raw)
    except Unreadable as refusal:
        return refusal.reason
    split_reply(letter.text)
    letter.text.encode("utf-8")
    letter.subject.encode("utf-8")
    return "read"


def test_ordinary_letters_take_no_time() -> None:
    read_letter(LETTERS[0])
    times = []
    for raw in LETTERS:
        times.append(min(_seconds(raw) for _ in range(3)))  # The machine has other things to do as well.
    middle = statistics.median(times)
    print(f"\n{len(times)} letters: median {middle * 1000:.1f} ms, worst {max(times) * 1000:.0f} ms")

    assert max(times) < 0.05


def _seconds(raw: bytes) -> float:
    started = time.perf_counter()
    _outcome(raw)
    return time.perf_counter() - started


@pytest.mark.parametrize("kind", ["file", "text", "html", "japanese", "encoded"])
def test_ten_megabytes_take_two_seconds_and_little_memory(kind: str, tmp_path: Path) -> None:
    (tmp_path / "letter.eml").write_bytes(_large(kind))
    program = """
import json, sys, time
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from helpdesk.channels.email.letters.reading import read_letter, _stop
raw = open(sys.argv[1], "rb").read()
started = time.perf_counter()
read_letter(raw)
took = time.perf_counter() - started
_stop()
used = [getrusage(whose) for whose in (RUSAGE_CHILDREN, RUSAGE_SELF)]
worked = sum(each.ru_utime + each.ru_stime for each in used)
print(json.dumps([len(raw), took, worked, *(each.ru_maxrss // 1024 for each in used)]))
"""
    asked = [sys.executable, "-c", program, str(tmp_path / "letter.eml")]
    done = subprocess.run(asked, check=True, capture_output=True)
    size, took, worked, theirs, ours = json.loads(done.stdout)
    figures = f"{took:.2f} s, {worked:.2f} s of them at work; child {theirs} MB, asker {ours} MB"
    print(f"\n{kind}, {size / 1e6:.1f} MB: {figures}")

    assert size > 9_500_000
    # With the start of both programs. Seconds at work, for the clock's depend on who else is busy.
    assert worked < 2
    assert max(theirs, ours) < 300


def _large(kind: str) -> bytes:
    head = b"From: carol@brightwell.example\nSubject: large\n"
    if kind == "file":
        parts = b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n--b\n"
        parts += b"Content-Type: application/pdf; name=a.pdf\n"
        content = base64.encodebytes(random.Random(1).randbytes(7_400_000))
        return head + parts + b"Content-Transfer-Encoding: base64\n\n" + content + b"--b--\n"
    words = "お世話になっております。<b>請求書</b>の件です。\n"
    if kind == "japanese":
        body = words.encode("iso2022_jp")
        return head + b"Content-Type: text/plain; charset=iso-2022-jp\n\n" + body * (10_000_000 // len(body))
    if kind == "encoded":
        body = b"=E3=81=82=E3=81=84<p>\n"
        start = b"Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n"
        return head + start + body * (10_000_000 // len(body))
    subtype = b"html" if kind == "html" else b"plain"
    start = b"Content-Type: text/" + subtype + b"; charset=utf-8\n\n"
    return head + start + words.encode() * (10_000_000 // len(words.encode()))
