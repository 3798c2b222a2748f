"""Bytes of a letter to text, whatever its label claims. Nothing here ever raises.

Labels are often absent or wrong, so a label is believed as far as the bytes bear it out.
"""

import codecs
import re

from helpdesk.channels.email.letters.charset_labels import codec_of
from helpdesk.channels.email.letters.japanese_sets import (
    euc,
    has_stripped_escapes,
    jis,
    shift_jis,
    with_escapes,
    without_webcode,
)

_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa]")
_WIDE_PAIR = re.compile("[\u3000-\u30ff\u4e00-\u9fff\uff01-\uff5e]{2}")
_SHIFTS_TO_JIS = re.compile(rb"\x1b(?:\$[@B]|\(I|\$\([DOPQ])")
_META = re.compile(rb"<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}[\"']?([\w.:-]{1,40})", re.IGNORECASE)
# Three bytes that are one character of UTF-8, as all kana and kanji are.
_THREE_OF_UTF_8 = re.compile(rb"[\xe1-\xef][\x80-\xbf]{2}")
_SURROGATES = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
_MARK = "\ufeff"


def decode(data: bytes, label: str | None = None) -> str:
    """Read `data` as its label says, or as it looks where the label is absent, unknown or wrong."""
    codec = codec_of(label)
    data = without_webcode(data)
    if _SHIFTS_TO_JIS.search(data) and codec not in ("iso2022_kr", "iso-2022-kr", "iso-2022-cn"):
        return jis(data, _as_it_looks)
    if codec in ("iso2022_jp", "") and b"$" in data and has_stripped_escapes(data):
        return jis(with_escapes(data), _as_it_looks)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or codec.startswith("utf-16") or _is_half_nul(data):
        if (wide := _utf_16(data)) is not None:
            return wide.removeprefix(_MARK)
        codec = ""
    text = _as_labelled(data, codec) if codec else None
    return (_as_it_looks(data) if text is None else text).removeprefix(_MARK)


def declared_in_html(data: bytes) -> str | None:
    """The character set that a page names in its own `<meta>`, or None."""
    found = _META.search(data[:4096])
    return found[1].decode("ascii") if found else None


def _as_labelled(data: bytes, codec: str) -> str | None:
    """The text as labelled, or None where label and bytes do not fit."""
    if codec == "iso2022_jp":
        return None if any(byte > 0xDF or 0x7F < byte < 0xA1 for byte in data) else jis(data, _as_it_looks)
    if codec == "utf-8":
        return _utf_8(data)
    if not data.isascii() and (other := _in_spite_of(data, codec)) is not None:
        return other
    if codec == "euc_jp":
        return euc(data)
    text = shift_jis(data) if codec == "cp932" else _strictly(data, codec)
    if text is None and codec in ("cp950", "gb18030"):
        text = _strictly(data, "big5hkscs" if codec == "cp950" else "gb18030")
    if text is None and (codec == "cp1252" or _reads_mostly(data, codec)):
        return data.decode(codec, "replace")
    return text


def _in_spite_of(data: bytes, codec: str) -> str | None:
    """What the bytes surely are, whatever their label: UTF-8, or Japanese that would make no sense else."""
    if (_THREE_OF_UTF_8.search(data) or codec == "cp1252") and (text := _utf_8_strictly(data)) is not None:
        return text
    if codec in ("cp932", "euc_jp"):
        labelled = shift_jis(data) if codec == "cp932" else _strictly(data, "euc_jp")
        other = _strictly(data, "euc_jp") if codec == "cp932" else shift_jis(data)
        if other and _KANA.search(other) and _likeness(other) > _likeness(labelled or "") + 0.7:
            return other
        return labelled
    if codec.startswith(("utf", "hz", "iso-2022", "iso2022", "shift_jis")):
        return None
    japanese = shift_jis(data)
    return japanese if japanese and _is_mostly_kana(japanese) else None


def _is_mostly_kana(text: str) -> bool:
    sample = [char for char in text[:4000] if char > "\x7f"]
    return len(sample) >= 4 and sum("\u3041" <= char <= "\u30fe" for char in sample) * 3 >= len(sample)


def _strictly(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, LookupError, ValueError):
        return None


def _utf_8_strictly(data: bytes) -> str | None:
    """UTF-8, also of programs that write the halves of a surrogate pair as characters."""
    if _SURROGATES.search(data):
        with_halves = data.decode("utf-8", "surrogatepass") if _passes(data) else None
        return with_halves and with_halves.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _strictly(data, "utf-8")


def _passes(data: bytes) -> bool:
    try:
        data.decode("utf-8", "surrogatepass")
    except UnicodeError:
        return False
    return True


def _utf_8(data: bytes) -> str | None:
    text = _utf_8_strictly(data)
    return data.decode("utf-8", "replace") if text is None and _reads_mostly(data, "utf-8") else text


def _is_half_nul(data: bytes) -> bool:
    """Whether Latin letters were written in two bytes each."""
    return len(data) > 20 and data.count(0, 0, 1000) * 3 > min(len(data), 1000)


def _utf_16(data: bytes) -> str | None:
    """UTF-16 by its mark, else in the order that reads more like text; None where it is none."""
    for mark, codec in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            return data[2:].decode(codec, "replace")
    usual, text = max(
        (_usual(text), text)
        for text in (data.decode("utf-16-be", "replace"), data.decode("utf-16-le", "replace"))
    )
    return text if usual * 4 > len(text) or not (data.isascii() or _utf_8_strictly(data)) else None


def _usual(text: str) -> int:
    """How many signs are those of every text: ASCII, kana, Japanese punctuation."""
    return sum("\x09" <= char <= "\x7e" or "\u3000" <= char <= "\u30ff" for char in text[:2000])


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
    if (text := _utf_8_strictly(data)) is not None:
        return text
    candidates = (shift_jis(data), _strictly(data, "euc_jp"))
    best = max((text for text in candidates if text is not None), key=_likeness, default="")
    if _KANA.search(best) or _WIDE_PAIR.search(best):
        return best
    if _reads_mostly(data, "utf-8"):
        return data.decode("utf-8", "replace")
    if _reads_mostly(data, "cp932") and _is_mostly_kana(data.decode("cp932", "replace")):
        return data.decode("cp932", "replace")
    return data.decode("cp1252", "replace")


def _likeness(text: str) -> float:
    """How Japanese it reads: EUC bytes read as Shift_JIS come out as half-width kana and rare signs."""
    sample = text[:4000]
    kana = sum("\u3040" <= char <= "\u30ff" for char in sample)
    kanji = sum("\u4e00" <= char <= "\u9fff" for char in sample)
    half = sum("\uff61" <= char <= "\uff9f" for char in sample)
    rare = sum("\ue000" <= char <= "\uf8ff" for char in sample)
    return (2 * kana + kanji - half - 2 * rare) / (len(sample) or 1)
