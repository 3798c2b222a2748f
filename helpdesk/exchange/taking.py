"""Taking a file that was looked through: chunk by chunk, each in a transaction that counts it."""

import logging
from collections import Counter
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from helpdesk.core import live
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.exchange.drafts import Draft
from helpdesk.exchange.faults import N_, Fault
from helpdesk.exchange.looking import CHUNK, MOST_KEPT, hand_of, look, prepared
from helpdesk.exchange.models import Batch, Progress
from helpdesk.exchange.plans import Plan
from helpdesk.exchange.reviewing import review_touched
from helpdesk.timeline import Event

log = logging.getLogger(__name__)

_OUTCOMES = ("created", "updated", "skipped", "quarantined", "refused")


def begin(batch: Batch, *, keeps_good: bool) -> None:
    """Let the batch be taken from its first line on; `step` does it."""
    batch.progress, batch.keeps_good, batch.taken = Progress.TAKING, keeps_good, 0
    # Its events are all newer than this, so that they are found again without an index of their own.
    last = db.session.scalar(select(func.max(Event.id))) or 0
    batch.reading = {**batch.reading, "at": 0, "events_after": last}
    refused = batch.result["counts"].get("refused", 0)
    batch.result = {**batch.result, "done": {"refused": refused}}


def step(batch: Batch) -> bool:
    """Take the next lines, and say whether there are more. The caller commits each time.

    Where a line cannot be taken any more, nothing of the file stays, unless the good ones were asked for.
    """
    drafts, at = _next(batch)
    if not drafts:
        finish(batch)
        return False
    hand = hand_of(batch.what)
    try:
        with db.session.begin_nested():
            plans = hand.plan(drafts)
            if not _are_fine(batch, plans):
                return False
            hand.write([plan for plan in plans if plan.fault is None], batch)
    except SQLAlchemyError:
        log.exception("import %s failed after line %s", batch.id, drafts[0].line)
        _take_back(batch, [Fault(drafts[0].line, "", N_("The lines from here on could not be written."))])
        return False
    _count(batch, plans)
    batch.taken += len(drafts)
    batch.reading = {**batch.reading, "at": at}
    live.announce(batch.topic)
    return True


def finish(batch: Batch) -> None:
    """All is taken: whom it concerns is reviewed, without a word to anybody."""
    batch.progress, batch.finished_at = Progress.DONE, now()
    review_touched.later(key=str(batch.id), batch_id=batch.id, after_id=0)
    live.announce(batch.topic)


def _next(batch: Batch) -> tuple[list[Draft], int]:
    """The next lines that are laid ready, and where those after them begin."""
    path = prepared(batch)
    if not path.exists() and batch.file is not None:
        # Made anew on a machine that did not make it; the same file gives the same lines.
        look(batch, batch.file.path)
    drafts: list[Draft] = []
    with path.open("rb") as ready:
        ready.seek(batch.reading["at"])
        while len(drafts) < CHUNK and (line := ready.readline()):
            drafts.append(Draft.of_json(line.decode()))
        return drafts, ready.tell()


def _are_fine(batch: Batch, plans: list[Plan]) -> bool:
    """Whether the lines can be taken as they stand now; others may have written since they were looked up."""
    faults = [Fault.of(plan.draft.line, plan.fault) for plan in plans if plan.fault is not None]
    if faults and not batch.keeps_good:
        _take_back(batch, faults)
        return False
    if faults:
        kept = [*batch.result["faults"], *(fault.kept for fault in faults)]
        batch.result = {**batch.result, "faults": kept[:MOST_KEPT]}
    return True


def _take_back(batch: Batch, faults: list[Fault]) -> None:
    batch.progress = Progress.UNDOING
    told = {"faults": [fault.kept for fault in faults[:MOST_KEPT]], "has_failed": True}
    batch.result = {**batch.result, **told}
    live.announce(batch.topic)


def _count(batch: Batch, plans: list[Plan]) -> None:
    done = Counter(batch.result["done"])
    done.update(plan.outcome.value for plan in plans)
    batch.result = {**batch.result, "done": dict(done)}


def outcome_counts(counts: dict[str, Any]) -> dict[str, int]:
    """How many lines came to what."""
    return {name: counts.get(name, 0) for name in _OUTCOMES}
