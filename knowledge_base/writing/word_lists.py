"""The editors' words as a table for spreadsheets: a group a row, taken in all or not at all."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO

from sqlalchemy import select

from helpdesk.accounts.models import Agent
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.words import fold
from knowledge_base.vocabulary import SynonymGroup
from knowledge_base.writing.wording import MOST_GROUPS, Unfit, expressions_of

# More bytes than the longest list has.
LARGEST = 4 * 2**20
# As spreadsheets write: Unicode with a mark or without, or as Japanese Windows has it.
_ENCODINGS = ("utf-8-sig", "cp932")
# What our own table leads with an apostrophe, so that no spreadsheet runs it.
_QUOTED = re.compile(r"'(?=[ \u3000]*[-=+@＝＋－＠])")


class Unread(ValueError):
    """A list that is not taken. faults: each with its line; line 0 for the file as a whole."""

    def __init__(self, faults: Sequence[tuple[int, Unfit]]) -> None:
        super().__init__("; ".join(f"{line}: {unfit}" for line, unfit in faults))
        self.faults = faults


@dataclass(frozen=True)
class Taken:
    """How many groups came, were there already, and went."""

    added: int
    known: int
    gone: int


def rows() -> list[list[str]]:
    """All groups of the editors, a row each, the newest first."""
    newest = select(SynonymGroup).order_by(SynonymGroup.updated_at.desc(), SynonymGroup.id.desc())
    return [group.expressions for group in db.session.scalars(newest)]


def take(content: bytes, *, replaces: bool, by: Agent) -> Taken:
    """Add the groups of a CSV file; a group that is here in any order and spelling stays as it is.

    replaces: those that the file does not have go. Raises `Unread`, and then nothing is changed.
    """
    read = {_key(group): group for group in _groups(content)}
    known = {_key(group.expressions): group for group in db.session.scalars(select(SynonymGroup))}
    new = [group for key, group in read.items() if key not in known]
    gone = [group for key, group in known.items() if key not in read] if replaces else []
    if len(known) + len(new) - len(gone) > MOST_GROUPS:
        raise Unread([(0, Unfit("full", ""))])
    for old in gone:
        db.session.delete(old)
    # The first of the list is shown first, as it was where the list came from.
    for group in reversed(new):
        db.session.add(SynonymGroup(expressions=group, agent_id=by.id, updated_at=now()))
        db.session.flush()
    return Taken(len(new), len(read) - len(new), len(gone))


def _groups(content: bytes) -> list[list[str]]:
    found, faults = list[list[str]](), list[tuple[int, Unfit]]()
    for line, cells in _lines(_text(content)):
        try:
            found.append(expressions_of("\n".join(_QUOTED.sub("", cell, count=1) for cell in cells)))
        except Unfit as unfit:
            faults.append((line, unfit))
    if not found and not faults:
        faults.append((0, Unfit("empty", "")))
    if faults:
        raise Unread(faults)
    return found


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that say something, each with the line where it ends."""
    reader = csv.reader(StringIO(text, newline=""))
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, cells
    except csv.Error as error:
        raise Unread([(reader.line_num, Unfit("garbled", str(error)))]) from error


def _text(content: bytes) -> str:
    if len(content) <= LARGEST:
        for encoding in _ENCODINGS:
            try:
                return content.decode(encoding)
            except UnicodeDecodeError:
                continue
    raise Unread([(0, Unfit("unreadable", ""))])


def _key(group: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(map(fold, group)))
