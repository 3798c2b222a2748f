"""Headers of a letter: unfolded, decoded, and their parameters (RFC 2047, RFC 2231, and breaches of both)."""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import unquote_to_bytes

from helpdesk.channels.email.letters.charsets import decode

# Beyond these a header is cut: no honest letter comes near.
MOST_FIELDS = 1000
LONGEST_BLOCK = 1_000_000
LONGEST_VALUE = 65_536

_FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]*:(.*)", re.DOTALL)
# A word may have lost its end, and one in Q may have question marks in it.
_WORD = re.compile(
    r"=\?([^?\s*]{1,60})(?:\*[^?\s]{0,40})?\?(?:([bB])\?([^?]*)(?:\?=|\??$)"
    r"|([qQ])\?((?:[^?=]|=(?!\?)|\?(?!=)|\?=(?=[0-9A-Fa-f]{2}[=?]))*)(?:\?=|$))"
)
_PARAMETER = re.compile(r";\s*([^\s=;]+)\s*=\s*(\"(?:[^\"\\]|\\.)*\"?|[^;]*)", re.DOTALL)
_SECTION = re.compile(r"([^*]+)(?:\*(\d{1,4}))?(\*?)$")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]")


@dataclass(frozen=True)
class Headers:
    """The fields of one part in their order: lower-case name, unfolded value, encoded words still encoded."""

    fields: tuple[tuple[str, str], ...]
    is_cut: bool = False

    def first(self, name: str) -> str:
        """The first value of this name; empty where there is none."""
        return next(iter(self.every(name)), "")

    def every(self, name: str) -> list[str]:
        return [value for field, value in self.fields if field == name]

    def decoded(self) -> dict[str, tuple[str, ...]]:
        """Every value by name, as people read it."""
        values: dict[str, list[str]] = {}
        for name, value in self.fields:
            values.setdefault(name, []).append(words(value))
        return {name: tuple(several) for name, several in values.items()}


def read_headers(raw: bytes, start: int, end: int) -> tuple[Headers, int]:
    """The headers of the part that begins at `start` (lines end in LF), and where its body begins."""
    stop = min(end, start + LONGEST_BLOCK)
    fields: list[tuple[bytes, list[bytes]]] = []
    body, at, is_cut = end, start, False
    while at < end:
        line_end = raw.find(b"\n", at, end)
        line_end = end if line_end < 0 else line_end
        if line_end == at:
            body = at + 1
            break
        if at >= stop or len(fields) > MOST_FIELDS:
            blank = raw.find(b"\n\n", at, end)
            body, is_cut = (end if blank < 0 else blank + 2), True
            break
        if not _take_line(raw[at : min(line_end, at + LONGEST_VALUE)], fields):
            body = at
            break
        at = line_end + 1
    return Headers(
        tuple((name.decode("ascii").lower(), _unfolded(lines)) for name, lines in fields), is_cut
    ), body


def _take_line(line: bytes, fields: list[tuple[bytes, list[bytes]]]) -> bool:
    """Add one line to the fields; False where it is no header, so the body has begun without a blank line."""
    if line[:1] in b" \t" and fields:
        fields[-1][1].append(line)
        return True
    field = _FIELD.match(line)
    if field:
        fields.append((field[1], [field[2]]))
    return bool(field)


def _unfolded(lines: list[bytes]) -> str:
    value = b"".join(lines)[:LONGEST_VALUE].strip()
    is_plain = value.isascii() and b"\x1b" not in value and b"$B" not in value
    return value.decode("ascii") if is_plain else decode(value)


def words(value: str) -> str:
    """The value with its encoded words (RFC 2047) read, also where a character was split over two of them.

    Words within words are read too: some gateways encode what is encoded already.
    """
    if "=?" not in value:
        return value
    once = "".join(_runs(value))
    return "".join(_runs(once)) if "=?" in once and once != value else once


def _runs(value: str) -> Iterator[str]:
    """Texts and words in their order; neighbouring words of one character set are read as one."""
    at, charset = 0, ""
    waiting: list[tuple[str, str]] = []
    for word in _WORD.finditer(value):
        between = value[at : word.start()]
        if waiting and (between.strip() or word[1].lower() != charset):
            yield _word(waiting, charset)
            waiting = []
        if between.strip() or at == 0:
            yield between
        charset, at = word[1].lower(), word.end()
        waiting.append(("b", word[3]) if word[2] else ("q", word[5]))
    if waiting:
        yield _word(waiting, charset)
    yield value[at:]


def _word(pieces: list[tuple[str, str]], charset: str) -> str:
    by_kind = groupby(pieces, key=lambda piece: piece[0])
    read = {"q": _from_q, "b": _from_b}
    return decode(b"".join(read[kind]([text for _, text in texts]) for kind, texts in by_kind), charset)


def _from_q(texts: list[str]) -> bytes:
    return binascii.a2b_qp("".join(texts).encode("utf-8", "replace"), header=True)


def _from_b(texts: list[str]) -> bytes:
    texts = [text.replace("-", "+").replace("_", "/") for text in texts]
    letters = [_NOT_BASE64.sub("", text) for text in texts]
    if any(len(text) % 4 for text, raw in zip(letters[:-1], texts, strict=False) if "=" not in raw):
        letters = ["".join(letters)]  # Cut anywhere, against the rule that each word stands alone.
    return b"".join(from_base64(text.encode("ascii")) for text in letters)


def from_base64(letters: bytes) -> bytes:
    """Decode letters of the alphabet alone, rightly padded or not; a lone last letter is dropped."""
    letters = letters[: len(letters) - 1] if len(letters) % 4 == 1 else letters
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def parameters(value: str) -> tuple[str, dict[str, str]]:
    """`text/plain; name="…"` as its lower-case first word and its decoded parameters."""
    found: dict[str, list[tuple[int, bool, str]]] = {}
    for parameter in _PARAMETER.finditer(value):
        section = _SECTION.match(parameter[1].lower())
        if section:
            found.setdefault(section[1], []).append(
                (int(section[2] or 0), bool(section[3]), _unquoted(parameter[2]))
            )
    first = value.split(";", 1)[0].strip().lower()
    return first, {name: _joined(sections) for name, sections in found.items()}


def _unquoted(value: str) -> str:
    value = value.strip()
    if not value.startswith('"'):
        return value
    return _ESCAPED.sub(r"\1", value[1:-1] if value.endswith('"') and len(value) > 1 else value[1:])


def _joined(sections: list[tuple[int, bool, str]]) -> str:
    """The sections of a parameter (RFC 2231), else its first value, whose words may be encoded (Outlook)."""
    if not any(is_encoded for _, is_encoded, _ in sections):
        ordered = sorted(sections) if len({number for number, *_ in sections}) > 1 else sections[:1]
        return _percent_read(words("".join(text for *_, text in ordered)))
    encoded = [section for section in sections if section[0] or section[1]]
    charset, pieces = "", []
    for index, (_, is_encoded, text) in enumerate(sorted(encoded)):
        if index == 0 and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        pieces.append(unquote_to_bytes(text) if is_encoded else text.encode("utf-8", "replace"))
    return decode(b"".join(pieces), charset)


def _percent_read(value: str) -> str:
    """Some web mailers send the percent form without saying so; believed only where it yields UTF-8."""
    if value.count("%") < 3:
        return value
    try:
        read = unquote_to_bytes(value).decode("utf-8")
    except UnicodeDecodeError:
        return value
    return value if read.isascii() else read
