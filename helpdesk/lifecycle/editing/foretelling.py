"""What a draft would do to everybody, counted without writing: from what the last reviews knew."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, null, or_, select

from helpdesk.accounts.models import Agent
from helpdesk.core.clock import now
from helpdesk.core.conditions import Column, condition, kept
from helpdesk.core.db import db
from helpdesk.core.predicates import Field
from helpdesk.core.rule_parsing import BadRule, parse
from helpdesk.customers.models import Customer
from helpdesk.lifecycle.catalogue import CATALOGUE
from helpdesk.lifecycle.models import Stage, StageLock, StageSet
from helpdesk.lifecycle.snapshots import Snapshot, lies_in

EXAMPLES = 5


@dataclass
class Flow:
    """Customers of one stage of the set in use who would stand on one of the draft's; both may be None."""

    before: Stage | None
    after: Stage | None
    # Whether the new rules move them on from where the mapping puts them.
    is_by_rule: bool
    customers: int
    examples: list[tuple[int, str]]


@dataclass(frozen=True)
class Foretold:
    """Counts by stage now and then, the flows between them, and of when the figures are."""

    now: dict[str, int]
    then: dict[str, int]
    flows: list[Flow]
    newest: datetime | None
    oldest: datetime | None
    unknown: int


def foretell(draft: StageSet, viewer: Agent) -> Foretold:
    """Where everybody would stand right after publishing; steps back that take days first are not in it."""
    used = StageSet.in_use()
    places = _places(used, draft)
    flows = _flows(used, draft, places, viewer)
    before: dict[str, int] = defaultdict(int)
    then: dict[str, int] = defaultdict(int)
    for flow in flows:
        if flow.before is not None:
            before[flow.before.key] += flow.customers
        if flow.after is not None:
            then[flow.after.key] += flow.customers
    oldest, newest, known = db.session.execute(
        select(func.min(Snapshot.at), func.max(Snapshot.at), func.count(Snapshot.id))
    ).one()
    everybody = db.session.scalar(select(func.count()).where(Customer.merged_into_id.is_(None))) or 0
    return Foretold(dict(before), dict(then), flows, newest, oldest, max(0, everybody - known))


def _places(used: StageSet | None, draft: StageSet) -> dict[int, int]:
    """Where the mapping puts those of each old stage, by its number: a position on the draft's path."""
    at = {stage.key: stage.position for stage in draft.stages}
    return {old.id: at.get(draft.mapping.get(old.key, ""), 0) for old in used.stages} if used else {}


def _flows(used: StageSet | None, draft: StageSet, places: dict[int, int], viewer: Agent) -> list[Flow]:
    old = {stage.id: stage for stage in used.stages} if used else {}
    moved = _moved(draft, places).subquery()
    number = func.row_number().over(partition_by=(moved.c.before, moved.c.then), order_by=moved.c.id)
    total = func.count().over(partition_by=(moved.c.before, moved.c.then))
    ranked = select(moved, number.label("number"), total.label("total")).subquery()
    visible = Customer.visible_to(viewer).with_only_columns(Customer.id)
    rows = db.session.execute(
        select(ranked, Customer.name, Customer.id.in_(visible).label("is_seen"))
        .join(Customer, Customer.id == ranked.c.id)
        .where(ranked.c.number <= EXAMPLES)
        .order_by(ranked.c.before, ranked.c.then, ranked.c.number)
    )
    found: dict[tuple[Any, Any], Flow] = {}
    for row in rows:
        after = draft.stages[row.then] if row.then is not None and draft.stages else None
        is_by_rule = row.then != places.get(row.before, 0)
        new = Flow(old.get(row.before), after, is_by_rule, row.total, [])
        flow = found.setdefault((row.before, row.then), new)
        if row.is_seen:
            flow.examples.append((row.id, row.name))
    return list(found.values())


def _moved(draft: StageSet, places: dict[int, int]) -> Select[Any]:
    """Each customer's stage now, and the position on the draft's path then."""
    place: Any = case(
        *((Customer.stage_id == id, position) for id, position in places.items()), else_=literal(0)
    )
    place = place if places else literal(0)
    at = now()
    locked = select(StageLock.customer_id).where(StageLock.until > at)
    ruled = case(
        (Customer.id.in_(locked), place),
        *_forward(draft, places, place, at),
        *_back(draft, places, place, at),
        else_=place,
    )
    columns = (Customer.id, Customer.stage_id.label("before"), ruled.label("then"))
    known = select(*columns).outerjoin(Snapshot, Snapshot.customer_id == Customer.id)
    return known.where(Customer.merged_into_id.is_(None))


def _forward(draft: StageSet, places: dict[int, int], place: Any, at: datetime) -> list[Any]:
    """The furthest true stage wins; one that is true where somebody stands keeps them there."""
    found = []
    for stage in reversed(draft.stages):
        holds = _holds(stage.entry_rule, draft, places, at)
        if holds is not None:
            found.append((and_(holds, place <= stage.position), literal(stage.position)))
    return found


def _back(draft: StageSet, places: dict[int, int], place: Any, at: datetime) -> list[Any]:
    """Steps back that need not hold for days first."""
    positions, found = {stage.key: stage.position for stage in draft.stages}, []
    for stage in reversed(draft.stages):
        for rule in stage.regress_rule.get("rules", []):
            holds = _holds(rule.get("when", {}), draft, places, at)
            if holds is None or rule.get("hold_days") != 0:
                continue
            starts = [
                positions[key] for key in rule.get("from", []) if positions.get(key, -1) > stage.position
            ]
            found.append(
                (
                    and_(or_(*(place == start for start in starts)) if starts else literal(False), holds),
                    literal(stage.position),
                )
            )
    return found


def _holds(rule: dict[str, Any], draft: StageSet, places: dict[int, int], at: datetime) -> Column | None:
    """The rule as SQL, asked of somebody who just came to their mapped place; None where it cannot be."""
    if not rule:
        return None
    try:
        predicate = parse(rule, CATALOGUE)
    except BadRule:
        return None

    def column(field: Field[Any]) -> Column:
        return _mapped(field, draft.stages, places)

    return condition(predicate, CATALOGUE, column, at)


def _mapped(field: Field[Any], stages: Sequence[Stage], places: dict[int, int]) -> ColumnElement[Any]:
    """Where the field lies; what the mapping itself changes is taken from it."""
    told: dict[str, Callable[[Stage], Any]] = {
        "stage": lambda stage: stage.key,
        "anchor": lambda stage: stage.anchor.value,
        "days_in_stage": lambda _stage: 0.0,
    }
    seen = told.get(field.name)
    if seen is None or not places or not stages:
        return lies_in(field)
    whens = ((Customer.stage_id == id, literal(kept(seen(stages[p])))) for id, p in places.items())
    return case(*whens, else_=null())
