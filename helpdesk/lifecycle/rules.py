"""Where the rules would have a customer stand. Reads only; a bad rule is left out and told."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import Any

from helpdesk.core.predicates import Predicate, Trace, evaluate
from helpdesk.core.rule_parsing import BadRule, parse
from helpdesk.lifecycle.catalogue import CATALOGUE
from helpdesk.lifecycle.facts import Facts
from helpdesk.lifecycle.models import Stage

log = logging.getLogger(__name__)

# A condition for a step back must have held for so long, where its rule says nothing else.
HOLD_FOR = timedelta(days=7)


@dataclass(frozen=True)
class Proposal:
    """A move that the rules ask for."""

    stage: Stage
    trace: Trace
    is_back: bool = False


@dataclass
class Verdict:
    """What the rules say of one customer; holding: the conditions for a step back that hold now.

    Each by its name, with how long it must hold.
    """

    proposal: Proposal | None = None
    holding: dict[str, timedelta] = field(default_factory=dict)


def judge(facts: Facts, stages: list[Stage]) -> Verdict:
    """Forward to the furthest true stage; back only by a rule that says so and held long enough.

    `stages` is the set in use, in order. A customer without a stage counts as standing before the first.
    """
    place = next((s.position for s in stages if s.id == facts.customer.stage_id), -1)
    for stage in reversed(stages):
        trace = check(stage.entry_rule, facts, f"entry of {stage.key}")
        if trace is not None and trace.held and stage.position >= place:
            return Verdict(Proposal(stage, trace) if stage.position > place else None)
    return _back(facts, [stage for stage in stages if stage.position < place])


def evidence(proposal: Proposal) -> dict[str, Any]:
    """What is kept with a stay: the clauses with the values seen, and whose set and version asked."""
    chosen = proposal.stage.set
    return {**proposal.trace.evidence(), "rule": {"set": chosen.key, "version": chosen.version}}


def first_contact(facts: Facts) -> dict[str, Any]:
    """The evidence of a first stay that no rule asked for."""
    met = {"field": "first_contact", "op": "eq", "wanted": None, "held": True}
    seen = {"seen": facts.at.isoformat(), "sources": [f"customers/{facts.customer_id}"]}
    return {"clauses": [{**met, **seen}]}


def check(rule: Mapping[str, Any], facts: Facts, whose: str) -> Trace | None:
    """The trace of `rule`, or None where it is empty or cannot be read; then the log says so."""
    if not rule:
        return None
    try:
        trace = evaluate(_parsed(json.dumps(rule)), CATALOGUE, facts, facts.at)
    except (ValueError, TypeError, LookupError) as error:
        log.error("bad rule, left out: %s: %s", whose, error)
        return None
    facts.hear(trace)
    return trace


@lru_cache(maxsize=256)
def _parsed(rule: str) -> Predicate:
    return parse(json.loads(rule), CATALOGUE)


def faults(stages: list[Stage]) -> list[str]:
    """The rules of these stages that cannot be read, each with its fault; empty where all is well."""
    found = []
    for stage in stages:
        rules = [stage.entry_rule, *(rule.get("when", {}) for rule in stage.regress_rule.get("rules", []))]
        for rule in filter(None, rules):
            try:
                parse(rule, CATALOGUE)
            except BadRule as error:
                found.append(f"{stage.key}: {error}")
    return found


def _back(facts: Facts, behind: list[Stage]) -> Verdict:
    verdict, since = Verdict(), facts.held_since
    for stage in reversed(behind):
        for number, rule in enumerate(stage.regress_rule.get("rules", [])):
            if facts.customer.stage_key not in rule.get("from", [facts.customer.stage_key]):
                continue
            trace = check(rule.get("when", {}), facts, f"step back to {stage.key}")
            if trace is None or not trace.held:
                continue
            name, hold_for = f"{stage.id}.{number}", _hold_for(rule)
            verdict.holding[name] = hold_for
            if verdict.proposal is None and facts.at - since.get(name, facts.at) >= hold_for:
                verdict.proposal = Proposal(stage, trace, is_back=True)
    return verdict


def _hold_for(rule: Mapping[str, Any]) -> timedelta:
    days = rule.get("hold_days")
    return HOLD_FOR if days is None else timedelta(days=days)
