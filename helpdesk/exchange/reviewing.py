"""Whom an import concerns is reviewed once each, quietly: some customers in each job."""

import logging
from collections.abc import Sequence

from sqlalchemy import select, union

from helpdesk.core.db import db
from helpdesk.core.jobs import task
from helpdesk.exchange.models import Batch, Touched
from helpdesk.lifecycle import stages
from helpdesk.timeline import Event

log = logging.getLogger(__name__)

# Reviews of one transaction: others write between two of them.
AT_ONCE = 100


def concerned(batch: Batch, after_id: int) -> Sequence[int]:
    """The next customers whom its lines made, changed, or told something of."""
    told = select(Event.customer_id.label("id")).where(
        Event.customer_id > after_id,
        Event.id > batch.reading["events_after"],
        Event.source == batch.source,
    )
    changed = select(Touched.subject_id).where(
        Touched.batch_id == batch.id, Touched.subject_type == "customers", Touched.subject_id > after_id
    )
    both = union(told, changed).subquery()
    return db.session.scalars(select(both.c.id).order_by(both.c.id).limit(AT_ONCE)).all()


@task
def review_touched(batch_id: int, after_id: int) -> None:
    """Review the next customers of the batch, then ask for those after them."""
    batch = db.session.get(Batch, batch_id)
    if batch is None:
        return
    ids = concerned(batch, after_id)
    _review(ids)
    # What compares names and numbers is costly to load, and only a worker compares.
    from helpdesk.customers import alike  # noqa: PLC0415

    alike.examine(ids)
    if len(ids) == AT_ONCE:
        review_touched.later(key=str(batch_id), batch_id=batch_id, after_id=ids[-1])


def _review(customer_ids: Sequence[int]) -> None:
    """All at once; where that fails, one by one: a broken rule stops no other customer's review."""
    try:
        with db.session.begin_nested():
            stages.review_now(customer_ids, quiet=True)
    except Exception:
        log.exception("customers %s to %s: reviewed one by one", customer_ids[0], customer_ids[-1])
        for id in customer_ids:
            stages.review.later(key=f"{id}:quiet", customer_id=id, quiet=True)
