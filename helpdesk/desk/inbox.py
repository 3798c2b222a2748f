"""Which tickets an agent has before them: five views, narrowed by filters, read page by page by key.

A view is walked along the index that holds it in order, one branch per team and status, so that no
list is ever sorted or counted as a whole. Only columns are read: no message is loaded to show a list.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    ScalarSelect,
    Select,
    bindparam,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    tuple_,
    union_all,
)

from helpdesk.accounts.models import Agent
from helpdesk.core.db import db
from helpdesk.core.mail import Letter
from helpdesk.customers.models import Contact, Customer
from helpdesk.tickets.filters import Filters
from helpdesk.tickets.kinds import Status
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import TicketTag

PER_PAGE = 50
# A view counts no further; the page then says "999+".
COUNTED_UP_TO = 999

Walk = Select[datetime, int] | CompoundSelect[datetime, int]

VIEWS: dict[str, tuple[Status, ...]] = {
    "mine": (Status.OPEN, Status.WAITING),
    "unassigned": (Status.OPEN,),
    "open": (Status.OPEN,),
    "waiting": (Status.WAITING,),
    "resolved": (Status.RESOLVED,),
}


class Place(NamedTuple):
    """Where a page begins: behind (or, going back, before) this row of the list."""

    updated_at: datetime
    id: int
    is_back: bool = False

    @classmethod
    def of(cls, text: str) -> "Place | None":
        """Read it from an address; None for the first page, and for nonsense."""
        micros, _, number = text.lstrip("-").partition("-")
        if not (micros.isdigit() and number.isdigit() and len(micros) <= 16 and len(number) <= 18):
            return None
        at = datetime.fromtimestamp(int(micros) // 10**6, UTC).replace(microsecond=int(micros) % 10**6)
        return cls(at, int(number), text.startswith("-"))


@dataclass(frozen=True)
class Page:
    """One page of a view; `older` and `newer` are places, empty where the list ends."""

    rows: Sequence[Any]
    older: str = ""
    newer: str = ""


def read(viewer: Agent, view: str, filters: Filters, place: Place | None = None) -> Page:
    """The tickets of `view`, the last touched first."""
    # A ticket in one's own hands and of one's own team is met twice, one right after the other.
    found = list(dict.fromkeys(db.session.execute(walk(viewer, view, filters, place)).all()))
    is_more, keys = len(found) > PER_PAGE, found[:PER_PAGE]
    if place and place.is_back:
        keys, has_newer, has_older = keys[::-1], is_more, True
    else:
        has_newer, has_older = place is not None, is_more
    if not keys:
        return Page(())
    rows = {row.id: row for row in db.session.execute(_columns(viewer, [key.id for key in keys]))}
    return Page(
        [rows[key.id] for key in keys if key.id in rows],
        older=_written(keys[-1]) if has_older else "",
        newer=f"-{_written(keys[0])}" if has_newer else "",
    )


def counts(viewer: Agent) -> dict[str, int]:
    """How many tickets each view holds, at most one more than `COUNTED_UP_TO`; one statement for all."""
    teams = [] if viewer.sees_all else viewer.team_ids
    named = {f"team_{place}": team for place, team in enumerate(teams)}
    statement = _counts(None if viewer.sees_all else len(teams))
    return dict(db.session.execute(statement, {"me": viewer.id, **named}).one()._mapping)


def walk(viewer: Agent, view: str, filters: Filters, place: Place | None = None) -> Walk:
    """The keys of one page and one more, each at most twice, read in the order of an index."""
    conditions = [*filters.conditions(), *_behind(place)]
    branches = _branches(viewer, view, filters.team)
    walks = [select(Ticket.updated_at, Ticket.id).where(*branch, *conditions) for branch in branches]
    whole: Walk = walks[0] if len(walks) == 1 else union_all(*walks)
    order = whole.selected_columns
    enough = (PER_PAGE + 1) * min(len(walks), 2)
    if place and place.is_back:
        return whole.order_by(order.updated_at, order.id).limit(enough)
    return whole.order_by(order.updated_at.desc(), order.id.desc()).limit(enough)


def _branches(viewer: Agent, view: str, team: int | None = None) -> list[list[ColumnElement[bool]]]:
    """The view in parts, each held in order by one index; only one's own tickets may be in two."""
    found = []
    for status in VIEWS[view]:
        has_status = Ticket.status == status
        if view == "mine":
            found.append([Ticket.assignee_id == viewer.id, has_status])
            continue
        unassigned = [Ticket.assignee_id.is_(None)] if view == "unassigned" else []
        if viewer.sees_all and team is None:
            found.append([has_status, *unassigned])
            continue
        teams = [team] if viewer.sees_all else [each for each in viewer.team_ids if team in (None, each)]
        found += [[Ticket.team_id == each, has_status, *unassigned] for each in teams]
        if not viewer.sees_all and not unassigned:
            found.append([Ticket.assignee_id == viewer.id, has_status])
    return found or [[false()]]


def _behind(place: Place | None) -> list[ColumnElement[bool]]:
    if place is None:
        return []
    key = tuple_(Ticket.updated_at, Ticket.id)
    there = tuple_(literal(place.updated_at, Ticket.updated_at.type), literal(place.id))
    return [key > there if place.is_back else key < there]


@lru_cache(maxsize=64)
def _counts(teams: int | None) -> Select[Any]:
    """The statement for an agent of so many teams (None sees all), built once."""
    return select(*(_count(view, teams).label(view) for view in VIEWS))


def _count(view: str, teams: int | None) -> ScalarSelect[Any]:
    """Counted team by team, then what one holds elsewhere: nothing is met twice, and enough is enough."""
    own, nobodys = Ticket.assignee_id == bindparam("me"), Ticket.assignee_id.is_(None)
    places = [Ticket.team_id == bindparam(f"team_{place}") for place in range(teams or 0)]
    parts: list[list[ColumnElement[bool]]] = []
    for status in VIEWS[view]:
        has_status = Ticket.status == status
        if view == "mine":
            parts.append([own, has_status])
            continue
        of_whom = [nobodys] if view == "unassigned" else []
        parts += [[has_status, *of_whom]] if teams is None else [[at, has_status, *of_whom] for at in places]
        if teams is not None and not of_whom:
            parts.append([own, has_status, not_(or_(false(), *places))])
    keys = union_all(*(select(Ticket.id).where(*part) for part in parts or [[false()]]))
    return select(func.count()).select_from(keys.limit(COUNTED_UP_TO + 1).subquery()).scalar_subquery()


def _columns(viewer: Agent, ids: Sequence[int]) -> Select[Any]:
    """What a row shows; asked through the viewer once more, for a walk is no permission."""
    tags = select(func.aggregate_strings(TicketTag.name, ",")).where(TicketTag.ticket_id == Ticket.id)
    # Whether the newest answer reached everybody; its letter says why not.
    letter = select(Letter.missed).where(Letter.ticket_id == Ticket.id, Letter.purpose == "reply")
    newest = letter.order_by(Letter.id.desc()).limit(1)
    shown = (
        Ticket.id,
        Ticket.subject,
        Ticket.excerpt,
        Ticket.status,
        Ticket.priority,
        Ticket.updated_at,
        Ticket.waiting_since,
        Ticket.reply_due_at,
        Ticket.first_replied_at,
        Ticket.assignee_id,
        Customer.name.label("customer"),
        Customer.type.label("customer_type"),
        Customer.stage_id,
        Contact.name.label("contact"),
        Agent.name.label("assignee"),
        tags.scalar_subquery().label("tags"),
        newest.scalar_subquery().label("is_missed"),
    )
    found = Ticket.visible_to(viewer).with_only_columns(*shown).where(Ticket.id.in_(ids))
    return found.join(Ticket.customer).join(Ticket.contact).outerjoin(Ticket.assignee)


def _written(row: Any) -> str:
    """The key of `row` as it stands in an address: microseconds and number."""
    at: datetime = row.updated_at
    return f"{int(at.timestamp()) * 10**6 + at.microsecond}-{row.id}"
