"""An article's text and what is said about it, as a page of Markdown in a folder."""

import json
import re
from pathlib import PurePosixPath
from posixpath import relpath
from typing import Any
from urllib.parse import quote

from knowledge_base.transfer.importing.dialects import outside_code
from knowledge_base.transfer.importing.tags_in_markdown import CODE

_OURS = re.compile(
    CODE + r"|(?P<open>\]\(<?)/kb/(?P<lang>ja|en)/(?P<slug>[a-z0-9-]+)(?P<rest>[#?][^)>\s]*)?(?=[)>\s])"
)
_FILES = re.compile(CODE + r"|(?P<open>\]\(<?)files/(?P<name>[^)>\s]+)(?=[)>\s])")
_DELETE = "\x7f"


def front_matter(stated: dict[str, Any]) -> str:
    """TOML between its fences; tables come last, as TOML wants them."""
    plain = [f"{name} = {_written(value)}\n" for name, value in stated.items() if not isinstance(value, dict)]
    tables = [(name, value) for name, value in stated.items() if isinstance(value, dict)]
    for name, table in tables:
        plain.append(f"\n[{name}]\n")
        plain += [f"{key} = {_written(value)}\n" for key, value in table.items()]
    return "+++\n" + "".join(plain) + "+++\n"


def linked_to_files(body: str, page: str, places: dict[tuple[str, str], str]) -> str:
    """The text with links to other articles leading from page to page."""

    def relative(found: re.Match[str]) -> str:
        place = places.get((found["lang"], found["slug"]))  # None for a span of code, too.
        if place is None:
            return found[0]
        way = relpath(place, str(PurePosixPath(page).parent))
        return f"{found['open']}{way}{found['rest'] or ''}"

    return outside_code(body, lambda text: _OURS.sub(relative, text))


def with_files_of(body: str, stem: str, names: list[str]) -> str:
    """The text with its files where the export lays them."""
    known = {quote(name): name for name in names} | {name: name for name in names}

    def beside(found: re.Match[str]) -> str:
        return f"{found['open']}{stem}.files/{found['name']}" if found["name"] in known else found[0]

    return outside_code(body, lambda text: _FILES.sub(beside, text))


def _written(value: object) -> str:
    """As TOML has it; its strings are those of JSON but for one sign."""
    if isinstance(value, list):
        return "[" + ", ".join(_written(each) for each in value) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace(_DELETE, "\\u007f")
    return json.dumps(value)
