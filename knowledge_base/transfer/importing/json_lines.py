"""Articles as JSON lines, one object a line, under our own names; beside them categories and files."""

import json
from typing import Any

from knowledge_base.transfer.importing.pages import N_, BadSource, Bundle, Fault, Imported, Page, Shelf
from knowledge_base.transfer.importing.sources import Source

SUFFIXES = (".jsonl", ".ndjson", ".json")
CATEGORIES = "categories.jsonl"
LONGEST_LINE = 4 * 2**20


def read(source: Source, paths: list[str], lang: str, done: Imported) -> Bundle:
    """The articles of these files. lang: of those that name none."""
    bundle = Bundle()
    for path in paths:
        for number, facts in _objects(source, path, done):
            if path.endswith(CATEGORIES):
                bundle.shelves += _shelf(facts)
                continue
            page = Page(source.place(path), facts, number, is_ours=True)
            facts["lang"] = facts.get("lang") or lang
            page.files = _files(facts.get("files"))
            bundle.pages.append(page)
    return bundle


def _objects(source: Source, path: str, done: Imported) -> list[tuple[int, dict[str, Any]]]:
    place, found = source.place(path), []
    try:
        text = source.text(path)
    except BadSource as error:
        done.fail(Fault(place, error.message, error.line, error.values))
        return []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        if len(line) > LONGEST_LINE:
            done.fail(Fault(place, N_("longer than %(size)s MB"), number, {"size": LONGEST_LINE // 2**20}))
            continue
        try:
            facts = json.loads(line)
        except (ValueError, RecursionError) as error:
            done.fail(Fault(place, N_("no JSON: %(why)s"), number, {"why": error}))
            continue
        if isinstance(facts, dict):
            found.append((number, facts))
        else:
            done.fail(Fault(place, N_("no JSON object"), number))
    return found


def _shelf(facts: dict[str, Any]) -> list[Shelf]:
    names = {lang: str(facts[f"name_{lang}"]) for lang in ("ja", "en") if facts.get(f"name_{lang}")}
    path, lang = facts.get("path"), facts.get("lang")
    if not isinstance(path, list) or not names or lang not in ("ja", "en"):
        return []
    position = facts.get("position")
    told = position if isinstance(position, int) else None
    return [Shelf(tuple(str(name) for name in path), lang, names, told)]


def _files(said: Any) -> dict[str, str]:
    """The names in the text, and where the files lie in the folder."""
    if not isinstance(said, list):
        return {}
    pairs = [each for each in said if isinstance(each, dict)]
    return {str(each["name"]): str(each["path"]) for each in pairs if each.get("name") and each.get("path")}
