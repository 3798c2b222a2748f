"""What came in late changes the course from its moment on: new stays are written, the replaced ones kept.

A replay tells nobody anything and may run any number of times: where the course says so already, nothing is
written. Who is to be replayed is read from the facts themselves, so a crash between loses nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.customers.models import Customer
from helpdesk.lifecycle import archive
from helpdesk.lifecycle.bygone import Bygone
from helpdesk.lifecycle.facts import usual_mood
from helpdesk.lifecycle.flipping import week_after
from helpdesk.lifecycle.keeping import Kept, New, lay, stand, tell
from helpdesk.lifecycle.models import HealthReading, RegressHold, SetStatus, StageSet, Stay
from helpdesk.lifecycle.moments import READ
from helpdesk.lifecycle.snapshots import Snapshot
from helpdesk.lifecycle.walking import BY_ITSELF, Walk
from helpdesk.timeline import Event

# Told so long after it happened, a fact is late.
LATE_AFTER = timedelta(hours=24)
# What happened longer ago changes no course any more.
LONGEST = timedelta(days=5 * 365)
# A review may have run while what it did not see yet was being written.
MEANWHILE = timedelta(hours=1)
# No row of these is held by the session.
_UNSYNCED = {"synchronize_session": False}


def late(customer_ids: Sequence[int]) -> dict[int, datetime]:
    """Of whom something came in late since their last review, and when the first of it happened."""
    told = select(Snapshot.customer_id, Snapshot.at).where(Snapshot.customer_id.in_(customer_ids))
    reviewed = {row.customer_id: row.at - MEANWHILE for row in db.session.execute(told)}
    facts = select(Event.customer_id, Event.occurred_at, Event.recorded_at).where(
        Event.customer_id.in_(customer_ids), Event.kind.in_(READ)
    )
    if len(reviewed) == len(customer_ids):
        facts = facts.where(Event.recorded_at > min(reviewed.values(), default=now()))
    found: dict[int, datetime] = {}
    for id, occurred_at, recorded_at in db.session.execute(facts):
        is_new = id not in reviewed or recorded_at > reviewed[id]
        if is_new and recorded_at - occurred_at > LATE_AFTER:
            found[id] = min(occurred_at, found.get(id, occurred_at))
    return found


def since_first_replay(customer_id: int) -> dict[int, datetime]:
    """From when on a course rests on what came in late: to be replayed where some of that was taken back."""
    theirs = select(Stay.entered_at, Stay.recorded_at).where(
        Stay.customer_id == customer_id, Stay.superseded_at.is_(None), Stay.cause.in_(BY_ITSELF)
    )
    rows = db.session.execute(theirs).all()
    found = [row.entered_at for row in rows if row.recorded_at - row.entered_at > LATE_AFTER]
    return {customer_id: min(found)} if found else {}


def replay(since: Mapping[int, datetime]) -> None:
    """Let the rules look again at these customers, by their ids, each from that moment on."""
    if not since:
        return
    at, moods = now(), _Moods()
    chosen = select(StageSet).where(StageSet.status != SetStatus.DRAFT).order_by(StageSet.id)
    sets = db.session.scalars(chosen).all()
    theirs = select(Customer).where(Customer.id.in_(since)).order_by(Customer.id)
    customers = {each.id: each for each in db.session.scalars(theirs.with_for_update())}
    new: list[New] = []
    for id, known in archive.read(list(since)).items():
        start = max(_start(known, since[id]), at - LONGEST)
        stays = Kept(known, start)
        readings = [reading for reading in known.readings if reading.at >= start]
        walk = Walk(known, start, at, sets=sets, mood=moods, keeps=stays.find).run()
        new += stand(customers[id], walk, at)
        lay(customers[id], walk, at)
        _weigh(id, walk, readings)
        _hold(id, walk)
    db.session.flush()
    tell(new)


class _Moods:
    """What mood was usual in a week; asked of the timeline once for each."""

    def __init__(self) -> None:
        self._known: dict[datetime, float] = {}

    def __call__(self, at: datetime) -> float:
        week = week_after(at) - timedelta(days=7)
        if week not in self._known:
            self._known[week] = usual_mood(week)
        return self._known[week]


def _start(known: Bygone, since: datetime) -> datetime:
    """Whose course had not begun by then begins with the first that is known of them."""
    if any(stay.entered_at < since for stay in known.stays):
        return since
    told: list[datetime] = [event.occurred_at for event in known.events if event.kind in READ]
    met_at: datetime = known.customer.created_at
    return min(met_at, told[0]) if told else met_at


def _weigh(customer_id: int, walk: Walk, before: Sequence[Any]) -> None:
    """Put the readings of the walk in the place of those that knew less."""
    if [(r.at, r.score) for r in before] == [(r.at, r.score) for r in walk.readings]:
        return
    if before:
        theirs = HealthReading.customer_id == customer_id, HealthReading.at >= walk.since
        db.session.execute(delete(HealthReading).where(*theirs), _UNSYNCED)
    db.session.add_all(walk.readings)


def _hold(customer_id: int, walk: Walk) -> None:
    """A condition of a step back has held since the walk saw it, where that is earlier than was known."""
    for rule, since in walk.holds.items():
        theirs = RegressHold.customer_id == customer_id, RegressHold.rule == rule
        known = db.session.scalar(select(RegressHold.since).where(*theirs))
        if known is None:
            db.session.add(RegressHold(customer_id=customer_id, rule=rule, since=since))
        elif known != since:
            db.session.execute(update(RegressHold).where(*theirs).values(since=since))
