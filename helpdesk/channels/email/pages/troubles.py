"""What those who can have it mended are told on every page of the desk: mail that has stopped for a while."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, and_, exists, or_, select

from helpdesk.accounts.models import Role
from helpdesk.accounts.permissions import me
from helpdesk.channels.email.mailboxes import Mailbox
from helpdesk.channels.email.servers.faults import explained
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.mail import Letter, LetterState

# A fault that passes sooner is nobody's business.
PATIENCE = timedelta(minutes=10)
# Each process asks so often, for all pages together.
ASKED_EVERY = timedelta(seconds=20)


@dataclass(frozen=True)
class Trouble:
    """A mailbox in use whose letters do not come, do not leave, or both."""

    mailbox_id: int
    address: str
    # What is wrong with fetching, in the reader's words, and since when; empty where it is well.
    fault: str
    since: datetime | None
    is_stuck: bool


def troubles() -> list[Trouble]:
    """The mailboxes to see to; none, and no question to the database, for who cannot do anything about it."""
    if not me().may(Role.LEAD):
        return []
    return [
        Trouble(id, address, _plainly(fault) if deaf else "", since if deaf else None, bool(stuck))
        for id, address, fault, since, deaf, stuck in _known()
    ]


def _known() -> Sequence[Any]:
    """The rows as they were at most `ASKED_EVERY` ago."""
    rows: Sequence[Any]
    asked_at, rows = current_app.extensions.get("helpdesk.mail_troubles", (None, ()))
    if asked_at is None or not asked_at <= now() < asked_at + ASKED_EVERY:
        rows = _asked(now() - PATIENCE)
        current_app.extensions["helpdesk.mail_troubles"] = now(), rows
    return rows


def _asked(before: datetime) -> Sequence[Any]:
    is_deaf = and_(Mailbox.imap_host != "", Mailbox.fault_since < before)
    is_stuck = _is_stuck(before)
    columns = Mailbox.id, Mailbox.address, Mailbox.fault, Mailbox.fault_since, is_deaf, is_stuck
    found = select(*columns).where(Mailbox.is_active, or_(is_deaf, is_stuck)).order_by(Mailbox.id)
    return [tuple(row) for row in db.session.execute(found)]


def _plainly(fault: str) -> str:
    """What is wrong, without the server's own words: the mailbox's page has those."""
    return explained(fault.partition(":")[0], is_watched=False)[0]


def _is_stuck(before: datetime) -> ColumnElement[bool]:
    """Whether a letter waits because of its server, and not because of one reader's."""
    is_theirs = or_(Letter.error.between("0", ":"), Letter.error.startswith("(4"))
    waits = Letter.state == LetterState.QUEUED, Letter.written_at < before, Letter.error != "", ~is_theirs
    return exists().where(Letter.mailbox_id == Mailbox.id, *waits)
