"""Two people changed one article: what both did is put together where it does not touch; pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any


@dataclass(frozen=True)
class Clash:
    """A place that both changed, each in their own way."""

    mine: str
    theirs: str


@dataclass(frozen=True)
class Merged:
    """Both texts together; where they clash, it has mine."""

    text: str
    clashes: tuple[Clash, ...] = ()


def merge(base: str, mine: str, theirs: str) -> Merged:
    """Put together what two people made of one text, paragraph by paragraph."""
    old, own, other = map(paragraphs, (base, mine, theirs))
    made: list[str] = []
    clashes: list[Clash] = []
    at = (0, 0, 0)
    for place in (*_shared(old, own, other), (len(old), len(own), len(other))):
        was, my, their = (texts[a:b] for texts, a, b in zip((old, own, other), at, place, strict=True))
        if my == was:
            made += their
        else:
            made += my
            if their not in (was, my):
                clashes.append(Clash("\n".join(my), "\n".join(their)))
        if place[0] < len(old):
            made.append(own[place[1]])
        at = tuple(each + 1 for each in place)  # type: ignore[assignment]
    return Merged("\n".join(made).strip("\n"), tuple(clashes))


def merge_facts(
    base: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """The same for what is said beside the text; and the names of what both set differently (mine stays)."""
    made: dict[str, Any] = {}
    clashes: list[str] = []
    for name, my in mine.items():
        was, their = base.get(name, my), theirs.get(name, my)
        if isinstance(my, list):
            made[name] = _lists(was or [], my, their or [])
        elif my == was:
            made[name] = their
        else:
            made[name] = my
            if their not in (was, my):
                clashes.append(name)
    return made, clashes


def paragraphs(text: str) -> list[str]:
    """The text in lines of its own: each paragraph one piece, so are blank lines and fenced blocks."""
    found: list[str] = []
    fence = ""
    for line in text.splitlines():
        opening = re.match(r" {0,3}(```+|~~~+)", line)
        stays = bool(fence) or (bool(line.strip()) and bool(found) and bool(found[-1].strip()))
        if stays and found and not (opening and not fence):
            found[-1] += "\n" + line
        else:
            found.append(line)
        if opening and not fence:
            fence = opening[1]
        elif opening and opening[1].startswith(fence):
            fence = ""
    return found


def _shared(old: Sequence[str], own: Sequence[str], other: Sequence[str]) -> list[tuple[int, int, int]]:
    """The places of paragraphs that stand in all three, in their order."""
    mine, theirs = _places(old, own), _places(old, other)
    return [(at, mine[at], theirs[at]) for at in range(len(old)) if at in mine and at in theirs]


def _places(old: Sequence[str], new: Sequence[str]) -> dict[int, int]:
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    return {block.a + n: block.b + n for block in blocks for n in range(block.size)}


def _lists(was: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> list[str]:
    """What stood there and neither took away, and what either added."""
    kept = [each for each in mine if each in theirs or each not in was]
    return kept + [each for each in theirs if each not in was and each not in kept]
