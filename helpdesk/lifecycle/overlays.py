"""What lies over a stage: at risk, paused, ended, won back; each opened and closed with its reasons."""

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from helpdesk.accounts.models import Agent
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.predicates import Trace
from helpdesk.customers.models import Customer
from helpdesk.lifecycle.facts import Facts
from helpdesk.lifecycle.models import Cause, Overlay, OverlayKind
from helpdesk.lifecycle.rules import check
from helpdesk.timeline import Kind, note_past, record


def review(customer: Customer, *, quiet: bool = False) -> None:
    """Open and close what the rules say; what people opened, people close."""
    facts = Facts(customer.id)
    open_now = {overlay.kind: overlay for overlay in db.session.scalars(Overlay.open_of(customer))}
    for kind, rules in _rules().items():
        opens = check(rules["opens"], facts, f"overlay {kind.value}")
        if opens is None:
            continue
        standing = open_now.get(kind)
        if standing is None and opens.held:
            _open(customer, kind, Cause.RULE, opens, quiet=quiet)
        elif standing is not None and standing.cause is Cause.RULE and not opens.held:
            holds = check(rules.get("holds", {}), facts, f"overlay {kind.value}")
            if holds is None or not holds.held:
                _close(standing, opens.evidence(), quiet=quiet)


def open_by_hand(customer: Customer, kind: OverlayKind, *, by: Agent, reason: str) -> Overlay:
    """Lay `kind` over the customer's stage; what lies there already stays as it is."""
    lying = db.session.scalar(Overlay.open_of(customer).where(Overlay.kind == kind))
    return lying or _open(customer, kind, Cause.MANUAL, None, by=by, reason=reason)


def close_by_hand(customer: Customer, kind: OverlayKind, *, by: Agent) -> None:
    """Take `kind` away; a rule that is still true will lay it again."""
    for overlay in db.session.scalars(Overlay.open_of(customer).where(Overlay.kind == kind)).all():
        _close(overlay, {}, by=by)


@lru_cache(maxsize=1)
def _rules() -> dict[OverlayKind, dict[str, Any]]:
    text = (Path(__file__).parent / "overlays.toml").read_text(encoding="utf-8")
    return {OverlayKind(kind): rules for kind, rules in tomllib.loads(text).items()}


def _open(
    customer: Customer,
    kind: OverlayKind,
    cause: Cause,
    trace: Trace | None,
    *,
    by: Agent | None = None,
    reason: str = "",
    quiet: bool = False,
) -> Overlay:
    overlay = Overlay(customer=customer, kind=kind, opened_at=now(), cause=cause, reason=reason)
    overlay.evidence = trace.evidence() if trace else {}
    db.session.add(overlay)
    _tell(Kind.OVERLAY_OPENED, overlay, overlay.evidence, by=by, quiet=quiet)
    return overlay


def _close(
    overlay: Overlay, evidence: dict[str, Any], *, by: Agent | None = None, quiet: bool = False
) -> None:
    overlay.closed_at = now()
    _tell(Kind.OVERLAY_CLOSED, overlay, evidence, by=by, quiet=quiet)


def _tell(kind: Kind, overlay: Overlay, evidence: dict[str, Any], *, by: Agent | None, quiet: bool) -> None:
    told = {"overlay": overlay.kind.value, "cause": overlay.cause.value, "reason": overlay.reason, **evidence}
    if quiet:
        note_past(kind, overlay, at=now(), by=by, **told)
    else:
        record(kind, overlay, by=by, **told)
