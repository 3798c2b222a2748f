"""Narrowing a list of tickets down, by what stands in its address."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from sqlalchemy import ColumnElement, exists, select

from helpdesk.customers.models import Customer
from helpdesk.tickets.kinds import Priority
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Channel, TicketTag

E = TypeVar("E", bound=Enum)


@dataclass(frozen=True)
class Filters:
    """What a reader chose; an empty field narrows nothing, and a senseless one is as if it were empty."""

    stage: int | None = None
    priority: Priority | None = None
    tag: str = ""
    team: int | None = None
    channel: Channel | None = None

    @classmethod
    def of(cls, chosen: Mapping[str, str]) -> "Filters":
        """Read them from the query of an address."""
        return cls(
            stage=_number(chosen.get("stage")),
            priority=_member(Priority, chosen.get("priority")),
            tag=chosen.get("tag", "").strip().lower(),
            team=_number(chosen.get("team")),
            channel=_member(Channel, chosen.get("channel")),
        )

    def __bool__(self) -> bool:
        return self != Filters()

    def as_query(self) -> dict[str, str]:
        """The same as it stands in an address; empty fields are left out."""
        values = {
            "stage": self.stage,
            "priority": self.priority.value if self.priority else None,
            "tag": self.tag,
            "team": self.team,
            "channel": self.channel.value if self.channel else None,
        }
        return {name: str(value) for name, value in values.items() if value}

    def conditions(self) -> list[ColumnElement[bool]]:
        """Each chosen field as a condition on `Ticket`."""
        found: list[ColumnElement[bool]] = []
        if self.stage:
            stands = select(Customer.stage_id).where(Customer.id == Ticket.customer_id)
            found.append(stands.scalar_subquery() == self.stage)
        if self.tag:
            found.append(exists().where(TicketTag.name == self.tag, TicketTag.ticket_id == Ticket.id))
        if self.priority:
            found.append(Ticket.priority == self.priority)
        if self.team:
            found.append(Ticket.team_id == self.team)
        if self.channel:
            found.append(Ticket.channel == self.channel)
        return found


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def _member(kind: type[E], text: str | None) -> E | None:
    return next((member for member in kind if member.value == text), None)
