"""The mail door: a letter is kept before it is read, so whatever happens then, it is not lost."""

import logging
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from helpdesk.channels.email.arriving.inbound import Taken, accept, understood
from helpdesk.channels.email.letters.letter import ParsedLetter, Unreadable
from helpdesk.channels.email.models import RawLetter, RawState
from helpdesk.core.clock import now
from helpdesk.core.db import db, insert_into

log = logging.getLogger(__name__)

# How often a letter is tried anew where another process was at the same rows.
TRIES = 5
# A kept letter that nobody has read for so long lost its reader; the house reads it then.
LEFT_BEHIND_AFTER = timedelta(minutes=5)
LEFT_BEHIND_AT_ONCE = 100
# A letter that so many processes ended at, after it was read, is left to people. Fewer may be chance: nobody
# sees of what a process died. Those that end while their child reads are not counted: it cannot harm them.
DEADLY_AFTER = 10

# The database or the disk is not there for us: the sender shall come again.
Unavailable = (OperationalError, InterfaceError, OSError)


def take(content: bytes, *, mailbox_id: int | None = None, door: str = "pipe") -> Taken:
    """Keep one letter and read it: a door, with two commits. Raises `Unavailable`: it must come again."""
    raw = keep_raw(content, mailbox_id=mailbox_id, door=door)
    db.session.commit()
    return read(raw.id)


def keep_raw(content: bytes, *, mailbox_id: int | None = None, door: str = "pipe") -> RawLetter:
    """The row of these bytes; the same bytes again, by whichever door, are the same row."""
    digest = sha256(content).hexdigest()
    values = {"sha256": digest, "content": content, "size": len(content), "received_at": now()}
    values |= {"state": RawState.RECEIVED, "reason": "", "sender": "", "subject": ""}
    values |= {"mailbox_id": mailbox_id, "door": door, "tries": 0}
    db.session.execute(
        insert_into(RawLetter).values(values).on_conflict_do_nothing(index_elements=["sha256"])
    )
    return db.session.scalars(select(RawLetter).where(RawLetter.sha256 == digest)).one()


def read(raw_id: int) -> Taken:
    """Read a kept letter, then do what it says in one transaction; whatever fails leaves it in quarantine."""
    try:
        letter = _understood(raw_id)
    except Exception as error:
        db.session.rollback()
        return _set_aside(raw_id, error)
    _begin(raw_id)
    for attempt in range(1, TRIES + 1):
        try:
            taken = accept(_locked(raw_id), letter)
            db.session.commit()
            return taken
        except (IntegrityError, StaleDataError, OperationalError) as clash:
            # Someone else wrote the same letter, person or ticket just now: look again.
            db.session.rollback()
            if attempt == TRIES and isinstance(clash, OperationalError):
                _take_back(raw_id)
                raise
            fault: Exception = clash
        except Unavailable:
            db.session.rollback()
            _take_back(raw_id)
            raise
        except Exception as error:
            db.session.rollback()
            fault = error
            break
    return _set_aside(raw_id, fault)


def read_if_waiting(raw_id: int) -> Taken:
    """Read what nobody has read yet, unless readers died of it; of any other, say what became of it."""
    raw = db.session.get_one(RawLetter, raw_id)
    state, reason, tries = raw.state, raw.reason, raw.tries
    db.session.rollback()
    if state is RawState.QUARANTINED:
        return Taken("quarantined", reason=reason)
    if state is RawState.RECEIVED and tries >= DEADLY_AFTER:
        return _quarantine(raw_id, "reader-died")
    return read(raw_id)


def read_left_behind() -> None:
    """Read the letters whose reader was killed between keeping and reading."""
    lost = select(RawLetter.id).where(
        RawLetter.state == RawState.RECEIVED, RawLetter.received_at < now() - LEFT_BEHIND_AFTER
    )
    for raw_id in db.session.scalars(lost.order_by(RawLetter.id).limit(LEFT_BEHIND_AT_ONCE)).all():
        read_if_waiting(raw_id)


def _begin(raw_id: int) -> None:
    """Count the try, and let everybody know before it begins: what was read may take this process down."""
    _count(raw_id, RawLetter.tries + 1)


def _take_back(raw_id: int) -> None:
    """The reader did not die of the letter: the database went away from under it."""
    with suppress(*Unavailable):
        _count(raw_id, RawLetter.tries - 1)


def _count(raw_id: int, tries: ColumnElement[int]) -> None:
    """In a transaction of its own; only of letters that wait: others are read again by a person's will."""
    waiting = RawLetter.id == raw_id, RawLetter.state == RawState.RECEIVED
    db.session.execute(
        update(RawLetter).where(*waiting).values(tries=tries).execution_options(synchronize_session=False)
    )
    db.session.commit()


def _understood(raw_id: int) -> ParsedLetter | Unreadable:
    """What it says; of a letter that is settled nobody asks any more."""
    found = select(RawLetter.content, RawLetter.state).where(RawLetter.id == raw_id)
    content, state = db.session.execute(found).one()
    db.session.rollback()
    return Unreadable("settled") if state is RawState.TAKEN else understood(content)


def _locked(raw_id: int) -> RawLetter:
    """The row, for us alone until the commit."""
    one = select(RawLetter).where(RawLetter.id == raw_id).with_for_update()
    return db.session.scalars(one.execution_options(populate_existing=True)).one()


def _set_aside(raw_id: int, fault: Exception) -> Taken:
    log.error("letter %s cannot be taken in", raw_id, exc_info=fault)
    return _quarantine(raw_id, f"{type(fault).__name__}: {fault}")


def _quarantine(raw_id: int, why: str) -> Taken:
    raw = _locked(raw_id)
    raw.quarantine(why)
    reason = raw.reason
    db.session.commit()
    return Taken("quarantined", reason=reason)
