"""How long a customer has stayed: in all on each stage, on the present one, and beside others there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, func, select

from helpdesk.core.db import db
from helpdesk.customers.models import Customer
from helpdesk.lifecycle.models import Stage, Stay

# Fewer say nothing about what is usual.
LEAST_PEERS = 5


@dataclass(frozen=True)
class Peers:
    """Those on the same stage now; shorter: per cent of the others who have been there for less time."""

    customers: int
    median: timedelta
    shorter: int


@dataclass(frozen=True)
class Dwelling:
    """total: by stage, in order of its position; furthest: the last stage ever reached."""

    total: tuple[tuple[Stage, timedelta], ...]
    current: timedelta
    furthest: Stage


def dwelling(stays: Sequence[Stay], until: datetime) -> Dwelling | None:
    """Of stays that hold, oldest first, as of `until`; None for none."""
    total: dict[int, timedelta] = {}
    stages = {stay.stage.id: stay.stage for stay in stays}
    for stay, left_at in zip(stays, [*(later.entered_at for later in stays[1:]), until], strict=True):
        total[stay.stage_id] = total.get(stay.stage_id, timedelta()) + (left_at - stay.entered_at)
    if not stays:
        return None
    ordered = sorted(stages.values(), key=lambda stage: stage.position)
    same_set = [stage for stage in ordered if stage.set_id == stays[-1].stage.set_id]
    times = tuple((stage, total[stage.id]) for stage in ordered)
    return Dwelling(times, until - stays[-1].entered_at, same_set[-1])


def peers(customer: Customer, at: datetime) -> Peers | None:
    """Beside whom the customer stands; None where there are too few. One statement."""
    if customer.stage_id is None or customer.stage_since is None:
        return None
    ours = Customer.stage_id == customer.stage_id, Customer.merged_into_id.is_(None)
    place = func.row_number().over(order_by=Customer.stage_since.desc())
    ranked = select(Customer.stage_since, place.label("place"), func.count().over().label("number"))
    rows = ranked.where(*ours).subquery()
    # Of an even number, the mean of the two in the middle.
    middle = [
        func.max(case((rows.c.place == (rows.c.number + side) // 2, rows.c.stage_since))) for side in (1, 2)
    ]
    shorter = func.sum(case((rows.c.stage_since > customer.stage_since, 1), else_=0))
    asked = select(func.max(rows.c.number), *middle, shorter)
    found: Any = db.session.execute(asked).one()
    number, later, earlier, less = found
    if number is None or number < LEAST_PEERS:
        return None
    return Peers(number, at - later + (later - earlier) / 2, round(100 * less / (number - 1)))
