"""The course of two customers as one: stays interleaved, what lies over them joined; and parted again."""

from collections.abc import Sequence
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

    A stay or an overlay of which nothing is left is closed, and lies with the customer that is gone.
    """
    stays, overlays = _of(_STAYS, kept_id), _of(_OVERLAYS, kept_id)
    pieces = interleave(stays)
    for stay in stays:
        _write(journal, stay, [piece for piece in pieces if piece.stay is stay], gone_id)
    for kind in {overlay.kind for overlay in overlays}:
        _join([each for each in overlays if each.kind is kind], gone_id)
    if pieces:
        standing = {"stage_id": pieces[-1].stay.stage_id, "stage_since": pieces[-1].entered_at}
        journal.change(_CUSTOMERS, kept_id, standing)


def part(customer_id: int) -> None:
    """When the journal has put a course back: let what was entered since follow on what was open then."""
    for stay, following in pairwise(_of(_STAYS, customer_id)):
        if stay.left_at is None or stay.left_at > following.entered_at:
            _set(_STAYS, stay.id, left_at=following.entered_at)


def _of(table: Table, customer_id: int) -> Sequence[Any]:
    began = table.c.entered_at if table is _STAYS else table.c.opened_at
    # What did not hold any more when it was known better is no part of the course.
    holds = (
        table.c.superseded_at.is_(None)
        if table is _STAYS
        else table.c.opened_at.is_distinct_from(table.c.closed_at)
    )
    theirs = select(table).where(table.c.customer_id == customer_id, holds)
    return db.session.execute(theirs.order_by(began, table.c.id)).all()


def _write(journal: Journal, stay: Any, pieces: Sequence[Piece], gone_id: int) -> None:
    """Let the stay be the first of its pieces, and write the others beside it."""
    if not pieces:
        _set(_STAYS, stay.id, customer_id=gone_id, left_at=stay.left_at or now())
        return
    first, *others = pieces
    # What begins because another stay ended it before was entered by the merge.
    cause = stay.cause if first.entered_at == stay.entered_at else Cause.MERGE
    _set(_STAYS, stay.id, entered_at=first.entered_at, left_at=first.left_at, cause=cause)
    for piece in others:
        copy = {name: value for name, value in stay._mapping.items() if name != "id"}
        span = {"entered_at": piece.entered_at, "left_at": piece.left_at, "cause": Cause.MERGE}
        journal.add(_STAYS, {**copy, **span})


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
