"""Freshdesk Solutions: categories, folders, articles, as its API answers or its full export nests them."""

import re
from dataclasses import dataclass, field
from typing import Any

from knowledge_base.transfer.importing.help_centres import attach, language, leave_out, page, rows
from knowledge_base.transfer.importing.pages import N_, Bundle, Fault, Imported, Page, Shelf
from knowledge_base.transfer.importing.sources import Source

_Row = dict[str, Any]
_DRAFT, _PUBLISHED = 1, 2
# Of a folder: everybody, signed-in customers, agents, chosen companies.
_READERS = {1: "public", 2: "signed-in", 3: "staff"}


@dataclass
class _Solutions:
    articles: dict[tuple[int, str], _Row] = field(default_factory=dict)
    folders: dict[int, _Row] = field(default_factory=dict)
    categories: dict[int, _Row] = field(default_factory=dict)
    places: dict[int, str] = field(default_factory=dict)

    def way(self, article: _Row) -> list[_Row]:
        found: list[_Row] = []
        folder = self.folders.get(article.get("folder_id") or 0)
        category_id = article.get("category_id")
        while folder is not None and len(found) < 10:
            found.insert(0, folder)
            category_id = folder.get("category_id") or category_id
            folder = self.folders.get(folder.get("parent_folder_id") or 0)
        category = self.categories.get(category_id or 0)
        return ([category] if category else []) + found


def is_solutions(told: list[tuple[str, Any]]) -> bool:
    return any(_is_article(row) for _path, each in told for row in _all(each))


def read(source: Source, told: list[tuple[str, Any]], lang: str, done: Imported) -> Bundle:
    """The articles of an export. lang: of those that name none."""
    solutions, bundle, others = _Solutions(), Bundle(), set[str]()
    for path, answer in told:
        _gather(solutions, answer, source.place(path), {})
    shelves: dict[tuple[str, tuple[str, ...]], Shelf] = {}
    for (number, named), article in solutions.articles.items():
        code = language(named or lang)
        if not code:
            others.add(named or "?")
            continue
        made = _page(solutions, source, number, article, code, done)
        bundle.pages.append(made)
        names = tuple(made.facts["category"])
        for depth, row in enumerate(solutions.way(article), 1):
            key = (code, names[:depth])
            shelves.setdefault(key, Shelf(names[:depth], code, {code: names[depth - 1]}, row.get("position")))
    bundle.shelves = sorted(shelves.values(), key=lambda shelf: len(shelf.path))
    leave_out(done, source, others)
    return bundle


def _all(told: Any) -> list[_Row]:
    """Every object, however deep."""
    return [row for _name, row in rows({"top": told}, *_names(told))]


def _names(told: Any) -> set[str]:
    found, waiting = {"top"}, [told]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            found |= value.keys()
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return found


def _is_article(row: _Row) -> bool:
    return (
        "title" in row
        and "description" in row
        and ("folder_id" in row or "thumbs_up" in row or "hits" in row)
    )


def _gather(solutions: _Solutions, told: Any, place: str, around: _Row) -> None:
    """Take up what lies in an answer; what is nested belongs to what is around it."""
    if isinstance(told, list):
        for each in told:
            _gather(solutions, each, place, around)
        return
    if not isinstance(told, dict):
        return
    row, id = {**around, **told}, told.get("id")
    if _is_article(row) and isinstance(id, int):
        named = str(told.get("language") or told.get("language_code") or around.get("language") or "")
        solutions.articles[id, named] = row
        solutions.places.setdefault(id, place)
        for each in told.get("translations") or ():
            if isinstance(each, dict):
                _gather(solutions, {"folder_id": row.get("folder_id"), **each, "id": id}, place, {"hits": 0})
        return
    inner: _Row = {}
    if isinstance(id, int) and told.get("name"):
        is_category = "folders" in told or "visible_in_portals" in told
        is_folder = not is_category and ("visibility" in told or "articles" in told or "category_id" in row)
        (solutions.folders if is_folder else solutions.categories)[id] = row
        inner = {"category_id": row.get("category_id"), "folder_id": id} if is_folder else {"category_id": id}
        if is_folder and around.get("folder_id"):
            row.setdefault("parent_folder_id", around["folder_id"])
    for value in told.values():
        _gather(solutions, value, place, inner or around)


def _page(solutions: _Solutions, source: Source, id: int, article: _Row, lang: str, done: Imported) -> Page:
    way = solutions.way(article)
    facts = {
        "external_id": f"freshdesk-{id}",
        "lang": lang,
        "title": article.get("title"),
        "status": "published" if article.get("status", _PUBLISHED) == _PUBLISHED else "draft",
        "tags": [each.get("name") if isinstance(each, dict) else each for each in article.get("tags") or ()],
        "category": [str(row["name"]) for row in way],
        "created_at": article.get("created_at"),
        "published_at": article.get("created_at"),
        "updated_at": article.get("updated_at") or article.get("modified_at"),
    }
    made = page(solutions.places[id], facts, article.get("description"), number=id)
    seo = article.get("seo_data") if isinstance(article.get("seo_data"), dict) else {}
    made.slug_hint = str((seo or {}).get("slug") or "") or re.sub(
        r"^\d+-?", "", str(article.get("path") or "")
    )
    visibility = next((row["visibility"] for row in reversed(way) if "visibility" in row), 1)
    facts["visibility"] = _READERS.get(visibility, "staff")
    if visibility not in _READERS:
        done.warn(
            made.fault(
                N_("the readers of %(segment)s are not known here: only our team"), segment=way[-1]["name"]
            )
        )
    _attach(made, source, article, done)
    return made


def _attach(made: Page, source: Source, article: _Row, done: Imported) -> None:
    """Files that hang on an article are listed at its end: here the text names its files."""
    lines = []
    for row in article.get("attachments") or ():
        name, address = str(row.get("name") or "file"), str(row.get("attachment_url") or "")
        if attach(made, source, address, row.get("id"), name):
            lines.append(f"- [{name}](<{address}>)")
        else:
            done.warn(
                Fault(made.file, N_("the file %(file)s is not in the export"), made.line, {"file": name})
            )
    if lines:
        made.facts["body"] = f"{made.facts['body']}\n\n" + "\n".join(lines)
