"""Text for people: shortened, named, read from HTML, and freed of what nobody can see."""

import re
import unicodedata

from helpdesk.core.tags import Tag, tokens

# Controls but tab and line feed, lone surrogates, and the noncharacters.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
# They turn text around or hide in it: right for prose in Hebrew, never for a name or a subject.
_INVISIBLE = re.compile("[\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
_SPACES = re.compile(r"\s+")
_UNSAFE_IN_NAMES = re.compile(r'[<>:"|?*\\/]')
_RESERVED = re.compile(r"^(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)", re.IGNORECASE)
_JAPANESE = re.compile("[\u3005\u3041-\u30ff\u3400-\u9fff]")
_HONORIFIC = re.compile(r"\s*(?:様|さま|さん|殿|御中)$")
_COMPANY = re.compile(
    r"(?:株式|有限|合同|合資|合名|相互)会社|[㈱㈲]|[(（][株有同][)）]|(?:法人|組合|協会|機構|大学|病院|市役所)$"
    r"|\b(?:Inc|Ltd|LLC|LLP|Corp|Corporation|Company|GmbH|K\.?K|PLC)\b\.?|\bCo\.",
    re.IGNORECASE,
)

LONGEST_NAME = 120


def without_controls(text: str) -> str:
    """Text that a database and a page can hold: line feeds only, no controls, no lone surrogates."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def one_line(text: str) -> str:
    """For names and subjects: no controls, nothing invisible, single spaces."""
    return _SPACES.sub(" ", _INVISIBLE.sub("", _CONTROLS.sub(" ", text))).strip()


def excerpt(text: str, length: int = 160) -> str:
    """The beginning on one line, at most `length` characters with its "…"; Latin words are not cut."""
    line = one_line(text[: length * 4 + 400])
    if len(line) <= length:
        return line
    cut = line[: length - 1]
    word = cut.rfind(" ")
    if line[length - 1].isascii() and line[length - 1].isalnum() and word > length // 2:
        cut = cut[:word]
    return cut.rstrip(" 、。,.;:") + "…"


def clean_filename(name: str, default: str = "file") -> str:
    """A name fit to show and to offer for download; never use it as a path.

    Folders, controls and invisible signs are taken away, the ending is kept when it is shortened.
    """
    name = one_line(unicodedata.normalize("NFC", name)).replace("\\", "/").rsplit("/", 1)[-1]
    name = _UNSAFE_IN_NAMES.sub("_", name).strip(". ")
    name = _RESERVED.sub("_", name)
    if len(name) > LONGEST_NAME:
        stem, dot, ending = name.rpartition(".")
        ending = dot + ending if stem and len(ending) <= 10 else ""
        name = name[: LONGEST_NAME - len(ending)].rstrip(". ") + ending
    return name or default


def is_company(name: str) -> bool:
    """Whether the name is of an organisation rather than of a person."""
    return bool(_COMPANY.search(name))


def addressed(name: str, lang: str) -> str:
    """The name as a letter speaks to it: 田中様, 東都精機株式会社 御中; in English the name alone.

    Of a Japanese name with a space only the family name is taken. Empty for an empty name.
    """
    name = _HONORIFIC.sub("", one_line(name))
    if not name or lang != "ja":
        return name
    if is_company(name):
        return f"{name} 御中"
    if not _JAPANESE.search(name):
        return f"{name} 様"
    return f"{name.split(' ')[0]}様"


def plain(html: str) -> str:
    """HTML as readable text: a line for each block, marks for lists and quotes, links with their address."""
    reader = _Reader()
    for token in tokens(html):
        if isinstance(token, str):
            reader.say(token)
        elif token.is_closing:
            reader.close(token.name)
        else:
            reader.open(token)
    return reader.text()


_BLOCKS = frozenset(
    "address article aside blockquote body center dd div dl dt fieldset figure footer form"
    " h1 h2 h3 h4 h5 h6 header html li main nav ol p pre section table tbody tfoot thead tr ul".split()
)
# A blank line stands before and after these.
_APART = frozenset("blockquote h1 h2 h3 h4 h5 h6 ol p pre table ul".split())
_DEEPEST_QUOTE = 10
_HTML_SPACES = re.compile(r"[ \t\n\r\f]+")


class _Reader:
    """Writes down the text of a page, line by line."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.quotes = 0
        self.preformatted = 0
        # The next number of each open list; None for a list of dots.
        self.lists: list[int | None] = []
        self.link: tuple[str, int] | None = None

    def say(self, text: str) -> None:
        if self.preformatted:
            first, *others = text.split("\n")
            self.line.append(first)
            for other in others:
                self.end_line()
                self.line.append(other)
            return
        text = _HTML_SPACES.sub(" ", text)
        if text.startswith(" ") and (not self.line or self.line[-1].endswith(" ")):
            text = text[1:]
        if text:
            self.line.append(text)

    def open(self, tag: Tag) -> None:
        name = tag.name
        self._start_block(name)
        if name == "br":
            self.end_line()
        elif name == "hr":
            self.lines.append(self._prefix() + "----")
        elif name == "img":
            self.say(f"[{alt}]" if (alt := tag.attributes.get("alt", "").strip()) else "")
        elif name in ("ul", "ol"):
            self.lists.append(1 if name == "ol" else None)
        elif name == "li":
            self._start_item()
        elif name in ("td", "th") and self.line:
            self.line.append("  ")
        elif name == "a":
            self.link = (tag.attributes.get("href", "").strip(), len(self.line))

    def close(self, name: str) -> None:
        if name == "a":
            self._end_link()
        elif name in ("ul", "ol") and self.lists:
            self.lists.pop()
        if name in _BLOCKS:
            self.break_line(is_apart=name in _APART and not self.lists)
        if name == "blockquote":
            self.quotes = max(0, self.quotes - 1)
        elif name == "pre":
            self.preformatted = max(0, self.preformatted - 1)

    def end_line(self) -> None:
        self.lines.append((self._prefix() + "".join(self.line)).rstrip())
        self.line = []

    def break_line(self, *, is_apart: bool) -> None:
        if any(piece.strip() for piece in self.line):
            self.end_line()
        self.line = []
        if is_apart and self.lines and self.lines[-1].strip("> "):
            self.lines.append(self._prefix().rstrip())

    def text(self) -> str:
        self.break_line(is_apart=False)
        return re.sub(r"\n{3,}", "\n\n", without_controls("\n".join(self.lines)).replace("\xa0", " ")).strip(
            "\n "
        )

    def _start_block(self, name: str) -> None:
        if name in _BLOCKS or name == "hr":
            self.break_line(is_apart=name in _APART and not self.lists)
        if name == "blockquote":
            self.quotes = min(_DEEPEST_QUOTE, self.quotes + 1)
        elif name == "pre":
            self.preformatted += 1

    def _start_item(self) -> None:
        number = self.lists[-1] if self.lists else None
        indent = "  " * min(len(self.lists) - 1, 8)
        self.line.append(f"{indent}- " if number is None else f"{indent}{number}. ")
        if number is not None:
            self.lists[-1] = number + 1

    def _end_link(self) -> None:
        """The address after the words of a link, unless they are the address."""
        if self.link is None:
            return
        href, start = self.link
        words = "".join(self.line[start:]).strip()
        bare = href.removeprefix("mailto:").removeprefix("https://").removeprefix("http://").rstrip("/")
        if href.lower().startswith(("http://", "https://", "mailto:")) and words and bare not in words:
            self.line.append(f" ({href.removeprefix('mailto:')})")
        self.link = None

    def _prefix(self) -> str:
        return "> " * self.quotes
