"""Text to HTML that is safe to show: our Markdown, strangers' HTML, and plain text with links."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from helpdesk.core.dressing import CALLOUTS, dress, words
from helpdesk.core.page_dressing import OwnPage
from helpdesk.core.tags import well_formed
from helpdesk.core.text import plain

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.token import Token
    from nh3 import Cleaner

# Characters; what is longer is shown as plain text.
LONGEST_MARKDOWN = 200_000
LONGEST_HTML = 2_000_000

# How a reader counts the images that were held back: `html.count(BLOCKED_IMAGE)`.
BLOCKED_IMAGE = 'class="blocked-image"'

_URL = re.compile(
    r"(?<![A-Za-z0-9])https?://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]{1,2000}"
    r"|(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}"
)
# What Markdown could read as more than a letter or a digit.
_MARKS = re.compile(r"([!-/:-@\[-`{-~])")


@dataclass(frozen=True)
class Heading:
    """One line of a table of contents; `anchor` is the id in the HTML that `markdown` makes."""

    level: int
    text: str
    anchor: str


def markdown(text: str, lang: str = "en", page: OwnPage | None = None) -> Markup:
    """CommonMark with tables, tasks, callouts (`> [!NOTE]`) and anchors at headings; HTML is only shown.

    A line without > right below a quoted one is its writer's own, as people answer in letters.

    lang: of the text, for the titles of its callouts. page: where the text is a page of its own, with
    files, figures, cards of videos, boxes to tick and headings that can be linked to.
    """
    if len(text) > LONGEST_MARKDOWN:
        return Markup("<pre>{}</pre>").format(linked(text))
    html = _reader().render(text, {"lang": lang, "page": page})
    return Markup(_markdown_cleaner().clean(html))  # noqa: S704


def parsed(text: str, lang: str = "en") -> "list[Token]":
    """The same Markdown as blocks and words, for those who make something else of it than HTML."""
    return _reader().parse(text, {"lang": lang})


def literal(text: str, *, keeps_links: bool = False) -> str:
    """Plain text that says the same as Markdown. keeps_links: addresses in it become links."""
    if not keeps_links:
        return _MARKS.sub(r"\\\1", text)
    pieces, at = [], 0
    for found in _URL.finditer(text):
        pieces += [literal(text[at : found.start()]), found[0]]
        at = found.end()
    return "".join([*pieces, literal(text[at:])])


def table_of_contents(text: str) -> list[Heading]:
    """The headings of a Markdown text, in order; empty where there are none."""
    tokens = _reader().parse(text[:LONGEST_MARKDOWN], {})
    return [
        Heading(int(token.tag[1]), words(tokens[index + 1]), str(token.attrGet("id")))
        for index, token in enumerate(tokens)
        if token.type == "heading_open"
    ]


def clean_html(html: str, *, allow_remote_images: bool = False) -> str:
    """Strangers' HTML reduced to what cannot run, load or cover anything; to be shown in a sandboxed frame.

    Images of the letter itself (cid:) stay. Others stay only where the reader allowed it; else each leaves
    its alternative text and `BLOCKED_IMAGE`. HTML built to multiply in a parser comes back as plain text.
    """
    repaired = well_formed(html[:LONGEST_HTML])
    if repaired is None:
        return f"<pre>{linked(plain(html[:LONGEST_HTML]))}</pre>"
    if allow_remote_images:
        return _stranger_cleaner().clean(repaired)
    return _IMAGE.sub(_without_source, _stranger_cleaner().clean(repaired))


def linked(text: str) -> Markup:
    """Plain text, escaped, its addresses made links. Line breaks stay: show it with `pre-wrap`."""
    return Markup("").join(_linked(text))


def _linked(text: str) -> Iterator[Markup]:
    at = 0
    for found in _URL.finditer(text):
        address = _without_trail(found[0])
        href = address if address.startswith("http") else f"mailto:{address}"
        yield escape(text[at : found.start()])
        yield Markup('<a href="{}" rel="noopener noreferrer nofollow">{}</a>').format(href, address)
        at = found.start() + len(address)
    yield escape(text[at:])


def _without_trail(address: str) -> str:
    """Without the full stop or bracket of the sentence around it."""
    end, unopened = len(address), address.count(")") - address.count("(")
    while address[end - 1] in ".,;:!?'])":
        if address[end - 1] == ")":
            if unopened <= 0:
                break
            unopened -= 1
        end -= 1
    return address[:end]


_IMAGE = re.compile(r'<img(?: [a-z-]+="[^"]*")*>')
_SOURCE = re.compile(r' src="(?!cid:)[^"]*"')


def _without_source(image: re.Match[str]) -> str:
    kept, removed = _SOURCE.subn("", image[0])
    return kept.replace("<img", f"<img {BLOCKED_IMAGE}", 1) if removed else kept


_TEXTS = "a abbr b big br code del em font i img ins q s small span strike strong sub sup u"
_BLOCKS = "blockquote center dd div dl dt h1 h2 h3 h4 h5 h6 hr li ol p pre ul"
_TABLES = "table caption colgroup col tbody td tfoot th thead tr"


@cache
def _stranger_cleaner() -> "Cleaner":
    # Imported on first use: a process that shows no letter starts without it.
    import nh3  # noqa: PLC0415

    return nh3.Cleaner(
        tags={*_TEXTS.split(), *_BLOCKS.split(), *_TABLES.split()},
        clean_content_tags={"script", "style", "title", "svg", "math", "textarea", "template", "noscript"},
        attributes={
            "*": {"style", "align", "valign", "dir", "lang"},
            "a": {"href"},
            "img": {"src", "alt", "width", "height"},
            "font": {"color"},
            "td": {"colspan", "rowspan", "width", "bgcolor"},
            "th": {"colspan", "rowspan", "width", "bgcolor"},
            "table": {"width", "cellpadding", "cellspacing", "border", "bgcolor"},
            "ol": {"start", "type"},
        },
        attribute_filter=_of_stranger,
        filter_style_properties={
            "color",
            "background-color",
            "font-weight",
            "font-style",
            "text-align",
            "width",
        },
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )


def _of_stranger(tag: str, name: str, value: str) -> str | None:
    """Whole addresses only: a relative one would point into our own site. No style that could load."""
    if name == "href":
        return value if value.strip().lower().startswith(("http://", "https://", "mailto:", "tel:")) else None
    if name == "src":
        return value if value.strip().lower().startswith(("http://", "https://", "cid:")) else None
    if name == "style":
        return ";".join(part for part in value.split(";") if not _LOADING.search(part))
    return value


# Only colours may be written with brackets, and nothing with escapes.
_LOADING = re.compile(r"(?<!rgb)(?<!rgba)(?<!hsl)\(|\\", re.IGNORECASE)


_OF_ARTICLES = (
    "p br hr blockquote pre ul ol li table thead tbody tr th td h1 h2 h3 h4 h5 h6 div figure figcaption"
)
_OF_ARTICLES += " details summary a code em strong s img input label span small"
_SHOWN_OF_ARTICLES = {
    **{f"h{level}": {"id"} for level in range(1, 7)},
    **{box: {"role", "tabindex", "aria-label"} for box in ("div", "pre")},
    "a": {"href", "title", "aria-label", "download"},
    "img": {"src", "alt", "title", "width", "height", "loading"},
    "ol": {"start"},
    "input": {"checked", "disabled"},
}
_CLASSES = {
    "a": {"anchor", "zoom", "download", "video"},
    "div": {"table-box", "callout", *(f"callout--{kind.lower()}" for kind in CALLOUTS)},
    "p": {"callout__title"},
    "li": {"task"},
    "label": {"task__label"},
    "details": {"transcript"},
    "th": {"is-left", "is-center", "is-right"},
    "td": {"is-left", "is-center", "is-right"},
}


@cache
def _markdown_cleaner() -> "Cleaner":
    import nh3  # noqa: PLC0415

    return nh3.Cleaner(
        tags={*_OF_ARTICLES.split()},
        attributes=_SHOWN_OF_ARTICLES,
        allowed_classes=_CLASSES,
        tag_attribute_values={"input": {"type": {"checkbox"}}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer",
    )


@cache
def _reader() -> "MarkdownIt":
    # Imported on first use, as the cleaner: together they cost a tenth of a second of start-up.
    from markdown_it import MarkdownIt  # noqa: PLC0415
    from mdit_py_plugins.gfm_autolink import gfm_autolink_plugin  # noqa: PLC0415

    from helpdesk.core.japanese_markdown import JapaneseInline  # noqa: PLC0415

    reader = MarkdownIt("commonmark", {"html": False, "breaks": True, "tasklists": True, "alerts": True})
    reader.enable(["table", "strikethrough"]).use(gfm_autolink_plugin)
    reader.inline = JapaneseInline.with_rules_of(reader.inline)
    reader.block.ruler.before("paragraph", "own_words", _ends_quote, {"alt": ["blockquote"]})
    reader.core.ruler.push("house", dress)
    return reader


def _ends_quote(state: "StateBlock", _start: int, _end: int, silent: bool) -> bool:
    """Asked by a quote (silently) whether a line without > ends it: always. Tables ask too, about theirs."""
    return silent and state.parentType == "blockquote"
