"""Letters within signatures and encryption: what can be shown without a key is shown, unverified."""

import re
from collections.abc import Iterator

_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
# Enveloped, encrypted, and enveloped with authentication.
_ENCRYPTED = tuple(
    bytes.fromhex(value) for value in ("2a864886f70d010703", "2a864886f70d010706", "2a864886f70d0109100117")
)
_SEQUENCE, _SET, _OID, _OCTETS, _OCTETS_IN_PIECES, _CONTENT = 0x30, 0x31, 0x06, 0x04, 0x24, 0xA0
_DEEPEST = 20

_BEGIN_SIGNED = "-----BEGIN PGP SIGNED MESSAGE-----"
_BEGIN_SIGNATURE, _END_SIGNATURE = "-----BEGIN PGP SIGNATURE-----", "-----END PGP SIGNATURE-----"
# Up to its end, or where that is missing, up to the end of the letter.
_ENCRYPTED_INLINE = re.compile(
    r"^-----BEGIN PGP MESSAGE-----\s*$.*?(?:^-----END PGP MESSAGE-----[ \t]*$|\Z)\n*",
    re.MULTILINE | re.DOTALL,
)
_DASHED = re.compile(r"(?m)^- ")


class _Damaged(Exception):
    pass


_BROKEN = (_Damaged, IndexError, ValueError, StopIteration)


def unsigned(data: bytes) -> bytes | None:
    """The bytes inside an opaque signature (CMS SignedData), of which nothing is verified; None without."""
    try:
        kind, content = _content_info(data)
        if kind != _SIGNED_DATA or content is None:
            return None
        encapsulated = next(span for tag, *span in _values(data, *content) if tag == _SEQUENCE)
        explicit = next(span for tag, *span in _values(data, *encapsulated) if tag == _CONTENT)
        return b"".join(_octets(data, *explicit, depth=0))
    except _BROKEN:
        return None


def is_encrypted(data: bytes) -> bool:
    """Whether these bytes are a CMS envelope that only a key opens."""
    try:
        return _content_info(data)[0] in _ENCRYPTED
    except _BROKEN:
        return False


def without_inline_signature(text: str) -> str:
    """The words between the marks of an inline PGP signature, without the signature."""
    before, begun, rest = text.partition(_BEGIN_SIGNED)
    said, signed, after = rest.partition(_BEGIN_SIGNATURE)
    if not begun or not signed:
        return text
    _, blank, words = said.partition("\n\n")  # Above the blank line stands the way of signing.
    after = after.partition(_END_SIGNATURE)[2]
    return before + _DASHED.sub("", words if blank else said).rstrip("\n") + after


def without_inline_encryption(text: str) -> tuple[str, str]:
    """The words beside inline PGP messages, and those messages, which only a key opens."""
    sealed = "\n".join(_ENCRYPTED_INLINE.findall(text))
    return (_ENCRYPTED_INLINE.sub("", text), sealed) if sealed else (text, "")


def _content_info(data: bytes) -> tuple[bytes, tuple[int, int] | None]:
    """The type of the outermost structure, and where its content lies."""
    tag, start, end, _ = _value(data, 0, len(data))
    if tag != _SEQUENCE:
        raise _Damaged
    kind, *rest = _values(data, start, end)
    if kind[0] != _OID:
        raise _Damaged
    explicit = next((span for tag, *span in rest if tag == _CONTENT), None)
    if explicit is None:
        return data[kind[1] : kind[2]], None
    _, start, end, _ = _value(data, *explicit)
    return data[kind[1] : kind[2]], (start, end)


def _octets(data: bytes, start: int, end: int, *, depth: int) -> Iterator[bytes]:
    """A string of bytes, which may be written in pieces."""
    for tag, first, last in _values(data, start, end):
        if tag == _OCTETS:
            yield data[first:last]
        elif tag == _OCTETS_IN_PIECES and depth < 3:
            yield from _octets(data, first, last, depth=depth + 1)


def _values(data: bytes, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Tag, start and end of each value in this span."""
    at = start
    while at < end and data[at : at + 2] != b"\0\0":
        tag, first, last, at = _value(data, at, end)
        yield tag, first, last


def _value(data: bytes, at: int, end: int, depth: int = 0) -> tuple[int, int, int, int]:
    """Tag, start and end of the value at `at`, and where the next one begins. Raises `_Damaged`."""
    if at + 2 > end or depth > _DEEPEST:
        raise _Damaged
    tag, size, at = data[at], data[at + 1], at + 2
    if tag & 31 == 31:  # Long tags have no place in these structures.
        raise _Damaged
    if size == 0x80:
        inner = at
        while data[inner : inner + 2] != b"\0\0":
            *_, inner = _value(data, inner, end, depth + 1)
        return tag, at, inner, inner + 2
    if size > 0x80:
        width = size & 127
        size, at = int.from_bytes(data[at : at + width], "big"), at + width
        if width > 4:
            raise _Damaged
    if at + size > end:
        raise _Damaged
    return tag, at, at + size, at + size
