"""How large a picture is, told from its first bytes."""

import struct
from pathlib import Path

import pytest

from helpdesk.core.pictures import size_of, size_of_file

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 640, 480)
GIF = b"GIF89a" + struct.pack("<HH", 640, 480)
# A preview stands before the frame, then a table that is no frame.
JPEG = (
    b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc4\x00\x04xx" + b"\xff\xc2\x00\x11\x08" + struct.pack(">HH", 480, 640)
)
LOSSY = b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 640, 480)
LOSSLESS = b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f" + struct.pack("<I", 639 | 479 << 14)
LARGE = b"RIFF\0\0\0\0WEBPVP8X" + b"\0" * 8 + (639).to_bytes(3, "little") + (479).to_bytes(3, "little")


@pytest.mark.parametrize("content", [PNG, GIF, JPEG, LOSSY, LOSSLESS, LARGE])
def test_each_kind_of_picture_tells_its_size(content: bytes) -> None:
    assert size_of(content) == (640, 480)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", PNG[:20], JPEG[:12], b"\xff\xd8", LOSSLESS[:22]])
def test_what_is_no_picture_or_a_broken_one_tells_none(content: bytes) -> None:
    assert size_of(content) is None


def test_a_file_that_is_gone_tells_none(tmp_path: Path) -> None:
    assert size_of_file(tmp_path / "gone") is None
