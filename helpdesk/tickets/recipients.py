"""Who else a message went to, as the thread shows it: each with the word on how they came in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Row, select

from helpdesk.accounts.models import Agent
from helpdesk.core.db import db
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.participants import Offered, Origin, offered
from helpdesk.tickets.thread import MessageKind


@dataclass(frozen=True)
class Chip:
    """One person named in To or Cc."""

    # to or cc.
    field: str
    name: str
    address: str
    # "named by Carol", "one of us"; empty where nothing is to be said.
    origin: str


def chips(ticket: Ticket, rows: Sequence[Row[Any]]) -> dict[int, list[Chip]]:
    """By the message's id, of rows with `id`, `kind`, `recipients` and `contact_name`."""
    found = {row.id: list(_read(row.recipients)) for row in rows if _is_told(row)}
    if not found:
        return {}
    ours = _ours_among(address for people in found.values() for _field, _name, address in people)
    answers = any(row.id in found and row.kind is MessageKind.AGENT for row in rows)
    known = {each.address: origin_of(each) for each in offered(ticket)} if answers else {}
    named_by = {row.id: _by(row) for row in rows}
    return {
        id: [
            Chip(field, name, address, ours.get(address) or named_by[id] or known.get(address, ""))
            for field, name, address in people
        ]
        for id, people in found.items()
    }


def people_beside(ticket: Ticket) -> list[tuple[Offered, str]]:
    """Who takes part or was named, each with the word on how they came in."""
    return [(each, origin_of(each)) for each in offered(ticket)]


def origin_of(person: Offered) -> str:
    """How somebody came into the ticket, in words."""
    if person.origin is Origin.WROTE:
        return str(_("wrote to us"))
    if person.named_by:
        return str(_("named by %(name)s", name=person.named_by))
    return str(_("named in a letter") if person.origin is Origin.NAMED else _("added by us"))


def _is_told(row: Row[Any]) -> bool:
    """An answer that went to its customer alone needs no word."""
    return bool(row.recipients.get("cc") if row.kind is MessageKind.AGENT else row.recipients)


def _read(recipients: dict[str, list[str]]) -> Iterable[tuple[str, str, str]]:
    for field in ("to", "cc"):
        for written in recipients.get(field, ()):
            name, address = parseaddr(written)
            yield field, name or address, address.lower()


def _by(row: Row[Any]) -> str:
    is_theirs = row.kind is MessageKind.CUSTOMER and row.contact_name
    return _("named by %(name)s", name=row.contact_name) if is_theirs else ""


def _ours_among(addresses: Iterable[str]) -> dict[str, str]:
    ours = db.session.scalars(select(Agent.email).where(Agent.email.in_(list(addresses))))
    return dict.fromkeys(ours, _("one of us"))
