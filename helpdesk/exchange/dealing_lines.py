"""Lines of orders and of subscriptions: rows, and the facts on the timeline that say the same."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.customers import dealings
from helpdesk.customers.orders import Order, Subscription
from helpdesk.exchange.columns import moment_of
from helpdesk.exchange.drafts import Draft
from helpdesk.exchange.faults import N_
from helpdesk.exchange.models import Batch, What
from helpdesk.exchange.outside import StagesThen
from helpdesk.exchange.plans import Outcome, People, Plan, as_json, fact, tell, touch
from helpdesk.timeline import Event, Kind

_ORDER = ("product", "amount", "currency", "placed_at", "refunded", "refunded_at")
_PLAN = ("plan", "seats", "seats_used", "price", "currency")
_PLAN_MOMENTS = ("started_at", "trial_ends_at", "paid_from", "renews_at", "ended_at")


@dataclass(frozen=True)
class _Told:
    """One fact that a line states."""

    kind: Kind
    occurred_at: datetime
    details: dict[str, Any] = field(default_factory=dict)


class DealingLines:
    """Takes orders, or subscriptions."""

    def __init__(self, what: What) -> None:
        self.is_orders = what is What.ORDERS
        self.table: Any = Order if self.is_orders else Subscription
        self.columns = _ORDER if self.is_orders else (*_PLAN, *_PLAN_MOMENTS)

    def plan(self, drafts: Sequence[Draft]) -> list[Plan]:
        names = [draft.values["external_id"] for draft in drafts]
        rows = db.session.scalars(select(self.table).where(self.table.external_id.in_(names)))
        known, people = {row.external_id: row for row in rows}, People(draft.customer for draft in drafts)
        return [self._plan(draft, known.get(draft.values["external_id"]), people) for draft in drafts]

    def write(self, plans: Sequence[Plan], batch: Batch) -> None:
        stages = StagesThen(plan.customer_id for plan in plans)
        self._make([plan for plan in plans if plan.outcome is Outcome.CREATED], batch, stages)
        self._change([plan for plan in plans if plan.outcome is Outcome.UPDATED], batch, stages)

    def _plan(self, draft: Draft, known: Any, people: People) -> Plan:
        plan = Plan(draft, known=known, changes=self._stated(draft))
        customer_id = people.id_of(draft.customer)
        if customer_id is None:
            way = "customer" if draft.customer[0] == "external_id" else "customer_email"
            plan.refuse(N_("No customer is known by this."), way)
        elif known is not None and known.customer_id != customer_id:
            plan.refuse(N_("This name belongs to another customer."), "external_id")
        elif known is not None:
            stated = plan.changes.items()
            plan.changes = {name: value for name, value in stated if getattr(known, name) != value}
            plan.outcome = Outcome.UPDATED if plan.changes else Outcome.SKIPPED
        plan.customer_id = customer_id or 0
        return plan

    def _stated(self, draft: Draft) -> dict[str, Any]:
        values = {name: draft.values[name] for name in self.columns if name in draft.values}
        return {name: moment_of(each) if name in dealings.MOMENTS else each for name, each in values.items()}

    def _make(self, plans: Sequence[Plan], batch: Batch, stages: StagesThen) -> None:
        if not plans:
            return
        told = [self._facts(plan.draft) for plan in plans]
        rows = [self._row(plan, facts) for plan, facts in zip(plans, told, strict=True)]
        made = db.session.scalars(
            insert(self.table).returning(self.table.id, sort_by_parameter_order=True), rows
        ).all()
        tell(
            [
                self._fact(batch, each, id, plan, stages)
                for id, plan, facts in zip(made, plans, told, strict=True)
                for each in facts
            ]
        )
        after = [{name: row[name] for name in self.columns} for row in rows]
        touch(batch, self.table, [(id, None, row) for id, row in zip(made, after, strict=True)])

    def _row(self, plan: Plan, facts: Sequence[_Told]) -> dict[str, Any]:
        said = (dealings.order_as_told if self.is_orders else dealings.plan_as_told)(facts)
        row: dict[str, Any] = dict.fromkeys(self.columns)
        spare = (
            {"product": "", "refunded": 0} if self.is_orders else {"seats": 0, "seats_used": 0, "price": 0}
        )
        named = {"customer_id": plan.customer_id, "external_id": plan.draft.values["external_id"]}
        return {**row, **spare, **said, **named}

    def _facts(self, draft: Draft) -> list[_Told]:
        """The line as what happened, from which its row follows."""
        return _facts_of_order(self._stated(draft)) if self.is_orders else _facts_of_plan(self._stated(draft))

    def _change(self, plans: Sequence[Plan], batch: Batch, stages: StagesThen) -> None:
        """A correction is a fact of its own; an order whose payment nobody told yet is paid by it."""
        unpaid = self._unpaid([plan.known.id for plan in plans])
        for plan in plans:
            row = plan.known
            before = {name: getattr(row, name) for name in self.columns}
            if row.id in unpaid:
                facts = self._facts(plan.draft)[:1]
            else:
                kind = Kind.ORDER_CHANGED if self.is_orders else Kind.SUBSCRIPTION_CHANGED
                facts = [_Told(kind, now(), as_json(plan.changes))]
            tell([self._fact(batch, each, row.id, plan, stages) for each in facts])
            dealings.settle(row)
            after = {name: getattr(row, name) for name in self.columns}
            changed = {name for name in self.columns if before[name] != after[name]}
            told = ({name: values[name] for name in changed} for values in (before, after))
            touch(batch, self.table, [(row.id, *told)])
        db.session.flush()

    def _unpaid(self, ids: Sequence[int]) -> set[int]:
        if not self.is_orders:
            return set()
        paid = select(Event.subject_id).where(
            Event.kind == Kind.ORDER_PAID, Event.subject_type == "orders", Event.subject_id.in_(ids)
        )
        theirs = select(Order.customer_id).where(Order.id.in_(ids))
        return set(ids) - set(db.session.scalars(paid.where(Event.customer_id.in_(theirs))))

    def _fact(self, batch: Batch, told: _Told, id: int, plan: Plan, stages: StagesThen) -> dict[str, Any]:
        name = {"order" if self.is_orders else "subscription": plan.draft.values["external_id"]}
        stage_id = stages.at(plan.customer_id, told.occurred_at)
        subject, details = (self.table.__tablename__, id), {**name, **told.details}
        at = told.occurred_at
        return fact(batch, told.kind, subject, plan.customer_id, at, stage_id=stage_id, details=details)


def _facts_of_order(stated: dict[str, Any]) -> list[_Told]:
    paid: dict[str, Any] = {
        name: stated[name] for name in ("product", "amount", "currency") if name in stated
    }
    facts = [_Told(Kind.ORDER_PAID, stated["placed_at"], paid)]
    if stated.get("refunded"):
        at = stated.get("refunded_at") or stated["placed_at"]
        back = {"amount": stated["refunded"], "currency": stated["currency"]}
        facts.append(_Told(Kind.ORDER_REFUNDED, at, back))
    return facts


def _facts_of_plan(stated: dict[str, Any]) -> list[_Told]:
    trial, paid = stated.get("trial_ends_at"), stated.get("paid_from")
    if trial is None and paid is None:
        paid = stated["started_at"]
    said = {name: stated[name] for name in _PLAN if name in stated}
    said |= as_json({name: stated[name] for name in ("renews_at", "trial_ends_at") if name in stated})
    facts = []
    if trial is not None:
        facts.append(_Told(Kind.TRIAL_STARTED, stated["started_at"], said))
    if paid is not None:
        begun = as_json({"started_at": stated["started_at"]})
        facts.append(_Told(Kind.SUBSCRIPTION_STARTED, paid, said | begun))
    elif trial is not None and trial <= now():
        facts.append(_Told(Kind.TRIAL_ENDED, trial, {}))
    if stated.get("ended_at"):
        facts.append(_Told(Kind.SUBSCRIPTION_ENDED, stated["ended_at"], {"plan": stated["plan"]}))
    return facts
