"""A folder of Markdown pages: what each says of itself, and what its place in the folder says of it."""

import json
import re
from pathlib import PurePosixPath
from typing import Any

from knowledge_base.transfer.importing import front_matter
from knowledge_base.transfer.importing.dialects import ours
from knowledge_base.transfer.importing.languages import Languages
from knowledge_base.transfer.importing.pages import N_, BadSource, Bundle, Fault, Imported, Page, Shelf
from knowledge_base.transfer.importing.sources import Source

SUFFIXES = (".md", ".mdx", ".markdown")
# What holds text too and is not read.
_DOCUMENTS = (".doc", ".docx", ".odt", ".html", ".htm", ".txt", ".rst", ".adoc", ".pdf", ".csv", ".xlsx")
_MOST_UNREAD = 100
_HEADING = re.compile(r"\s*# +(.+?)[ #]*(?:\n|$)")
_FIRST = re.compile(r"^# +(.+?)[ #]*$", re.MULTILINE)
_UNDERLINED = re.compile(r"\s*(\S.*)\n=+[ \t]*(?:\n|$)")
_MARKS = re.compile(r"[*_`]{1,3}(\S(?:.*?\S)?)[*_`]{1,3}|!?\[([^\]]*)\]\([^)]*\)|\{#[\w:.-]+\}")
# `01-start.md`, `2024-05-01-news.md`: an order or a day, no part of the name.
_ORDER = re.compile(r"^\d{1,3}(?:[-_.]\s*|\s+)(?=\S)")
_DAY = re.compile(r"^(\d{4}-\d{2}-\d{2})-(?=\S)")
_INDEXES = ("index", "_index", "readme")
_WORDS = re.compile(r"[-_]+")


def read(source: Source, lang: str, done: Imported) -> Bundle:
    """All pages of the folder; what is wrong with one is noted. lang: of those that name none."""
    files = [path for path in source.paths if PurePosixPath(path).suffix.lower() in SUFFIXES]
    if only := getattr(source, "only", None):
        files = [only]
    languages, bundle = Languages(files), Bundle()
    for file in files:
        try:
            page = _page(source, file, languages, lang)
        except BadSource as error:
            done.fail(Fault(source.place(file), error.message, error.line, error.values))
            continue
        if page is not None:
            bundle.pages.append(page)
    for other in languages.others:
        done.warn(Fault(source.name, N_("pages in %(lang)s are left out"), values={"lang": other}))
    for file in _unread(source, bundle.pages):
        done.warn(Fault(source.place(file), N_("no Markdown page, and no page names it: left out")))
    shelves = _Shelves(source, languages, lang, bundle.pages)
    bundle.shelves = shelves.found
    bundle.pages = [page for page in bundle.pages if shelves.put(page)]
    bundle.pages.sort(key=lambda page: (page.path.rpartition("/")[0], _weight(page), page.path, page.lang))
    return bundle


def _unread(source: Source, pages: list[Page]) -> list[str]:
    """Documents that somebody may have taken for pages, as far as no page leads to them."""
    if getattr(source, "only", None):
        return []
    others = [path for path in source.paths if PurePosixPath(path).suffix.lower() in _DOCUMENTS]
    bodies = [str(page.facts.get("body")) for page in pages]
    kept = {name for page in pages for name in page.files.values()}
    return [
        path
        for path in others[:_MOST_UNREAD]
        if path not in kept and not any(PurePosixPath(path).name in body for body in bodies)
    ]


def _page(source: Source, file: str, languages: Languages, lang: str) -> Page | None:
    named, path = languages.of(file)
    if named is None:
        return None
    stated, body = front_matter.split(source.text(file))
    facts = front_matter.facts_of(stated)
    page = Page(source.place(file), facts, path=path, is_ours=bool(facts.pop("helpdesk", None)))
    facts["lang"] = _lang(facts.get("lang")) or named or lang
    if page.is_ours:
        facts["body"] = body.strip("\n")
        facts.setdefault("external_id", None)
        folder = PurePosixPath(file).parent
        page.files = {PurePosixPath(name).name: str(folder / name) for name in _list(facts.get("files"))}
        return page
    stem = PurePosixPath(path).name
    _of_place(facts, stem, path, stated)
    facts["title"], facts["body"] = _titled(facts.get("title"), ours(body), facts)
    page.slug_hint = _name(stem if stem.lower() not in _INDEXES else PurePosixPath(path).parent.name)
    page.names = [str(name) for name in _list(facts.get("aliases"))] + [str(facts.get("slug") or "")]
    if slug := str(facts.get("slug") or "").strip("/"):
        facts["slug"] = slug.rpartition("/")[2].removesuffix(".html")
    return page


def _of_place(facts: dict[str, Any], stem: str, path: str, stated: dict[str, Any]) -> None:
    """What the file's name says, where the page itself does not."""
    if "external_id" not in facts:
        facts["external_id"] = path
    elif any(name.startswith(("sidebar_", "pagination_", "hide_")) for name in stated):
        # Docusaurus numbers its pages within their folder.
        facts["external_id"] = str(PurePosixPath(path).parent / str(facts["external_id"])).removeprefix("./")
    if day := _DAY.match(stem):
        facts.setdefault("published_at", day[1])
    if order := _ORDER.match(stem):
        facts.setdefault("weight", re.sub(r"\D", "", order[0]))


def _titled(title: Any, body: str, facts: dict[str, Any]) -> tuple[Any, str]:
    """The title, and the text without a first heading that only says it again."""
    heading = _HEADING.match(body) or _UNDERLINED.match(body)
    if heading is None:
        first = _FIRST.search(_without_code(body)) if title is None else None
        return (_MARKS.sub(lambda found: found[1] or found[2] or "", first[1]) if first else title), body
    said = _MARKS.sub(lambda found: found[1] or found[2] or "", heading[1]).strip()
    if title is None or str(title).strip() in (said, heading[1].strip()):
        return said, body[heading.end() :].strip("\n")
    return title, body


def _without_code(body: str) -> str:
    return re.sub(r"^(`{3,}|~{3,}).*?^\1", "", body, flags=re.MULTILINE | re.DOTALL)


class _Shelves:
    """Folders as categories, named by their index pages where they have one."""

    def __init__(self, source: Source, languages: Languages, lang: str, pages: list[Page]) -> None:
        self.source, self.named, self.weights = source, dict[tuple[str, str], str](), dict[str, int]()
        self.found: list[Shelf] = []
        self.lang = lang
        for page in pages:
            folder, _slash, stem = page.path.rpartition("/")
            if stem.lower() in _INDEXES and (folder, page.lang) not in self.named:
                self._name(folder, page)
        for path in source.paths:
            if path.endswith("_category_.json"):
                self._docusaurus(languages, path)
        self.common = _common([page.path for page in pages if not page.is_ours])
        # Unless a page of the folder names it.
        indexes = {page.path for page in pages}
        while self.common and f"{self.common}/_index" in indexes:
            self.common = self.common.rpartition("/")[0]
        self._told: set[tuple[str, ...]] = set()

    def put(self, page: Page) -> bool:
        """Give the page its category; False for one that only names a folder."""
        folder, _slash, stem = page.path.rpartition("/")
        if page.is_ours and stem == "_index":
            self._shelve(folder, "ja", "", is_ours=True)
            return False
        if page.is_ours:
            return True
        if "category" not in page.facts:
            chosen = _list(page.facts.pop("categories", None))[:1]
            names = self._shelve(folder, page.lang, self.common)
            page.facts["category"] = chosen[0] if chosen else list(names)
        page.facts.pop("categories", None)
        return not (stem.lower() == "_index" and not str(page.facts["body"]).strip())

    def _shelve(self, folder: str, lang: str, common: str, *, is_ours: bool = False) -> tuple[str, ...]:
        names: tuple[str, ...] = ()
        so_far = ""
        for part in filter(None, folder.split("/")):
            so_far = f"{so_far}/{part}" if so_far else part
            if common == so_far or common.startswith(so_far + "/"):
                continue
            other = self.named.get((so_far, "en" if lang == "ja" else "ja")) if is_ours else None
            names += (self.named.get((so_far, lang)) or other or _pretty(part),)
            self._tell(so_far, names, lang, is_ours)
        return names

    def _tell(self, folder: str, names: tuple[str, ...], lang: str, is_ours: bool) -> None:
        if names in self._told:
            return
        self._told.add(names)
        both = {each: name for each in ("ja", "en") if (name := self.named.get((folder, each)))}
        told = both if is_ours and both else {**both, lang: names[-1]}
        self.found.append(Shelf(names, lang, told, self.weights.get(folder)))

    def _name(self, folder: str, page: Page) -> None:
        both = {lang: page.facts.get(f"title_{lang}") for lang in ("ja", "en")}
        if page.is_ours:
            self.named.update({(folder, lang): str(name) for lang, name in both.items() if name})
        elif title := page.facts.get("title"):
            self.named[folder, page.lang] = str(title)
        if (weight := _weight(page)) < _LAST:
            self.weights.setdefault(folder, weight)

    def _docusaurus(self, languages: Languages, path: str) -> None:
        named, told = languages.of(path)
        try:
            stated = json.loads(self.source.text(path))
        except (BadSource, ValueError):
            return
        folder = told.rpartition("/")[0]
        if isinstance(stated, dict) and isinstance(stated.get("label"), str):
            self.named.setdefault((folder, named or self.lang), stated["label"])
        if isinstance(stated, dict) and isinstance(stated.get("position"), (int, float)):
            self.weights.setdefault(folder, int(stated["position"]))


_LAST = 10**6


def _weight(page: Page) -> int:
    try:
        return int(float(page.facts.get("weight", _LAST)))
    except (TypeError, ValueError, OverflowError):
        return _LAST


def _common(paths: list[str]) -> str:
    """The folder that all pages lie in: it says nothing about any of them."""
    folders = [path.rpartition("/")[0].split("/") for path in paths]
    common: list[str] = []
    for parts in zip(*folders, strict=False):
        if len(set(parts)) > 1:
            break
        common.append(parts[0])
    return "/".join(common)


def _lang(said: Any) -> str:
    text = str(said or "").lower().replace("_", "-")
    return text.partition("-")[0] if text.partition("-")[0] in ("ja", "en") else text


def _list(said: Any) -> list[Any]:
    return said if isinstance(said, list) else [said] if said else []


def _name(stem: str) -> str:
    return _DAY.sub("", _ORDER.sub("", stem))


def _pretty(folder: str) -> str:
    words = _WORDS.sub(" ", _ORDER.sub("", folder)).strip() or folder
    return words[:1].upper() + words[1:]
