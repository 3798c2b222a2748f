"""Words of a Rich Text body, as Outlook packs it into winmail.dat: text, or the HTML it was made from."""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from helpdesk.channels.email.letters.charsets import decode

# Bytes of Rich Text that are read; words of a letter never come near.
MOST_BYTES = 2_000_000

# What every compressed body may refer to from its first byte on (MS-OXRTFCP).
_KNOWN = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans "
    rb"SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    + b"\r\n"
    + rb"\par \pard\plain\f0\fs20"
    rb"\b\i\u\tab\tx"
)
_TOKEN = re.compile(
    rb"\\'([0-9a-fA-F]{2})|\\([a-zA-Z]{1,32})(-?\d{1,9})? ?|\\(.)|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.S
)
_SIGNS = {
    b"par": "\n", b"line": "\n", b"tab": "\t", b"lquote": "‘", b"rquote": "’", b"ldblquote": "“",
    b"rdblquote": "”", b"bullet": "•", b"endash": "–", b"emdash": "—", b"row": "\n", b"cell": "\t",
}  # fmt: skip
_SILENT = frozenset(
    b"fonttbl colortbl stylesheet info pict object themedata datastore generator listtable listoverridetable"
    b" header footer xmlnstbl rsidtbl mmathPr".split()
)


@dataclass(frozen=True)
class Said:
    text: str
    is_html: bool


def decompressed(data: bytes) -> bytes:
    """The Rich Text of a compressed body; empty where it is none."""
    if len(data) < 16:
        return b""
    kind = data[8:12]
    if kind == b"MELA":
        return data[16 : 16 + MOST_BYTES]
    return bytes(_unpacked(data)) if kind == b"LZFu" else b""


def _unpacked(data: bytes) -> bytearray:
    """Runs of the last 4,096 bytes written, and bytes as they are."""
    written = bytearray(_KNOWN)
    most = min(struct.unpack_from("<I", data, 4)[0], MOST_BYTES) + len(_KNOWN)
    at = 16
    while at < len(data) and len(written) < most:
        flags = data[at]
        at += 1
        for bit in range(8):
            if not flags >> bit & 1:
                written += data[at : at + 1]
                at += 1
                continue
            if at + 2 > len(data):
                return written[len(_KNOWN) :]
            pair = data[at] << 8 | data[at + 1]
            at += 2
            back = (len(written) - (pair >> 4)) % 4096
            if not back:  # A run that begins where the next byte goes: the end.
                return written[len(_KNOWN) :]
            for _ in range((pair & 15) + 2):
                written.append(written[-back] if back <= len(written) else 32)
    return written[len(_KNOWN) : most]


@dataclass
class _State:
    """What holds until the group is over."""

    is_silent: bool = False
    is_tag: bool = False
    is_unwanted: bool = False
    skipped_after_unicode: int = 1


@dataclass
class _Reader:
    is_html: bool
    label: str
    states: list[_State] = field(default_factory=lambda: [_State()])
    to_skip: int = 0
    is_starred: bool = False

    def read(self, data: bytes) -> Iterator[str]:
        """The words in their order; bytes of one character set are gathered before they are decoded."""
        waiting = bytearray()
        for token in _TOKEN.finditer(data):
            code, word, number, sign, brace, text = token.groups()
            raw = bytes((int(code, 16),)) if code else text or (sign if sign in (b"\\", b"{", b"}") else b"")
            if raw:
                waiting += self._bytes(raw)
                continue
            said = self._brace(brace) if brace else self._word(word, number) if word else self._sign(sign)
            if said or brace:
                yield decode(bytes(waiting), self.label) + said
                waiting.clear()
        yield decode(bytes(waiting), self.label)

    def _bytes(self, raw: bytes) -> bytes:
        skipped = min(self.to_skip, len(raw))
        self.to_skip -= skipped
        return raw[skipped:] if self._is_heard() else b""

    def _is_heard(self) -> bool:
        state = self.states[-1]
        return not state.is_silent and not state.is_unwanted

    def _brace(self, brace: bytes) -> str:
        self.is_starred = False
        if brace == b"{":
            if len(self.states) < 500:
                self.states.append(_State(**vars(self.states[-1])))
        elif len(self.states) > 1:
            self.states.pop()
        return ""

    def _sign(self, sign: bytes | None) -> str:
        self.is_starred = sign == b"*"
        return "\xa0" if sign == b"~" and self._is_heard() else ""

    def _word(self, word: bytes, number: bytes | None) -> str:
        state = self.states[-1]
        if self.is_starred or word in _SILENT:
            state.is_tag = word == b"htmltag"
            state.is_silent = not (state.is_tag and self.is_html)
            self.is_starred = False
        elif word == b"htmlrtf":
            state.is_unwanted = self.is_html and number != b"0"
        elif word == b"uc" and number:
            state.skipped_after_unicode = int(number)
        elif word == b"u" and number and self._is_heard():
            self.to_skip = state.skipped_after_unicode
            return chr(int(number) % 0x10000)
        elif word in _SIGNS and self._is_heard():
            return _SIGNS[word]
        return ""


def read_rtf(data: bytes) -> Said:
    """What the Rich Text says. Halves of characters beyond the first 65,536 are put together."""
    page = re.search(rb"\\ansicpg(\d{3,5})", data[:2000])
    is_html = b"\\fromhtml" in data[:4000]
    reader = _Reader(is_html, f"cp{page[1].decode()}" if page else "cp1252")
    text = "".join(reader.read(data[:MOST_BYTES]))
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return Said(whole.strip(), is_html)
