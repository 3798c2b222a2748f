"""A customer's course anew: from one moment on, rules are asked at each fact, and whenever time alone counts.

Pure: nothing is written. What people decided stands as it was; `replaying.py` writes what the walk found.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from helpdesk.core.predicates import Trace
from helpdesk.lifecycle import health, overlays, rules
from helpdesk.lifecycle.bygone import Bygone, lies, over, placed
from helpdesk.lifecycle.decided import counterpart, locks
from helpdesk.lifecycle.facts import SIZES, Facts
from helpdesk.lifecycle.flipping import day_after, flips
from helpdesk.lifecycle.locks import RESPECT_FOR
from helpdesk.lifecycle.models import Cause, OverlayKind, Stage, StageSet, Stay
from helpdesk.lifecycle.moments import moments

# A customer with more to look at is looked at no more often.
MOST_LOOKS = 400
# Conditions of steps back are watched from so long before, for they may have held already.
WARM_FOR = timedelta(days=30)
# What rules did and people did not.
BY_ITSELF = frozenset({Cause.RULE, Cause.START, Cause.IMPORT})


@dataclass
class Step:
    """One stay of the new course; `row` is the stay that already says so."""

    stage: Stage
    entered_at: datetime
    cause: Cause
    evidence: dict[str, Any] = field(default_factory=dict)
    row: Stay | None = None


@dataclass
class Lain:
    """One overlay that rules lay over the new course."""

    kind: OverlayKind
    opened_at: datetime
    evidence: dict[str, Any]
    closed_at: datetime | None = None
    row: Any = None
    id: int = 0
    reason: str = ""


class Then(Facts):
    """A customer at a moment of the walk."""

    def __init__(self, walk: "Walk", at: datetime) -> None:
        self.customer_id, self.at = walk.known.customer.id, at
        self._read_before = walk.known.rows(at, SIZES)
        self.customer = placed(walk.known.customer, *walk.standing)
        self.customer.__dict__.update(walk.health)
        self.held_since, self.seen = walk.holds, {}
        self.traces: list[Trace] = []
        self._mood = walk.mood

    @property
    def usual_mood(self) -> float:  # type: ignore[override]
        return self._mood(self.at)

    def hear(self, trace: Trace) -> None:
        self.traces.append(trace)


class Walk:
    """The course of `known` from `since` up to `until`; `keeps` finds the stay that a step already has."""

    def __init__(
        self,
        known: Bygone,
        since: datetime,
        until: datetime,
        *,
        sets: Sequence[StageSet],
        mood: Callable[[datetime], float],
        keeps: Callable[[Step], Stay | None],
    ) -> None:
        self.known, self.since, self.until, self.sets = known, since, until, sets
        self.mood, self._keeps = mood, keeps
        before = [stay for stay in known.stays if stay.entered_at < since]
        self.warm_from = since - WARM_FOR if before else since
        self._fixed = [s for s in known.stays if s.entered_at < since or s.cause not in BY_ITSELF]
        self.steps: list[Step] = []
        self.lain = [
            Lain(o.kind, o.opened_at, o.evidence, row=o, id=o.id)
            for o in known.overlays
            if o.cause is Cause.RULE and o.opened_at < since and (o.closed_at is None or o.closed_at > since)
        ]
        self._by_hand = [each for each in known.overlays if each.cause is not Cause.RULE]
        known.readings = [reading for reading in known.readings if reading.at < since]
        self.readings: list[Any] = []
        self.health: dict[str, Any] = {}
        if known.readings:
            self.health = {"health": known.readings[-1].score, "health_coverage": known.readings[-1].coverage}
        self.holds: dict[str, datetime] = {}
        self._holding_until: list[datetime] = []
        self._locks = locks(known.events)

    @property
    def standing(self) -> tuple[Stage | None, datetime | None]:
        return (self.steps[-1].stage, self.steps[-1].entered_at) if self.steps else (None, None)

    def run(self) -> "Walk":
        """Go. `steps` then begins with where the customer stood before."""
        facts = sorted(moments(self.known, self.warm_from, self.until), reverse=True)
        at: datetime | None = facts[-1]
        looks = 0
        while at is not None and looks < MOST_LOOKS:
            while facts and facts[-1] <= at:
                facts.pop()
            # Each look asks anew when time alone could count: what earlier ones said of that is void.
            ahead = [flip for flip in self._look(at) if at < flip <= self.until]
            at, looks = min([*ahead, *facts[-1:]], default=None), looks + 1
        return self

    def _look(self, at: datetime) -> list[datetime]:
        """Ask the rules as of `at`; the moments at which they may say something else."""
        self._decided_by_people(at)
        facts, is_warming = Then(self, at), at < self.since
        facts.overlays = [over(each) for each in self._lying(at, is_warming)]
        if not is_warming:
            self._weigh(facts)
            if self._lay_over(facts):
                facts.overlays = [over(each) for each in self._lying(at, is_warming)]
        self._place(facts, is_warming)
        answers = [answer for trace in facts.traces for answer in trace.answers]
        ahead = [moment for answer in answers if (moment := flips(answer, facts))]
        return [*ahead, *self._holding_until]

    def _decided_by_people(self, at: datetime) -> None:
        while self._fixed and self._fixed[0].entered_at <= at:
            stay = self._fixed.pop(0)
            self.steps.append(self._mapped(stay))

    def _mapped(self, stay: Stay) -> Step:
        """The stay as it was; where the team changed its set, from wherever the customer now stood."""
        step = Step(stay.stage, stay.entered_at, stay.cause, stay.evidence, row=stay)
        if stay.cause is Cause.MAPPING and self.steps and stay.entered_at >= self.since:
            stage = counterpart(self.steps[-1].stage, stay.stage.set)
            if stage.id != stay.stage_id:
                step = Step(stage, stay.entered_at, stay.cause)
        return step

    def _lying(self, at: datetime, is_warming: bool) -> list[Any]:
        if is_warming:
            return [each for each in self.known.overlays if lies(each, at)]
        by_hand = [each for each in self._by_hand if lies(each, at)]
        return [*by_hand, *(each for each in self.lain if each.closed_at is None)]

    def _weigh(self, facts: Then) -> None:
        self.health, reading = health.measure(facts)
        facts.customer.__dict__.update(self.health)
        if reading is not None:
            self.readings.append(reading)
            self.known.readings.append(reading)

    def _lay_over(self, facts: Then) -> bool:
        by_hand = {each.kind for each in self._by_hand if lies(each, facts.at)}
        changes = [(kind, trace) for kind, trace in overlays.asked(facts) if kind not in by_hand]
        for kind, trace in changes:
            lying = next((each for each in self.lain if each.kind is kind and each.closed_at is None), None)
            if lying is not None:
                lying.closed_at = facts.at
            else:
                self.lain.append(Lain(kind, facts.at, trace.evidence()))
        return bool(changes)

    def _place(self, facts: Then, is_warming: bool) -> None:
        stages = self._set_at(facts.at).stages
        verdict = rules.judge(facts, stages)
        since = self.holds
        self.holds = {rule: since.get(rule, facts.at) for rule in verdict.holding}
        self._holding_until = [day_after(self.holds[rule] + long) for rule, long in verdict.holding.items()]
        if is_warming or self._is_held(facts.at):
            return
        wanted = verdict.proposal
        if wanted is not None:
            self._enter(Step(wanted.stage, facts.at, Cause.RULE, rules.evidence(wanted)))
        elif not self.steps:
            self._enter(Step(stages[0], facts.at, Cause.START, rules.first_contact(facts)))

    def _enter(self, step: Step) -> None:
        step.row = self._keeps(step)
        if step.row is not None:
            step.entered_at, step.evidence = step.row.entered_at, step.row.evidence
        self.steps.append(step)

    def _is_held(self, at: datetime) -> bool:
        row = self.steps[-1].row if self.steps else None
        if row is not None and row.cause is Cause.MANUAL and row.recorded_at > at - RESPECT_FOR:
            return True
        return any(begun <= at < ended for begun, ended in self._locks)

    def _set_at(self, at: datetime) -> StageSet:
        """The set in use then: that of the last change, else the first of all."""
        if self.steps and self.steps[-1].stage.set_id != self.sets[-1].id:
            return self.steps[-1].stage.set
        begun = [each for each in self.sets if each.published_at is None or each.published_at <= at]
        return begun[-1] if begun else self.sets[0]
