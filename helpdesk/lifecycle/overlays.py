"""What lies over a stage: at risk, paused, ended, won back; each opened and closed with its reasons."""

from typing import Any

from helpdesk.accounts.models import Agent
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.predicates import Trace
from helpdesk.customers.models import Customer
from helpdesk.lifecycle import overlay_rules
from helpdesk.lifecycle.facts import Facts
from helpdesk.lifecycle.models import Cause, Overlay, OverlayKind
from helpdesk.lifecycle.news import News
from helpdesk.lifecycle.overlay_rules import OverlayRule, Ruled
from helpdesk.lifecycle.reasons import OTHER
from helpdesk.lifecycle.reasons import check as check_reason
from helpdesk.lifecycle.reasons import of as reasons_for
from helpdesk.lifecycle.rules import check
from helpdesk.timeline import Kind


def review(customer: Customer, facts: Facts) -> list[News]:
    """Open and close what the rules say, and return it to be told; what people opened, people close."""
    changes = asked(facts)
    open_now = {each.kind: each for each in db.session.scalars(Overlay.open_of(customer))} if changes else {}
    news = []
    for kind, trace in changes:
        if kind not in open_now:
            news.append(_open(customer, kind, Cause.RULE, trace.evidence()))
        elif open_now[kind].cause is Cause.RULE:
            news.append(_close(open_now[kind], trace.evidence()))
    return news


def asked(facts: Facts) -> list[tuple[OverlayKind, Trace]]:
    """What the rules would open, and of what lies there already, close; each with its reasons."""
    lying = {row.overlay_kind for row in facts.overlays}
    return [change for rule in overlay_rules.in_use() if (change := _asked(rule, facts, rule.kind in lying))]


def _asked(rule: OverlayRule, facts: Facts, is_lying: bool) -> tuple[OverlayKind, Trace] | None:
    """The trace by which the rule would open what does not lie, or close what does."""
    opens = check(rule.opens, facts, f"overlay {rule.kind.value}")
    if opens is None or opens.held is is_lying:
        return None
    if is_lying:
        holds = check(rule.holds, facts, f"overlay {rule.kind.value}")
        if holds is not None and holds.held:
            return None
    return rule.kind, Ruled(opens.held, opens.answers, rule)


def open_by_hand(
    customer: Customer, kind: OverlayKind, *, by: Agent, reason: str = "", code: str = OTHER
) -> None:
    """Lay `kind` over the customer's stage; what lies there already stays as it is.

    code: why, as one of `reasons.of(kind)`. Raises `Unexplained`.
    """
    check_reason(code, reason, reasons_for(kind))
    if db.session.scalar(Overlay.open_of(customer).where(Overlay.kind == kind)) is None:
        _open(customer, kind, Cause.MANUAL, {}, by=by, reason=reason, code=code).tell()


def close_by_hand(customer: Customer, kind: OverlayKind, *, by: Agent) -> None:
    """Take `kind` away; a rule that is still true will lay it again."""
    for overlay in db.session.scalars(Overlay.open_of(customer).where(Overlay.kind == kind)).all():
        _close(overlay, {}, by=by).tell()


def _open(
    customer: Customer,
    kind: OverlayKind,
    cause: Cause,
    evidence: dict[str, Any],
    *,
    by: Agent | None = None,
    reason: str = "",
    code: str = "",
) -> News:
    overlay = Overlay(customer=customer, kind=kind, opened_at=now(), cause=cause, reason=reason)
    overlay.evidence, overlay.reason_code, overlay.agent_id = evidence, code, by.id if by else None
    db.session.add(overlay)
    return _news(Kind.OVERLAY_OPENED, overlay, evidence, by)


def _close(overlay: Overlay, evidence: dict[str, Any], *, by: Agent | None = None) -> News:
    overlay.closed_at = now()
    return _news(Kind.OVERLAY_CLOSED, overlay, evidence, by)


def _news(kind: Kind, overlay: Overlay, evidence: dict[str, Any], by: Agent | None) -> News:
    told = {"overlay": overlay.kind.value, "cause": overlay.cause.value, "reason": overlay.reason}
    return News(kind, overlay, {**told, **evidence}, by)
