"""Looking a file through: every line is checked and compared before anything is written."""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from flask import current_app

from helpdesk.core.db import db, reading
from helpdesk.exchange.customer_lines import CustomerLines
from helpdesk.exchange.dealing_lines import DealingLines
from helpdesk.exchange.drafts import Draft, Drafter, told_of_currency
from helpdesk.exchange.event_lines import EventLines
from helpdesk.exchange.faults import N_, Fault, Refused
from helpdesk.exchange.models import Batch, What
from helpdesk.exchange.plans import Hand, Outcome, Plan
from helpdesk.exchange.reading import lines

# Lines that are looked up together; also those of one transaction when they are taken.
CHUNK = 400
# Of faults and of warnings, so many are kept by line; all are counted.
MOST_KEPT = 1000
MOST_SAMPLES = 10

Sign = Callable[[int, int], None]


def hand_of(what: What) -> Hand:
    """Whoever takes lines of this kind."""
    if what is What.CUSTOMERS:
        return CustomerLines()
    return EventLines() if what is What.EVENTS else DealingLines(what)


def prepared(batch: Batch) -> Path:
    """Where the checked lines of a batch wait to be taken."""
    return Path(current_app.config["HELPDESK_HOME"]) / "imports" / f"{batch.id}.jsonl"


def look(batch: Batch, path: Path, sign: Sign = lambda _at, _of: None) -> dict[str, Any]:
    """What taking the file would do: counts, faults, warnings, samples; the good lines are laid ready.

    Nothing of the customers is read for longer than a chunk takes, and nothing is written but that file.
    """
    found = _Found(batch)
    target = prepared(batch)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    told, what, size = batch.reading, batch.what, path.stat().st_size
    # What was read so far is over: from here on each chunk reads for itself.
    db.session.rollback()
    try:
        with reading(), part.open("w", encoding="utf-8") as ready:
            drafter = Drafter(what, told["columns"])
            found.miss(drafter.missing())
            found.pass_over([name for name, ours in told["columns"].items() if name and not ours])
            checked = _checked(lines(path, told), drafter, found, lambda at: sign(at, size))
            while not found.is_hopeless and (chunk := list(islice(checked, CHUNK))):
                _look_up(hand_of(what), chunk, found, ready)
            os.fsync(ready.fileno())
    except Refused as refused:
        found.fail(Fault.of(0, refused))
    part.replace(target)
    return found.result


class _Found:
    """What is known so far of a file."""

    def __init__(self, batch: Batch) -> None:
        self.counts: Counter[str] = Counter()
        self.faults: list[dict[str, Any]] = []
        self.warnings: list[dict[str, Any]] = []
        self.samples: list[dict[str, Any]] = []
        self.is_hopeless = False
        # The line of each name that stood in the file, to find it twice.
        self.names: dict[int, int] = {}
        self.currencies: dict[tuple[str, str], str] = {}

    def fail(self, fault: Fault) -> None:
        self.counts["faults"] += 1
        if len(self.faults) < MOST_KEPT:
            self.faults.append(fault.kept)

    def warn(self, fault: Fault) -> None:
        self.counts["warnings"] += 1
        if len(self.warnings) < MOST_KEPT:
            self.warnings.append(fault.kept)

    def miss(self, names: Sequence[str]) -> None:
        for name in names:
            self.is_hopeless = True
            self.fail(Fault(1, name, N_("The file has no column for this.")))

    def pass_over(self, names: Sequence[str]) -> None:
        for name in names:
            self.warn(Fault(1, name, N_("This column is not taken.")))

    @property
    def result(self) -> dict[str, Any]:
        lists = {"faults": self.faults, "warnings": self.warnings, "samples": self.samples}
        return {**lists, "counts": dict(self.counts)}


def _checked(
    source: Iterator[Any], drafter: Drafter, found: _Found, sign: Callable[[int], None]
) -> Iterator[Draft]:
    """The lines without fault, none of them twice."""
    for line in source:
        found.counts["lines"] += 1
        sign(line.at)
        draft = drafter.draft(line)
        if not draft.faults:
            _refuse_twins(draft, found)
        if draft.faults:
            found.counts["refused"] += 1
            for fault in draft.faults:
                found.fail(fault)
            continue
        if (warning := told_of_currency(draft, found.currencies)) is not None:
            found.warn(warning)
        yield draft


def _refuse_twins(draft: Draft, found: _Found) -> None:
    """Two lines of one file must not speak of the same row."""
    for name in ("external_id", "idempotency_key", "email"):
        if name in draft.values:
            first = found.names.setdefault(hash((name, draft.values[name])), draft.line)
            if first != draft.line:
                words = N_("The same stands in line %(line)s already.")
                draft.faults.append(Fault(draft.line, name, words, {"line": first}))
                return


def _look_up(hand: Hand, drafts: list[Draft], found: _Found, ready: TextIO) -> None:
    for plan in hand.plan(drafts):
        _count(plan, found)
        if plan.fault is None:
            ready.write(plan.draft.as_json + "\n")
    # The next chunk reads what stands by then, and no snapshot grows old.
    db.session.rollback()


def _count(plan: Plan, found: _Found) -> None:
    found.counts[plan.outcome.value] += 1
    if plan.fault is not None:
        found.fail(Fault.of(plan.draft.line, plan.fault))
    elif plan.outcome is not Outcome.SKIPPED and len(found.samples) < MOST_SAMPLES:
        values = {name: _short(value) for name, value in plan.draft.values.items() if name != "payload"}
        found.samples.append({"line": plan.draft.line, "outcome": plan.outcome.value, "values": values})


def _short(value: Any) -> str:
    """A value as a sample shows it."""
    if isinstance(value, dict):
        return ", ".join(f"{name}: {each}" for name, each in value.items())[:100]
    return (", ".join(value) if isinstance(value, list) else str(value))[:100]
