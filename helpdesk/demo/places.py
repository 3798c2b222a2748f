"""Where a customer stood, and why: stays on stages, and what lay over them, each with its evidence."""

from datetime import datetime
from typing import Any

from helpdesk.demo.lives import Life, Span
from helpdesk.demo.rows import Row
from helpdesk.demo.world import World
from helpdesk.lifecycle.models import Cause, Overlay, OverlayKind, Stay
from helpdesk.timeline import Kind


def stand(world: World, life: Life, span: Span) -> None:
    """Write down one stay, with the event that was its ground."""
    because, clause = _ground(life, span)
    stay = world.rows.add(
        Stay,
        customer_id=life.made["customer"],
        stage_id=world.stages[span.stage],
        entered_at=span.since,
        left_at=span.until,
        recorded_at=span.since,
        cause=Cause.START if span.since == life.met_at else Cause.RULE,
        agent_id=None,
        reason="",
        evidence=lambda: _evidence(clause, because),
    )
    before = next((earlier.stage for earlier in life.spans if earlier.until == span.since), None)
    world.tell(
        Kind.STAGE_ENTERED,
        life,
        stay,
        span.since,
        table="stays",
        stage=span.stage,
        before=before,
        cause=stay["cause"].value,
        reason="",
    )


def lay_over(
    world: World, life: Life, kind: OverlayKind, at: datetime, because: tuple[dict[str, Any], Row]
) -> None:
    """Open an overlay, with the clause and the event that were its ground."""
    overlay = world.rows.add(
        Overlay,
        customer_id=life.made["customer"],
        kind=kind,
        opened_at=at,
        closed_at=None,
        cause=Cause.RULE,
        reason="",
        evidence=lambda: _evidence(*because),
    )
    told = {"overlay": kind.value, "cause": Cause.RULE.value, "reason": ""}
    event = world.tell(Kind.OVERLAY_OPENED, life, overlay, at, table="overlays")
    event["details"] = lambda: {**told, **_evidence(*because)}


def _ground(life: Life, span: Span) -> tuple[Row, dict[str, Any]]:
    """The event on which the customer entered a stage, and the clause that it made true."""
    made = life.made
    if span.since == life.returned_at:
        return made["gave up"], _clause("trial_ended_unpaid_days", "ge", 14, 14)
    grounds = {
        "prospect": ("met", _clause("first_contact", "eq", None, span.since.isoformat())),
        "trial": ("tried", _clause("trial_running", "eq", True, True)),
        "onboarding": ("paid", _clause("paid", "eq", True, True)),
        "adoption": ("value", _clause("value_reached", "eq", True, True)),
        "growth": ("paid", _clause("usage_share_of_plan", "ge", 80, 82)),
        "advocate": ("praised", _clause("days_since_referral", "lt", 365, 0)),
    }
    name, clause = grounds[span.stage]
    return made[name], clause


def _clause(name: str, op: str, wanted: Any, seen: Any) -> dict[str, Any]:
    return {"field": name, "op": op, "wanted": wanted, "seen": seen, "held": True}


def _evidence(clause: dict[str, Any], event: Row) -> dict[str, Any]:
    return {"clauses": [{**clause, "sources": [f"events/{event.id}"]}]}
