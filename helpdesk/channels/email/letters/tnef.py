"""winmail.dat: what Outlook sends to those who have none (MS-OXTNEF). Files and words are taken out of it.

A reader of our own: the known library is under the LGPL and has no limits. Damage ends the reading;
what was read until then is kept.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from helpdesk.channels.email.letters.charset_labels import codec_of
from helpdesk.channels.email.letters.charsets import decode
from helpdesk.channels.email.letters.rtf import decompressed, read_rtf

MOST_FILES = 200
MOST_PROPERTIES = 2000
_SIGNATURE = 0x223E9F78

# Attributes of the file, by the lower half of their id.
_BODY, _FILE_TITLE, _FILE_DATA, _FILE_BEGINS = 0x800C, 0x8010, 0x800F, 0x9002
_MESSAGE_PROPERTIES, _FILE_PROPERTIES, _CODE_PAGE = 0x9003, 0x9005, 0x9007
# Properties within them.
_TEXT, _RTF, _HTML = 0x1000, 0x1009, 0x1013
_DATA, _LONG_NAME, _SHORT_NAME, _NAME = 0x3701, 0x3707, 0x3704, 0x3001
_MIME_TYPE, _CONTENT_ID = 0x370E, 0x3712

_OBJECT, _STRING, _UNICODE, _BINARY = 0x0D, 0x1E, 0x1F, 0x102
_SIZES = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}


@dataclass
class File:
    """One file of winmail.dat; the name as the sender wrote it."""

    name: str = ""
    content: bytes = b""
    content_type: str = ""
    content_id: str = ""


@dataclass
class Unpacked:
    """What a winmail.dat holds."""

    files: list[File] = field(default_factory=list)
    text: str = ""
    html: str = ""


def unpack(data: bytes) -> Unpacked:
    """Files and words of a winmail.dat; empty where it is none."""
    found = Unpacked()
    label = ""
    for name, value in _attributes(data):
        try:
            if name == _CODE_PAGE:
                label = f"cp{struct.unpack_from('<I', value)[0]}"
            elif name == _FILE_BEGINS:
                found.files.append(File())
            elif name == _BODY:
                found.text = decode(value.rstrip(b"\0"), label)
            elif name == _MESSAGE_PROPERTIES:
                _take_words(found, value, label)
            elif name in (_FILE_TITLE, _FILE_DATA, _FILE_PROPERTIES) and found.files:
                _take_file(found.files[-1], name, value, label)
        except struct.error:
            continue
        if len(found.files) > MOST_FILES:
            break
    found.files = [file for file in found.files[:MOST_FILES] if file.content]
    return found


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    if len(data) < 6 or struct.unpack_from("<I", data)[0] != _SIGNATURE:
        return
    at = 6
    while at + 9 <= len(data):
        _, name, size = struct.unpack_from("<BII", data, at)
        yield name & 0xFFFF, data[at + 9 : at + 9 + size]
        at += 9 + size + 2


def _take_words(found: Unpacked, value: bytes, label: str) -> None:
    for kind, name, content in _properties(value):
        if name == _TEXT:
            found.text = _string(kind, content, label)
        elif name == _HTML:
            found.html = (
                decode(content.rstrip(b"\0"), label) if kind == _BINARY else _string(kind, content, label)
            )
        elif name == _RTF and not (found.html or found.text):
            said = read_rtf(decompressed(content))
            found.text, found.html = ("", said.text) if said.is_html else (said.text, "")


def _take_file(file: File, name: int, value: bytes, label: str) -> None:
    if name == _FILE_TITLE:
        file.name = file.name or decode(value.rstrip(b"\0"), label)
    elif name == _FILE_DATA:
        file.content = value
    else:
        for kind, prop, content in _properties(value):
            _take_property(file, kind, prop, content, label)


def _take_property(file: File, kind: int, prop: int, content: bytes, label: str) -> None:
    if prop == _DATA:
        # An object is led by its class; a letter within the letter stays a winmail.dat.
        file.content = content[16:] if kind == _OBJECT else content
    elif prop == _LONG_NAME or (prop in (_SHORT_NAME, _NAME) and not file.name):
        file.name = _string(kind, content, label)
    elif prop == _MIME_TYPE:
        file.content_type = _string(kind, content, label).lower()
    elif prop == _CONTENT_ID:
        file.content_id = _string(kind, content, label).strip("<> ")


def _string(kind: int, content: bytes, label: str) -> str:
    if kind == _UNICODE:
        return content.decode("utf-16-le", "replace").rstrip("\0")
    return decode(content.rstrip(b"\0"), label if codec_of(label) else "")


def _properties(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Type, id and first value of each property. Raises `struct.error` where the data ends too early."""
    (count,) = struct.unpack_from("<I", data)
    at = 4
    for _ in range(min(count, MOST_PROPERTIES)):
        kind, name = struct.unpack_from("<HH", data, at)
        at += 4
        if name >= 0x8000:
            at = _after_name(data, at)
        single = kind & ~0x1000
        values = 1
        if kind & 0x1000 or single in (_OBJECT, _STRING, _UNICODE, _BINARY):
            (values,) = struct.unpack_from("<I", data, at)
            at += 4
        first = b""
        for number in range(min(values, MOST_PROPERTIES)):
            content, at = _value(data, at, single)
            first = first if number else content
        yield single, name, first


def _after_name(data: bytes, at: int) -> int:
    """Where a property goes on that has a name of its own instead of a number."""
    (is_text,) = struct.unpack_from("<I", data, at + 16)
    if not is_text:
        return at + 24
    (size,) = struct.unpack_from("<I", data, at + 20)
    return int(at + 24 + (size + 3) // 4 * 4)


def _value(data: bytes, at: int, kind: int) -> tuple[bytes, int]:
    if kind in _SIZES:
        return data[at : at + _SIZES[kind]], at + _SIZES[kind]
    (size,) = struct.unpack_from("<I", data, at)
    return data[at + 4 : at + 4 + size], int(at + 4 + (size + 3) // 4 * 4)
