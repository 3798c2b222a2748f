"""Lines of events: facts as the API takes them, told silently."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.customers import dealings
from helpdesk.customers.models import Customer
from helpdesk.customers.orders import Order, Subscription
from helpdesk.exchange import outside
from helpdesk.exchange.drafts import Draft
from helpdesk.exchange.faults import N_
from helpdesk.exchange.models import Batch, UnknownEvent
from helpdesk.exchange.plans import Outcome, People, Plan, fact, tell, touch
from helpdesk.timeline import Event

_ROWS = (*dealings.OF_ORDERS, *dealings.OF_PLANS)


class EventLines:
    """Takes facts; those of orders and plans with their rows."""

    def plan(self, drafts: Sequence[Draft]) -> list[Plan]:
        people = People(draft.customer for draft in drafts)
        known = self._known([draft.values["idempotency_key"] for draft in drafts])
        return [self._plan(draft, people, known) for draft in drafts]

    def write(self, plans: Sequence[Plan], batch: Batch) -> None:
        stages = outside.StagesThen(plan.customer_id for plan in plans)
        plain = []
        for plan in plans:
            kind, at = outside.kind_of(plan.draft.values["type"]), _at(plan)
            stage_id = stages.at(plan.customer_id, at)
            if plan.outcome is not Outcome.CREATED or kind is None:
                continue
            if kind in _ROWS:
                self._deal(plan, batch, stage_id)
                continue
            values = plan.draft.values
            told = {"key": values["idempotency_key"], "details": values["payload"], "stage_id": stage_id}
            whose = plan.customer_id
            plain.append(fact(batch, kind, ("customers", whose), whose, at, **told))
        tell(plain)
        self._set_aside([plan for plan in plans if plan.outcome is Outcome.QUARANTINED], batch)

    def _known(self, keys: Sequence[str]) -> dict[str, tuple[Any, ...]]:
        """What each key was used for."""
        told = select(Event).where(Event.idempotency_key.in_(keys))
        found = {
            str(e.idempotency_key): (e.kind.value, e.customer_id, e.occurred_at, e.details)
            for e in db.session.scalars(told)
        }
        aside = select(UnknownEvent).where(UnknownEvent.idempotency_key.in_(keys))
        for e in db.session.scalars(aside):
            found[str(e.idempotency_key)] = (e.type, e.customer_id, e.occurred_at, e.payload)
        return found

    def _plan(self, draft: Draft, people: People, known: dict[str, tuple[Any, ...]]) -> Plan:
        plan, values = Plan(draft), draft.values
        plan.customer_id = people.id_of(draft.customer) or 0
        before = known.get(values["idempotency_key"])
        if not plan.customer_id:
            way = "customer" if draft.customer[0] == "external_id" else "customer_email"
            plan.refuse(N_("No customer is known by this."), way)
        elif before is not None and before != (
            *(values["type"], plan.customer_id, _at(plan), values["payload"]),
        ):
            plan.refuse(N_("This key was used for another event."), "idempotency_key")
        elif before is not None:
            plan.outcome = Outcome.SKIPPED
        elif outside.kind_of(values["type"]) is None:
            plan.outcome = Outcome.QUARANTINED
        return plan

    def _deal(self, plan: Plan, batch: Batch, stage_id: int | None) -> None:
        """A fact of an order or a plan, through the one place that knows how they follow from it."""
        values, customer = plan.draft.values, db.session.get_one(Customer, plan.customer_id)
        kind = outside.kind_of(values["type"])
        assert kind is not None
        last: dict[Any, int] = {table: _last(table) for table in (Order, Subscription)}
        subject = outside.subject_of(kind, customer, _at(plan), values["payload"])
        db.session.flush()
        is_row = isinstance(subject, Order | Subscription)
        is_new = is_row and subject.id > last[type(subject)]
        before = None if is_new else _columns(subject)
        told = {"key": values["idempotency_key"], "details": values["payload"], "stage_id": stage_id}
        tell([fact(batch, kind, (subject.__tablename__, subject.id), customer.id, _at(plan), **told)])
        dealings.settle(subject)
        if is_row:
            touch(batch, type(subject), [(subject.id, before, _columns(subject))])

    def _set_aside(self, plans: Sequence[Plan], batch: Batch) -> None:
        rows = [
            {
                "customer_id": plan.customer_id,
                "type": plan.draft.values["type"],
                "occurred_at": _at(plan),
                "recorded_at": now(),
                "source": batch.source,
                "idempotency_key": plan.draft.values["idempotency_key"],
                "payload": plan.draft.values["payload"],
            }
            for plan in plans
        ]
        if rows:
            db.session.execute(insert(UnknownEvent), rows)


def _at(plan: Plan) -> datetime:
    return datetime.fromisoformat(plan.draft.values["occurred_at"])


def _last(table: type[Order] | type[Subscription]) -> int:
    return db.session.scalar(select(table.id).order_by(table.id.desc()).limit(1)) or 0


def _columns(subject: Any) -> dict[str, Any]:
    skipped = ("id", "customer_id", "external_id")
    return {c.name: getattr(subject, c.name) for c in subject.__table__.columns if c.name not in skipped}
