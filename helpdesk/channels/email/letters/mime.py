"""The tree of parts in a letter, found without copying it and within limits.

Not the standard library's parser: under its modern policy 250 kB of encoded words take it eight
seconds, 20 kB of brackets raise RecursionError, and it holds the letter several times in memory.
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

from helpdesk.channels.email.letters.headers import Headers, from_base64, parameters, read_headers
from helpdesk.channels.email.letters.letter import LARGEST, Unreadable

MOST_PARTS = 500
DEEPEST = 50

_NOT_BASE64 = bytes(
    set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")
)
_GUESSED_BOUNDARY = re.compile(rb"(?m)^--([^\s-][^\n]{0,199}|-[^\n]{1,199})\n(?=Content-[A-Za-z-]{1,40}:)")
_ENCODING = re.compile(r"[\s\"']*([a-z0-9-]{1,40})")
# `text/plain (a comment) charset=x`, where a semicolon should stand.
_LOOSE_TYPE = re.compile(r"^\s*([^\s;()]{1,200})\s*(?:\([^()]{0,200}\)\s*)?(?=[\w-]{1,40}\s?=)")
_COMMENTED_TYPE = re.compile(r"^(\s*[^\s;()]{1,200})\s*\([^()]{0,200}\)")
_TYPE = re.compile(r"[a-z0-9.+_-]{1,80}/[a-z0-9.+_-]{1,120}$")


@dataclass(frozen=True)
class Part:
    """One part: its headers, its type, and either its parts or its bytes."""

    headers: Headers
    content_type: str
    type_parameters: dict[str, str]
    disposition: str
    disposition_parameters: dict[str, str]
    parts: tuple["Part", ...]
    raw: bytes
    start: int
    end: int

    @property
    def charset(self) -> str:
        return self.type_parameters.get("charset", "")

    @property
    def filename(self) -> str:
        """As the sender wrote it; empty where there is none."""
        return self.disposition_parameters.get("filename") or self.type_parameters.get("name") or ""

    def content(self) -> bytes:
        """The bytes with their transfer encoding undone; what is damaged is read as far as it goes."""
        data = self.raw[self.start : self.end]
        named = _ENCODING.match(self.headers.first("content-transfer-encoding").lower())
        encoding = named[1] if named else ""
        if encoding == "base64":
            if not _is_base64(data):
                return data
            return b"".join(from_base64(run) for run in data.translate(None, _NOT_BASE64).split(b"=") if run)
        if encoding == "quoted-printable":
            return binascii.a2b_qp(data)
        if encoding in ("x-uuencode", "uuencode", "x-uue"):
            return b"".join(_uudecoded(data))
        return data

    def walk(self) -> Iterator["Part"]:
        """This part and all within it, in their order."""
        yield self
        for part in self.parts:
            yield from part.walk()


def read_parts(raw: bytes) -> Part:
    """The letter as a tree. Raises `Unreadable` beyond the limits and where there is no header at all."""
    if len(raw) > LARGEST:
        raise Unreadable("too-large")
    raw = raw.lstrip(b"\xef\xbb\xbf \t\r\n\0")
    if not raw:
        raise Unreadable("empty")
    raw = raw.replace(b"\r\n", b"\n") if b"\n" in raw else raw.replace(b"\r", b"\n")
    if raw.startswith((b"From ", b">From ")):  # The first line of a mailbox file, or of a pipe.
        raw = raw.partition(b"\n")[2]
    root = _Reader(raw).part(0, len(raw), depth=0, default="text/plain")
    if not root.headers.fields:
        raise Unreadable("no-header")
    return root


def read_enclosed(part: Part) -> Part | None:
    """The letter that is a part of another, within the same limits; None where it is none."""
    try:
        return read_parts(part.content())
    except Unreadable:
        return None


class _Reader:
    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.count = 0

    def part(self, start: int, end: int, *, depth: int, default: str) -> Part:
        self.count += 1
        if self.count > MOST_PARTS:
            raise Unreadable("too-many-parts")
        if depth > DEEPEST:
            raise Unreadable("too-deep")
        headers, body = read_headers(self.raw, start, end)
        declared = _COMMENTED_TYPE.sub(r"\1", headers.first("content-type"))
        content_type, type_parameters = parameters(_LOOSE_TYPE.sub(r"\1; ", declared))
        content_type = _known_type(content_type, default, is_root=depth == 0)
        disposition, disposition_parameters = parameters(headers.first("content-disposition"))
        parts: tuple[Part, ...] = ()
        if content_type.startswith("multipart/"):
            within = "message/rfc822" if content_type == "multipart/digest" else "text/plain"
            spans = list(self._spans(type_parameters.get("boundary", ""), body, end))
            parts = tuple(self.part(*span, depth=depth + 1, default=within) for span in spans)
            content_type = content_type if parts else "text/plain"
        kinds = (content_type, type_parameters, disposition, disposition_parameters)
        return Part(headers, *kinds, parts, self.raw, body, end)

    def _spans(self, boundary: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Where each part of a multipart lies; by a guessed boundary where the declared one is not found."""
        declared = boundary.rstrip().encode("utf-8", "replace")[:200]
        spans = list(self._between(declared, start, end)) if declared else []
        if not spans and (guess := _GUESSED_BOUNDARY.search(self.raw, start, end)):
            spans = list(self._between(guess[1].rstrip(), start, end))
        yield from spans

    def _between(self, boundary: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
        opened = None
        for line_start, line_end, is_last in self._delimiters(b"--" + boundary, start, end):
            if opened is not None:
                yield opened, max(opened, line_start - 1)
            if is_last:
                return
            opened = min(line_end + 1, end)
        if opened is not None:  # The closing line is missing: the letter was cut, or carelessly made.
            yield opened, end

    def _delimiters(self, mark: bytes, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
        at = self.raw.find(mark, start, end)
        while at >= 0:
            line_end = self.raw.find(b"\n", at, end)
            line_end = end if line_end < 0 else line_end
            rest = self.raw[at + len(mark) : min(line_end, at + len(mark) + 200)].rstrip()
            if rest in (b"", b"--") and (at == start or self.raw[at - 1 : at] == b"\n"):
                yield at, line_end, rest == b"--"
            at = self.raw.find(mark, line_end, end)


def _known_type(declared: str, default: str, *, is_root: bool) -> str:
    if not declared or (is_root and not _TYPE.match(declared)):
        return default
    if declared in ("text", "plain"):
        return "text/plain"
    return declared if _TYPE.match(declared) else "application/octet-stream"


def _is_base64(data: bytes) -> bool:
    """Whether at least half of what is not blank can be; some programs say base64 and send words."""
    signs = len(data) - sum(data.count(blank) for blank in (b" ", b"\t", b"\n"))
    return len(data.translate(None, _NOT_BASE64)) * 2 >= signs


def _uudecoded(data: bytes) -> Iterator[bytes]:
    for line in data.split(b"\n"):
        if line and not line.startswith((b"begin ", b"end", b"`")):
            try:
                yield binascii.a2b_uu(line)
            except binascii.Error:
                continue
