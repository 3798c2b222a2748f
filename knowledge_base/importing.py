"""Articles from files: a folder of Markdown with front matter, or JSON lines; all of them or none.

An article is known again by its external id and language: then it is a new revision, not a second article.
"""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.core.i18n import LANGUAGES
from knowledge_base import editing
from knowledge_base.editing import Particulars
from knowledge_base.models import Article, ArticleStatus, Purpose, Visibility

LARGEST_FILE = 50 * 2**20

_FRONT = re.compile(r"(\+\+\+|---)[ \t]*\n(.*?)\n\1[ \t]*(?:\n|$)", re.DOTALL)
_HEADING = re.compile(r"\s*# +(.+?)[ #]*(?:\n|$)")
_LISTS = ("tags", "stages", "questions")


@dataclass(frozen=True)
class Fault:
    """What is wrong with one article, and where: a file, for JSON lines with the line."""

    place: str
    message: str


@dataclass
class Imported:
    """What an import did; with faults it did nothing."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)


def take(path: Path, lang: str = "") -> Imported:
    """Write all articles of a file or a folder. Nothing is committed; with faults nothing is written.

    lang: for those that name none. Raises `OSError` where the path cannot be read.
    """
    done = Imported()
    read = [(place, _checked(place, facts, lang, done)) for place, facts in _facts(path, done)]
    if not done.faults:
        for _place, facts in read:
            done.counts[_write(facts)] += 1
    return done


def _facts(path: Path, done: Imported) -> Iterator[tuple[str, dict[str, Any]]]:
    if not path.is_dir():
        reader = _lines if path.suffix in (".jsonl", ".ndjson", ".json") else _page
        yield from reader(path, path.stem, done)
        return
    for file in sorted(path.rglob("*.md")):
        yield from _page(file, file.relative_to(path).with_suffix("").as_posix(), done)


def _lines(file: Path, _name: str, done: Imported) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, line in enumerate(_text(file).splitlines(), 1):
        place = f"{file}:{number}"
        try:
            facts = json.loads(line) if line.strip() else None
        except ValueError as error:
            done.faults.append(Fault(place, f"no JSON: {error}"))
            continue
        if isinstance(facts, dict):
            yield place, facts
        elif facts is not None:
            done.faults.append(Fault(place, "no JSON object"))


def _page(file: Path, name: str, done: Imported) -> Iterator[tuple[str, dict[str, Any]]]:
    """One Markdown file; without an id of its own its path is it, without a title its first heading."""
    text = _text(file)
    front = _FRONT.match(text)
    try:
        facts = _front_matter(front[1], front[2]) if front else {}
    except ValueError as error:
        done.faults.append(Fault(str(file), f"front matter: {error}"))
        return
    body = text[front.end() :] if front else text
    heading = _HEADING.match(body)
    if heading and facts.get("title", heading[1]) == heading[1]:
        facts["title"], body = heading[1], body[heading.end() :]
    yield str(file), {"external_id": facts.pop("key", name), **facts, "body": body}


def _front_matter(fence: str, text: str) -> dict[str, Any]:
    """TOML between +++, or lines of `key: value` between ---, where [a, b] is a list."""
    if fence == "+++":
        return tomllib.loads(text)
    pairs = (
        line.partition(":") for line in text.splitlines() if ":" in line and not line.startswith((" ", "#"))
    )
    return {key.strip(): _value(value.strip()) for key, _colon, value in pairs}


def _value(text: str) -> Any:
    if text.startswith("[") and text.endswith("]"):
        return [item.strip().strip("\"'") for item in text[1:-1].split(",") if item.strip()]
    return text.strip("\"'")


def _text(file: Path) -> str:
    if file.stat().st_size > LARGEST_FILE:
        raise OSError(f"{file} is larger than {LARGEST_FILE // 2**20} MB")
    return file.read_text(encoding="utf-8-sig", errors="replace").replace("\r\n", "\n")


def _checked(place: str, facts: dict[str, Any], lang: str, done: Imported) -> dict[str, Any]:
    """The facts with what they leave out; each thing wrong with them is a fault."""
    facts = {"status": "published", "purpose": "how-to", "visibility": "public", "body": "", **facts}
    facts["lang"] = facts.get("lang") or lang
    wrong = [f"no {name}" for name in ("title", "lang") if not str(facts.get(name) or "").strip()]
    choices = {"lang": LANGUAGES, "status": _values(ArticleStatus), "purpose": _values(Purpose)}
    choices["visibility"] = _values(Visibility)
    wrong += [
        f"{name} is {facts[name]!r}"
        for name, known in choices.items()
        if facts[name] and facts[name] not in known
    ]
    wrong += [f"{name} is no text" for name in ("title", "body") if not isinstance(facts.get(name, ""), str)]
    wrong += [f"{name} is no list" for name in _LISTS if not isinstance(facts.get(name, []), (list, str))]
    done.faults += [Fault(place, message) for message in wrong]
    return facts


def _values(kind: Any) -> list[str]:
    return [member.value for member in kind]


def _write(facts: dict[str, Any]) -> str:
    """Write one article; says whether it was created, updated or left as it was."""
    particulars = Particulars(
        category=str(facts.get("category") or ""),
        purpose=Purpose(facts["purpose"]),
        visibility=Visibility(facts["visibility"]),
        **{name: _list(facts.get(name, [])) for name in _LISTS},
    )
    article = _known(facts)
    if article is None:
        article = editing.write(
            facts["title"],
            facts["body"],
            lang=facts["lang"],
            slug=str(facts.get("slug") or ""),
            external_id=str(facts["external_id"]) if facts.get("external_id") is not None else None,
            particulars=particulars,
        )
        _put(article, facts["status"])
        return "created"
    before = article.newest.number, article.status
    editing.revise(article, facts["title"], facts["body"], by=None, particulars=particulars)
    _put(article, facts["status"])
    return "skipped" if before == (article.newest.number, article.status) else "updated"


def _known(facts: dict[str, Any]) -> Article | None:
    if facts.get("external_id") is None:
        return None
    same = select(Article).where(
        Article.external_id == str(facts["external_id"]), Article.lang == facts["lang"]
    )
    return db.session.scalar(same)


def _list(said: Any) -> list[str]:
    return [str(item) for item in said] if isinstance(said, list) else re.split("[,、]", said)


def _put(article: Article, status: str) -> None:
    verbs = {"published": editing.publish, "draft": editing.withdraw, "archived": editing.archive}
    if status == "published" or article.status.value != status:
        verbs[status](article, by=None)
