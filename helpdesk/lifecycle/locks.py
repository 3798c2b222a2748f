"""What keeps rules from moving a customer: a move by hand made lately, and a lock."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from helpdesk.accounts.models import Agent
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.customers.models import Customer
from helpdesk.lifecycle.models import Cause, StageLock, Stay
from helpdesk.timeline import Kind, record

# A move by hand is not undone by a rule for so long.
RESPECT_FOR = timedelta(days=30)
# Longer than any agreement with a customer; whoever wants more locks again.
LONGEST = timedelta(days=365)


class BadLock(ValueError):
    """It would end in the past, or later than a year from now."""


def last_day(until: datetime) -> datetime:
    """A moment of the last day of a lock, which holds up to the first moment of the next."""
    return until - timedelta(seconds=1)


def lock_of(customer_id: int) -> StageLock | None:
    """The lock that holds now."""
    holding = StageLock.customer_id == customer_id, StageLock.until > now()
    return db.session.scalar(select(StageLock).where(*holding))


def lock(customer: Customer, until: datetime, *, by: Agent, reason: str) -> StageLock:
    """Let rules leave the customer alone until then, whatever was said before. Raises `BadLock`."""
    at = now()
    if not at < until <= at + LONGEST:
        raise BadLock
    db.session.execute(delete(StageLock).where(StageLock.customer_id == customer.id))
    made = StageLock(customer_id=customer.id, until=until, agent_id=by.id, reason=reason, created_at=at)
    db.session.add(made)
    record(Kind.STAGE_LOCKED, customer, by=by, until=until.isoformat(), reason=reason)
    return made


def unlock(customer: Customer, *, by: Agent) -> None:
    """Let rules move the customer again from now on; without a lock nothing happens."""
    if lock_of(customer.id) is not None:
        db.session.execute(delete(StageLock).where(StageLock.customer_id == customer.id))
        record(Kind.STAGE_UNLOCKED, customer, by=by)


def is_held(customer: Customer) -> bool:
    """Whether rules keep their hands off: people moved the customer lately, or locked the stage."""
    if customer.stage_id is None:
        return False
    last = db.session.scalar(Stay.open_of(customer))
    if last is not None and last.cause is Cause.MANUAL and last.recorded_at > now() - RESPECT_FOR:
        return True
    return lock_of(customer.id) is not None
