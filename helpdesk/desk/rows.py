"""The rows of the inbox as they are shown: what is the same for all rows is worked out once a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import get_template_attribute
from markupsafe import Markup
from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.core.i18n import language, when
from helpdesk.customers.models import CustomerType
from helpdesk.lifecycle.models import Stage
from helpdesk.tickets.due import Due, due
from helpdesk.tickets.models import Priority, Status

# Characters of the newest message that a wide row has room for.
EXCERPT_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Row:
    """One ticket of the list; marks and faces are safe HTML."""

    id: int
    mark: Markup
    who: str
    subject: str
    excerpt: str
    priority: Markup
    tags: Sequence[str]
    stage: str
    due: Due | None
    face: Markup
    at: str
    moment: str


def rows(found: Sequence[Any], stages: Mapping[int, str]) -> list[Row]:
    """The rows of the list, in the order given."""
    words = _Words()
    return [
        Row(
            id=row.id,
            mark=words.mark(row.status),
            who=_who(row),
            subject=row.subject,
            excerpt=row.excerpt[:EXCERPT_SHOWN],
            priority=words.priority(row.priority),
            tags=sorted(row.tags.split(","))[:2] if row.tags else (),
            stage=stages.get(row.stage_id, ""),
            due=due(row.reply_due_at) if row.waiting_since and row.status is Status.OPEN else None,
            face=words.face(row.assignee_id, row.assignee),
            at=when(row.updated_at),
            moment=_iso(row.updated_at),
        )
        for row in found
    ]


def stage_names() -> dict[int, str]:
    """The names of all stages in the reader's language, in the order of the path."""
    column = Stage.name_ja if language() == "ja" else Stage.name_en
    found = select(Stage.id, column.label("name")).order_by(Stage.set_id.desc(), Stage.position)
    return {row.id: row.name for row in db.session.execute(found)}


class _Words:
    """Small pieces of HTML that many rows share, made when first needed."""

    def __init__(self) -> None:
        self._made: dict[Any, Markup] = {}

    def mark(self, status: Status) -> Markup:
        return self._once(status, "shared/status.html", "status_mark", status.value)

    def priority(self, priority: Priority) -> Markup:
        return self._once(priority, "shared/status.html", "priority", priority.value)

    def face(self, agent_id: int | None, name: str | None) -> Markup:
        if agent_id is None:
            return self._once(0, "shared/avatar.html", "nobody")
        return self._once(agent_id, "shared/avatar.html", "avatar", name, label=name)

    def _once(self, key: Any, template: str, macro: str, *told: Any, **named: Any) -> Markup:
        if key not in self._made:
            self._made[key] = get_template_attribute(template, macro)(*told, **named)
        return self._made[key]


def _who(row: Any) -> str:
    """The company with its person, or the person alone."""
    if row.customer_type is CustomerType.COMPANY and row.contact:
        return f"{row.customer} {row.contact}"
    return str(row.contact or row.customer)


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%MZ")
