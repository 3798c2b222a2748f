"""What stands above a page between two fences: TOML or YAML, in the words of the common site generators."""

import re
import tomllib
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from knowledge_base.transfer.importing.pages import N_, BadSource

if TYPE_CHECKING:
    import yaml

_LONGEST = 64 * 2**10
_FENCED = re.compile(r"(\+\+\+|---)[ \t]*\n(?:(.*?)\n)??\1[ \t]*(?:\n|\Z)", re.DOTALL)

# Our name of each thing, and what others call it; the first that is there counts.
_SAME = {
    "title": ("title",),
    "title_ja": ("title_ja",),
    "title_en": ("title_en",),
    "lang": ("lang", "language", "locale"),
    "external_id": ("external_id", "key", "translationKey", "id"),
    "slug": ("slug", "permalink", "url"),
    "category": ("category",),
    "categories": ("categories",),
    "tags": ("tags", "keywords", "labels"),
    "weight": ("weight", "order", "nav_order", "sidebar_position", "position"),
    "aliases": ("aliases", "redirect_from"),
    "published_at": ("published_at", "date", "publishDate", "pubDate"),
    "updated_at": ("updated_at", "lastmod", "updated", "last_updated", "last_modified_at"),
    "created_at": ("created_at",),
    "status": ("status",),
    "draft": ("draft",),
    "published": ("published",),
    **{name: (name,) for name in ("purpose", "visibility", "stages", "audience", "questions")},
    **{name: (name,) for name in ("review_on", "owner", "files", "changes", "helpdesk")},
}


def split(text: str) -> tuple[dict[str, Any], str]:
    """What is stated above a page, as written, and the page's text.

    Raises `BadSource` with the line where it cannot be read.
    """
    fenced = _FENCED.match(text)
    if fenced is None:
        return {}, text
    inside = fenced[2] or ""
    if len(inside) > _LONGEST:
        raise BadSource(N_("front matter longer than %(size)s KB"), 1, size=_LONGEST // 2**10)
    stated = _toml(inside) if fenced[1] == "+++" else _yaml(inside)
    # Two rules with a line between them are no front matter.
    return (stated, text[fenced.end() :]) if isinstance(stated, dict) else ({}, text)


def facts_of(stated: dict[str, Any]) -> dict[str, Any]:
    """The same under our names; what we have no name for is left out."""
    found = {}
    for ours, theirs in _SAME.items():
        for name in theirs:
            if (value := stated.get(name)) not in (None, "") or (name == "external_id" and name in stated):
                found[ours] = _plain(value)
                break
    if isinstance(changed := stated.get("last_update"), dict) and changed.get("date"):
        found.setdefault("updated_at", _plain(changed["date"]))
    if _is(found.pop("draft", "")) or found.pop("published", "") in (False, "false"):
        found.setdefault("status", "draft")
    return found


def unknown(stated: dict[str, Any]) -> list[str]:
    known = {name for theirs in _SAME.values() for name in theirs}
    return [str(name) for name in stated if name not in known]


def _is(said: object) -> bool:
    return said is True or str(said).lower() in ("true", "yes", "on")


def _plain(value: Any) -> Any:
    """Dates as text, as JSON lines have them."""
    return value.isoformat() if isinstance(value, (date, datetime)) else value


_NO_YAML = N_("front matter: this is no YAML; look at its quotes, colons and indentation")
# What the reader of YAML says in English only, in words of ours.
_WRONG = {
    "mapping values are not allowed here": N_(
        "front matter: a value with a colon in it needs quotes, and lines the same indentation"
    ),
    "found character '\\t' that cannot start any token": N_("front matter: indented with a tab; use blanks"),
    "aliases are not read": N_("front matter: aliases are not read"),
}


def _toml(text: str) -> Any:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        raise BadSource(N_("front matter: %(why)s"), int(line[1]) + 1 if line else 1, why=error) from error


def _yaml(text: str) -> Any:
    import yaml  # noqa: PLC0415  (most starts import no pages)

    try:
        return yaml.load(text, Loader=_loader())  # noqa: S506  (makes texts, lists and mappings only)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        why = _WRONG.get(getattr(error, "problem", ""), _NO_YAML)
        raise BadSource(why, mark.line + 2 if mark else 1) from error
    except (RecursionError, ValueError) as error:
        raise BadSource(N_("front matter: too deep"), 1) from error


@cache
def _loader() -> "type[yaml.BaseLoader]":
    """Every value as it is written: a title of 1.10 is no number, and `no` is Norwegian. No aliases."""
    import yaml  # noqa: PLC0415

    class Texts(yaml.BaseLoader):
        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.AliasEvent):
                event = self.peek_event()
                raise yaml.composer.ComposerError(None, None, "aliases are not read", event.start_mark)
            return super().compose_node(parent, index)

    return Texts
