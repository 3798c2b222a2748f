"""What an agent might do now: at most one cue, with its reasons, or silence, with its reason."""

import enum
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from helpdesk.accounts.models import Agent
from helpdesk.core.db import db
from helpdesk.core.predicates import Answer, Clause, Group, Predicate, Seen, evaluate
from helpdesk.core.rule_parsing import parse
from helpdesk.lifecycle.models import CueAnswer
from helpdesk.lifecycle.situation import CATALOGUE, Situation
from helpdesk.tickets.models import Ticket
from helpdesk.timeline import Kind, record

# What is told is not told again so soon, and a kind that was declined stays away longer.
TOLD_FOR, LATER_FOR, DECLINED_FOR = timedelta(days=30), timedelta(days=7), timedelta(days=90)
SELLING = frozenset({"upsell", "cross-sell", "advocate"})
PRECEDENCE = ("save", "recover", "onboard", "renew", "adopt", "upsell", "cross-sell", "advocate")
# So many proposals to one customer within a week are enough.
MOST_CONTACTS = 2
ANSWERS = ("told", "later", "unfit")


class Reason(enum.Enum):
    """Why nothing is sold now; in the order in which they are told."""

    TROUBLE = "trouble"
    LATE_OR_REOPENED = "late_or_reopened"
    BAD_ANSWER = "bad_answer"
    AT_RISK = "at_risk"
    INCIDENT = "incident"
    NO_SELL = "no_sell"
    DECLINED = "declined"
    NEEDS_CARE = "needs_care"
    CONTACT_CAP = "contact_cap"
    NO_CONSENT = "no_consent"
    # Nothing speaks against it, and nothing for it.
    NOTHING = "nothing"


@dataclass(frozen=True)
class Cue:
    """One thing to do, as `cues.toml` says it."""

    key: str
    kind: str
    what_ja: str
    what_en: str
    say_ja: str
    say_en: str
    evidence: tuple[str, ...]
    rule: Predicate
    # Places of the common scale; empty is everywhere.
    anchors: frozenset[str] = frozenset()
    # Whether it would send something by itself: that needs a recorded consent.
    sends: bool = False

    @property
    def is_selling(self) -> bool:
        return self.kind in SELLING

    def what(self, language: str) -> str:
        return self.what_ja if language == "ja" else self.what_en

    def say(self, language: str) -> str:
        return self.say_ja if language == "ja" else self.say_en


@dataclass(frozen=True)
class Silent:
    """Nothing to propose now, and why; the clauses are what was seen."""

    reason: Reason
    evidence: tuple[Answer, ...] = ()


@dataclass(frozen=True)
class Shown:
    """The one cue for now. held_back: why nothing is sold besides, or None. others: what else would fit."""

    cue: Cue
    evidence: tuple[Answer, ...]
    held_back: Silent | None = None
    others: tuple[Cue, ...] = ()

    @property
    def is_for_after(self) -> bool:
        """Whether it should wait until the question is solved."""
        return self.cue.kind in SELLING or self.cue.kind == "adopt"


def cue_for(ticket: Ticket, situation: Situation | None = None) -> Shown | Silent:
    """What to do about the customer of `ticket` now. Reads a few rows; writes nothing."""
    situation = situation or Situation(ticket)
    silence = held_back(None, situation)
    fitting = [cue for cue in catalogue() if _fits(cue, situation) and not _rests(cue, situation)]
    against = {cue.key: held_back(cue, situation) for cue in fitting if cue.is_selling}
    allowed = [cue for cue in fitting if against.get(cue.key) is None]
    if allowed:
        first = min(allowed, key=lambda cue: PRECEDENCE.index(cue.kind))
        return Shown(
            first, _why(first, situation), silence, tuple(cue for cue in allowed if cue is not first)
        )
    return next(filter(None, against.values()), None) or silence or Silent(Reason.NOTHING)


def answer(ticket: Ticket, cue: Cue, answer: str, *, by: Agent, reason: str = "") -> CueAnswer:
    """Note what became of a cue: told, later, or unfit with a reason; else raises `ValueError`."""
    if answer not in ANSWERS or (answer == "unfit" and not reason.strip()):
        raise ValueError(answer)
    given = CueAnswer(
        customer=ticket.customer,
        ticket_id=ticket.id,
        agent_id=by.id,
        cue=cue.key,
        answer=answer,
        reason=reason,
    )
    db.session.add(given)
    record(Kind.CUE_ANSWERED, given, by=by, cue=cue.key, cue_kind=cue.kind, answer=answer, reason=reason)
    return given


@lru_cache(maxsize=1)
def catalogue() -> tuple[Cue, ...]:
    """Every cue, in the order of the file."""
    text = (Path(__file__).parent / "cues.toml").read_text(encoding="utf-8")
    return tuple(map(_cue, tomllib.loads(text)["cues"]))


def find(key: str) -> Cue | None:
    """The cue of this key, or None."""
    return next((cue for cue in catalogue() if cue.key == key), None)


def _cue(data: dict[str, Any]) -> Cue:
    given = {**data, "rule": parse(data["rule"], CATALOGUE), "evidence": tuple(data["evidence"])}
    return Cue(**{**given, "anchors": frozenset(data.get("anchors", ()))})


def _fits(cue: Cue, situation: Situation) -> bool:
    anchor = situation.customer.stage_anchor
    if cue.anchors and (anchor is None or anchor.value not in cue.anchors):
        return False
    return evaluate(cue.rule, CATALOGUE, situation, situation.at).held


def _rests(cue: Cue, situation: Situation) -> bool:
    """Whether it was answered lately: for this ticket at all, for a selling one for this customer."""
    for event in situation.told(Kind.CUE_ANSWERED):
        if event.details.get("cue") != cue.key:
            continue
        age = situation.at - event.occurred_at
        if event.ticket_id == situation.ticket.id and age < DECLINED_FOR:
            return True
        rest_for = {"told": TOLD_FOR, "later": LATER_FOR}.get(event.details.get("answer"), timedelta())
        if cue.is_selling and age < rest_for:
            return True
    return False


def held_back(cue: Cue | None, situation: Situation) -> Silent | None:
    """The first reason not to sell now, with what was seen; None where nothing speaks against it.

    cue: the proposal in question; with None, only what holds against every proposal.
    """
    for reason, clauses in _clauses(cue):
        trace = evaluate(Group("any", clauses), CATALOGUE, situation, situation.at)
        if trace.held:
            return Silent(reason, tuple(answer for answer in trace.answers if answer.held))
    return None


def _clauses(cue: Cue | None) -> Iterator[tuple[Reason, tuple[Clause, ...]]]:
    """What speaks against a proposal, in the order in which it is told; one held clause is enough."""
    yield Reason.TROUBLE, (Clause("is_trouble", "eq", True),)
    late, again = Clause("breached_open", "eq", True), Clause("reopened_open", "eq", True)
    yield Reason.LATE_OR_REOPENED, (late, again)
    yield Reason.BAD_ANSWER, (Clause("last_answer_bad_days", "lt", 30),)
    yield Reason.AT_RISK, (Clause("overlay", "in", ["at_risk", "ended"]), Clause("health", "lt", 40))
    yield Reason.INCIDENT, (Clause("open_incident", "eq", True),)
    yield Reason.NO_SELL, (Clause("no_sell", "eq", True),)
    if cue is not None:
        yield Reason.DECLINED, (Clause("declined_90d", "in", [cue.kind]),)
    yield Reason.NEEDS_CARE, (Clause("needs_care", "eq", True),)
    yield Reason.CONTACT_CAP, (Clause("contacts_7d", "ge", MOST_CONTACTS),)
    if cue is not None and cue.sends:
        yield Reason.NO_CONSENT, (Clause("has_consent", "ne", True), Clause("has_consent", "missing", True))


def _why(cue: Cue, situation: Situation) -> tuple[Answer, ...]:
    """What was seen in the cue's evidence fields, at most four that say something."""
    seen = ((name, CATALOGUE[name].read(situation)) for name in cue.evidence)
    telling = [(name, value) for name, value in seen if _tells(value)]
    return tuple(Answer(Clause(name, "eq", None), value, True) for name, value in telling[:4])


def _tells(seen: Seen) -> bool:
    return seen.value is not None and seen.value is not False and seen.value != frozenset()
