"""The list of customers, the newest first, narrowed by words, stage, health, and what lies over the stage."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, case, cast, func, select

from helpdesk.accounts.models import Agent
from helpdesk.core import fulltext
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.words import parse
from helpdesk.customers.models import Customer, CustomerType
from helpdesk.lifecycle.editing import segments
from helpdesk.lifecycle.models import Overlay, OverlayKind
from helpdesk.tickets.kinds import Status
from helpdesk.tickets.models import Ticket

PER_PAGE = 50
BANDS = ("good", "fair", "poor")


@dataclass(frozen=True)
class Wanted:
    """What a reader chose; an empty field narrows nothing, and a senseless one is as if it were empty."""

    q: str = ""
    stage: int | None = None
    # An overlay's key.
    overlay: str = ""
    # One of `BANDS`.
    health: str = ""
    tag: str = ""
    # A segment's key; one that is not in use has nobody in it.
    segment: str = ""

    @classmethod
    def of(cls, chosen: Mapping[str, str]) -> "Wanted":
        """Read it from the query of an address."""
        stage, overlay, health = (chosen.get(name, "") for name in ("stage", "overlay", "health"))
        return cls(
            q=" ".join(chosen.get("q", "")[:200].split()),
            stage=int(stage) if stage.isascii() and stage.isdigit() and len(stage) < 10 else None,
            overlay=overlay if overlay in {kind.value for kind in OverlayKind} else "",
            health=health if health in BANDS else "",
            tag=chosen.get("tag", "").replace("\0", "")[:50],
            segment=chosen.get("segment", "").replace("\0", "")[:40],
        )

    def __bool__(self) -> bool:
        return self != Wanted()

    def as_query(self) -> dict[str, str]:
        """The same as it stands in an address; empty fields are left out."""
        values = {"q": self.q, "stage": self.stage, "overlay": self.overlay, "health": self.health}
        values |= {"tag": self.tag, "segment": self.segment}
        return {name: str(value) for name, value in values.items() if value}

    def conditions(self) -> list[ColumnElement[bool]]:
        """Each chosen field as a condition on `Customer`, the words left out."""
        found: list[ColumnElement[bool]] = []
        if self.segment:
            found.append(Customer.id.in_(segments.members(self.segment)))
        if self.stage:
            found.append(Customer.stage_id == self.stage)
        if self.health:
            found.append(Customer.health_band == self.health)
        if self.tag:
            # As JSON writes it, within its quotes.
            written = cast(Customer.tags, Text)
            found.append(written.contains(json.dumps(self.tag), autoescape=True))
        if self.overlay:
            under = select(Overlay.customer_id).where(Overlay.closed_at.is_(None))
            found.append(Customer.id.in_(under.where(Overlay.kind == OverlayKind(self.overlay))))
        return found


@dataclass(frozen=True)
class Row:
    """One customer of the list; health from 0 to 100, None where too little is known."""

    id: int
    name: str
    is_company: bool
    stage_id: int | None
    days: int
    health: int | None
    band: str
    owner: str
    overlays: Sequence[OverlayKind]
    open_tickets: int
    last_at: datetime | None


@dataclass(frozen=True)
class Page:
    """One page; `older` is the customer before whom the next begins, None at the end."""

    rows: Sequence[Row]
    older: int | None


def read(viewer: Agent, wanted: Wanted, *, before: int | None = None) -> Page:
    """A page of the customers whom `viewer` may see, in four statements."""
    ids = list(db.session.scalars(_ids(viewer, wanted, before)))
    is_more, shown = len(ids) > PER_PAGE, ids[:PER_PAGE]
    rows = {row.id: row for row in db.session.execute(_columns(viewer, shown))}
    overlays = _overlays(shown)
    tickets = {row.customer_id: row for row in db.session.execute(_tickets(viewer, shown))}
    found = [_row(rows[id], overlays.get(id, ()), tickets.get(id)) for id in shown if id in rows]
    return Page(found, shown[-1] if is_more else None)


def _ids(viewer: Agent, wanted: Wanted, before: int | None) -> Select[int]:
    visible = Customer.visible_to(viewer).where(*wanted.conditions())
    if wanted.q:
        found = fulltext.newest("customers", parse(wanted.q), visible=visible, before=before)
        return found.limit(PER_PAGE + 1)
    newest = visible.with_only_columns(Customer.id).order_by(Customer.id.desc())
    return (newest if before is None else newest.where(Customer.id < before)).limit(PER_PAGE + 1)


def _columns(viewer: Agent, ids: Sequence[int]) -> Select[Any]:
    columns: Any = (
        *(Customer.id, Customer.name, Customer.type, Customer.stage_id, Customer.stage_since),
        *(Customer.health, Customer.health_band, Agent.name.label("owner")),
    )
    found = Customer.visible_to(viewer).with_only_columns(*columns).where(Customer.id.in_(ids))
    return found.outerjoin(Customer.owner)


def _overlays(ids: Sequence[int]) -> dict[int, list[OverlayKind]]:
    open_now = select(Overlay.customer_id, Overlay.kind).where(
        Overlay.customer_id.in_(ids), Overlay.closed_at.is_(None)
    )
    found: dict[int, list[OverlayKind]] = {}
    for row in db.session.execute(open_now.order_by(Overlay.id)):
        found.setdefault(row.customer_id, []).append(row.kind)
    return found


def _tickets(viewer: Agent, ids: Sequence[int]) -> Select[Any]:
    """How many of their tickets are open, and when one was last touched; of those the viewer may see."""
    is_open = case((Ticket.status != Status.RESOLVED, 1), else_=0)
    columns: Any = (
        Ticket.customer_id,
        func.sum(is_open).label("open"),
        func.max(Ticket.updated_at).label("last_at"),
    )
    found = Ticket.visible_to(viewer).with_only_columns(*columns)
    return found.where(Ticket.customer_id.in_(ids)).group_by(Ticket.customer_id)


def _row(row: Any, overlays: Sequence[OverlayKind], tickets: Any | None) -> Row:
    return Row(
        id=row.id,
        name=row.name,
        is_company=row.type is CustomerType.COMPANY,
        stage_id=row.stage_id,
        days=(now() - row.stage_since).days + 1 if row.stage_since else 0,
        health=None if row.health is None else round(row.health),
        band=row.health_band,
        owner=row.owner or "",
        overlays=overlays,
        open_tickets=tickets.open if tickets else 0,
        last_at=tickets.last_at if tickets else None,
    )
