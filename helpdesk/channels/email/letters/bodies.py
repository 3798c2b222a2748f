"""Which parts of a letter are its words, and which are files."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape

from helpdesk.channels.email.letters.charset_labels import is_japanese
from helpdesk.channels.email.letters.charsets import declared_in_html, decode
from helpdesk.channels.email.letters.enveloping import (
    is_encrypted,
    unsigned,
    without_inline_encryption,
    without_inline_signature,
)
from helpdesk.channels.email.letters.letter import Unreadable
from helpdesk.channels.email.letters.mime import Part, read_parts
from helpdesk.channels.email.letters.tnef import File, unpack
from helpdesk.core.text import plain, without_controls

# Characters kept of the words of one letter; the raw letter has the rest.
LONGEST_TEXT = 1_000_000
LONGEST_HTML = 2_000_000
# Letters within signatures that are taken out of each other.
MOST_UNWRAPPED = 3

_SIGNATURES = ("application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature")
_OPAQUE = ("application/pkcs7-mime", "application/x-pkcs7-mime")
_TNEF = ("application/ms-tnef", "application/vnd.ms-tnef")


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
    # What a winmail.dat among the files held.
    unpacked: list[File] = field(default_factory=list)
    # Of these: signed-unverified, encrypted.
    oddities: list[str] = field(default_factory=list)
    unwrapped: int = 0
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
    _take_root(root, contents)
    return contents


def _take_root(root: Part, contents: Contents) -> None:
    if not root.parts and root.content_type.startswith("text/") and root.disposition != "attachment":
        _take_words(root, contents)  # A letter of one part is its words, though the part may bear a name.
    else:
        _take(root, contents)


def _take(part: Part, contents: Contents) -> None:
    if part.content_type == "multipart/alternative":
        _take_alternatives(part, contents)
    elif part.parts:
        for inner in _shown_of(part, contents):
            _take(inner, contents)
    elif _is_words(part):
        _take_words(part, contents)
    elif part.content_type in _OPAQUE or part.filename.lower().endswith(".p7m"):
        _take_opaque(part, contents)
    elif part.content_type in _TNEF or part.filename.lower() == "winmail.dat":
        _take_winmail(part, contents)
    elif part.end > part.start or part.filename:
        contents.files.append(part)


def _shown_of(part: Part, contents: Contents) -> tuple[Part, ...]:
    """The parts without those that only machines read: signatures, and the label of what is encrypted."""
    if part.content_type == "multipart/signed":
        contents.oddities.append("signed-unverified")
        return tuple(inner for inner in part.parts if inner.content_type not in _SIGNATURES)
    shown = tuple(inner for inner in part.parts if inner.content_type != "application/pgp-encrypted")
    # By its label too: some servers write multipart/mixed over it.
    if part.content_type == "multipart/encrypted" or len(shown) < len(part.parts):
        contents.oddities.append("encrypted")
    return shown


def _take_opaque(part: Part, contents: Contents) -> None:
    """A letter wrapped in its signature is unwrapped; an encrypted one is kept as it is."""
    data = part.content()
    inside = unsigned(data) if contents.unwrapped < MOST_UNWRAPPED else None
    if inside:
        try:
            letter = read_parts(inside)
        except Unreadable:
            inside = None
        else:
            contents.unwrapped += 1
            contents.oddities.append("signed-unverified")
            _take_root(letter, contents)
            return
    if is_encrypted(data):
        contents.oddities.append("encrypted")
    contents.files.append(part)


def _take_winmail(part: Part, contents: Contents) -> None:
    """The file is kept; what it holds stands beside it. Its words count where the letter has no others."""
    contents.files.append(part)
    found = unpack(part.content())
    contents.unpacked.extend(found.files)
    if not contents.text and (found.text or found.html):
        html = without_controls(found.html)[:LONGEST_HTML]
        contents.said.append(Words(without_controls(found.text)[:LONGEST_TEXT], html))


def _is_words(part: Part) -> bool:
    is_text = part.content_type in ("text/plain", "text/html", "text/enriched")
    return is_text and part.disposition != "attachment" and not part.filename


def _take_alternatives(part: Part, contents: Contents) -> None:
    """The same words twice: keep them as one, with all the files among them."""
    inner = Contents(files=contents.files, unpacked=contents.unpacked, oddities=contents.oddities)
    inner.unwrapped = contents.unwrapped
    for alternative in part.parts:
        _take(alternative, inner)
    text = "\n\n".join(words.text for words in inner.said if words.text)
    html = "<hr>".join(words.html for words in inner.said if words.html)
    contents.said.append(Words(text, html))
    contents.has_japanese_charset |= inner.has_japanese_charset
    contents.unwrapped = inner.unwrapped


def _take_words(part: Part, contents: Contents) -> None:
    data = part.content()
    contents.has_japanese_charset |= is_japanese(part.charset)
    if part.content_type == "text/html":
        html = decode(data[: 4 * LONGEST_HTML], part.charset or declared_in_html(data))
        contents.said.append(Words(html=without_controls(html)[:LONGEST_HTML]))
        return
    text = without_controls(decode(data[: 4 * LONGEST_TEXT], part.charset))[:LONGEST_TEXT]
    text, sealed = without_inline_encryption(text)
    if sealed:
        contents.oddities.append("encrypted")
        contents.unpacked.append(File("encrypted.asc", sealed.encode()))
    if (words := without_inline_signature(text)) != text:
        contents.oddities.append("signed-unverified")
        text = words
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
