"""Our Markdown as plain text, for letters: without its marks, and with lines where their writer put them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpdesk.core.markup import LONGEST_MARKDOWN, parsed

if TYPE_CHECKING:
    from markdown_it.tree import SyntaxTreeNode

# A Japanese paragraph may begin with a wide blank, which the parser takes for one at its edge.
_INDENT = re.compile(r"[ \t>]*(\u3000+)")


def plain_text(text: str, lang: str = "en") -> str:
    """Markdown as people write letters: words of a link (its address), lists with ・ or -, quotes with >.

    Blank lines stay as they are, and so does code. What is too long for Markdown comes back unread.
    """
    if len(text) > LONGEST_MARKDOWN:
        return text
    from markdown_it.tree import SyntaxTreeNode  # noqa: PLC0415  (as the parser itself)

    page = _Page(text.splitlines(), "・" if lang == "ja" else "- ")
    return "\n".join(page.blocks(SyntaxTreeNode(parsed(text, lang)).children)).strip("\n")


@dataclass(frozen=True)
class _Page:
    """The lines of the source, by which blocks keep their distance; and the mark of a list."""

    source: Sequence[str]
    bullet: str

    def blocks(self, nodes: "Sequence[SyntaxTreeNode]", at: int = 0) -> list[str]:
        """at: the line of the source where the first of them stands, if it does not say so itself."""
        lines: list[str] = []
        end = None
        for node in nodes:
            start, after = self._place(node, at)
            lines += [""] * (0 if end is None else start - end)
            lines += self._block(node)
            end = after
        return lines

    def _place(self, node: "SyntaxTreeNode", at: int) -> tuple[int, int]:
        """Its first line, and the one behind its last that is not blank."""
        start, end = node.map or (at, at + 1)
        while end > start and not self.source[end - 1].strip(" \t>"):
            end -= 1
        return start, end

    def _block(self, node: "SyntaxTreeNode") -> list[str]:
        if node.type in ("paragraph", "heading", "alert_title"):
            return self._words(node)
        if node.type in ("blockquote", "alert"):
            return self._quote(node)
        if node.type == "list_item":
            return self._item(node)
        if node.type == "table":
            rows = [row for part in node.children for row in part.children]
            return [" | ".join(_inline(cell.children[0]) for cell in row.children) for row in rows]
        if node.type == "fence":
            return node.content.removesuffix("\n").split("\n")
        if node.type in ("code_block", "hr"):
            start, end = self._place(node, 0)
            return [line.strip(" >") if node.type == "hr" else line for line in self.source[start:end]]
        return self.blocks(node.children)

    def _words(self, node: "SyntaxTreeNode") -> list[str]:
        lines = _inline(node.children[0]).split("\n") if node.children else []
        start, end = node.map or (0, 0)
        if lines and node.map and (wide := _INDENT.match(self.source[start])):
            lines[0] = wide[1] + lines[0]
        # A heading with a line of - or = below it: letters draw such lines for themselves.
        return [*lines, self.source[end - 1].strip(" >")] if node.markup in ("-", "=") else lines

    def _quote(self, node: "SyntaxTreeNode") -> list[str]:
        lines = self.blocks(node.children, self._place(node, 0)[0])
        return [f"> {line}".rstrip() for line in lines]

    def _item(self, node: "SyntaxTreeNode") -> list[str]:
        mark = f"{node.info}{node.markup} " if node.info else self.bullet
        margin = "\u3000" if mark == "・" else " " * len(mark)
        if "checked" in node.meta:
            mark += "[x] " if node.meta["checked"] else "[ ] "
        first, *others = self.blocks(node.children) or [""]
        return [f"{mark}{first}", *(f"{margin}{line}".rstrip() for line in others)]


def _inline(node: "SyntaxTreeNode") -> str:
    return "".join(_spoken(node.children))


def _spoken(nodes: "Sequence[SyntaxTreeNode]") -> Iterator[str]:
    for node in nodes:
        if node.type in ("softbreak", "hardbreak"):
            yield "\n"
        elif node.type == "link":
            yield _with_address(_inline(node), str(node.attrs.get("href", "")))
        elif node.type == "image":
            yield _with_address(node.content, str(node.attrs.get("src", "")))
        elif node.type == "s":  # without its marks it would say the contrary
            yield f"~~{_inline(node)}~~"
        elif node.children:
            yield from _spoken(node.children)
        else:
            yield node.content


def _with_address(words: str, address: str) -> str:
    shown = address.removeprefix("mailto:")
    bare = re.sub(r"^https?://", "", shown).rstrip("/")
    return words if not shown or (bare and bare in words) else f"{words} ({shown})".lstrip()
