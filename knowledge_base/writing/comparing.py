"""What differs between two texts: line by line, and within a changed line word by word."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

# Unchanged lines shown around a change.
_AROUND = 2
# Longer lines, and those that share less than this, are shown as taken away and added whole.
_LONGEST_LINE, _LEAST_COMMON = 2_000, 0.35

# Words of Latin letters and digits; of everything else each sign.
_PIECE = re.compile(r"[A-Za-z0-9_'’]+|\s+|.", re.DOTALL)


@dataclass(frozen=True)
class Piece:
    """A part of a line; whether just this part changed."""

    text: str
    is_changed: bool = False


@dataclass(frozen=True)
class Line:
    """A line of a comparison. change: "+", "-", " " or "…" for unchanged lines left out."""

    change: str
    pieces: tuple[Piece, ...] = ()

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)


def differences(before: str, after: str) -> list[Line]:
    """What was taken away and added, with a little of what stayed; empty where all stayed."""
    old, new = before.splitlines(), after.splitlines()
    groups = SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(_AROUND)
    found: list[Line] = []
    for group in groups:
        if group[0][1] > 0:
            found.append(Line("…"))
        for kind, a, b, c, d in group:
            same = (Line(" ", (Piece(text),)) for text in old[a:b])
            found += same if kind == "equal" else _changed(old[a:b], new[c:d])
    return found


def told(particulars: Mapping[str, Any]) -> str:
    """The particulars of a revision as lines, to be compared."""
    words = {name: ", ".join(said) if isinstance(said, list) else said for name, said in particulars.items()}
    return "\n".join(f"{name}: {said}" for name, said in words.items() if said)


def _changed(old: list[str], new: list[str]) -> Iterator[Line]:
    """Lines in each other's place: as many pairs as there are, then what is left over."""
    pairs = [_within(a, b) for a, b in zip(old, new, strict=False)]
    count = len(pairs)
    yield from (Line("-", taken) for taken, _added in pairs)
    yield from (Line("-", (Piece(text),)) for text in old[count:])
    yield from (Line("+", added) for _taken, added in pairs)
    yield from (Line("+", (Piece(text),)) for text in new[count:])


def _within(old: str, new: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Two versions of one line in pieces, where they have enough in common to be two versions of one."""
    whole = (Piece(old),), (Piece(new),)
    if max(len(old), len(new)) > _LONGEST_LINE:
        return whole
    was, now = _PIECE.findall(old), _PIECE.findall(new)
    matcher = SequenceMatcher(None, was, now, autojunk=False)
    if matcher.ratio() < _LEAST_COMMON:
        return whole
    steps = matcher.get_opcodes()
    taken = (Piece("".join(was[a:b]), kind != "equal") for kind, a, b, _c, _d in steps if b > a)
    added = (Piece("".join(now[c:d]), kind != "equal") for kind, _a, _b, c, d in steps if d > c)
    return tuple(taken), tuple(added)
