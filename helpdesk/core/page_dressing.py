"""What a text gets that is a page of its own: figures, files with their size, boxes to tick, cards of videos.

Works on the tokens of markdown-it, before they become HTML. Nothing of it trusts the text: what comes out is
cleaned like all else.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from markupsafe import escape

if TYPE_CHECKING:
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

# How a text names a file that belongs to it.
FILES = "files/"

_WORDS_JA = {
    "Link to this heading": "この見出しへのリンク",
    "Table": "表",
    "Code": "コード",
    "Transcript of the video": "動画の文字起こし",
    "Watch the video": "動画を見る",
    "Enlarge the picture": "画像を拡大",
}
_TRANSCRIPT = re.compile(r"\[!(?:transcript|文字起こし)\][ \t]*", re.IGNORECASE)
# Where videos are: our pages load nothing from other sites, so they are linked to.
_VIDEOS = {
    "youtube.com": "YouTube",
    "youtu.be": "YouTube",
    "vimeo.com": "Vimeo",
    "loom.com": "Loom",
    "nicovideo.jp": "ニコニコ動画",
}
_KILOBYTE = 1024


@dataclass(frozen=True)
class FileShown:
    """A file that a text shows or links to. size: in bytes; width, height: of a picture, in pixels."""

    address: str
    size: int
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True)
class OwnPage:
    """What a text needs to be a page of its own. folder: the address in which its files lie."""

    folder: str = ""
    files: Mapping[str, FileShown] = field(default_factory=dict)

    def address(self, given: str) -> str:
        """The address of what the text calls `given`; what is no file of the text stays as it is.

        Empty while the text has no place of its own: then nobody asks for what is not there.
        """
        name = _file_name(given)
        if name is None:
            return given
        shown = self.files.get(name)
        return shown.address if shown else self.folder and self.folder + quote(name)

    def file(self, given: str) -> FileShown | None:
        return self.files.get(_file_name(given) or "")


class PageDressing:
    """The dressing of one text that is a page of its own."""

    def __init__(self, state: "StateCore") -> None:
        # As `markup`: the library is paid for by the first text, not by every start.
        from markdown_it.token import Token  # noqa: PLC0415

        self.token = Token
        self.tokens, self.lang = state.tokens, state.env.get("lang", "en")
        self.page: OwnPage = state.env["page"]
        self.state = state

    def dress(self) -> None:
        for index, token in enumerate(self.tokens):
            if token.type == "heading_open":
                self._anchor(self.tokens[index + 1], str(token.attrGet("id")))
            elif token.type == "list_item_open" and "checked" in token.meta:
                self._task(token, self.tokens[index + 1 : index + 3])
            elif token.type in ("fence", "code_block"):
                self._code(token)
            elif token.type == "blockquote_open":
                self._transcript(index)
            elif token.type == "inline":
                self._files(token)
                self._alone(self.tokens[index - 1], token, self.tokens[index + 1])
        self.state.tokens = [*self._with_tables_in_boxes()]

    def say(self, words: str) -> str:
        return _WORDS_JA[words] if self.lang == "ja" else words

    def raw(self, html: str) -> "Token":
        return self.token("html_inline", "", 0, content=html)

    def _anchor(self, heading: "Token", id: str) -> None:
        label = escape(self.say("Link to this heading"))
        link = self.raw(f' <a class="anchor" href="#{escape(id)}" aria-label="{label}">#</a>')
        heading.children = [*(heading.children or ()), link]

    def _task(self, item: "Token", inner: list["Token"]) -> None:
        """A box that its reader can tick, named by its own words."""
        if [token.type for token in inner] != ["paragraph_open", "inline"]:
            return
        ticked = " checked" if item.meta.pop("checked") else ""
        box = self.raw(f'<label class="task__label"><input type="checkbox"{ticked}> <span>')
        inner[1].children = [box, *(inner[1].children or ()), self.raw("</span></label>")]

    def _code(self, block: "Token") -> None:
        """What scrolls is reached by keys."""
        block.type = "html_block"
        label = escape(self.say("Code"))
        code = f"<code>{escape(block.content)}</code>"
        block.content = f'<pre tabindex="0" role="group" aria-label="{label}">{code}</pre>\n'

    def _transcript(self, index: int) -> None:
        """`> [!TRANSCRIPT] Title` folds: the words of a video, for those who read or search them."""
        inline = self.tokens[index + 2] if self.tokens[index + 1].type == "paragraph_open" else None
        first = inline.children[0] if inline is not None and inline.children else None
        if inline is None or first is None or not (found := _TRANSCRIPT.match(first.content)):
            return
        title = first.content[found.end() :].strip() or self.say("Transcript of the video")
        rest = (inline.children or [])[1:]
        inline.children = rest[1:] if rest and rest[0].type in ("softbreak", "hardbreak") else rest
        opening = self.tokens[index]
        opening.type, opening.tag = "details_open", "details"
        opening.attrSet("class", "transcript")
        closing = next(
            each
            for each in self.tokens[index:]
            if each.type == "blockquote_close" and each.level == opening.level
        )
        closing.type, closing.tag = "details_close", "details"
        opening.meta["summary"] = f"<summary>{escape(title)}</summary>"

    def _files(self, inline: "Token") -> None:
        """Pictures with their place kept free, files with their size."""
        children: list[Token] = []
        waiting: FileShown | None = None
        for child in inline.children or ():
            children.append(child)
            if child.type == "image":
                self._picture(child)
            elif child.type == "link_open":
                given = str(child.attrGet("href") or "")
                waiting = self.page.file(given)
                child.attrSet("href", self.page.address(given))
                if waiting is not None and waiting.width is None:
                    child.attrSet("class", "download")
                    child.attrSet("download", "")
            elif child.type == "link_close" and waiting is not None:
                if waiting.width is None:
                    children.insert(-1, self.raw(f" <small>{_told(waiting)}</small>"))
                waiting = None
        inline.children = children

    def _picture(self, image: "Token") -> None:
        given = str(image.attrGet("src") or "")
        shown = self.page.file(given)
        image.attrSet("src", self.page.address(given))
        image.attrSet("loading", "lazy")
        if shown is not None and shown.width and shown.height:
            image.attrSet("width", str(shown.width))
            image.attrSet("height", str(shown.height))

    def _alone(self, opening: "Token", inline: "Token", closing: "Token") -> None:
        """A paragraph that is one picture is a figure; one that is a link to a video is a card."""
        children = [child for child in inline.children or () if child.type != "softbreak"]
        if opening.type != "paragraph_open" or not children:
            return
        if [child.type for child in children] == ["image"]:
            self._figure(opening, inline, closing)
        elif [child.type for child in children] == ["link_open", "text", "link_close"]:
            self._video(children[0], children[1])

    def _figure(self, opening: "Token", inline: "Token", closing: "Token") -> None:
        (image,) = (child for child in inline.children or () if child.type == "image")
        caption = str(image.attrs.pop("title", ""))
        for token in (opening, closing):
            token.type, token.tag, token.hidden = (
                f"figure_{'open' if token is opening else 'close'}",
                "figure",
                False,
            )
        address, label = escape(str(image.attrGet("src"))), escape(self.say("Enlarge the picture"))
        said = f"{label}: {escape(image.content)}" if image.content else label
        inline.children = [
            self.raw(f'<a class="zoom" href="{address}" aria-label="{said}">'),
            image,
            self.raw(f"</a>{f'<figcaption>{escape(caption)}</figcaption>' if caption else ''}"),
        ]

    def _video(self, link: "Token", text: "Token") -> None:
        address = str(link.attrGet("href"))
        host = (urlsplit(address).hostname or "").removeprefix("www.").removeprefix("m.")
        if name := _VIDEOS.get(host):
            link.attrSet("class", "video")
            is_bare = text.content == address or text.content.startswith(("http://", "https://"))
            text.content = f"{self.say('Watch the video') if is_bare else text.content} ({name})"

    def _with_tables_in_boxes(self) -> Iterator["Token"]:
        """A wide table scrolls in a box of its own, which the keyboard reaches."""
        box = f'<div class="table-box" role="group" aria-label="{self.say("Table")}" tabindex="0">'
        for token in self.tokens:
            if token.type == "table_open":
                yield self.token("html_block", "", 0, content=box)
            yield token
            if token.type == "table_close":
                yield self.token("html_block", "", 0, content="</div>")
            if token.type == "details_open":
                yield self.token("html_block", "", 0, content=token.meta["summary"])


def _file_name(given: str) -> str | None:
    """What stands behind `files/`; None for any other address. A name holds no folder."""
    path = unquote(given.removeprefix("./"))
    name = path.removeprefix(FILES)
    return name if path.startswith(FILES) and name and "/" not in name else None


def _told(file: FileShown) -> str:
    """PDF, 1.2 MB."""
    suffix = unquote(file.address).rpartition(".")[2].upper()
    kilobytes = file.size / _KILOBYTE
    size = f"{kilobytes / _KILOBYTE:.1f} MB" if kilobytes >= _KILOBYTE else f"{max(1, round(kilobytes))} kB"
    return f"{escape(suffix)}, {size}" if suffix.isalnum() and len(suffix) < 6 else size
