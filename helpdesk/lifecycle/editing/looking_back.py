"""What a rule would have done in the last thirty days: who would have come in, and who gone out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from helpdesk.accounts.models import Agent
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.predicates import Predicate, evaluate
from helpdesk.customers.models import Customer
from helpdesk.lifecycle import archive
from helpdesk.lifecycle.bygone import Bygone
from helpdesk.lifecycle.catalogue import CATALOGUE
from helpdesk.lifecycle.facts import SIZES, Facts

DAYS = 30
# Each is asked once a day: more would keep the page waiting.
MOST_ASKED = 200


@dataclass(frozen=True)
class Day:
    """What changed in the 24 hours up to `at`."""

    at: datetime
    entered: int
    left: int


@dataclass(frozen=True)
class LookedBack:
    """The days on which anything changed, newest first; how many were asked, of how many."""

    days: Sequence[Day]
    asked: int
    of: int


class _Past(Facts):
    """A customer at one moment, from what was read already."""

    def __init__(self, known: Bygone, at: datetime) -> None:
        super().__init__(known.customer.id)
        self.at = at
        self._read_before = {**known.rows(at, SIZES), "standing": known.standing(at)}


def look_back(predicate: Predicate, viewer: Agent) -> LookedBack:
    """Ask of every moment 24 hours apart, of at most 200 customers spread evenly over all.

    What came in late counts from when it happened.
    """
    visible = Customer.visible_to(viewer)
    of = db.session.scalar(select(func.count()).select_from(visible.subquery())) or 0
    every = -(-of // MOST_ASKED) or 1
    spread = visible.with_only_columns(Customer.id).where(Customer.id % every == 0)
    ids = list(db.session.scalars(spread.order_by(Customer.id).limit(MOST_ASKED)))
    moments = [now() - timedelta(days=ago) for ago in range(DAYS, -1, -1)]
    entered, left = [0] * len(moments), [0] * len(moments)
    for known in archive.read(ids).values():
        held = [_held(predicate, known, at) for at in moments]
        for number in range(1, len(moments)):
            entered[number] += held[number] and not held[number - 1]
            left[number] += held[number - 1] and not held[number]
    days = [Day(*each) for each in zip(moments, entered, left, strict=True)]
    return LookedBack([day for day in reversed(days) if day.entered or day.left], len(ids), of)


def _held(predicate: Predicate, known: Bygone, at: datetime) -> bool:
    if known.customer.created_at > at:
        return False
    return evaluate(predicate, CATALOGUE, _Past(known, at), at).held
