"""A form that comes twice, because the answer to it was lost on its way, is done once."""

import secrets
from hashlib import sha256

from flask import request
from sqlalchemy import select

from helpdesk.accounts.models import Agent
from helpdesk.core.db import db
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.planned import PlannedReply, PlannedState
from helpdesk.tickets.thread import Message
from helpdesk.timeline import Event

_LONGEST_KEY = 100


def new_key() -> str:
    """Of one form on one page; no other has it."""
    return secrets.token_urlsafe(12)


def mark_of(ticket: Ticket, *, writer: Agent) -> str | None:
    """By what the form that was sent in is known again; None where it has no key, as a program's.

    Its words belong to it: whoever goes back to a form that was sent and changes them says something new.
    """
    key = request.form.get("once", "")
    if not 0 < len(key) <= _LONGEST_KEY:
        return None
    told = "\n".join((str(ticket.id), str(writer.id), key, request.form.get("body", "")))
    return f"form:{sha256(told.encode('utf-8', 'replace')).hexdigest()}"


def done(ticket: Ticket, mark: str | None) -> Message | PlannedReply | None:
    """What became of the form when it came first; None where it was not done, or was taken back since.

    Whoever sends the same one in this moment waits until we are done.
    """
    if mark is None:
        return None
    row = select(Ticket).where(Ticket.id == ticket.id).with_for_update()
    db.session.execute(row, execution_options={"populate_existing": True})
    told = db.session.scalar(select(Event).where(Event.idempotency_key == mark))
    if told is not None:
        return db.session.get(Message, told.details["message_id"])
    held = select(PlannedReply).where(
        PlannedReply.ticket_id == ticket.id,
        PlannedReply.state != PlannedState.TAKEN_BACK,
        PlannedReply.particulars["once"].as_string() == mark,
    )
    return db.session.scalar(held)
