"""Tickets that belong together: one that goes on where another had ended, or that may be about the same.

A tie is told on both tickets, to agents only. It gives nobody access, and nothing of the past.
"""

import enum
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.live import announce
from helpdesk.customers.models import Contact
from helpdesk.tickets.models import Ticket
from helpdesk.timeline import Event, Kind, record


class Tie(enum.Enum):
    """Why a new ticket is tied to an older one."""

    # It was resolved too long ago to be taken up again.
    FOLLOWS = "follows"
    # It may belong there: its sender takes part, was named in a letter, or answers one.
    TAKES_PART = "takes-part"
    NAMED = "named"
    ANSWERS = "answers"


def tie(new: Ticket, old: Ticket, why: Tie) -> None:
    """Tell on both why they belong together."""
    record(Kind.TICKET_TIED, new, ticket=old.id, why=why.value, is_newer=True)
    record(Kind.TICKET_TIED, old, ticket=new.id, why=why.value, is_newer=False)
    announce(f"ticket-{old.id}")


def is_over(ticket: Ticket) -> bool:
    """Whether it was resolved so long ago that an answer by mail does not take it up again."""
    days = current_app.config["HELPDESK_REOPEN_DAYS"]
    return bool(days) and ticket.resolved_at is not None and ticket.resolved_at < now() - timedelta(days=days)


def latest_after(ticket: Ticket, writer: Contact | None) -> Ticket:
    """The last of `writer`'s tickets that followed on a ticket; the ticket itself while it is not over."""
    while is_over(ticket) and writer is not None and (next_ := _next(ticket, writer)) is not None:
        ticket = next_
    return ticket


def words(details: Mapping[str, Any]) -> str:
    """A `ticket.tied` event of one ticket as a line, in the reader's language."""
    number, is_newer = details.get("ticket"), details.get("is_newer")
    if details.get("why") == Tie.FOLLOWS.value:
        told = (
            _("Follows on #%(number)s", number=number)
            if is_newer
            else _("Went on in #%(number)s", number=number)
        )
        return str(told)
    told = (
        _("May belong to #%(number)s", number=number)
        if is_newer
        else _("#%(number)s may belong here", number=number)
    )
    return str(_("%(told)s: %(why)s", told=told, why=_reason(details, is_newer=bool(is_newer))))


def _next(ticket: Ticket, writer: Contact) -> Ticket | None:
    """The newest ticket of theirs that follows on this one; numbers only grow, so there is an end."""
    tied = select(Event.details).where(Event.ticket_id == ticket.id, Event.kind == Kind.TICKET_TIED)
    told = db.session.scalars(tied).all()
    after = [each["ticket"] for each in told if each["why"] == Tie.FOLLOWS.value and not each["is_newer"]]
    theirs = select(Ticket).where(Ticket.id.in_(after), Ticket.contact_id == writer.id)
    return db.session.scalar(theirs.order_by(Ticket.id.desc()).limit(1))


def _reason(details: Mapping[str, Any], *, is_newer: bool) -> str:
    if details.get("why") == Tie.NAMED.value:
        there, here = _("its sender was named in a letter there"), _("its sender was named in a letter")
    elif details.get("why") == Tie.ANSWERS.value:
        there, here = _("it answers a letter there"), _("it answers a letter of this ticket")
    else:
        there, here = _("its sender takes part there"), _("its sender takes part")
    return str(there if is_newer else here)
