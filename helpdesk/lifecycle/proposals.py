"""A move that the rules ask for and that people's own decision holds back: shown, accepted, or declined."""

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from helpdesk.accounts.models import Agent
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.customers.models import Customer
from helpdesk.lifecycle import locks, rules, stages
from helpdesk.lifecycle.models import Cause, Stage
from helpdesk.lifecycle.rules import Proposal
from helpdesk.lifecycle.wording import Fact, told
from helpdesk.timeline import Event, Kind, record

# A declined proposal is silent for so long, while it rests on the same.
SILENT_FOR = timedelta(days=30)


@dataclass(frozen=True)
class Proposed:
    """A proposal as an agent reads it."""

    stage: Stage
    why: tuple[Fact, ...]


class NothingProposed(LookupError):
    """The rules do not ask for this move (any more)."""


def proposed(customer: Customer) -> Proposed | None:
    """What is to be shown; None where nothing is held back, or the same was declined lately."""
    wanted = stages.propose(customer.id)
    if wanted is None or not locks.is_held(customer) or _was_declined(customer, wanted):
        return None
    held = [answer for answer in wanted.trace.answers if answer.held]
    return Proposed(wanted.stage, tuple(told(answer, customer.id) for answer in held))


def accept(customer: Customer, stage: str, *, by: Agent) -> None:
    """Move the customer as the rules ask, in the agent's name. Raises `NothingProposed`."""
    wanted = _wanted(customer, stage)
    held = rules.evidence(wanted)
    stages.enter(customer, wanted.stage, Cause.MANUAL, by=by, code="accepted", evidence=held)


def decline(customer: Customer, stage: str, *, by: Agent, reason: str = "") -> None:
    """Show it no more until its evidence changes, or for 30 days. Raises `NothingProposed`."""
    evidence = _evidence(_wanted(customer, stage))
    record(Kind.MOVE_DECLINED, customer, by=by, stage=stage, evidence=evidence, reason=reason)


def _wanted(customer: Customer, stage: str) -> Proposal:
    wanted = stages.propose(customer.id)
    if wanted is None or wanted.stage.key != stage:
        raise NothingProposed
    return wanted


def _was_declined(customer: Customer, wanted: Proposal) -> bool:
    declined = select(Event.details).where(
        Event.customer_id == customer.id,
        Event.kind == Kind.MOVE_DECLINED,
        Event.occurred_at > now() - SILENT_FOR,
    )
    same = {"stage": wanted.stage.key, "evidence": _evidence(wanted)}
    return any(same.items() <= details.items() for details in db.session.scalars(declined))


def _evidence(wanted: Proposal) -> str:
    """What the proposal rests on, in short: the rows, not the days that pass over them."""
    held = [answer for answer in wanted.trace.answers if answer.held]
    rests_on = sorted((answer.clause.field, answer.clause.op, sorted(answer.seen.sources)) for answer in held)
    return hashlib.sha256(json.dumps(rests_on).encode()).hexdigest()[:16]
