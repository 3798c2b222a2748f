"""All articles as files that `kb import` takes in again: Markdown with front matter, or JSON lines.

The same articles always give the same bytes: nothing is written that says when or where.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import select

from helpdesk.core.db import db
from knowledge_base.models import Article
from knowledge_base.transfer.exporting.records import Chosen, Shelves, Whole, all_of, record_of
from knowledge_base.transfer.exporting.targets import Folder, Target, Zip
from knowledge_base.transfer.exporting.texts import front_matter, linked_to_files, with_files_of

__all__ = ["Chosen", "Folder", "Zip", "export"]

_Records = Iterable[tuple[Whole, dict[str, Any]]]


def export(target: Target, form: str, chosen: Chosen) -> dict[str, int]:
    """Write the chosen articles with categories, files and former addresses; counts what was written."""
    shelves = Shelves()
    records = ((each, record_of(each, shelves)) for each in all_of(chosen))
    write = _write_lines if form == "jsonl" else _write_pages
    return write(target, records, shelves)


def _write_lines(target: Target, records: _Records, shelves: Shelves) -> dict[str, int]:
    lines, files = [], 0
    for whole, told in records:
        named = []
        for name, stored in whole.files:
            path = f"files/{stored.sha256[:16]}/{name}"
            target.write(path, stored.path.read_bytes())
            named.append({"name": name, "path": path})
        files += len(named)
        lines.append(_line({**told, **({"files": named} if named else {})}))
    target.write("articles.jsonl", "".join(lines).encode())
    rows = [_line(each) for each in _categories(shelves)]
    target.write("categories.jsonl", "".join(rows).encode())
    return {"articles": len(lines), "categories": len(shelves.all), "files": files}


def _write_pages(target: Target, records: _Records, shelves: Shelves) -> dict[str, int]:
    for category in shelves.all:
        named = {"helpdesk": 1, "title_ja": category.name_ja, "title_en": category.name_en}
        head = front_matter({**{k: v for k, v in named.items() if v}, "weight": category.position})
        target.write(f"{shelves.folders[category.id]}/_index.md", head.encode())
    places = _places(shelves)
    count = files = 0
    for whole, told in records:
        article = whole.article
        folder = shelves.folders[article.category_id] + "/" if article.category_id else ""
        stem = f"{article.slug}.{article.lang}"
        for name, stored in whole.files:
            target.write(f"{folder}{stem}.files/{name}", stored.path.read_bytes())
        own = [f"{stem}.files/{name}" for name, _stored in whole.files]
        body = linked_to_files(told.pop("body"), f"{folder}{stem}.md", places)
        stated = {"helpdesk": 1, **told, **({"files": own} if own else {})}
        page = front_matter(stated) + with_files_of(body, stem, [name for name, _stored in whole.files])
        target.write(f"{folder}{stem}.md", page.encode())
        count, files = count + 1, files + len(own)
    return {"articles": count, "categories": len(shelves.all), "files": files}


def _places(shelves: Shelves) -> dict[tuple[str, str], str]:
    """The path of each article's page, by its language and address."""
    rows = db.session.execute(select(Article.lang, Article.slug, Article.category_id))
    tops = {id: folder + "/" for id, folder in shelves.folders.items()}
    return {(row.lang, row.slug): f"{tops.get(row.category_id, '')}{row.slug}.{row.lang}.md" for row in rows}


def _categories(shelves: Shelves) -> Iterator[dict[str, Any]]:
    for category in shelves.all:
        lang = "ja" if category.name_ja else "en"
        names = {f"name_{each}": name for each in ("ja", "en") if (name := getattr(category, f"name_{each}"))}
        path = shelves.names(category.id, lang)
        yield {"path": path, "lang": lang, **names, "position": category.position}


def _line(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False) + "\n"
