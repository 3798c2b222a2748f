"""The files of a letter: named, typed by their content, and told apart from what the page shows in place."""

import re
from mimetypes import MimeTypes
from urllib.parse import unquote

from helpdesk.channels.email.letters.bodies import Contents
from helpdesk.channels.email.letters.charsets import decode
from helpdesk.channels.email.letters.headers import words
from helpdesk.channels.email.letters.letter import Attachment
from helpdesk.channels.email.letters.mime import Part
from helpdesk.channels.email.letters.tnef import File
from helpdesk.core.text import clean_filename, one_line

# The library's own table: the one of the machine would make names depend on where we run.
_TYPES = MimeTypes(filenames=())
_BY_FIRST_BYTES = (
    (b"%PDF-", "application/pdf"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\x89PNG\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"), (b"GIF87a", "image/gif"), (b"GIF89a", "image/gif"),
    (b"MZ", "application/x-msdownload"), (b"\x7fELF", "application/x-executable"),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"), (b"Rar!\x1a\x07", "application/vnd.rar"),
)  # fmt: skip
_ARCHIVED = (
    "application/vnd.openxmlformats",
    "application/vnd.oasis",
    "application/epub",
    "application/java",
)
_MARKUP = re.compile(
    rb"^\s{0,200}(?:<!--.{0,400}?-->\s{0,200})?<(?:!doctype\s+html|html|script|(svg))\b", re.I | re.S
)
_FIXED_NAMES = {
    "text/calendar": "invite.ics", "application/ms-tnef": "winmail.dat",
    "message/delivery-status": "delivery-status.txt",
    "application/pgp-signature": "signature.asc", "application/pgp-encrypted": "encrypted.asc",
}  # fmt: skip
_CID = re.compile(r"cid:([^\"'\s<>)]{1,300})", re.IGNORECASE)


def attachments(contents: Contents) -> tuple[Attachment, ...]:
    """The files, named and typed; a file that the HTML shows in place is inline."""
    shown = {unquote(cid) for cid in _CID.findall(contents.html or "")}
    files = (_attachment(part, number, shown) for number, part in enumerate(contents.files, start=1))
    return (
        *files,
        *(_unpacked(file, number, shown) for number, file in enumerate(contents.unpacked, start=1)),
    )


def _attachment(part: Part, number: int, shown: set[str]) -> Attachment:
    content = part.content()
    content_id = one_line(part.headers.first("content-id")).strip("<> ") or None
    content_type = _true_type(content, part.content_type, part.filename)
    return Attachment(
        name=clean_filename(part.filename) if part.filename else _name(part, content_type, number),
        content_type=content_type,
        content=content,
        content_id=content_id,
        is_inline=content_id in shown,
    )


def _unpacked(file: File, number: int, shown: set[str]) -> Attachment:
    """A file out of a winmail.dat."""
    name = clean_filename(file.name, f"file-{number}")
    declared = file.content_type or _TYPES.guess_type(name)[0] or "application/octet-stream"
    content_id = one_line(file.content_id) or None
    return Attachment(
        name, _true_type(file.content, declared, name), file.content, content_id, content_id in shown
    )


def _name(part: Part, content_type: str, number: int) -> str:
    if content_type == "message/rfc822":
        subject = re.search(
            rb"(?mi)^Subject:[ \t]*([^\n]{1,500}(?:\n[ \t][^\n]{1,500}){0,5})", part.content()[:65_536]
        )
        return (
            clean_filename(words(decode(subject[1].replace(b"\n", b"")))[:100] if subject else "letter")
            + ".eml"
        )
    if content_type in _FIXED_NAMES:
        return _FIXED_NAMES[content_type]
    kind = "image" if content_type.startswith("image/") else "file"
    return f"{kind}-{number}{_TYPES.guess_extension(content_type) or ''}"


def _true_type(content: bytes, declared: str, filename: str) -> str:
    """The type by its first bytes; what cannot be told keeps its name's type, then the declared one."""
    for start, content_type in _BY_FIRST_BYTES:
        if content.startswith(start):
            return content_type
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    by_name = _TYPES.guess_type(filename)[0] or ""
    if content.startswith(b"PK\x03\x04"):
        archive = next((kind for kind in (declared, by_name) if kind.startswith(_ARCHIVED)), None)
        return archive or "application/zip"
    if (markup := _MARKUP.match(content[:1000])) and not declared.startswith("message/"):
        return "image/svg+xml" if markup[1] else "text/html"
    return by_name if declared == "application/octet-stream" and by_name else declared
