"""What rules may ask about trial, payment and use."""

from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

from flask_babel import lazy_gettext as _l

from helpdesk.core.predicates import Fields, Seen, Type
from helpdesk.lifecycle.facts import WINDOW, Facts
from helpdesk.lifecycle.fields import DAYS, UNKNOWN, since_newest, source, whole_days
from helpdesk.timeline import Kind

FIELDS: Fields[Facts] = Fields()

_PAYMENTS = (Kind.ORDER_PAID, Kind.SUBSCRIPTION_STARTED)


@FIELDS.field("trial_running", Type.FLAG, _l("Trial running"))
def _trial_running(facts: Facts) -> Seen:
    """A trial that has begun, is not over, and is not paid for."""
    if is_paid(facts):
        return Seen(False, first_payment(facts).sources)
    for plan in facts.subscriptions:
        if plan.trial_ends_at and plan.ended_at is None and plan.trial_ends_at > facts.at:
            return Seen(True, (source(plan, "subscriptions"),))
    newest = facts.told(Kind.TRIAL_STARTED, Kind.TRIAL_ENDED)[:1]
    if not newest or any(plan.trial_ends_at for plan in facts.subscriptions):
        return Seen(False, tuple(map(source, newest)))
    return Seen(newest[0].kind is Kind.TRIAL_STARTED, (source(newest[0]),))


@FIELDS.field("trial_ended_unpaid_days", Type.NUMBER, _l("Days since the trial ended unpaid"), DAYS)
def _trial_ended_unpaid_days(facts: Facts) -> Seen:
    if is_paid(facts) or _trial_running(facts).value:
        return UNKNOWN
    ended = [
        (min(plan.ended_at or plan.trial_ends_at, plan.trial_ends_at), source(plan, "subscriptions"))
        for plan in facts.subscriptions
        if plan.trial_ends_at
    ] + [(event.occurred_at, source(event)) for event in facts.told(Kind.TRIAL_ENDED)]
    if not ended:
        return UNKNOWN
    at, where = max(ended)
    return Seen(whole_days(at, facts.at), (where,))


@FIELDS.field("paid", Type.FLAG, _l("Has paid"))
def _paid(facts: Facts) -> Seen:
    return Seen(is_paid(facts), first_payment(facts).sources)


@FIELDS.field("days_since_first_payment", Type.NUMBER, _l("Days since the first payment"), DAYS)
def _days_since_first_payment(facts: Facts) -> Seen:
    first = first_payment(facts)
    if not isinstance(first.value, datetime):
        return UNKNOWN
    return Seen(whole_days(first.value, facts.at), first.sources)


@FIELDS.field("product_lines", Type.NUMBER, _l("Product lines bought"))
def _product_lines(facts: Facts) -> Seen:
    bought = {event.details.get("product"): event for event in facts.told(Kind.ORDER_PAID)}
    bought.pop(None, None)
    running = {plan.plan: plan for plan in facts.subscriptions if is_running(plan, facts.at)}
    sources = [source(e) for e in bought.values()] + [source(p, "subscriptions") for p in running.values()]
    return Seen(len({*bought, *running}), tuple(sources))


@FIELDS.field("payment_failed", Type.FLAG, _l("Payment failed"))
def _payment_failed(facts: Facts) -> Seen:
    """Until it is recovered, or something is paid."""
    newest = facts.told(Kind.PAYMENT_FAILED, Kind.PAYMENT_RECOVERED, Kind.ORDER_PAID)[:1]
    return Seen(bool(newest) and newest[0].kind is Kind.PAYMENT_FAILED, tuple(map(source, newest)))


@FIELDS.field("contracted_90d", Type.FLAG, _l("Pays less than 90 days ago"))
def _contracted_90d(facts: Facts) -> Seen:
    less = [
        event
        for event in facts.told(Kind.SUBSCRIPTION_CHANGED)
        if event.occurred_at > facts.at - timedelta(days=90)
        and (event.details.get("price") or 0) < (event.details.get("price_before") or 0)
    ]
    return Seen(bool(less), tuple(map(source, less)))


@FIELDS.field("days_to_renewal", Type.NUMBER, _l("Days to renewal"), DAYS)
def _days_to_renewal(facts: Facts) -> Seen:
    renewing = [p for p in facts.subscriptions if is_running(p, facts.at) and p.renews_at]
    if not renewing:
        return UNKNOWN
    soonest = min(renewing, key=lambda plan: plan.renews_at)
    return Seen(max(0, whole_days(facts.at, soonest.renews_at)), (source(soonest, "subscriptions"),))


@FIELDS.field("subscription_ended", Type.FLAG, _l("Subscription ended"))
def _subscription_ended(facts: Facts) -> Seen:
    """Something paid has ended, and nothing paid runs or was bought since."""
    changes = facts.told(*_PAYMENTS, Kind.SUBSCRIPTION_ENDED)[:1]
    if facts.subscriptions and is_paid(facts):
        newest = facts.subscriptions[0]
        runs = any(is_running(plan, facts.at) for plan in facts.subscriptions)
        ended = not runs and not (
            changes and changes[0].kind in _PAYMENTS and _is_after_end(changes[0], newest)
        )
        return Seen(ended, (source(newest, "subscriptions"), *map(source, changes)))
    return Seen(bool(changes) and changes[0].kind is Kind.SUBSCRIPTION_ENDED, tuple(map(source, changes)))


@FIELDS.field("order_silence", Type.NUMBER, _l("Time since the last order, in usual gaps"))
def _order_silence(facts: Facts) -> Seen:
    """Missing with a subscription, or with fewer than three orders."""
    orders = facts.told(Kind.ORDER_PAID)
    if facts.subscriptions or len(orders) < 3:
        return UNKNOWN
    gaps = [later.occurred_at - earlier.occurred_at for later, earlier in pairwise(orders)]
    usual = max(median(gaps), timedelta(days=1))
    return Seen((facts.at - orders[0].occurred_at) / usual, (source(orders[0]),))


@FIELDS.field("days_since_return", Type.NUMBER, _l("Days since they came back"), DAYS)
def _days_since_return(facts: Facts) -> Seen:
    """Since the first payment after a subscription had ended."""
    back = None
    for event in facts.told(*_PAYMENTS, Kind.SUBSCRIPTION_ENDED):
        if event.kind is Kind.SUBSCRIPTION_ENDED:
            return since_newest(facts, [back]) if back else UNKNOWN
        back = event
    return UNKNOWN


@FIELDS.field("value_reached", Type.FLAG, _l("First value reached"))
def _value_reached(facts: Facts) -> Seen:
    reached = facts.told(Kind.VALUE_REACHED)[-1:]
    return Seen(bool(reached), tuple(map(source, reached)))


@FIELDS.field("checklist_done", Type.FLAG, _l("Onboarding checklist done"))
def _checklist_done(facts: Facts) -> Seen:
    done = facts.told(Kind.CHECKLIST_DONE)[:1]
    return Seen(bool(done), tuple(map(source, done)))


@FIELDS.field("usage_share_of_plan", Type.NUMBER, _l("Usage of the plan"), "%")
def _usage_share_of_plan(facts: Facts) -> Seen:
    """Per cent of the paid seats in use; above 100 where more are used than paid."""
    for plan in facts.subscriptions:
        if is_running(plan, facts.at) and plan.seats:
            return Seen(round(100 * plan.seats_used / plan.seats), (source(plan, "subscriptions"),))
    return UNKNOWN


@FIELDS.field("active_days_28", Type.NUMBER, _l("Active days of 28"), DAYS)
def _active_days_28(facts: Facts) -> Seen:
    """Missing where nothing reports their use."""
    if not facts.usage:
        return UNKNOWN
    active = [day for day in facts.usage if is_active(day) and day.occurred_at > facts.at - WINDOW]
    return Seen(len(active), tuple(map(source, active[:1] or facts.usage[:1])))


@FIELDS.field("days_since_active", Type.NUMBER, _l("Days since they last used it or wrote"), DAYS)
def _days_since_active(facts: Facts) -> Seen:
    signs = [(day.occurred_at, source(day)) for day in facts.usage if is_active(day)][:1]
    signs += [(ticket.opened_at, source(ticket, "tickets")) for ticket in facts.tickets[:1]]
    signs += [(event.occurred_at, source(event)) for event in facts.told(Kind.TICKET_REPLIED)]
    if not signs:
        return UNKNOWN
    at, where = max(signs)
    return Seen(whole_days(at, facts.at), (where,))


def is_active(day: Any) -> bool:
    """Whether a report of a day's use says that somebody used it."""
    return bool(day.details.get("active_people", 1))


def is_running(plan: Any, at: datetime) -> bool:
    return plan.ended_at is None or plan.ended_at > at


def is_paid(facts: Facts) -> bool:
    return first_payment(facts).value is not None


def first_payment(facts: Facts) -> Seen:
    """The moment of the first payment."""
    paid = [
        (plan.paid_from, source(plan, "subscriptions"))
        for plan in facts.subscriptions
        if plan.paid_from and plan.paid_from <= facts.at
    ]
    paid += [(e.occurred_at, source(e)) for e in facts.told(*_PAYMENTS) if not e.details.get("trial")]
    if not paid:
        return UNKNOWN
    at, where = min(paid)
    return Seen(at, (where,))


def _is_after_end(payment: Any, plan: Any) -> bool:
    return plan.ended_at is not None and payment.occurred_at > plan.ended_at
