"""What every letter must survive: damage, hostility, and limits that are said aloud."""

import contextlib
import random
import struct
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.channels.email.letters.addresses import addresses
from helpdesk.channels.email.letters.parse import Unreadable, parse

LETTERS = sorted((Path(__file__).parent.parent / "letters").glob("*.eml"))
FROM = b"From: carol@brightwell.example\n"

# A winmail.dat that goes on as Rich Text that was not compressed.
_RICH = (
    struct.pack("<IHHII", 1, 0x102, 0x1009, 1, 500_022) + struct.pack("<II4sI", 0, 0, b"MELA", 0) + b"{\\rtf1"
)
WINMAIL = struct.pack("<IH", 0x223E9F78, 1) + struct.pack("<BII", 1, 0x69003, 500_038) + _RICH
HOSTILE = {
    "brackets in a name": b"From: " + b"(" * 1_000_000 + b"\n\nx",
    "encoded words": b"Subject: " + b"=?utf-8?q?a?= " * 60_000 + b"\n\nx",
    "quoted marks": FROM + b"\n" + b">" * 1_000_000,
    "half a million fields": b"A: b\n" * 500_000 + b"\nx",
    "a date of digits": FROM + b"Date: " + b"9" * 500_000 + b"\n\nx",
    "escapes without text": FROM + b"\n" + b"\x1b$B" * 500_000,
    "nested divisions": FROM + b"Content-Type: text/html\n\n" + b"<div>" * 200_000,
    "links closed too often": FROM + b"Content-Type: text/html\n\n" + b"<a>y<b>" * 50_000 + b"</a>" * 50_000,
    "an endless number": FROM + b"Content-Type: text/html\n\n&#" + b"9" * 500_000,
    "groups of rich text": FROM + b"Content-Type: application/ms-tnef\n\n" + WINMAIL + b"{" * 500_000,
    "nested signatures": FROM + b"Content-Type: application/pkcs7-mime\n\n" + b"\x30\x80" * 500_000,
    "invitations without end": FROM + b"Content-Type: text/calendar\n\n" + b"BEGIN:VEVENT\n" * 50_000,
    "signed again and again": FROM + b"\n" + b"-----BEGIN PGP SIGNED MESSAGE-----\n" * 50_000,
    "escapes that were stripped": FROM + b"\n" + b"$B" * 500_000,
    "words that never end": FROM + (b"Subject: " + b"=?utf-8?q?" * 6_000 + b"\n") * 15 + b"\nx",
    "a codec that unpacks": FROM + b"Content-Type: text/plain; charset=zlib\n\n" + b"x" * 500_000,
}


def _multipart(depth: int) -> bytes:
    levels = (
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level) for level in range(depth)
    )
    return FROM + b"".join(levels) + b"\nx"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "empty"),
        (b" \r\n\r\n", "empty"),
        (b"Just words, no header at all\n", "no-header"),
        (FROM + b"\n" + b"x" * (30 * 1024 * 1024), "too-large"),
        (_multipart(60), "too-deep"),
        (FROM + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 600, "too-many-parts"),
    ],
    ids=["empty", "blank", "no header", "too large", "too deep", "too many parts"],
)
def test_what_cannot_be_read_says_why(raw: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        parse(raw)

    assert refusal.value.reason == reason


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_letter_is_read_in_linear_time(raw: bytes) -> None:
    started = time.process_time()
    parse(raw)

    # Seconds of work, where anything quadratic would take minutes.
    assert time.process_time() - started < 10


@pytest.mark.parametrize("seed", range(20))
def test_a_damaged_letter_is_read_or_refused_but_never_breaks_the_reader(seed: int) -> None:
    chance = random.Random(seed)
    for path in LETTERS:
        raw = bytearray(path.read_bytes()[:20_000])
        for _ in range(chance.randint(1, 8)):
            at = chance.randrange(len(raw))
            raw[at : at + chance.choice((0, 1, 30))] = chance.choice(
                (b"", b"\x00", b"\xff", b'"', b"=?", b"\n--", b"\x1b$B")
            )
        _read_or_refuse(bytes(raw))


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_bytes_after_a_header_are_some_text(body: bytes) -> None:
    letter = parse(FROM + b"Content-Type: text/plain; charset=iso-2022-jp\n\n" + body)

    assert "\0" not in letter.text
    letter.text.encode("utf-8")


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_header_of_addresses_is_read(value: str) -> None:
    for mailbox in addresses(value):
        assert mailbox.address.count("@") in (0, 1)
        assert not set(mailbox.name + mailbox.address) & set("\r\n\0\u202e")


def test_a_line_break_cannot_enter_a_header_by_an_encoded_word() -> None:
    letter = parse(FROM + b"Subject: =?utf-8?q?hello=0D=0ABcc:_mallory@evil.example?=\n\nx")

    assert letter.subject == "hello Bcc: mallory@evil.example"


def test_of_two_bracketed_addresses_the_first_counts() -> None:
    letter = parse(b"From: Carol <carol@brightwell.example> <mallory@evil.example>\n\nx")

    assert letter.sender.address == "carol@brightwell.example"


def test_the_letter_of_a_person_is_not_automatic() -> None:
    assert not parse(FROM + b"Subject: hello\n\nx").is_automatic


def _read_or_refuse(raw: bytes) -> None:
    with contextlib.suppress(Unreadable):
        assert isinstance(parse(raw).text, str)
