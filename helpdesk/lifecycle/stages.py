"""What moves a customer along the stages: the start, the rules, and people."""

import logging
from collections.abc import Sequence, Set
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from helpdesk.accounts.models import Agent
from helpdesk.core.clock import now
from helpdesk.core.db import Model, db
from helpdesk.core.jobs import task
from helpdesk.customers.models import Customer
from helpdesk.lifecycle import health, locks, overlays, replaying, rules, snapshots
from helpdesk.lifecycle.facts import Facts
from helpdesk.lifecycle.models import Cause, RegressHold, Stage, Stay
from helpdesk.lifecycle.news import News
from helpdesk.lifecycle.presets import ensure_default, stages_in_use
from helpdesk.lifecycle.reasons import MOVING, OTHER, check
from helpdesk.lifecycle.rules import Proposal, judge
from helpdesk.timeline import Event, Kind, record

log = logging.getLogger(__name__)

# By its maker, a move by hand can be taken back for so long.
UNDO_FOR = timedelta(hours=24)
# The sweep reviews so many at a time, each batch a transaction: nobody waits for it long.
BATCH = 100

# Facts that no rule of ours reads.
_UNHEARD = frozenset(
    {
        *(Kind.STAGE_LOCKED, Kind.STAGE_UNLOCKED, Kind.MOVE_DECLINED),
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
    review_now([customer_id], quiet=quiet)


@task
def look_again(customer_id: int) -> None:
    """Some of what was told late was taken back: let the rules see the past without it."""
    replaying.replay(replaying.since_first_replay(customer_id))
    review_now([customer_id], quiet=True)


def review_now(customer_ids: Sequence[int], *, quiet: bool = False) -> None:
    """Let the rules look at these customers; who does not exist, or is in another, is left out.

    What came in late since the last review changes their past first, and quietly. Then, as of now, it goes
    step by step for all of them, so that what each step writes has its number before the next.
    """
    ours = select(Customer).where(Customer.id.in_(customer_ids), Customer.merged_into_id.is_(None))
    customers = db.session.scalars(ours.order_by(Customer.id).with_for_update()).all()
    replaying.replay(replaying.late([customer.id for customer in customers]))
    facts, stages = Facts.of_many([customer.id for customer in customers]), ensure_default().stages
    health.keep([changed for each in facts.values() if (changed := health.take(each))])
    news = [told for each in customers for told in _look_over(each, facts[each.id])]
    moves = [_place(each, facts[each.id], stages) for each in customers]
    db.session.flush()
    for told in (*news, *filter(None, moves)):
        told.tell(quiet=quiet)
    snapshots.keep(list(facts.values()))


def propose(customer_id: int) -> Proposal | None:
    """The move that the rules ask for now, whoever may block it; None where they leave the customer be."""
    return judge(Facts(customer_id), stages_in_use()).proposal


def review_all(*, quiet: bool = False) -> None:
    """Ask for a review of everyone: time alone makes some rules true."""
    review_batch.later(key=f"all:{quiet}", after_id=0, quiet=quiet)


@task
def review_batch(after_id: int, quiet: bool = False) -> None:
    """Review the next customers, and ask for the batch after them."""
    following = select(Customer.id).where(Customer.id > after_id).order_by(Customer.id).limit(BATCH)
    ids = db.session.scalars(following).all()
    try:
        review_now(ids, quiet=quiet)
    except Exception:
        # Whoever it was must not keep the others from it.
        db.session.rollback()
        log.exception("customers %s to %s: reviewed one by one", ids[0], ids[-1])
        for customer_id in ids:
            review.later(key=str(customer_id), customer_id=customer_id, quiet=quiet)
    if len(ids) == BATCH:
        review_batch.later(key=f"all:{quiet}", after_id=ids[-1], quiet=quiet)


def move(customer: Customer, stage: Stage, *, by: Agent, reason: str = "", code: str = OTHER) -> Stay:
    """Put the customer on `stage` by hand; rules respect it for 30 days. Already there: nothing.

    code: why, as one of `reasons.MOVING`. Raises `Unexplained`.
    """
    check(code, reason, MOVING)
    standing = db.session.scalar(Stay.open_of(customer))
    if standing is not None and standing.stage_id == stage.id:
        return standing
    return enter(customer, stage, Cause.MANUAL, by=by, reason=reason, code=code)


def is_undoable(stay: Stay) -> bool:
    """Whether the move that began `stay` can still be taken back."""
    is_open = stay.left_at is None
    return is_open and stay.cause is Cause.MANUAL and stay.recorded_at > now() - UNDO_FOR


def undo(customer: Customer, *, by: Agent) -> Stay:
    """Take back the last move, made by hand within 24 hours. Raises `NothingToUndo`.

    The one before runs on; the stay is kept as what was known, and the timeline tells both.
    """
    mistaken = db.session.scalar(Stay.open_of(customer))
    if mistaken is None or not is_undoable(mistaken):
        raise NothingToUndo
    stays = list(db.session.scalars(Stay.of(customer)))
    if len(stays) < 2:
        raise NothingToUndo
    before = stays[-2]
    mistaken.supersede()
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
    code: str = "",
    evidence: dict[str, Any] | None = None,
) -> Stay:
    """End the present stay, begin one on `stage`, and tell the timeline."""
    stay, news = _begin(customer, stage, cause, by=by, reason=reason, evidence=evidence)
    stay.reason_code = code
    news.tell()
    return stay


def _begin(
    customer: Customer,
    stage: Stage,
    cause: Cause,
    *,
    by: Agent | None = None,
    reason: str = "",
    evidence: dict[str, Any] | None = None,
) -> tuple[Stay, News]:
    at, before = now(), db.session.scalar(Stay.open_of(customer)) if customer.stage_id else None
    if before is not None:
        before.left_at = at
    stay = Stay(customer=customer, stage=stage, entered_at=at, cause=cause, evidence=evidence or {})
    stay.agent, stay.reason = by, reason
    db.session.add(stay)
    customer.stage_id, customer.stage_since = stage.id, at
    left = before.stage.key if before else None
    told = {"stage": stage.key, "before": left, "cause": cause.value, "reason": reason}
    return stay, News(Kind.STAGE_ENTERED, stay, told, by)


def _look_over(customer: Customer, facts: Facts) -> list[News]:
    news = overlays.review(customer, facts)
    if news:
        db.session.flush()
        facts.look_again_over()
    return news


def _place(customer: Customer, facts: Facts, stages: list[Stage]) -> News | None:
    """Where the rules would have the customer, unless people moved them lately; a stranger stands first."""
    verdict = judge(facts, stages)
    _keep_holds(facts, verdict.holding.keys())
    wanted = verdict.proposal
    if wanted is not None and not locks.is_held(customer):
        evidence = rules.evidence(wanted)
        stay, news = _begin(customer, wanted.stage, Cause.RULE, evidence=evidence)
    elif customer.stage_id is None:
        stay, news = _begin(customer, stages[0], Cause.START)
    else:
        return None
    facts.stand_on(stay.stage, stay.entered_at)
    return news


def _keep_holds(facts: Facts, holding: Set[str]) -> None:
    known = set(facts.held_since)
    if known - holding:
        ours = RegressHold.customer_id == facts.customer_id
        db.session.execute(delete(RegressHold).where(ours, RegressHold.rule.in_(known - holding)))
    db.session.add_all(RegressHold(customer_id=facts.customer_id, rule=rule) for rule in holding - known)
