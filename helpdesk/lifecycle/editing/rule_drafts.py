"""Versions of the rules of overlays and segments: what is in use, its draft, and what was before."""

import re
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from helpdesk.accounts.models import Agent
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.rule_parsing import BadRule, parse
from helpdesk.lifecycle import overlay_rules, stages
from helpdesk.lifecycle.catalogue import CATALOGUE
from helpdesk.lifecycle.editing.drafts import Overtaken
from helpdesk.lifecycle.editing.publishing import Unsound
from helpdesk.lifecycle.editing.soundness import Fault, never
from helpdesk.lifecycle.models import OverlayKind
from helpdesk.lifecycle.rulebook import Purpose, Rule, RuleStatus

IS_KEY = re.compile(r"[a-z][a-z0-9_-]{0,39}")
# An overlay begins by the one, and lasts by the other though the first is over.
PARTS = {Purpose.OVERLAY: ("when", "holds"), Purpose.SEGMENT: ("when",)}


def versions(purpose: Purpose, key: str) -> Sequence[Rule]:
    """All versions of one rule, newest first."""
    ours = select(Rule).where(Rule.purpose == purpose, Rule.key == key)
    return db.session.scalars(ours.order_by(Rule.version.desc())).all()


def newest(purpose: Purpose) -> dict[str, Rule]:
    """By key what is published, else drafted, else retired."""
    found: dict[str, Rule] = {}
    rank = [RuleStatus.RETIRED, RuleStatus.DRAFT, RuleStatus.PUBLISHED]
    for rule in db.session.scalars(
        select(Rule).where(Rule.purpose == purpose).order_by(Rule.key, Rule.version)
    ):
        held = found.get(rule.key)
        if held is None or rank.index(rule.status) >= rank.index(held.status):
            found[rule.key] = rule
    return found


def of_status(rules: Sequence[Rule], status: RuleStatus) -> Rule | None:
    return next((rule for rule in rules if rule.status is status), None)


def part(rule: Rule, name: str) -> dict[str, Any]:
    """The predicate of one part; empty where there is none."""
    return rule.when if name == "when" else rule.particulars.get("holds", {})


def draft(purpose: Purpose, key: str, *, by: Agent) -> Rule:
    """The draft of this rule, begun from what is in use where there is none."""
    known = versions(purpose, key)
    found = of_status(known, RuleStatus.DRAFT)
    if found is not None:
        return found
    base = of_status(known, RuleStatus.PUBLISHED) or (known[0] if known else None)
    made = Rule(purpose=purpose, key=key, agent_id=by.id, version=_next(purpose, key), particulars={})
    made.name_ja, made.name_en, made.when = "", "", {}
    if base is not None:
        made.name_ja, made.name_en, made.note = base.name_ja, base.name_en, base.note
        made.when, made.particulars = base.when, base.particulars
    db.session.add(made)
    db.session.flush()
    return made


def write(rule: Rule, name: str, predicate: dict[str, Any], *, by: Agent) -> None:
    """Keep one part of a draft."""
    if name == "when":
        rule.when = predicate
    else:
        rule.particulars = {**rule.particulars, name: predicate}
    rule.agent_id = by.id


def publish(rule: Rule, edition: int, *, by: Agent) -> None:
    """Let the draft count from now on, in every process; everybody is looked at again, quietly.

    Raises `Overtaken` and `Unsound`.
    """
    if rule.edition != edition or rule.status is not RuleStatus.DRAFT:
        raise Overtaken(rule.agent.name if rule.agent else "–")
    if bars := faults(rule):
        raise Unsound(bars)
    before = of_status(versions(rule.purpose, rule.key), RuleStatus.PUBLISHED)
    if before is not None:
        before.status = RuleStatus.RETIRED
    rule.status, rule.published_at, rule.agent_id = RuleStatus.PUBLISHED, now(), by.id
    _look_again(rule)


def retire(rule: Rule) -> None:
    """Let the rule count no more; its versions stay readable."""
    rule.status = RuleStatus.RETIRED
    _look_again(rule)


def faults(rule: Rule) -> list[Fault]:
    """What keeps the draft from being published, each with its place."""
    found = []
    for name in PARTS[rule.purpose]:
        predicate, where = part(rule, name), part_name(name)
        if not predicate and name == "when":
            found.append(Fault(where, _("It has no condition yet.")))
        elif predicate:
            try:
                parsed = parse(predicate, CATALOGUE)
            except BadRule as error:
                found.append(Fault(f"{where} ({error.where})", error.why))
                continue
            if never(parsed):
                why = _("No customer can ever fulfil it: its clauses contradict each other.")
                found.append(Fault(where, why))
    return found


def part_name(name: str) -> str:
    """What one part of a rule decides."""
    return str(_("When it begins") if name == "when" else _("While it also lasts"))


def may_have_rule(key: str) -> bool:
    """Whether rules may lay this overlay; a pause is laid by hand alone."""
    return key in {kind.value for kind in OverlayKind} - {OverlayKind.PAUSED.value}


def _look_again(rule: Rule) -> None:
    if rule.purpose is Purpose.OVERLAY:
        overlay_rules.forget()
        stages.review_all(quiet=True)


def _next(purpose: Purpose, key: str) -> int:
    ours = select(func.max(Rule.version)).where(Rule.purpose == purpose, Rule.key == key)
    return (db.session.scalar(ours) or 0) + 1
