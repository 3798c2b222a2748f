"""Text from the double bytes of Japanese mail: ISO-2022-JP with all its relatives, EUC-JP, Shift_JIS.

The codecs of Python know the standards; mail has Microsoft's and NEC's characters, half-width kana by three
ways, and the pictures of mobile phones, which stand here as 〓.
"""

import codecs
import re
from collections.abc import Callable, Iterator
from functools import lru_cache

# Where each run of ISO-2022-JP begins. `&@` announces the revision of 1990.
_ESCAPE = re.compile(rb"\x1b(?:&@\x1b)?(\$\([DCOPQ]|\$[@AB]|\([BJIH])")
# Pictures of SoftBank's phones, in any character set.
_WEBCODE = re.compile(rb"\x1b\$[E-GO-Q][!-~]{1,200}\x0f")
# ISO-2022-JP whose escapes a program took for rubbish.
_STRIPPED = re.compile(rb"\$[@B]((?:[!-~]{2}){2,200}?)\([BJ]")
_KANA_BYTES = re.compile(rb"[\x00-\x7f\xa1-\xdf]*")
_SHIFTED = re.compile(rb"\x0e([^\x0f\n]*)\x0f?")
# A character of Shift_JIS that the codec does not have: in the area of users, where phones have pictures.
_OF_USERS = re.compile(rb"[\xf0-\xf9][\x40-\x7e\x80-\xfc]")
# Bytes in which lost escapes are looked for: a search for pairs from each "$B" is not quite linear.
_MENDED = 50_000
GETA = "〓"


def jis(data: bytes, read_rest: Callable[[bytes], str]) -> str:
    """ISO-2022-JP; bytes of eight bits that were slipped in are read by `read_rest`."""
    text = _strictly(data, "iso2022_jp") if b"\x0e" not in data else None
    return "".join(_jis_runs(data, read_rest)) if text is None else text


def has_stripped_escapes(data: bytes) -> bool:
    """Whether `$B…(B` stands there without its escapes, and makes kana."""
    return any(b"$" in found[1] or b"%" in found[1] for found in _STRIPPED.finditer(data[:_MENDED]))


def with_escapes(data: bytes) -> bytes:
    mended = _STRIPPED.sub(lambda found: b"\x1b$B" + found[1] + b"\x1b(B", data[:_MENDED])
    return mended + data[_MENDED:]


def without_webcode(data: bytes) -> bytes:
    """SoftBank's pictures as a mark that every character set has."""
    return _WEBCODE.sub(b"[*]", data) if b"\x1b$" in data else data


def shift_jis(data: bytes) -> str | None:
    """Microsoft's Shift_JIS, with phones' pictures as 〓; None where it is none."""
    text = _strictly(data, "cp932")
    if text is None and _OF_USERS.search(data):
        text = _strictly(data, "cp932", errors="helpdesk-pictures")
    return text


def _pictures(error: UnicodeError) -> tuple[str, int]:
    """Two bytes of the area of users are one picture; any other damage stays an error."""
    assert isinstance(error, UnicodeDecodeError)
    if _OF_USERS.match(error.object, error.start):
        return GETA, error.start + 2
    raise error


codecs.register_error("helpdesk-pictures", _pictures)


def _jis_runs(data: bytes, read_rest: Callable[[bytes], str]) -> Iterator[str]:
    """Each run between escape sequences, by the set that the escape chose."""
    chosen, at = b"(B", 0
    for escape in _ESCAPE.finditer(data):
        yield _run(chosen, data[at : escape.start()], read_rest)
        chosen, at = escape[1], escape.end()
    yield _run(chosen, data[at:], read_rest)


def _run(chosen: bytes, run: bytes, read_rest: Callable[[bytes], str]) -> str:
    if chosen in _JIS_SETS:
        return _JIS_SETS[chosen](run)
    if codec := _RARE_SETS.get(chosen):
        return (b"\x1b" + chosen + run).decode(codec, "replace")
    if b"\x0e" in run:
        pieces = _SHIFTED.split(run)
        return "".join(
            _half_width_kana(piece) if index % 2 else _run(b"(B", piece, read_rest)
            for index, piece in enumerate(pieces)
        )
    if run.isascii():
        return run.replace(b"\x1b", b"").decode("ascii")
    return run.decode("cp932") if _KANA_BYTES.fullmatch(run) else read_rest(run)


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


_RARE_SETS = {
    b"$(O": "iso2022_jp_2004", b"$(P": "iso2022_jp_2004", b"$(Q": "iso2022_jp_2004",
    b"$A": "iso2022_jp_2", b"$(C": "iso2022_jp_2",
}  # fmt: skip


def euc(data: bytes) -> str:
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
    return _strictly(bytes((lead, trail)), "cp932") or GETA


def _pair_of(pair: bytes) -> str:
    return pair.decode("euc_jp", "replace")


def _strictly(data: bytes, codec: str, errors: str = "strict") -> str | None:
    try:
        return data.decode(codec, errors)
    except (UnicodeError, LookupError, ValueError):
        return None
