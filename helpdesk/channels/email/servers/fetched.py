"""What is kept of a mailbox's letters, how far it was fetched, and who fetches now.

Each function is a transaction of its own: none is open while a mail server is waited for.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from helpdesk.channels.email.arriving.receiving import keep_raw
from helpdesk.channels.email.letters.parse import parse
from helpdesk.channels.email.mailboxes import FetchedLetter, Mailbox
from helpdesk.channels.email.models import RawLetter, RawState
from helpdesk.channels.email.servers.connecting import Account
from helpdesk.channels.email.servers.imap import Folder
from helpdesk.channels.email.servers.oauth import access_token
from helpdesk.core.clock import now
from helpdesk.core.db import db, insert_into, reading

# A fetcher that died keeps others away no longer than this; one that lives renews its hold.
LEASE = timedelta(seconds=90)
# Numbers in one question to the database.
_AT_ONCE = 500
# Clocks and time zones of servers differ.
_LEEWAY = timedelta(days=2)


@dataclass(frozen=True)
class Place:
    """A folder's numbering: the same number in another one is another letter."""

    mailbox_id: int
    uid_validity: int


@dataclass(frozen=True)
class Course:
    """What to ask the server for beside unread letters: those from a number on, or since a day."""

    from_uid: int | None = None
    since: date | None = None


def active() -> dict[int, int]:
    """The mailboxes whose letters are to be fetched, each with its version: it counts up with each change."""
    wanted = select(Mailbox.id, Mailbox.version).where(Mailbox.is_active, Mailbox.imap_host != "")
    with reading():
        rows = db.session.execute(wanted).all()
        db.session.rollback()
    return {row.id: row.version for row in rows}


def wake(mailbox_id: int, version: int) -> int:
    """Have it fetched within seconds, whatever pause its watcher makes; the version that it has then.

    A version that is not the present one changes nothing: who changed it has woken it.
    """
    return version + 1 if _change(mailbox_id, Mailbox.version == version, version=version + 1) else version


def account(mailbox_id: int) -> tuple[Account, str]:
    """How to reach the mailbox, and the token where it needs one. Raises `MailFault`, `NoSuchMailbox`."""
    # Read aside, and used when that session is over: nothing is held while the provider is asked.
    with reading(), Session(db.engine) as session:
        mailbox = session.get(Mailbox, mailbox_id)
    if mailbox is None or not mailbox.is_active or not mailbox.imap_host:
        raise NoSuchMailbox
    reached = Account.of(mailbox)
    token = access_token(mailbox) if reached.is_oauth else ""
    # The server may have given another refresh token.
    db.session.commit()
    return reached, token


class NoSuchMailbox(Exception):
    """It was taken out of use meanwhile."""


class Lease:
    """The right to fetch from a mailbox, for a while. Without it too nothing is doubled, only asked twice."""

    def __init__(self, mailbox_id: int, until: datetime) -> None:
        self.mailbox_id, self.until = mailbox_id, until

    @classmethod
    def take(cls, mailbox_id: int) -> "Lease | None":
        """None where somebody else has it."""
        is_free = or_(Mailbox.leased_until.is_(None), Mailbox.leased_until < now())
        lease = cls(mailbox_id, now() + LEASE)
        return lease if _change(mailbox_id, is_free, leased_until=lease.until) else None

    def renew(self) -> bool:
        """Hold on for longer, when a third of the time is over; False where it was lost."""
        until = now() + LEASE
        if until - self.until < LEASE / 3:
            return True
        before, self.until = self.until, until
        return _change(self.mailbox_id, Mailbox.leased_until == before, leased_until=until)

    def release(self) -> None:
        _change(self.mailbox_id, Mailbox.leased_until == self.until, leased_until=None)


def course(mailbox_id: int, folder: Folder) -> Course:
    """What may be new in the folder.

    At the first look that is what is unread: the rest was dealt with before we came. From then on it is all
    that comes, read by somebody else or not. Where the server numbers anew, it is looked at from two days
    before the last look; what is kept already is recognised by its bytes.
    """
    with reading():
        row = db.session.execute(
            select(Mailbox.uid_validity, Mailbox.uid_next, Mailbox.fetched_at).where(Mailbox.id == mailbox_id)
        ).one()
        db.session.rollback()
    if row.uid_validity is None:
        # Noted before anything is fetched, so that nothing that comes meanwhile can be missed.
        is_first = Mailbox.uid_validity.is_(None)
        _change(mailbox_id, is_first, uid_validity=folder.uid_validity, uid_next=folder.uid_next)
        return Course(from_uid=folder.uid_next)
    if row.uid_validity == folder.uid_validity:
        return Course(from_uid=row.uid_next)
    return Course(since=((row.fetched_at or now()) - _LEEWAY).date())


def known(place: Place, uids: Iterable[int]) -> set[int]:
    """Those of the numbers whose letters are kept."""
    asked, found = sorted(uids), set[int]()
    here = FetchedLetter.mailbox_id == place.mailbox_id, FetchedLetter.uid_validity == place.uid_validity
    with reading():
        for start in range(0, len(asked), _AT_ONCE):
            some = FetchedLetter.uid.in_(asked[start : start + _AT_ONCE])
            found.update(db.session.scalars(select(FetchedLetter.uid).where(*here, some)))
        db.session.rollback()
    return found


def unmarked(place: Place) -> list[tuple[int, int, bool]]:
    """What is kept and the server was not told: number, raw letter, whether it still waits to be read."""
    here = FetchedLetter.mailbox_id == place.mailbox_id, FetchedLetter.uid_validity == place.uid_validity
    columns = FetchedLetter.uid, FetchedLetter.raw_letter_id, RawLetter.state == RawState.RECEIVED
    open_ones = select(*columns).join(RawLetter, RawLetter.id == FetchedLetter.raw_letter_id)
    with reading():
        found = db.session.execute(open_ones.where(*here, FetchedLetter.marked_at.is_(None))).all()
        db.session.rollback()
    return [(uid, raw_id, bool(waits)) for uid, raw_id, waits in sorted(found, key=lambda row: int(row[0]))]


def keep(place: Place, uid: int, content: bytes) -> int:
    """The letter and its place, in one transaction; the id of the raw letter, one for the same bytes."""
    raw_id = keep_raw(content, mailbox_id=place.mailbox_id, door="imap").id
    _note_place(place, uid, raw_id)
    db.session.commit()
    return raw_id


def keep_header(place: Place, uid: int, header: bytes, size: int) -> int:
    """What can be kept of a letter that is too large; its server keeps the rest, and is told nothing."""
    raw = keep_raw(header, mailbox_id=place.mailbox_id, door="imap")
    if raw.state is RawState.RECEIVED:
        raw.size = size
        raw.quarantine("too-large-to-fetch")
        with suppress(Exception):  # a header may be anything
            said = parse(header)
            raw.sender, raw.subject = str(said.sender), said.subject
    raw_id = raw.id
    _note_place(place, uid, raw_id, marked_at=now())
    db.session.commit()
    return raw_id


def _note_place(place: Place, uid: int, raw_id: int, marked_at: datetime | None = None) -> None:
    values = {"mailbox_id": place.mailbox_id, "uid_validity": place.uid_validity, "uid": uid}
    row = insert_into(FetchedLetter).values({**values, "raw_letter_id": raw_id, "marked_at": marked_at})
    db.session.execute(row.on_conflict_do_nothing(index_elements=list(values)))


def note_marked(place: Place, uids: Sequence[int]) -> None:
    """The server was told of these."""
    here = FetchedLetter.mailbox_id == place.mailbox_id, FetchedLetter.uid_validity == place.uid_validity
    for start in range(0, len(uids), _AT_ONCE):
        some = FetchedLetter.uid.in_(uids[start : start + _AT_ONCE])
        told = update(FetchedLetter).where(*here, some).values(marked_at=now())
        db.session.execute(told.execution_options(synchronize_session=False))
    db.session.commit()


def note_end(place: Place, folder: Folder, *, is_complete: bool, fault: str = "") -> None:
    """All was looked at. What could not be fetched is asked for again: then the course stays as it is."""
    values: dict[str, Any] = {"fetched_at": now(), "fault": "", "fault_since": None}
    if fault:
        values |= {"fault": fault, "fault_since": func.coalesce(Mailbox.fault_since, now())}
    if is_complete:
        values |= {"uid_validity": place.uid_validity, "uid_next": folder.uid_next}
    _change(place.mailbox_id, **values)


def note_fault(mailbox_id: int, fault: str) -> None:
    """Nothing could be looked at."""
    _change(mailbox_id, fault=fault, fault_since=func.coalesce(Mailbox.fault_since, now()))


def _change(mailbox_id: int, *conditions: ColumnElement[bool], **values: Any) -> bool:
    """Past the row's version, which tells the changes of people; whether the conditions held."""
    changed = update(Mailbox).where(Mailbox.id == mailbox_id, *conditions).values(**values)
    asked = changed.returning(Mailbox.id).execution_options(synchronize_session=False)
    is_done = db.session.scalar(asked) is not None
    db.session.commit()
    return is_done
