"""HTML, shortcodes and attributes among Markdown, said in Markdown: our pages show HTML as text.

Only names that HTML has are taken for tags: `List<String>` is none.
"""

import re
from html import unescape

from knowledge_base.transfer.importing.html import html_to_markdown

# A span of code, which nothing within is taken out of: the first choice of every pattern.
CODE = r"(?P<code>(?<!`)(?P<ticks>`+)(?!`)(?:(?!\n[ \t]*\n)[\s\S])*?(?<!`)(?P=ticks)(?!`))"
_VALUE = r"(?:\"[^\"]*\"|'[^']*'|\{[^{}]*\}|[^\s\"'>]+)"
_PAIRS = rf"(?:\s+[\w:@.-]+(?:\s*=\s*{_VALUE})?)*"

_UNSEEN = re.compile(
    CODE + r"|<!--[\s\S]*?-->|\{/\*[\s\S]*?\*/\}|<(?P<tag>script|style)\b[^>]*>[\s\S]*?</(?P=tag)>",
    re.IGNORECASE,
)
# MDX: what a page takes from elsewhere.
_MODULE = re.compile(
    r"^(?:import\s+(?:[\w{*][^\n]*\sfrom\s+)?['\"][^'\"\n]+['\"];?|export\s+(?:const|default)\s[^\n]*)$",
    re.MULTILINE,
)
_TABLE = re.compile(CODE + r"|<table\b[\s\S]*?</table>", re.IGNORECASE)
_LINK = re.compile(
    CODE + rf"|<a\b(?P<attributes>{_PAIRS})\s*/?>(?P<words>(?:(?!<a\b)[\s\S]){{0,2000}}?)</a>",
    re.IGNORECASE,
)
_TAG = re.compile(
    CODE + r"|<(?P<close>/?)(?P<name>a|abbr|article|aside|b|br|button|center|code|dd|del|details|div|dl|dt"
    r"|em|figcaption|figure|font|footer|h[1-6]|header|hr|i|iframe|img|ins|kbd|li|main|mark|nav|ol|p|picture"
    r"|section|small|source|span|strong|sub|summary|sup|tbody|td|tfoot|th|thead|tr|u|ul|video"
    rf"|(?<!\w<)(?<!\w</)[A-Z][a-z]\w*(?:\.\w+)?)(?P<attributes>{_PAIRS})\s*/?>"
)
_ATTRIBUTE = re.compile(
    r"([\w-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|\{[\"'`]?([^{}\"'`]*)[\"'`]?\}|([^\s\"'>{]+))"
)
_INLINE = {"b": "**", "strong": "**", "em": "*", "i": "*", "del": "~~", "code": "`", "kbd": "`"}
_FIGURE = re.compile(CODE + r"|\{\{<\s*(?:figure|img)\s+(?P<attributes>[^>\n]*?)/?\s*>\}\}")
_REF = re.compile(
    r"\{\{[<%]\s*(?:rel)?ref\s+\"?(?P<to>[^\"\s>%]+)\"?[^>%\n]*[>%]\}\}|\{%\s*(?:link|post_url)\s+(?P<link>\S+)\s*%\}"
)
_STATED = r"(?:[.#][\w:-]+|[\w-]+=(?:\"[^\"\n]*\"|[\w%.-]+))"
_ATTRIBUTES = re.compile(CODE + rf"|(?<=[)\]`*])[ ]?\{{:?[ ]*{_STATED}(?:[ ]+{_STATED})*[ ]*\}}")
_BLOCK_ATTRIBUTES = re.compile(rf"^[ \t]*\{{:[ ]*{_STATED}(?:[ ]+{_STATED})*[ ]*\}}[ \t]*$", re.MULTILINE)
# The anchor of a heading stays for those who read the links; they take it away.
_ANCHOR = re.compile(
    rf"^(?P<heading> {{0,3}}#{{1,6}} .*?)\s*\{{:?[ ]*(?:/\*[ ]*)?(?P<stated>{_STATED}(?:[ ]+{_STATED})*)"
    r"[ ]*(?:\*/[ ]*)?\}[ ]*$",
    re.MULTILINE,
)
_ICON = re.compile(r":(?:material|octicons|fontawesome|simple)-[\w-]+:(?:\{[^}\n]*\})?")


def without_tags(text: str) -> str:
    """The text with every tag said in Markdown, or left out where Markdown has no word for it."""
    # Headings first: their anchors look like the comments of MDX.
    text = _ANCHOR.sub(_anchor, text)
    text = _UNSEEN.sub(lambda found: found["code"] or "", text)
    text = _MODULE.sub("", text)
    text = _TABLE.sub(lambda found: found["code"] or f"\n\n{html_to_markdown(found[0])}\n\n", text)
    text = _FIGURE.sub(_image, text)
    text = _REF.sub(lambda found: found["to"] or found["link"], text)
    for _nested in range(2):
        text = _LINK.sub(_link, text)
    text = _TAG.sub(_tag, text)
    text = _ICON.sub("", _BLOCK_ATTRIBUTES.sub("", text))
    return _ATTRIBUTES.sub(lambda found: found["code"] or "", text)


def _anchor(found: re.Match[str]) -> str:
    named = re.search(r"#([\w:.-]+)", found["stated"])
    return found["heading"] + (f" {{#{named[1]}}}" if named else "")


def _attributes(found: re.Match[str]) -> dict[str, str]:
    values = _ATTRIBUTE.findall(found["attributes"] or "")
    return {name.lower(): unescape(next(filter(None, said), "")) for name, *said in values}


def _image(found: re.Match[str]) -> str:
    if found["code"]:
        return found["code"]
    told = _attributes(found)
    words = (told.get("alt") or told.get("caption") or told.get("title") or "").replace("]", "\\]")
    return f"![{words}](<{source}>)" if (source := told.get("src", "").strip("<>")) else ""


def _link(found: re.Match[str]) -> str:
    if found["code"]:
        return found["code"]
    words, href = found["words"].strip(), _attributes(found).get("href", "")
    return f"[{words}](<{href}>)" if href and words else found["words"]


def _tag(found: re.Match[str]) -> str:
    if found["code"]:
        return found["code"]
    name, is_closing = found["name"].lower(), bool(found["close"])
    if name in ("iframe", "video") and not is_closing:
        source = _attributes(found).get("src", "")
        return f"[{source}](<{source}>)" if source else ""
    if name in _INLINE:
        return _INLINE[name]
    if re.fullmatch(r"h[1-6]", name):
        return "\n\n" if is_closing else f"\n\n{'#' * int(name[1])} "
    said = {"br": "  \n", "hr": "\n\n---\n\n", "summary": "**\n\n" if is_closing else "**"}
    if name == "img":
        return _image(found)
    return said.get(name, "\n- " if name == "li" and not is_closing else "")
