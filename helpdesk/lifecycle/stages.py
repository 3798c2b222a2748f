"""What moves a customer along the stages: the start, the rules, and people."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from helpdesk.accounts.models import Agent
from helpdesk.core.clock import now
from helpdesk.core.db import Model, db
from helpdesk.core.jobs import task
from helpdesk.customers.models import Customer
from helpdesk.lifecycle import health, overlays
from helpdesk.lifecycle.facts import Facts
from helpdesk.lifecycle.models import Cause, RegressHold, Stage, Stay
from helpdesk.lifecycle.presets import ensure_default, stages_in_use
from helpdesk.lifecycle.rules import Proposal, judge
from helpdesk.timeline import Event, Kind, note_past, record

# A move by hand is not undone by a rule for so long; by its maker, it can be taken back for so long.
RESPECT_FOR = timedelta(days=30)
UNDO_FOR = timedelta(hours=24)
# The sweep asks for so many reviews at a time, each a transaction of its own.
BATCH = 200
BATCH_EVERY = timedelta(seconds=5)

# Facts that no rule of ours reads.
_UNHEARD = frozenset(
    {
        *(Kind.STAGE_ENTERED, Kind.OVERLAY_OPENED, Kind.OVERLAY_CLOSED, Kind.CUE_ANSWERED),
        *(Kind.SURVEY_INVITED, Kind.SURVEY_SKIPPED, Kind.LETTER_FAILED, Kind.LETTER_RETRIED),
        *(
            Kind.TICKET_TIED,
            Kind.TICKET_NOTED,
            Kind.TICKET_ASSIGNED,
            Kind.HELP_SEARCHED,
            Kind.ARTICLE_READ,
            Kind.ARTICLE_VOTED,
        ),
    }
)


class NothingToUndo(Exception):
    """The last move was not made by hand, or too long ago, or was the first."""


def start(customer: Customer, event: Event) -> None:
    """Let a new customer stand on the first stage at once."""
    if customer.stage_id is None:
        met = {"field": "first_contact", "op": "eq", "wanted": None, "seen": event.occurred_at.isoformat()}
        evidence = {"clauses": [{**met, "held": True, "sources": [f"events/{event.id}"]}]}
        enter(customer, ensure_default().stages[0], Cause.START, evidence=evidence)


def review_later(subject: Model, event: Event) -> None:
    """Ask for a review of the customer, once however much happens before it runs."""
    if event.kind not in _UNHEARD:
        review.later(key=str(event.customer_id), customer_id=event.customer_id)


@task
def review(customer_id: int, quiet: bool = False) -> None:
    """Let the rules look at one customer: health, what lies over the stage, then the stage.

    quiet: tell the timeline without any reaction, as history that came in late must.
    """
    locked = select(Customer).where(Customer.id == customer_id).with_for_update()
    customer = db.session.scalar(locked)
    if customer is None:
        return
    health.take(customer)
    overlays.review(customer, quiet=quiet)
    _review_stage(customer, quiet)


def propose(customer_id: int) -> Proposal | None:
    """The move that the rules ask for now, whoever may block it; None where they leave the customer be."""
    return judge(Facts(customer_id), stages_in_use()).proposal


def is_held(customer: Customer) -> bool:
    """Whether people moved the customer so lately that rules keep their hands off."""
    last = _open_stay(customer)
    return last is not None and last.cause is Cause.MANUAL and last.recorded_at > now() - RESPECT_FOR


def review_all() -> None:
    """Ask for a review of everyone: time alone makes some rules true."""
    review_batch.later(key="all", after_id=0)


@task
def review_batch(after_id: int) -> None:
    """Ask for the reviews of the next customers, then for the batch after them."""
    following = select(Customer.id).where(Customer.id > after_id).order_by(Customer.id).limit(BATCH)
    ids = db.session.scalars(following).all()
    for customer_id in ids:
        review.later(key=str(customer_id), customer_id=customer_id)
    if len(ids) == BATCH:
        review_batch.later(key="all", after=BATCH_EVERY, after_id=ids[-1])


def move(customer: Customer, stage: Stage, *, by: Agent, reason: str) -> Stay:
    """Put the customer on `stage` by hand; rules respect it for 30 days. Already there: nothing."""
    standing = _open_stay(customer)
    if standing is not None and standing.stage_id == stage.id:
        return standing
    return enter(customer, stage, Cause.MANUAL, by=by, reason=reason)


def is_undoable(stay: Stay) -> bool:
    """Whether the move that began `stay` can still be taken back."""
    is_open = stay.left_at is None
    return is_open and stay.cause is Cause.MANUAL and stay.recorded_at > now() - UNDO_FOR


def undo(customer: Customer, *, by: Agent) -> Stay:
    """Take back the last move, made by hand within 24 hours. Raises `NothingToUndo`.

    The stay goes, and the one before runs on; the timeline keeps both the move and its undoing.
    """
    mistaken = _open_stay(customer)
    if mistaken is None or not is_undoable(mistaken):
        raise NothingToUndo
    stays = list(db.session.scalars(Stay.of(customer)))
    if len(stays) < 2:
        raise NothingToUndo
    before = stays[-2]
    db.session.delete(mistaken)
    before.left_at = None
    customer.stage_id, customer.stage_since = before.stage_id, before.entered_at
    record(Kind.STAGE_ENTERED, before, by=by, stage=before.stage.key, undone=mistaken.stage.key)
    return before


def enter(
    customer: Customer,
    stage: Stage,
    cause: Cause,
    *,
    by: Agent | None = None,
    reason: str = "",
    evidence: dict[str, Any] | None = None,
    quiet: bool = False,
) -> Stay:
    """End the present stay, begin one on `stage`, and tell the timeline."""
    at, before = now(), _open_stay(customer)
    if before is not None:
        before.left_at = at
    stay = Stay(customer=customer, stage=stage, entered_at=at, cause=cause, evidence=evidence or {})
    stay.agent, stay.reason = by, reason
    db.session.add(stay)
    customer.stage_id, customer.stage_since = stage.id, at
    left = before.stage.key if before else None
    told: dict[str, Any] = {"stage": stage.key, "before": left, "cause": cause.value, "reason": reason}
    if quiet:
        note_past(Kind.STAGE_ENTERED, stay, at=at, by=by, **told)
    else:
        record(Kind.STAGE_ENTERED, stay, by=by, **told)
    return stay


def _review_stage(customer: Customer, quiet: bool) -> None:
    stages = ensure_default().stages
    if customer.stage_id is None:
        enter(customer, stages[0], Cause.START, quiet=quiet)
    verdict = judge(Facts(customer.id), stages)
    _keep_holds(customer, verdict.holding)
    wanted = verdict.proposal
    if wanted is not None and not is_held(customer):
        enter(customer, wanted.stage, Cause.RULE, evidence=wanted.trace.evidence(), quiet=quiet)


def _keep_holds(customer: Customer, holding: set[str]) -> None:
    ours = RegressHold.customer_id == customer.id
    known = set(db.session.scalars(select(RegressHold.rule).where(ours)))
    if known - holding:
        db.session.execute(delete(RegressHold).where(ours, RegressHold.rule.in_(known - holding)))
    db.session.add_all(RegressHold(customer_id=customer.id, rule=rule) for rule in holding - known)


def _open_stay(customer: Customer) -> Stay | None:
    return db.session.scalar(select(Stay).where(Stay.customer_id == customer.id, Stay.left_at.is_(None)))
