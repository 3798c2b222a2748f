"""A form that comes twice, because the answer to it was lost on its way, is done once."""

import secrets
from collections.abc import Iterator
from hashlib import file_digest, sha256

from flask import request
from sqlalchemy import func, select

from helpdesk.accounts.models import Agent
from helpdesk.core.db import db
from helpdesk.customers.models import Contact
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.planned import PlannedReply, PlannedState
from helpdesk.tickets.thread import Message
from helpdesk.timeline import Event

_LONGEST_KEY = 100


def new_key() -> str:
    """Of one form on one page; no other has it."""
    return secrets.token_urlsafe(12)


def mark_of(ticket: Ticket | None, *, writer: Agent | Contact | None) -> str | None:
    """By what the form that was sent in is known again; None where it has no key, as a program's.

    ticket: None where it opens one; writer: None for whoever is not signed in. What it says belongs to it:
    whoever goes back to a form that was sent and changes it says something new.
    """
    key = request.form.get("once", "")
    if not 0 < len(key) <= _LONGEST_KEY:
        return None
    where = str(ticket.id) if ticket else "new"
    told = "\n".join((where, f"{writer.actor_column}-{writer.id}" if writer else "", key, *_said()))
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


def opened(mark: str | None) -> Ticket | None:
    """The ticket that the form opened when it came first, else None.

    Whoever sends the same one in this moment waits until we are done.
    """
    if mark is None:
        return None
    if db.engine.dialect.name == "postgresql":  # SQLite has one writer at a time anyway
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(mark, 0))))
    told = select(Event.ticket_id).where(Event.idempotency_key == mark)
    return db.session.scalar(select(Ticket).where(Ticket.id == told.scalar_subquery()))


def _said() -> Iterator[str]:
    """The words of the form, to whom, and its files."""
    for name in ("body", "subject", "address", "email"):
        yield request.form.get(name, "")
    for upload in request.files.getlist("files"):
        yield f"{upload.filename} {file_digest(upload.stream, sha256).hexdigest()}"  # type: ignore[arg-type]
        upload.stream.seek(0)
