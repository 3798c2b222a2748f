"""How fast the first reply should come: the stage may only make it faster for everyone on it, never worse."""

from datetime import timedelta

from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.lifecycle.models import Overlay, OverlayKind, Stage
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.service_levels import REPLY_WITHIN, promise_reply
from helpdesk.timeline import Event

AT_RISK_WITHIN = timedelta(minutes=60)


def start_clocks(ticket: Ticket, event: Event) -> None:
    """Set when the first reply to a new ticket is due, by where its customer stands."""
    promise_reply(ticket, reply_within(ticket))


def reply_within(ticket: Ticket) -> timedelta:
    """Business time to the first reply: the stage's, else the house's; an hour for those at risk."""
    minutes = db.session.scalar(select(Stage.reply_within).where(Stage.id == ticket.stage_id))
    usual = timedelta(minutes=minutes) if minutes else REPLY_WITHIN
    overlays = Overlay.open_of(ticket.customer).where(Overlay.kind == OverlayKind.AT_RISK)
    at_risk = overlays.with_only_columns(Overlay.id).limit(1)
    return min(usual, AT_RISK_WITHIN) if db.session.scalar(at_risk) else usual
