"""Where the whole base stands: how many on each stage, how long, and who moved lately."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from helpdesk.accounts.models import Agent
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.customers.models import Customer
from helpdesk.lifecycle.models import Cause, Stage, Stay

MOVES_WITHIN = timedelta(days=30)
MOST_ROWS = 100
# A first stay and a change of set are no moves of the customer.
_NO_MOVE = (Cause.START, Cause.MAPPING, Cause.MERGE)


@dataclass(frozen=True)
class Standing:
    """One stage: how many customers are on it, and the median of their days so far, None for nobody."""

    stage: Stage
    customers: int
    median_days: float | None


@dataclass(frozen=True)
class Moves:
    """How many customers went from one stage to another."""

    before: Stage
    after: Stage
    customers: int

    @property
    def is_back(self) -> bool:
        return self.after.position < self.before.position


def standings(chosen: Sequence[Stage], viewer: Agent) -> list[Standing]:
    """Every one of the stages `chosen`, in order, over the customers whom `viewer` may see."""
    found = select(Customer.stage_id, func.count()).where(_seen_by(viewer)).group_by(Customer.stage_id)
    counts: dict[int | None, int] = {row[0]: row[1] for row in db.session.execute(found)}
    return [
        Standing(stage, counts.get(stage.id, 0), _median_days(stage, counts.get(stage.id, 0), viewer))
        for stage in chosen
    ]


def moves(chosen: Sequence[Stage], viewer: Agent) -> list[Moves]:
    """The moves of the last 30 days between the stages `chosen`, the most frequent first."""
    before, stages = aliased(Stay), {stage.id: stage for stage in chosen}
    found = (
        select(before.stage_id, Stay.stage_id, func.count())
        .where(*_moved(before), Stay.customer_id.in_(select(Customer.id).where(_seen_by(viewer))))
        .where(before.stage_id.in_(stages), Stay.stage_id.in_(stages))
        .group_by(before.stage_id, Stay.stage_id)
        .order_by(func.count().desc())
    )
    return [Moves(stages[row[0]], stages[row[1]], row[2]) for row in db.session.execute(found)]


def customers_on(stage: Stage, viewer: Agent) -> Sequence[Any]:
    """Those on `stage`, who has been there longest first; at most 100."""
    columns = (Customer.id, Customer.name, Customer.stage_since.label("at"), Customer.health)
    ours = select(*columns).where(_seen_by(viewer), Customer.stage_id == stage.id)
    return db.session.execute(ours.order_by(Customer.stage_since, Customer.id).limit(MOST_ROWS)).all()


def customers_moved(old: Stage, new: Stage, viewer: Agent) -> Sequence[Any]:
    """Those who went from one stage to another in the last 30 days, the latest first; at most 100."""
    before = aliased(Stay)
    found = (
        select(Customer.id, Customer.name, Stay.entered_at.label("at"), Customer.health)
        .join(Stay, Stay.customer_id == Customer.id)
        .join(before, before.customer_id == Customer.id)
        .where(*_moved(before), _seen_by(viewer), before.stage_id == old.id, Stay.stage_id == new.id)
    )
    return db.session.execute(found.order_by(Stay.entered_at.desc()).limit(MOST_ROWS)).all()


def _seen_by(viewer: Agent) -> ColumnElement[bool]:
    return Customer.id.in_(Customer.visible_to(viewer).with_only_columns(Customer.id))


def _moved(before: Any) -> tuple[ColumnElement[bool], ...]:
    """A stay begun lately, and the one that ended in the same moment."""
    follows = (before.customer_id == Stay.customer_id) & (before.left_at == Stay.entered_at)
    held = Stay.superseded_at.is_(None) & before.superseded_at.is_(None)
    return (
        held,
        follows,
        Stay.entered_at > now() - MOVES_WITHIN,
        Stay.cause.not_in(_NO_MOVE),
        before.id != Stay.id,
    )


def _median_days(stage: Stage, customers: int, viewer: Agent) -> float | None:
    """The middle one of `customers`, or the mean of the two in the middle; days with a fraction."""
    if not customers:
        return None
    on_stage = select(Customer.stage_since).where(Customer.stage_id == stage.id, _seen_by(viewer))
    middle = on_stage.order_by(Customer.stage_since).offset((customers - 1) // 2).limit(2 - customers % 2)
    days = [_days(since) for since in db.session.scalars(middle) if since is not None]
    return sum(days) / len(days) if days else None


def _days(since: datetime) -> float:
    return (now() - since) / timedelta(days=1)
