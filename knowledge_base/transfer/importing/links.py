"""Links among imported pages lead to our addresses, images and files beside them come along.

Where a link will lead is known only when all pages have an address, so a page's text has marks until then.
"""

import re
from collections.abc import Callable
from pathlib import PurePosixPath
from secrets import token_hex
from urllib.parse import quote, unquote, urlsplit

from helpdesk.core.files import FileRefused, check_name
from helpdesk.core.markup import table_of_contents
from helpdesk.core.text import clean_filename
from knowledge_base.transfer.importing.dialects import outside_code
from knowledge_base.transfer.importing.markdown_files import SUFFIXES
from knowledge_base.transfer.importing.names import free_name, joined, names, readings, squash
from knowledge_base.transfer.importing.pages import N_, Imported, Page
from knowledge_base.transfer.importing.sources import Source
from knowledge_base.transfer.importing.tags_in_markdown import CODE

_NESTED = r"(?:[^\[\]\\]|\\.|!?\[[^\[\]]*\](?:\([^()\s]*(?:\s+\"[^\"]*\")?\))?)"
_LINK = re.compile(
    CODE + rf"|(?P<image>!?)\[(?P<words>{_NESTED}{{0,1000}}?)\]\(\s*(?P<to><[^<>\n]*>|[^\s()<>]*"
    r"(?:\([^\s()]*\)[^\s()]*)*)(?P<title>\s+(?:\"[^\"]*\"|'[^']*'))?\s*\)"
)
_REFERENCE = re.compile(r"^(?P<head> {0,3}\[[^\]\n]+\]:[ \t]+)(?P<to><[^<>\n]*>|\S+)", re.MULTILINE)
_HEADING_ANCHOR = re.compile(r"^( {0,3}#{1,6} (.*?))[ ]*\{#([\w:.-]+)\}[ ]*$", re.MULTILINE)
_OUTSIDE = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)
_HELP_CENTRE = re.compile(r"/(?:hc/(?:[a-z-]+/)?articles|support/solutions/articles)/(\d+)", re.IGNORECASE)


class Links:
    """All pages of one import by whatever they may be called."""

    def __init__(self, source: Source, pages: list[Page], done: Imported, *, largest_file: int) -> None:
        self.source, self.pages, self.done, self.largest = source, pages, done, largest_file
        self.mark = f"kbp-{token_hex(8)}-"
        self._marks = re.compile(rf"{self.mark}(\d+)(#[^\s)>\"]*)?;")
        self.named: dict[str, list[int]] = {}
        self._anchors: dict[int, dict[str, str]] = {}
        for number, page in enumerate(pages):
            page.number = number
            for name in names(page):
                self.named.setdefault(name, []).append(number)

    def take_up(self, page: Page) -> None:
        """Mark the links of a page, and note the files that it shows."""
        body = str(page.facts.get("body") or "")
        if page.is_ours:
            if page.path:
                page.facts["body"] = outside_code(body, lambda text: self._rewritten(page, text))
            return
        for _heading, words, anchor in _HEADING_ANCHOR.findall(body):
            page.anchors[anchor] = words
        body = page.facts["body"] = outside_code(body, lambda text: _HEADING_ANCHOR.sub(r"\1", text))
        page.facts["body"] = outside_code(body, lambda text: self._rewritten(page, text))

    def settle(self, text: str, address: Callable[[int], str]) -> str:
        """The text with every mark replaced by the address of its page and the anchor as we write it."""
        return self._marks.sub(
            lambda found: address(int(found[1])) + self._anchor(int(found[1]), found[2] or ""), text
        )

    def _rewritten(self, page: Page, text: str) -> str:
        text = _LINK.sub(lambda found: self._link(page, found), text)
        return _REFERENCE.sub(
            lambda found: found["head"] + (self._target(page, found["to"].strip("<>"), False) or found["to"]),
            text,
        )

    def _link(self, page: Page, found: re.Match[str]) -> str:
        if found["code"]:
            return found["code"]
        is_image, to, title = bool(found["image"]), found["to"].strip("<>"), found["title"] or ""
        words = found["words"]
        if "[" in words:
            words = _LINK.sub(lambda inner: self._inner(page, inner), words)
        if is_image and not page.is_ours and _OUTSIDE.match(to) and self._local(page, to) is None:
            self.done.warn(
                page.fault(N_("the image %(address)s lies elsewhere: it is a link now"), address=to)
            )
            return (
                f"[{words or to}](<{to}>{title})" if _needs_brackets(to) else f"[{words or to}]({to}{title})"
            )
        target = self._target(page, to, is_image)
        if target is None:
            return found[0] if words == found["words"] else f"{found['image']}[{words}](<{to}>{title})"
        shown = is_image and not target.lower().endswith(".svg")
        words = words if words or page.is_ours else PurePosixPath(to).name
        return f"{'!' if shown else ''}[{words}]({target}{title})"

    def _inner(self, page: Page, found: re.Match[str]) -> str:
        """An image within a link: one that is not ours leaves its words."""
        if found["code"] or not found["image"]:
            return found[0]
        target = self._target(page, found["to"].strip("<>"), True)
        return f"![{found['words']}]({target})" if target and not target.endswith(".svg") else found["words"]

    def _target(self, page: Page, to: str, is_image: bool) -> str | None:
        """Where a link shall lead: a mark, a file, an anchor; None leaves it as it is."""
        if to.startswith("#"):
            return self._anchor(page.number, to) or None
        if (file := self._local(page, to)) is not None:
            return self._file(page, file)
        number = self._page(page, to)
        if number is not None:
            anchor = urlsplit(to).fragment
            return f"{self.mark}{number}{'#' + anchor if anchor else ''};"
        if to and not _OUTSIDE.match(to) and not (page.is_ours and to.startswith("/")):
            self.done.warn(page.fault(N_("%(address)s leads nowhere"), address=to))
        return None

    def _page(self, page: Page, to: str) -> int | None:
        """The page that is meant: in the same language where there is one."""
        if (known := _HELP_CENTRE.search(to)) is not None:
            found = self.named.get(f"article:{known[1]}")
        elif _OUTSIDE.match(to):
            return None
        else:
            path = unquote(urlsplit(to).path)
            found = next((self.named[each] for each in readings(page, path) if each in self.named), None)
        same = [each for each in found or () if self.pages[each].lang == page.lang]
        return next(iter(same or found or ()), None)

    def _local(self, page: Page, to: str) -> str | None:
        """The file of the source that is meant, None where it is none or a page."""
        if to in page.files.values():
            return to
        path = unquote(urlsplit(to).path) if not _OUTSIDE.match(to) else page.beside.get(to)
        if not path or PurePosixPath(path).suffix.lower() in SUFFIXES:
            return None
        folder = PurePosixPath(self._place(page)).parent
        wanted = [joined(folder, path.lstrip("/"))] if not path.startswith("/") else []
        # Site generators serve a folder of files as the top of the site.
        wanted += [
            f"{top}{path.lstrip('/')}"
            for top in ("", "static/", "public/", "docs/", "assets/", "src/public/")
        ]
        wanted += [joined(folder.parent, path)] if not path.startswith("/") else []
        return next((each for each in wanted if each and each in self.source), None)

    def _place(self, page: Page) -> str:
        root = self.source.place("x")[:-1]
        return page.file.removeprefix(root)

    def _file(self, page: Page, path: str) -> str | None:
        name = next((name for name, known in page.files.items() if known == path), None)
        if name is None:
            try:
                check_name(path)
            except FileRefused:
                self.done.warn(page.fault(N_("%(file)s is a program: left out"), file=path))
                return None
            if self.source.size(path) > self.largest:
                self.done.warn(page.fault(N_("%(file)s is too large: left out"), file=path))
                return None
            name = free_name(clean_filename(page.called.get(path, path)), page.files)
            page.files[name] = path
        if path.lower().endswith(".svg"):
            self.done.warn(
                page.fault(N_("%(file)s is a drawing that browsers could run: a link now"), file=path)
            )
        return f"files/{quote(name)}"

    def _anchor(self, number: int, anchor: str) -> str:
        """The anchor as our headings have it; empty where the page has none like it."""
        wanted = unquote(anchor.removeprefix("#"))
        if not wanted or wanted.startswith("section-"):
            return anchor
        if number not in self._anchors:
            page = self.pages[number]
            headings = table_of_contents(str(page.facts.get("body") or ""))
            known = {squash(heading.text): heading.anchor for heading in reversed(headings)}
            named = {
                name: known.get(squash(re.sub(r"[*`]", "", words)), "")
                for name, words in page.anchors.items()
            }
            self._anchors[number] = {**known, **named}
        known = self._anchors[number]
        found = (
            known.get(wanted)
            or known.get(squash(wanted))
            or known.get(squash(re.sub(r"[-_]\d+$", "", wanted)))
        )
        return f"#{found}" if found else ""


def _needs_brackets(address: str) -> bool:
    return bool(re.search(r"[\s()<>]", address))
