"""HTML of other help centres as Markdown: headings, lists, tables, images, code and callouts stay such."""

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from helpdesk.core.tags import well_formed
from helpdesk.core.text import plain

if TYPE_CHECKING:
    from markdownify import MarkdownConverter

LONGEST_HTML = 2_000_000

# What editors' themes call a box that stands out.
_CALLOUTS = (
    (re.compile(r"danger|error|caution|alert-error", re.I), "CAUTION"),
    (re.compile(r"warn|attention", re.I), "WARNING"),
    (re.compile(r"important", re.I), "IMPORTANT"),
    (re.compile(r"tip|success|hint", re.I), "TIP"),
    (re.compile(r"callout|alert|note|info|admonition|notice|panel", re.I), "NOTE"),
)
_BOX = re.compile(
    r"callout|alert|note|info|tip|hint|warn|caution|danger|important|admonition|notice|panel", re.I
)
_LANGUAGE = re.compile(r"(?:lang(?:uage)?|brush)[-:]\s*([\w+#-]+)")


def html_to_markdown(html: str) -> str:
    """The same in Markdown. HTML that is built to multiply comes back as plain text."""
    repaired = well_formed(html[:LONGEST_HTML])
    if repaired is None:
        return plain(html[:LONGEST_HTML])
    text: str = _converter().convert(repaired)
    text = "\n".join(
        line.rstrip() if not line.endswith("  ") else line.rstrip() + "  " for line in text.split("\n")
    )
    return re.sub(r"\n{3,}", "\n\n", text.replace("\xa0", " ")).strip("\n")


class _Ours:
    """What we want otherwise than the library: callouts, anchors, cells, films, images."""

    def convert_div(self, el: Any, text: str, parent_tags: set[str]) -> str:
        if "_inline" not in parent_tags and (kind := _kind(el)):
            return _callout(kind, text)
        return str(super().convert_div(el, text, parent_tags))  # type: ignore[misc]

    def convert_aside(self, el: Any, text: str, parent_tags: set[str]) -> str:
        return _callout(_kind(el) or "NOTE", text)

    def convert_p(self, el: Any, text: str, parent_tags: set[str]) -> str:
        if not parent_tags & {"_inline", "td", "th", "li"} and (kind := _kind(el)):
            return _callout(kind, text)
        return str(super().convert_p(el, text, parent_tags))  # type: ignore[misc]

    def convert_hN(self, n: int, el: Any, text: str, parent_tags: set[str]) -> str:
        anchor = el.get("id") or ""
        if re.fullmatch(r"[\w:.-]+", anchor) and text.strip() and "_inline" not in parent_tags:
            text = f"{text.strip()} {{#{anchor}}}"
        return str(super().convert_hN(n, el, text, parent_tags))  # type: ignore[misc]

    def convert_td(self, el: Any, text: str, parent_tags: set[str]) -> str:
        return str(super().convert_td(el, _cell(text), parent_tags))  # type: ignore[misc]

    def convert_th(self, el: Any, text: str, parent_tags: set[str]) -> str:
        return str(super().convert_th(el, _cell(text), parent_tags))  # type: ignore[misc]

    def convert_iframe(self, el: Any, text: str, parent_tags: set[str]) -> str:
        source = el.get("src") or ""
        source = "https:" + source if source.startswith("//") else source
        return f"\n\n[{el.get('title') or source}](<{source}>)\n\n" if source else ""

    def convert_summary(self, el: Any, text: str, parent_tags: set[str]) -> str:
        return f"\n\n**{text.strip()}**\n\n"

    def convert_img(self, el: Any, text: str, parent_tags: set[str]) -> str:
        source, words = (el.get("src") or "").strip("<>"), (el.get("alt") or "").replace("\n", " ")
        return f"![{words}](<{source}>)" if source and not source.startswith("data:") else words


@cache
def _converter() -> "MarkdownConverter":
    # Imported on first use: most starts read no HTML.
    from markdownify import ATX, MarkdownConverter  # noqa: PLC0415

    class Converter(_Ours, MarkdownConverter):
        pass

    return Converter(
        heading_style=ATX,
        bullets="-",
        autolinks=False,
        escape_misc=False,
        table_infer_header=True,
        code_language_callback=_code_language,
        newline_style="SPACES",
        keep_inline_images_in=["td", "th", "a", "h1", "h2", "h3", "h4", "h5", "h6"],
    )


def _kind(el: Any) -> str:
    """The kind of callout that an element's classes name; empty where it is none."""
    for name in el.get("class") or ():
        if _BOX.match(name):
            told = " ".join(el.get("class"))
            return next(kind for pattern, kind in _CALLOUTS if pattern.search(told))
    return ""


def _cell(text: str) -> str:
    return re.sub(r"(?<!\\)\|", r"\\|", text.strip())


def _callout(kind: str, text: str) -> str:
    lines = [f"> {line}".rstrip() for line in text.strip().split("\n")]
    return "\n\n" + "\n".join([f"> [!{kind}]", *lines]) + "\n\n" if text.strip() else ""


def _code_language(el: Any) -> str:
    inner = [el, *el.find_all("code", limit=1)]
    told = " ".join(" ".join(each.get("class") or ()) for each in inner)
    found = _LANGUAGE.search(told)
    return found[1] if found else ""
