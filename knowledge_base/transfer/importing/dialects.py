"""The Markdown of site generators as ours: admonitions, tabs and directives become callouts and text.

MkDocs, PyMdown, Docusaurus, VitePress, MyST and Hugo are read. Code is never touched.
"""

import re
from collections.abc import Callable, Iterator

from knowledge_base.transfer.importing.tags_in_markdown import without_tags

_FENCE = re.compile(r"^(?P<indent>[ \t>]*)(?P<fence>`{3,}|~{3,})(?P<info>.*)$")
# A word in parentheses after the fence: MyST's directives.
_MYST = re.compile(r"\{([\w-]+)\}[ \t]*(.*)")

_KINDS = {
    **dict.fromkeys("note info information abstract summary seealso details quote example".split(), "NOTE"),
    **dict.fromkeys("tip hint success check done question help faq".split(), "TIP"),
    **dict.fromkeys("important primary attention".split(), "IMPORTANT"),
    **dict.fromkeys("warning warn caution failure fail missing".split(), "WARNING"),
    **dict.fromkeys("danger error bug alert".split(), "CAUTION"),
}
_MKDOCS = re.compile(
    r"^(?P<indent> *)(?:!!!|\?\?\?\+?)[ ]+(?P<kind>[\w-]+)[^\"\n]*(?:\"(?P<title>[^\"]*)\")?\s*$"
)
_TAB = re.compile(r"^(?P<indent> *)===[+!]?[ ]+\"(?P<title>[^\"]+)\"\s*$")
_COLONS = re.compile(
    r"^(?P<indent>[ \t]*)(?P<fence>:{3,}|/{3,})[ ]*(?:\{?(?P<kind>[\w-]+)(?=[\s\[{|}]|$)\}?[ ]*"
    r"(?:\[(?P<titled>[^\]]*)\])?[| ]*(?P<title>[^\n{]*)(?:\{[^}]*\})?)?[ \t]*$"
)
_HUGO_BLOCK = re.compile(
    r"^(?P<indent>[ \t]*)\{\{[<%]\s*(?P<closing>/?)\s*(?P<kind>\w+)(?P<rest>.*?)/?\s*[>%]\}\}\s*$"
)


def ours(text: str) -> str:
    """The text in the Markdown that our pages show."""
    lines = text.split("\n")
    text = "\n".join(_blocks(lines))
    return outside_code(text, without_tags).strip("\n")


def outside_code(text: str, change: Callable[[str], str]) -> str:
    """The text with `change` done to all that is no code; a piece has whole lines."""
    written: list[str] = []
    waiting: list[str] = []
    fence = ""
    for line in text.split("\n"):
        found = _FENCE.match(line)
        if fence:
            written.append(line)
            if found and found["fence"].startswith(fence) and not found["info"].strip():
                fence = ""
        elif found and "`" not in found["info"]:
            if waiting:
                written.append(change("\n".join(waiting)))
                waiting = []
            written.append(line)
            fence = found["fence"]
        else:
            waiting.append(line)
    if waiting:
        written.append(change("\n".join(waiting)))
    return "\n".join(written)


def _blocks(lines: list[str]) -> Iterator[str]:
    """The lines with what only site generators read said in Markdown; works its way into nested blocks."""
    at = 0
    while at < len(lines):
        line = lines[at]
        if fence := _FENCE.match(line):
            end = _end_of_fence(lines, at, fence["fence"])
            yield from _fenced(lines[at:end], fence)
        elif found := _MKDOCS.match(line) or _TAB.match(line):
            end = _end_of_indented(lines, at, len(found["indent"]))
            yield from _indented(found, lines[at + 1 : end])
        elif (found := _COLONS.match(line)) and found["kind"]:
            end = _end_of_colons(lines, at, found)
            yield from _colons(found, lines[at + 1 : end - 1]) if end > at else [line]
            end = max(end, at + 1)
        elif (found := _HUGO_BLOCK.match(line)) and not found["closing"]:
            end = _end_of_hugo(lines, at, found["kind"])
            yield from _hugo(found, lines[at + 1 : end - 1]) if end > at + 1 else [line]
        else:
            end = at + 1
            yield line
        at = end


def _end_of_fence(lines: list[str], at: int, fence: str) -> int:
    for number in range(at + 1, len(lines)):
        found = _FENCE.match(lines[number])
        if found and found["fence"].startswith(fence) and not found["info"].strip():
            return number + 1
    return len(lines)


def _end_of_indented(lines: list[str], at: int, indent: int) -> int:
    end = at + 1
    for number in range(at + 1, len(lines)):
        line = lines[number]
        if line.strip():
            if len(line) - len(line.lstrip(" ")) < indent + 4 and not line.startswith("\t"):
                break
            end = number + 1
    return end


def _end_of_colons(lines: list[str], at: int, opening: re.Match[str]) -> int:
    """One behind the line that closes it, others within it left aside; `at` where nothing does."""
    depth = 0
    for number in range(at, len(lines)):
        found = _COLONS.match(lines[number])
        if found and found["fence"][0] == opening["fence"][0]:
            depth += 1 if found["kind"] else -1
            if depth == 0:
                return number + 1
    return at


def _end_of_hugo(lines: list[str], at: int, kind: str) -> int:
    for number in range(at + 1, len(lines)):
        found = _HUGO_BLOCK.match(lines[number])
        if found and found["closing"] and found["kind"] == kind:
            return number + 1
    return at + 1


def _fenced(lines: list[str], fence: re.Match[str]) -> Iterator[str]:
    """Code as it is; MyST's directives are written as code, but are none."""
    directive = _MYST.match(fence["info"].strip())
    if directive is None:
        yield from lines
        return
    kind, title, inside = directive[1], directive[2], lines[1:-1] if len(lines) > 1 else []
    options = [line for line in inside if re.match(r"\s*:[\w-]+:", line)]
    inside = [line for line in inside if line not in options]
    if kind in _KINDS or kind in ("admonition", "dropdown", "versionadded", "versionchanged", "deprecated"):
        yield from _callout(_KINDS.get(kind, "NOTE"), title, inside, "")
    elif kind in ("code-block", "code", "code-cell", "sourcecode", "literalinclude"):
        yield from (fence["fence"] + title, *inside, fence["fence"])
    elif kind in ("image", "figure"):
        yield from ("", f"![{' '.join(inside).strip()}]({title.strip()})", "")
    elif kind != "toctree":
        yield from _blocks(inside)


def _indented(found: re.Match[str], inside: list[str]) -> Iterator[str]:
    """An admonition or a tab of MkDocs: what belongs to it is indented by four."""
    indent = found["indent"]
    cut = [line[len(indent) + 4 :] if line[:1] != "\t" else line[1:] for line in inside]
    if "kind" not in found.groupdict():
        yield from ("", f"{indent}**{found['title']}**", "")
        yield from (indent + line if line else "" for line in _blocks(cut))
        yield ""
        return
    yield from _callout(_KINDS.get(found["kind"].lower(), "NOTE"), found["title"] or "", cut, indent)


def _colons(found: re.Match[str], inside: list[str]) -> Iterator[str]:
    """`:::note … :::` of Docusaurus, VitePress and MyST, `/// note … ///` of PyMdown."""
    kind, title = found["kind"].lower(), (found["titled"] or found["title"] or "").strip()
    inside = [line for line in inside if not re.match(r"\s*:[\w-]+:(?:\s|$)", line)]
    if kind in _KINDS or kind == "admonition":
        yield from _callout(_KINDS.get(kind, "NOTE"), title, inside, found["indent"])
        return
    # Tabs, groups, columns: what they hold, under its name where it has one.
    if title and kind in ("tab", "tab-item", "details", "dropdown"):
        yield from ("", f"**{title}**", "")
    yield from _blocks(inside)


def _hugo(found: re.Match[str], inside: list[str]) -> Iterator[str]:
    kind = found["kind"].lower()
    stated = re.search(r"(?:type|class|color)=\"(\w+)\"", found["rest"])
    stated = stated or re.match(r"\s*\"?(\w+)(?!\w*=)", found["rest"])
    word = stated[1] if stated else kind
    if kind in ("highlight", "code"):
        yield from ("```" + (word if word != kind else ""), *inside, "```")
    elif kind in ("alert", "callout", "hint", "notice", "admonition") or kind in _KINDS:
        title = re.search(r"title=\"([^\"]*)\"", found["rest"])
        default = _KINDS.get(kind, "NOTE")
        yield from _callout(
            _KINDS.get(word.lower(), default), title[1] if title else "", inside, found["indent"]
        )
    else:
        yield from _blocks(inside)


def _callout(kind: str, title: str, inside: list[str], indent: str) -> Iterator[str]:
    body = list(_blocks(inside))
    while body and not body[0].strip():
        body.pop(0)
    while body and not body[-1].strip():
        body.pop()
    yield ""
    yield f"{indent}> [!{kind}]"
    title = title.strip()
    if title and title.lower() not in (kind.lower(), *_KINDS):
        yield from (f"{indent}> **{title}**", f"{indent}>")
    yield from (f"{indent}> {line}".rstrip() for line in body)
    yield ""
