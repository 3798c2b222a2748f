"""What links may call a page or a file: its path, its address, its number in another help centre."""

import re
import unicodedata
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from knowledge_base.transfer.importing.pages import Page

# What a link may say of a page that its file does not.
_ENDINGS = re.compile(r"(?:\.(?:mdx?|markdown|html?|ipynb|rst))$|/$", re.IGNORECASE)
# `01-app/02-start`: sites leave out what only puts folders in order.
_ORDERS = re.compile(r"(?:(?<=/)|^)\d{1,3}[-_.](?=[^/])")
_SQUASHED = re.compile(r"[\W_]+")


def free_name(name: str, taken: dict[str, str]) -> str:
    """The name, with a number where another file has it."""
    stem, dot, ending = name.rpartition(".")
    number, free = 2, name
    while free in taken:
        free, number = (f"{stem}-{number}{dot}{ending}" if dot else f"{name}-{number}"), number + 1
    return free


def names(page: Page) -> set[str]:
    """All that links may call a page."""
    found = {name if name.startswith("article:") else clean(str(name)) for name in page.names if name}
    for path in {page.path, _ORDERS.sub("", page.path)} - {""}:
        found.add(clean(path))
        folder, _slash, stem = path.rpartition("/")
        if stem.lower() in ("index", "_index", "readme"):
            found.add(clean(folder) or ".")
        if slug := str(page.facts.get("slug") or ""):
            found.add(clean(f"{folder}/{slug}"))
    return found - {""}


def readings(page: Page, path: str) -> list[str]:
    """What a relative or site-wide path may mean, the likeliest first."""
    if not path:
        return []
    bare = clean(_ENDINGS.sub("", path)) if path.strip("/") else "."
    without_language = re.sub(r"\.(?:ja|en)$", "", bare)
    if path.startswith("/"):
        tails = [re.sub(r"^(?:ja|en)/", "", without_language), bare]
        # A site may serve the folder under a name of its own.
        tails.append(tails[0].partition("/")[2])
        return [
            f"{top}{tail}" for tail in tails for top in ("", "docs/", "content/", "src/", "content/docs/")
        ]
    folder = PurePosixPath(page.path).parent
    # Pages that are served as folders write their links from one deeper.
    places = (folder, PurePosixPath(page.path))
    found = [joined(place, each) for each in (bare, without_language) for place in places]
    found += [re.sub(r"(^|/)(?:ja|en)/", r"\1", each) for each in found]
    return [clean(each) or "." for each in found]


def joined(folder: PurePosixPath, path: str) -> str:
    """The path from a folder, its dots worked off; what leads out of the top stays at the top."""
    parts: list[str] = []
    for part in [*folder.parts, *path.split("/")]:
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def clean(name: str) -> str:
    return _ENDINGS.sub("", urlsplit(name).path if "://" in name else name).strip("/").lower()


def squash(text: str) -> str:
    return _SQUASHED.sub("", unicodedata.normalize("NFKC", text).lower())
