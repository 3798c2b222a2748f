"""What is read about customers: statements built once, on bare tables, for a page has no time to build.

`ONE` takes `customer_id`, `MANY` takes `customer_ids`; both take the times back to which they look.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, cast

from sqlalchemy import BindParameter, Select, Table, and_, bindparam, func, or_, select, union_all

from helpdesk.core.db import UTCDateTime
from helpdesk.customers.models import Customer
from helpdesk.customers.orders import Subscription
from helpdesk.lifecycle.models import HealthReading, Overlay, RegressHold, Stage, StageLock, Stay
from helpdesk.tickets.kinds import Status
from helpdesk.tickets.models import Ticket
from helpdesk.timeline import Event, Kind

# What customers said, paid, reached and were told: read as far back as it matters.
TOLD = (
    *(Kind.SURVEY_ANSWERED, Kind.CUE_ANSWERED, Kind.TICKET_REOPENED, Kind.REFERRAL_ACCEPTED),
    *(Kind.TRIAL_STARTED, Kind.TRIAL_ENDED, Kind.ORDER_PAID, Kind.ORDER_REFUNDED),
    *(Kind.SUBSCRIPTION_STARTED, Kind.SUBSCRIPTION_CHANGED, Kind.SUBSCRIPTION_ENDED),
    *(Kind.PAYMENT_FAILED, Kind.PAYMENT_RECOVERED, Kind.VALUE_REACHED, Kind.CHECKLIST_DONE),
)
TRIED = (Kind.HELP_SEARCHED, Kind.ARTICLE_READ, Kind.ARTICLE_VOTED)
MOST_EVENTS, MOST_TRIED, MOST_TICKETS, MOST_READINGS, MOST_DAYS = 300, 20, 200, 100, 196


def _table(model: Any) -> Table:
    return cast(Table, model.__table__)


_customers, _overlays, _stays = _table(Customer), _table(Overlay), _table(Stay)
_stages, _next = _table(Stage), _table(Stage).alias("following")
_events, _tickets, _plans = _table(Event).c, _table(Ticket).c, _table(Subscription).c
_readings, _holds, _locks = _table(HealthReading).c, _table(RegressHold).c, _table(StageLock).c
_one: BindParameter[int] = bindparam("customer_id")
_many: BindParameter[Sequence[int]] = bindparam("customer_ids", expanding=True)


class Statements(NamedTuple):
    """Each with `customer_id` first; what they find is told in `facts.py`."""

    standing: Any
    subscriptions: Any
    tickets: Any
    events: Any
    usage: Any
    readings: Any
    holds: Any


class _Reach:
    """Of one customer, or of many: how far a statement reaches."""

    def __init__(self, many: bool) -> None:
        self.many = many

    def built(self) -> Statements:
        plans = _PLANS.where(self.theirs(_plans.customer_id))
        opened = or_(_tickets.status != Status.RESOLVED, _tickets.opened_at > _since("tickets"))
        tickets = _TICKETS.where(self.theirs(_tickets.customer_id), opened)
        used = and_(_events.kind == Kind.USAGE_REPORTED, _events.occurred_at > _since("usage"))
        readings = _READINGS.where(self.theirs(_readings.customer_id))
        return Statements(
            standing=_STANDING.where(self.theirs(_customers.c.id)).order_by(_customers.c.id, _overlays.c.id),
            subscriptions=plans.order_by(_plans.started_at.desc(), _plans.id.desc()),
            tickets=self.first(tickets, MOST_TICKETS, _tickets.id.desc()),
            events=self.events(),
            usage=self.newest(used, MOST_DAYS),
            readings=self.first(readings, MOST_READINGS, _readings.at.desc()),
            holds=_HOLDS.where(self.theirs(_holds.customer_id)),
        )

    def events(self) -> Any:
        """What was told at any time, what was tried since, and the newest reply of ours; in no order."""
        tried = and_(_events.kind.in_(TRIED), _events.occurred_at > _since("tried"))
        return union_all(
            select(self.newest(_events.kind.in_(TOLD), MOST_EVENTS, _SORTED_AFTER).subquery()),
            select(self.newest(tried, MOST_TRIED).subquery()),
            select(self.newest(_events.kind == Kind.TICKET_REPLIED, 1).subquery()),
        )

    def newest(self, condition: Any, most: int, order: Any = _events.occurred_at) -> Select[Any]:
        found = select(*_EVENT).where(self.theirs(_events.customer_id), condition)
        return self.first(found, most, order.desc(), _events.id.desc())

    def first(self, found: Select[Any], most: int, *order: Any) -> Select[Any]:
        """The first rows of each customer."""
        if not self.many:
            return found.order_by(*order).limit(most)
        place = func.row_number().over(partition_by=found.selected_columns.customer_id, order_by=order)
        ranked = found.add_columns(place.label("place")).subquery()
        named = [column for column in ranked.c if column.name != "place"]
        return select(*named).where(ranked.c.place <= most).order_by(ranked.c.customer_id, ranked.c.place)

    def theirs(self, column: Any) -> Any:
        return column.in_(_many) if self.many else column == _one


def _since(what: str) -> BindParameter[Any]:
    return bindparam(f"{what}_since", type_=UTCDateTime())


def _named(table: Any, prefix: str, *names: str) -> list[Any]:
    return [table.c[name].label(f"{prefix}_{name}") for name in names]


# Customer, stage and next stage: one row for each open overlay, at least one.
_STANDING = (
    select(
        _customers.c.id.label("customer_id"),
        *(
            _customers.c[name]
            for name in ("id", "name", "type", "needs_care", "created_at", "source", "language")
        ),
        *(_customers.c[name] for name in ("stage_id", "stage_since")),
        *(_customers.c[name] for name in ("health", "health_coverage", "health_band", "health_before")),
        *_named(_stages, "stage", "key", "name_ja", "name_en", "anchor", "no_sell", "guide", "position"),
        *_named(_next, "next", "key", "name_ja", "name_en", "entry_rule"),
        *_named(_overlays, "overlay", "id", "kind", "opened_at", "reason"),
        # A lock that is over may still lie here.
        _locks.until.label("locked_until"),
    )
    .select_from(_customers)
    .outerjoin(_stages, _stages.c.id == _customers.c.stage_id)
    .outerjoin(_next, and_(_next.c.set_id == _stages.c.set_id, _next.c.position == _stages.c.position + 1))
    .outerjoin(_overlays, and_(_overlays.c.customer_id == _customers.c.id, _overlays.c.closed_at.is_(None)))
    .outerjoin(_table(StageLock), _locks.customer_id == _customers.c.id)
)

_PLANS = select(
    *(_plans.customer_id, _plans.id, _plans.plan, _plans.seats, _plans.seats_used, _plans.price),
    *(_plans.started_at, _plans.trial_ends_at, _plans.paid_from, _plans.renews_at, _plans.ended_at),
)

_TICKETS = select(
    *(_tickets.customer_id, _tickets.id, _tickets.contact_id, _tickets.status, _tickets.topic),
    *(_tickets.cycle, _tickets.opened_at, _tickets.first_replied_at, _tickets.waiting_since),
    *(_tickets.reply_due_at, _tickets.team_id, _tickets.assignee_id),
)

_EVENT = (
    *(_events.customer_id, _events.id, _events.kind, _events.ticket_id, _events.subject_id),
    *(_events.occurred_at, _events.details),
)
# Of many kinds, the few rows are found by kind and then sorted; a bare column would tempt SQLite to walk
# the whole history in its order instead.
_SORTED_AFTER = func.coalesce(_events.occurred_at, _events.recorded_at)

_READINGS = select(_readings.customer_id, _readings.id, _readings.at, _readings.score)

_HOLDS = select(_holds.customer_id, _holds.rule, _holds.since)

ONE, MANY = _Reach(many=False).built(), _Reach(many=True).built()

_COURSE = (
    select(_stays.c.id, _stays.c.entered_at, _stays.c.left_at, _stays.c.evidence)
    .add_columns(_stages.c.name_ja, _stages.c.name_en)
    .join_from(_stays, _stages, _stages.c.id == _stays.c.stage_id)
    .where(_stays.c.customer_id == _one)
    .order_by(_stays.c.entered_at, _stays.c.id)
)
_known_by: BindParameter[Any] = bindparam("known_by", type_=UTCDateTime())

# The stays that hold, and those that held as far as was known at `known_by`.
STAYS = _COURSE.where(_stays.c.superseded_at.is_(None))
STAYS_KNOWN = _COURSE.where(
    _stays.c.recorded_at <= _known_by,
    or_(_stays.c.superseded_at.is_(None), _stays.c.superseded_at > _known_by),
)
