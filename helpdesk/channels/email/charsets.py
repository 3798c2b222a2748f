"""Bytes of a letter to text, whatever its label claims. Nothing here ever raises.

Mail labelled ISO-2022-JP or Shift_JIS is in truth Microsoft's: ①, ㈱ and 髙 are common, and no codec
of Python reads them in ISO-2022-JP. Labels are often absent or wrong.
"""

import codecs
import re
from collections.abc import Callable, Iterator
from functools import lru_cache

# What senders write, and the wider set that reads it.
_WIDER = {
    "shift_jis": "cp932", "shift-jis": "cp932", "x-sjis": "cp932", "sjis": "cp932", "ms_kanji": "cp932",
    "windows-31j": "cp932", "cswindows31j": "cp932", "shift_jis_ms": "cp932", "ms932": "cp932",
    "gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "gb_2312-80": "gb18030", "cp936": "gb18030",
    "big5": "big5hkscs", "big5-hkscs": "big5hkscs", "cn-big5": "big5hkscs", "x-x-big5": "big5hkscs",
    "ks_c_5601-1987": "cp949", "ks_c_5601": "cp949", "euc-kr": "cp949", "euc_kr": "cp949", "korean": "cp949",
    "iso-8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "iso8859-1": "cp1252",
    "iso_8859-1": "cp1252", "iso-8859-9": "cp1254", "iso-8859-11": "cp874", "tis-620": "cp874",
    "windows-874": "cp874", "iso-8859-8-i": "iso8859-8", "utf-8mb4": "utf-8",
    "utf8mb4": "utf-8", "unicode-1-1-utf-8": "utf-8",
}  # fmt: skip
_JIS = re.compile(r"^(?:cs)?iso-?2022-?jp|^cp5022[012]$|^x?-?jis$")
_EUC = re.compile(r"^(?:x-|cs)?euc-?_?jp|^eucjp|^ujis$|^cp51932$")
# Only codecs of written text: others (punycode, zip, hex) would be a way to stop us.
_TEXTUAL = re.compile(r"^(?:utf|cp\d|iso-?8859|iso-?2022|koi8|mac|big5|gb|hz|euc|windows-|tis|johab|ptcp154)")
_VAGUE = {
    "",
    "us-ascii",
    "ascii",
    "ansi_x3.4-1968",
    "unknown-8bit",
    "x-unknown",
    "unknown",
    "default",
    "8bit",
    "7bit",
}

_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa]")
_WIDE_PAIR = re.compile("[\u3000-\u30ff\u4e00-\u9fff\uff01-\uff5e]{2}")
_SHIFTS_TO_JIS = re.compile(rb"\x1b(?:\$[@B]|\(I)")
_ESCAPE = re.compile(rb"\x1b(?:&@\x1b)?(\$\(D|\$[@B]|\([BJIH])")
_META = re.compile(rb"<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}[\"']?([\w.:-]{1,40})", re.IGNORECASE)


def decode(data: bytes, label: str | None = None) -> str:
    """Read `data` as its label says, or as it looks where the label is absent, unknown or wrong."""
    label = (label or "").strip(" \t\"'").lower()
    if _SHIFTS_TO_JIS.search(data) and not label.startswith(("iso-2022-kr", "iso-2022-cn")):
        return _jis(data)
    if label not in _VAGUE and (text := _as_labelled(data, label)) is not None:
        return text
    return _as_it_looks(data)


def declared_in_html(data: bytes) -> str | None:
    """The character set that a page names in its own `<meta>`, or None."""
    found = _META.search(data[:4096])
    return found[1].decode("ascii") if found else None


def is_japanese(label: str | None) -> bool:
    """Whether only Japanese is written in the set of this label."""
    label = (label or "").strip(" \"'").lower()
    return bool(_JIS.match(label) or _EUC.match(label)) or _WIDER.get(label) == "cp932" or label == "cp932"


def _as_labelled(data: bytes, label: str) -> str | None:
    """The text as labelled, or None where label and bytes do not fit."""
    if _JIS.match(label):
        return None if any(byte > 0x7F for byte in data) else _jis(data)
    if _EUC.match(label):
        return _strictly(data, "euc_jp") or _strictly(data, "utf-8") or _euc(data)
    codec = _WIDER.get(label, label)
    if not _TEXTUAL.match(codec):
        return None
    if codec == "cp1252":  # Every byte is valid in it, so what is also valid UTF-8 is surely meant as that.
        return _strictly(data, "utf-8") or data.decode("cp1252", "replace")
    text = _strictly(data, codec)
    if text is None and _reads_mostly(data, codec):
        return data.decode(codec, "replace")
    return text


def _strictly(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, LookupError, ValueError):
        return None


def _reads_mostly(data: bytes, codec: str) -> bool:
    """Whether only a few bytes are damaged, as where a letter was cut in the middle of a character."""
    try:
        text = codecs.decode(data, codec, "replace")
    except (UnicodeError, LookupError, ValueError):
        return False
    whole = text.rstrip("\ufffd")
    return whole.count("\ufffd") * 20 <= len(text) and any(
        char > "\x7f" and char != "\ufffd" for char in whole
    )


def _as_it_looks(data: bytes) -> str:
    if (text := _strictly(data, "utf-8")) is not None:
        return text
    japanese = [text for codec in ("cp932", "euc_jp") if (text := _strictly(data, codec)) is not None]
    best = max(japanese, key=_likeness, default="")
    if _KANA.search(best) or _WIDE_PAIR.search(best):
        return best
    if _reads_mostly(data, "utf-8"):
        return data.decode("utf-8", "replace")
    return data.decode("cp1252", "replace")


def _likeness(text: str) -> float:
    """How Japanese it reads: EUC bytes read as Shift_JIS come out as half-width kana and rare signs."""
    sample = text[:4000]
    usual = sum("\u3040" <= char <= "\u30ff" or "\u4e00" <= char <= "\u9fff" for char in sample)
    rare = sum("\uff61" <= char <= "\uff9f" or "\ue000" <= char <= "\uf8ff" for char in sample)
    return (usual - 2 * rare) / (len(sample) or 1)


def _jis(data: bytes) -> str:
    text = _strictly(data, "iso2022_jp")
    return "".join(_jis_runs(data)) if text is None else text


def _jis_runs(data: bytes) -> Iterator[str]:
    """Each run between escape sequences, by the set that the escape chose."""
    chosen, at = b"(B", 0
    for escape in _ESCAPE.finditer(data):
        yield _JIS_SETS.get(chosen, _plain)(data[at : escape.start()])
        chosen, at = escape[1], escape.end()
    yield _JIS_SETS.get(chosen, _plain)(data[at:])


def _plain(run: bytes) -> str:
    """ASCII, and where eight-bit bytes were slipped in, what they look like."""
    return run.replace(b"\x1b", b"").decode("ascii") if run.isascii() else _as_it_looks(run)


def _half_width_kana(run: bytes) -> str:
    return bytes(byte | 0x80 if 0x21 <= byte <= 0x5F else byte for byte in run).decode("cp932", "replace")


def _double_bytes(run: bytes) -> str:
    """Pairs of seven-bit bytes; a line break ends a run even where its escape was forgotten."""
    return "".join(_pairs(run, lambda high, low: _jis_pair(high, low), lowest=0x21))


def _supplement(run: bytes) -> str:
    """JIS X 0212, the second set of kanji."""
    return "".join(
        _pairs(run, lambda high, low: _pair_of(b"\x8f" + bytes((high | 0x80, low | 0x80))), lowest=0x21)
    )


_JIS_SETS: dict[bytes, Callable[[bytes], str]] = {
    b"(I": _half_width_kana, b"$@": _double_bytes, b"$B": _double_bytes, b"$(D": _supplement,
}  # fmt: skip


def _euc(data: bytes) -> str:
    """EUC-JP with Microsoft's and NEC's characters in it."""
    runs = re.split(rb"(\x8e[\xa1-\xdf]|\x8f[\xa1-\xfe]{2})", data)
    return "".join(
        _pair_of(run) if index % 2 else "".join(_pairs(run, _jis_pair, lowest=0xA1))
        for index, run in enumerate(runs)
    )


def _pairs(run: bytes, read: Callable[[int, int], str], lowest: int) -> Iterator[str]:
    at = 0
    while at < len(run):
        high, low = run[at], run[at + 1] if at + 1 < len(run) else 0
        if high >= lowest and low >= lowest:
            yield read(high & 0x7F, low & 0x7F)
            at += 2
        else:
            yield chr(high) if high < 0x80 else "\ufffd"
            at += 1


@lru_cache(maxsize=8192)
def _jis_pair(high: int, low: int) -> str:
    """One character of JIS X 0208, else of Microsoft's rows, which only Shift_JIS arithmetic reaches."""
    standard = _strictly(bytes((high | 0x80, low | 0x80)), "euc_jp")
    if standard is not None:
        return standard
    lead = ((high + 1) >> 1) + (0x70 if high < 0x5F else 0xB0)
    trail = low + (0x1F if low < 0x60 else 0x20) if high % 2 else low + 0x7E
    return bytes((lead, trail)).decode("cp932", "replace")


def _pair_of(pair: bytes) -> str:
    return pair.decode("euc_jp", "replace")
