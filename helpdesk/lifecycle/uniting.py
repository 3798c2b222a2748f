"""The course of two customers as one: stays interleaved, what lies over them joined; and parted again."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import Table, select, update

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.customers.models import Customer
from helpdesk.customers.uniting import Journal
from helpdesk.lifecycle.interleaving import Piece, interleave
from helpdesk.lifecycle.models import Cause

_CUSTOMERS: Table = Customer.metadata.tables["customers"]
_STAYS: Table = Customer.metadata.tables["stays"]
_OVERLAYS: Table = Customer.metadata.tables["overlays"]


def remember(journal: Journal, kept_id: int, gone_id: int) -> None:
    """Write down both courses as they are, before anything is moved."""
    for table in (_STAYS, _OVERLAYS):
        journal.keep(table, table.c.customer_id.in_((kept_id, gone_id)))


def unite(journal: Journal, kept_id: int, gone_id: int) -> None:
    """Make one course of the two that the kept customer now has.

    Stays that do not hold any more are superseded: what was known before can still be asked for. An
    overlay of which nothing is left is closed, and lies with the customer that is gone.
    """
    stays, overlays = _of(_STAYS, kept_id), _of(_OVERLAYS, kept_id)
    pieces = interleave(stays)
    for stay in stays:
        _write(journal, stay, [piece for piece in pieces if piece.stay is stay])
    # What later knowledge took back lies there for the record alone.
    overlays = [overlay for overlay in overlays if "superseded" not in overlay.evidence]
    for kind in {overlay.kind for overlay in overlays}:
        _join([each for each in overlays if each.kind is kind], gone_id)
    if pieces:
        standing = {"stage_id": pieces[-1].stay.stage_id, "stage_since": pieces[-1].entered_at}
        journal.change(_CUSTOMERS, kept_id, standing)


def part(journal: Journal, customer_id: int, merged_at: datetime) -> None:
    """When the journal has put a course back: let what was entered since follow on what was open then.

    What was found meanwhile of the time before the merge was found of the two together, and holds no more.
    """
    restored = [row["id"] for row in journal.kept.get("stays", ())]
    for stay in _of(_STAYS, customer_id):
        if stay.id not in restored and stay.recorded_at >= merged_at > stay.entered_at:
            _supersede(stay)
    for stay, following in pairwise(_of(_STAYS, customer_id)):
        if stay.left_at is None or stay.left_at > following.entered_at:
            _set(_STAYS, stay.id, left_at=following.entered_at)


def _of(table: Table, customer_id: int) -> Sequence[Any]:
    """The customer's rows, oldest first; of stays those that hold."""
    theirs = select(table).where(table.c.customer_id == customer_id)
    if table is _STAYS:
        holding = theirs.where(table.c.superseded_at.is_(None)).order_by(table.c.entered_at, table.c.id)
        return db.session.execute(holding).all()
    return db.session.execute(theirs.order_by(table.c.opened_at, table.c.id)).all()


def _write(journal: Journal, stay: Any, pieces: Sequence[Piece]) -> None:
    """Leave the stay if it is one piece still, else write its pieces in its place."""
    if [(piece.entered_at, piece.left_at) for piece in pieces] == [(stay.entered_at, stay.left_at)]:
        return
    _supersede(stay)
    for piece in pieces:
        copy = {name: value for name, value in stay._mapping.items() if name != "id"}
        cause = stay.cause if stay.cause is Cause.START else Cause.MERGE
        span = {"entered_at": piece.entered_at, "left_at": piece.left_at}
        journal.add(_STAYS, {**copy, **span, "cause": cause, "recorded_at": now()})


def _supersede(stay: Any) -> None:
    at = now()
    _set(_STAYS, stay.id, superseded_at=at, left_at=stay.left_at or at)


def _join(overlays: Sequence[Any], gone_id: int) -> None:
    """Of overlays of one kind that overlap, the newest holds for the time of both."""
    last = overlays[0]
    for overlay in overlays[1:]:
        if last.closed_at is not None and last.closed_at < overlay.opened_at:
            last = overlay
            continue
        ends = (last.closed_at, overlay.closed_at)
        by_hand = any(each.cause is Cause.MANUAL and each.closed_at is None for each in (last, overlay))
        _set(
            _OVERLAYS,
            overlay.id,
            opened_at=last.opened_at,
            closed_at=None if None in ends else max(ends),
            # What people opened, people close.
            cause=Cause.MANUAL if by_hand else overlay.cause,
        )
        _set(_OVERLAYS, last.id, customer_id=gone_id, closed_at=last.closed_at or now())
        last = db.session.execute(select(_OVERLAYS).where(_OVERLAYS.c.id == overlay.id)).one()


def _set(table: Table, id: int, **values: Any) -> None:
    db.session.execute(update(table).where(table.c.id == id).values(values))
