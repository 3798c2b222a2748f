"""HTML of strangers as a stream of tags and text, in one pass whatever is in it.

A browser's parser builds trees that a few kilobytes of crooked tags can make quadratic; what is read
here is bounded in depth and repaired before any such parser sees it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape, unescape

DEEPEST = 200
# Tags times the formatting elements around them: a parser may copy each of these for each of those.
MOST_COPIES = 200_000

VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_FORMATTING = frozenset("a b big code em font i nobr s small strike strong tt u".split())
# Their content is no text for people.
_SKIPPED = frozenset("head script style title textarea svg math noscript iframe object xmp template".split())
_SKIP_TO = {name: re.compile(rf"</{name}(?=[\s/>])[^>]*>", re.IGNORECASE) for name in _SKIPPED}

_OPENING = re.compile(r"<(/?)([a-zA-Z][^\s/>]{0,40})")
_ATTRIBUTE = re.compile(r"[\s/]*([^\s/>][^\s/>=]*)(?:\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>]*))?")
_END = re.compile(r"[\s/]*>")
_HUGE_NUMBER = re.compile(r"&#(?:[xX][0-9a-fA-F]{8,}|[0-9]{8,});?")


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag: lower-case name and attributes, the first of each name, entities read."""

    name: str
    attributes: dict[str, str]
    is_closing: bool = False


def tokens(html: str) -> Iterator[str | Tag]:
    """Texts (entities read) and tags in order; comments, scripts and styles are left out. Linear."""
    at, unclosed = 0, set[str]()
    while at < len(html):
        start = html.find("<", at)
        if start < 0:
            yield read_entities(html[at:])
            return
        if start > at:
            yield read_entities(html[at:start])
        if html[start + 1 : start + 2] in ("!", "?"):
            at = _after_comment(html, start, unclosed)
            continue
        tag, at = _read_tag(html, start)
        yield tag
        if isinstance(tag, Tag) and tag.name in _SKIPPED and not tag.is_closing:
            at = _after_skipped(html, at, tag.name, unclosed)


def read_entities(text: str) -> str:
    """`&lt;` as `<`; numbers longer than any character's are damage, and costly to compute."""
    return unescape(_HUGE_NUMBER.sub("\ufffd", text)) if "&" in text else text


def well_formed(html: str) -> str | None:
    """The same HTML with every tag closed in order and every value quoted: no parser is led astray by it.

    Tags deeper than `DEEPEST` are left out, their text stays. None where the tags would multiply.
    """
    written: list[str] = []
    opened: list[str] = []
    copies = formatting = 0
    for token in tokens(html):
        if isinstance(token, str):
            written.append(escape(token, quote=False))
            continue
        if token.is_closing:
            formatting -= _close(token.name, opened, written)
        elif token.name in _SKIPPED:  # What was in it is left out: nothing that follows belongs into it.
            written.append(f"{_written(token)}</{token.name}>")
        elif token.name in VOID or len(opened) < DEEPEST:
            written.append(_written(token))
            if token.name not in VOID:
                opened.append(token.name)
                formatting += token.name in _FORMATTING
        copies += formatting
        if copies > MOST_COPIES:
            return None
    written.extend(f"</{name}>" for name in reversed(opened))
    return "".join(written)


def _after_comment(html: str, start: int, unclosed: set[str]) -> int:
    """Where the text goes on after `<!-- … -->`, `<!DOCTYPE …>` or `<?xml …>`."""
    closing = "-->" if html.startswith("<!--", start) else ">"
    end = -1 if closing in unclosed else html.find(closing, start + 2)
    if end < 0:
        unclosed.add(closing)  # Searched to the end once is enough.
        return start + 2
    return end + len(closing)


def _after_skipped(html: str, at: int, name: str, unclosed: set[str]) -> int:
    end = None if name in unclosed else _SKIP_TO[name].search(html, at)
    if end is None:
        unclosed.add(name)
        return at
    return end.end()


def _read_tag(html: str, start: int) -> tuple[str | Tag, int]:
    """The tag at `start`, or the text that only looks like one, and where the rest begins."""
    opening = _OPENING.match(html, start)
    if opening is None:
        return "<", start + 1
    attributes: dict[str, str] = {}
    at = opening.end()
    while (end := _END.match(html, at)) is None:
        attribute = _ATTRIBUTE.match(html, at)
        if attribute is None:  # The end of the text within a tag: nothing after it can be one.
            return read_entities(html[start:]), len(html)
        value = attribute[2] or ""
        value = value[1:-1] if value[:1] in ('"', "'") and len(value) > 1 else value
        attributes.setdefault(attribute[1].lower(), read_entities(value))
        at = attribute.end()
    return Tag(opening[2].lower(), attributes, bool(opening[1])), end.end()


def _close(name: str, opened: list[str], written: list[str]) -> int:
    """Close `name` and what is open inside it; how many formatting elements that closed."""
    if name not in opened:  # At most `DEEPEST` to look at.
        return 0
    closed = 0
    while True:
        last = opened.pop()
        written.append(f"</{last}>")
        closed += last in _FORMATTING
        if last == name:
            return closed


def _written(tag: Tag) -> str:
    values = "".join(
        f' {name}="{escape(value)}"' for name, value in tag.attributes.items() if _NAME.match(name)
    )
    return f"<{tag.name}{values}>" if _NAME.match(tag.name) else ""


_NAME = re.compile(r"^[a-z][a-z0-9:_-]*$")
