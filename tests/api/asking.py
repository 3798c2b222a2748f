"""How tests of the door ask: a whole list piece by piece, and how many statements something takes."""

from collections.abc import Callable

from sqlalchemy import event

from helpdesk.core.db import db


def statements(work: Callable[[], object]) -> int:
    """How many statements `work` asks the database."""
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", note := lambda *args: asked.append(args[2]))
    try:
        work()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(asked)


def walk(api, path: str) -> list[dict]:
    """Every item of a list, a piece after the other; `path` has a query already."""
    found, cursor = [], ""
    while cursor is not None:
        piece = api.get(path + (f"&cursor={cursor}" if cursor else "")).json
        found, cursor = found + piece["items"], piece["next"]
    return found
