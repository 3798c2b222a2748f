"""Which parts of a letter are its words, and which are files."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from mimetypes import MimeTypes
from urllib.parse import unquote

from helpdesk.channels.email.charset_labels import is_japanese
from helpdesk.channels.email.charsets import declared_in_html, decode
from helpdesk.channels.email.headers import words
from helpdesk.channels.email.letter import Attachment
from helpdesk.channels.email.mime import Part
from helpdesk.core.text import clean_filename, one_line, plain, without_controls

# Characters kept of the words of one letter; the raw letter has the rest.
LONGEST_TEXT = 1_000_000
LONGEST_HTML = 2_000_000

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


@dataclass
class Words:
    """What one part says, as text, as HTML, or both as alternatives."""

    text: str = ""
    html: str = ""

    def readable(self) -> str:
        return self.text if self.text.strip() else plain(self.html)


@dataclass
class Contents:
    """Words and files of a letter, in their order."""

    said: list[Words] = field(default_factory=list)
    files: list[Part] = field(default_factory=list)
    has_japanese_charset: bool = False

    @property
    def text(self) -> str:
        return "\n\n".join(text for words in self.said if (text := words.readable().strip("\n ")))

    @property
    def html(self) -> str | None:
        if not any(words.html for words in self.said):
            return None
        shown = (
            words.html or f"<pre>{escape(words.text)}</pre>"
            for words in self.said
            if words.html or words.text
        )
        return "<hr>".join(shown)[:LONGEST_HTML]


def read_contents(root: Part) -> Contents:
    """Sort the parts of a letter into what it says and what it carries."""
    contents = Contents()
    if not root.parts and root.content_type.startswith("text/") and root.disposition != "attachment":
        _take_words(root, contents)  # A letter of one part is its words, though the part may bear a name.
    else:
        _take(root, contents)
    return contents


def attachments(contents: Contents) -> tuple[Attachment, ...]:
    """The files, named and typed; a file that the HTML shows in place is inline."""
    shown = {unquote(cid) for cid in _CID.findall(contents.html or "")}
    return tuple(_attachment(part, number, shown) for number, part in enumerate(contents.files, start=1))


def _take(part: Part, contents: Contents) -> None:
    if part.content_type == "multipart/alternative":
        _take_alternatives(part, contents)
    elif part.parts:
        for inner in part.parts:
            _take(inner, contents)
    elif _is_words(part):
        _take_words(part, contents)
    elif part.end > part.start or part.filename:
        contents.files.append(part)


def _is_words(part: Part) -> bool:
    is_text = part.content_type in ("text/plain", "text/html", "text/enriched")
    return is_text and part.disposition != "attachment" and not part.filename


def _take_alternatives(part: Part, contents: Contents) -> None:
    """The same words twice: keep them as one, with all the files among them."""
    inner = Contents(files=contents.files)
    for alternative in part.parts:
        _take(alternative, inner)
    text = "\n\n".join(words.text for words in inner.said if words.text)
    html = "<hr>".join(words.html for words in inner.said if words.html)
    contents.said.append(Words(text, html))
    contents.has_japanese_charset |= inner.has_japanese_charset


def _take_words(part: Part, contents: Contents) -> None:
    data = part.content()
    contents.has_japanese_charset |= is_japanese(part.charset)
    if part.content_type == "text/html":
        html = decode(data[: 4 * LONGEST_HTML], part.charset or declared_in_html(data))
        contents.said.append(Words(html=without_controls(html)[:LONGEST_HTML]))
        return
    text = without_controls(decode(data[: 4 * LONGEST_TEXT], part.charset))[:LONGEST_TEXT]
    if part.type_parameters.get("format", "").lower() == "flowed":
        text = "\n".join(_unflowed(text, is_joined=part.type_parameters.get("delsp", "").lower() == "yes"))
    contents.said.append(Words(text=text))


def _unflowed(text: str, *, is_joined: bool) -> Iterator[str]:
    """Paragraphs of `format=flowed` (RFC 3676): a space at the end of a line means that it goes on."""
    waiting: list[str] = []
    depth = 0
    for line in text.split("\n"):
        quotes = len(line) - len(line.lstrip(">"))
        body = line[quotes:].removeprefix(" ")
        if waiting and quotes != depth:
            yield _prefixed(depth, waiting)
            waiting = []
        depth = quotes
        if body.endswith(" ") and body != "-- ":
            waiting.append(body[:-1] if is_joined else body)
        else:
            yield _prefixed(depth, [*waiting, body])
            waiting = []
    if waiting:
        yield _prefixed(depth, waiting)


def _prefixed(depth: int, pieces: list[str]) -> str:
    return (">" * depth + " " if depth else "") + "".join(pieces)


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
