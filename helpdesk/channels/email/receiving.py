"""The mail door: a letter is kept before it is read, so whatever happens then, it is not lost."""

import logging
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from helpdesk.channels.email.inbound import Taken, accept
from helpdesk.channels.email.models import RawLetter, RawState
from helpdesk.core.clock import now
from helpdesk.core.db import db, insert_into

log = logging.getLogger(__name__)

# How often a letter is tried anew where another process was at the same rows.
TRIES = 5
# A kept letter that nobody has read for so long lost its reader; the house reads it then.
LEFT_BEHIND_AFTER = timedelta(minutes=5)
LEFT_BEHIND_AT_ONCE = 100

# The database or the disk is not there for us: the sender shall come again.
Unavailable = (OperationalError, InterfaceError, OSError)


def take(content: bytes) -> Taken:
    """Keep one letter and read it: a door, with two commits. Raises `Unavailable`: it must come again."""
    raw = keep_raw(content)
    db.session.commit()
    return read(raw.id)


def keep_raw(content: bytes) -> RawLetter:
    """The row of these bytes; the same bytes again are the same row."""
    digest = sha256(content).hexdigest()
    values = {"sha256": digest, "content": content, "size": len(content), "received_at": now()}
    values |= {"state": RawState.RECEIVED, "reason": "", "sender": "", "subject": ""}
    db.session.execute(
        insert_into(RawLetter).values(values).on_conflict_do_nothing(index_elements=["sha256"])
    )
    return db.session.scalars(select(RawLetter).where(RawLetter.sha256 == digest)).one()


def read(raw_id: int) -> Taken:
    """Read a kept letter in a transaction of its own; whatever fails leaves it in quarantine."""
    for attempt in range(1, TRIES + 1):
        try:
            taken = accept(_locked(raw_id))
            db.session.commit()
            return taken
        except (IntegrityError, StaleDataError, OperationalError) as clash:
            # Someone else wrote the same letter, person or ticket just now: look again.
            db.session.rollback()
            if attempt == TRIES and isinstance(clash, OperationalError):
                raise
            fault: Exception = clash
        except Unavailable:
            db.session.rollback()
            raise
        except Exception as error:
            db.session.rollback()
            fault = error
            break
    return _set_aside(raw_id, fault)


def read_left_behind() -> None:
    """Read the letters whose reader was killed between keeping and reading."""
    lost = select(RawLetter.id).where(
        RawLetter.state == RawState.RECEIVED, RawLetter.received_at < now() - LEFT_BEHIND_AFTER
    )
    for raw_id in db.session.scalars(lost.order_by(RawLetter.id).limit(LEFT_BEHIND_AT_ONCE)).all():
        read(raw_id)


def _locked(raw_id: int) -> RawLetter:
    """The row, for us alone until the commit."""
    one = select(RawLetter).where(RawLetter.id == raw_id).with_for_update()
    return db.session.scalars(one.execution_options(populate_existing=True)).one()


def _set_aside(raw_id: int, fault: Exception) -> Taken:
    log.error("letter %s cannot be taken in", raw_id, exc_info=fault)
    raw = _locked(raw_id)
    raw.quarantine(f"{type(fault).__name__}: {fault}")
    reason = raw.reason
    db.session.commit()
    return Taken("quarantined", reason=reason)
