"""Lists in pieces: a cursor says after which row the next piece begins, so nothing is told twice."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, or_

from helpdesk.api.problems import Problem

T = TypeVar("T")


def mark(*place: datetime | int) -> str:
    """The cursor of a row: its place in the order of the list."""
    parts = [part.isoformat() if isinstance(part, datetime) else part for part in place]
    return urlsafe_b64encode(json.dumps(parts, separators=(",", ":")).encode()).decode().rstrip("=")


def place(cursor: str | None, *kinds: type) -> tuple[Any, ...] | None:
    """The place that `mark` wrote; None for the beginning. A cursor that is none of ours is refused."""
    if cursor is None:
        return None
    try:
        parts = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        found = tuple(_read(part, kind) for part, kind in zip(parts, kinds, strict=True))
    except (ValueError, TypeError) as error:
        raise Problem(422, "invalid", fields=[("cursor", "This is no cursor of this list.")]) from error
    return found


def before(at: Any, number: Any, last: tuple[datetime, int]) -> ColumnElement[bool]:
    """The rows older than `last`, in the order of a moment and a row's number; an index can follow it."""
    return and_(at <= last[0], or_(at < last[0], number < last[1]))


def after(at: Any, number: Any, last: tuple[datetime, int]) -> ColumnElement[bool]:
    """The rows newer than `last`, in the same order."""
    return and_(at >= last[0], or_(at > last[0], number > last[1]))


def cut(rows: Sequence[T], limit: int) -> tuple[Sequence[T], T | None]:
    """Of up to `limit` + 1 rows those to show, and the last of them where there are more."""
    return (rows[:limit], rows[limit - 1]) if len(rows) > limit else (rows, None)


def _read(part: Any, kind: type) -> Any:
    if kind is datetime:
        at = datetime.fromisoformat(part)
        if at.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        return at
    if type(part) is not int or not 0 <= part < 2**63:
        raise ValueError("a row's number")
    return part
