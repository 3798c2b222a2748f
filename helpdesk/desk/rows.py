"""The rows of the inbox as they are shown: what is the same for all rows is worked out once a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import get_template_attribute
from markupsafe import Markup
from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.core.i18n import language, whens
from helpdesk.customers.models import who_writes
from helpdesk.lifecycle.models import Stage
from helpdesk.tickets.due import Due, dues
from helpdesk.tickets.kinds import Priority
from helpdesk.tickets.thread import shown_excerpt

# A row has room for so much of subject and newest message together; Japanese signs take two columns.
COLUMNS_SHOWN = 96
TAGS_SHOWN = 2


@dataclass(frozen=True, slots=True)
class Row:
    """One ticket of the list; `priority` and `face` are safe HTML."""

    id: int
    status: str
    who: str
    subject: str
    excerpt: str
    priority: Markup
    tags: Sequence[str]
    stage: str
    due: Due | None
    # The newest answer did not reach everybody.
    is_missed: bool
    face: Markup
    at: str


def rows(found: Sequence[Any], stages: Mapping[int, str]) -> list[Row]:
    """The rows of the list, in the order given."""
    when, due, pieces = whens(), dues(), _Pieces()
    return [
        Row(
            id=row.id,
            status=row.status.value,
            who=who_writes(row.customer, row.customer_type, row.contact),
            subject=row.subject,
            excerpt=_beginning(shown_excerpt(row.excerpt), COLUMNS_SHOWN - _columns(row.subject)),
            priority=pieces.priority(row.priority),
            tags=sorted(row.tags.split(","))[:TAGS_SHOWN] if row.tags else (),
            stage=stages.get(row.stage_id, ""),
            due=due(row.reply_due_at, row.first_replied_at) if row.waiting_since else None,
            is_missed=bool(row.is_missed),
            face=pieces.face(row.assignee_id, row.assignee),
            at=when(row.updated_at),
        )
        for row in found
    ]


def stage_names() -> dict[int, str]:
    """The names of all stages in the reader's language, in the order of the path."""
    named = select(Stage.id, Stage.name_in(language()).label("name"))
    found = db.session.execute(named.order_by(Stage.set_id.desc(), Stage.position))
    return {row.id: row.name for row in found}


class _Pieces:
    """Small pieces of HTML that many rows share, each made when first needed."""

    def __init__(self) -> None:
        self._made: dict[str, Markup] = {}

    def priority(self, priority: Priority) -> Markup:
        key = priority.value
        if key not in self._made:
            self._made[key] = get_template_attribute("shared/status.html", "priority")(key)
        return self._made[key]

    def face(self, agent_id: int | None, name: str | None) -> Markup:
        key = f"agent {agent_id}"
        if key not in self._made:
            macro = "nobody" if agent_id is None else "avatar"
            told = {} if agent_id is None else {"name": name, "label": name}
            self._made[key] = get_template_attribute("shared/avatar.html", macro)(**told)
        return self._made[key]


def _columns(text: str) -> int:
    """How wide it stands, roughly: what takes three bytes or more is two columns wide."""
    return (len(text.encode()) + len(text)) // 2


def _beginning(text: str, columns: int) -> str:
    most = max(0, columns // 2 if text[:1] > "\u1100" else columns)
    return text if len(text) <= most else text[:most].rstrip() + "…"
