"""How large a picture is, from its first bytes, so that a page can keep its place free before it has come."""

import struct
from functools import lru_cache
from pathlib import Path

# Of a photograph, so much may stand before its size: a preview, colours, where it was taken.
_READ = 256 * 1024
# Frames of a JPEG that tell its size; the others of the row 0xC0 to 0xCF are tables.
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}


@lru_cache(maxsize=2048)
def size_of_file(path: Path) -> tuple[int, int] | None:
    """`size_of` a kept file, which never changes; None also where it is gone."""
    try:
        with path.open("rb") as file:
            return size_of(file.read(_READ))
    except OSError:
        return None


def size_of(content: bytes) -> tuple[int, int] | None:
    """Width and height in pixels of a PNG, GIF, JPEG or WebP; None for all else and for broken ones."""
    try:
        found = _size(content)
    except (struct.error, IndexError):
        return None
    return found if found and all(found) else None


def _size(content: bytes) -> tuple[int, int] | None:
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return struct.unpack(">II", content[16:24])
    if content.startswith((b"GIF87a", b"GIF89a")):
        return struct.unpack("<HH", content[6:10])
    if content.startswith(b"\xff\xd8"):
        return _size_of_jpeg(content)
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return _size_of_webp(content)
    return None


def _size_of_jpeg(content: bytes) -> tuple[int, int] | None:
    at = 2
    while content[at] == 0xFF:
        kind, length = content[at + 1], struct.unpack(">H", content[at + 2 : at + 4])[0]
        if kind in _FRAMES:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        at += 2 + length
    return None


def _size_of_webp(content: bytes) -> tuple[int, int] | None:
    kind = content[12:16]
    if kind == b"VP8X":
        return (
            1 + int.from_bytes(content[24:27], "little"),
            1 + int.from_bytes(content[27:30], "little"),
        )
    if kind == b"VP8L":
        bits = struct.unpack("<I", content[21:25])[0]
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", content[26:30])
        return width & 0x3FFF, height & 0x3FFF
    return None
