"""What an agent must see in the first ten seconds of a ticket: twelve facts, each with its evidence."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _

from helpdesk.accounts.models import Agent
from helpdesk.accounts.permissions import me
from helpdesk.core.i18n import day, duration, language
from helpdesk.core.predicates import Answer
from helpdesk.lifecycle import places
from helpdesk.lifecycle.cues import cue_for
from helpdesk.lifecycle.fields import is_bad, whole_days
from helpdesk.lifecycle.locks import last_day
from helpdesk.lifecycle.models import OverlayKind
from helpdesk.lifecycle.presets import guides
from helpdesk.lifecycle.ribbon import TROUBLES, Segment, ribbon
from helpdesk.lifecycle.rules import check
from helpdesk.lifecycle.situation import Situation
from helpdesk.lifecycle.statements import TRIED
from helpdesk.lifecycle.support import open_tickets
from helpdesk.lifecycle.wording import Card, Fact, card, lacking, overlay_name, tried
from helpdesk.tickets.due import SOON
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.service_levels import due_in

MOST_TRIED = 4


@dataclass(frozen=True)
class Mark(Fact):
    """A fact with a tone: good, warn, bad, soon, late, or empty."""

    tone: str = ""


@dataclass(frozen=True)
class HealthMark:
    """Health now and two weeks ago, 0 to 100, None where too little is known; coverage in per cent."""

    score: int | None
    before: int | None
    # good, fair, poor, or empty.
    band: str
    coverage: int
    href: str

    @property
    def trend(self) -> str:
        """up, down, or empty."""
        if self.score is None or self.before is None or self.score == self.before:
            return ""
        return "up" if self.score > self.before else "down"


@dataclass(frozen=True)
class Mood:
    """The last answer of the customer: scores or None, when, and in their words."""

    csat: int | None
    ces: int | None
    at: datetime
    comment: str
    is_bad: bool
    href: str


@dataclass(frozen=True)
class Guide:
    """How to behave towards this customer."""

    state: str
    do: str
    dont: str


@dataclass(frozen=True)
class Strip:
    """Everything that `lifecycle/_strip.html`, `_ribbon.html` and `_cue.html` take."""

    ticket_id: int
    customer: Fact
    contact: str
    # Where they stand; since how many days, the first being 1; the next stage, and what is missing for it.
    stage: Fact | None
    days: int
    next_stage: str
    next_hint: Fact | None
    overlays: tuple[Mark, ...]
    health: HealthMark
    mood: Mood | None
    open_tickets: Fact
    due: Mark | None
    tried: tuple[Fact, ...]
    guide: Guide | None
    cue: Card
    ribbon: tuple[Segment, ...]


def strip(ticket: Ticket, viewer: Agent | None = None) -> Strip:
    """The ten seconds of `ticket`, in the reader's language; six statements however long the history is.

    viewer: whoever is signed in, where left out. What customers wrote under tickets of others stays hidden.
    """
    viewer = viewer or me()
    situation = Situation(ticket)
    row, here = situation.customer, places.history(ticket.customer_id)
    return Strip(
        ticket_id=ticket.id,
        customer=Fact(row.name, places.customer(ticket.customer_id)),
        contact=ticket.contact.name,
        stage=Fact(_name(row, "stage"), here) if row.stage_key else None,
        days=whole_days(row.stage_since, situation.at) + 1 if row.stage_since else 0,
        next_stage=_name(row, "next") if row.next_key else "",
        next_hint=_next_hint(situation),
        overlays=(*(_overlay(lying, here) for lying in situation.overlays), *_lock(situation, here)),
        health=_health(row, here),
        mood=_mood(situation, viewer),
        open_tickets=_open_tickets(situation, viewer),
        due=_due(ticket),
        tried=tuple(_tried(situation, event) for event in situation.told(*TRIED)[:MOST_TRIED]),
        guide=_guide(situation),
        cue=card(cue_for(ticket, situation), ticket.customer_id),
        ribbon=ribbon(ticket.customer_id, situation.at, {o.overlay_kind for o in situation.overlays}),
    )


def _name(row: Any, which: str) -> str:
    return str(getattr(row, f"{which}_name_{'ja' if language() == 'ja' else 'en'}"))


def _next_hint(situation: Situation) -> Fact | None:
    """What the rule of the next stage still misses: of the figures, the one that is nearest."""
    row = situation.customer
    trace = check(row.next_entry_rule or {}, situation, f"entry of {row.next_key}")
    missing = [answer for answer in trace.answers if not answer.held] if trace and not trace.held else []
    numbers = [answer for answer in missing if _is_figure(answer)]
    nearest = max(numbers, key=_nearness) if numbers else missing[-1] if missing else None
    return lacking(nearest, situation.customer_id) if nearest else None


def _is_figure(answer: Answer) -> bool:
    """Neither yes nor no, and compared with one figure."""
    seen, wanted = answer.seen.value, answer.clause.wanted
    return all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in (seen, wanted))


def _nearness(answer: Answer) -> float:
    """1.0 where a figure is what was wanted, less the farther it is."""
    seen, wanted = float(answer.seen.value), float(answer.clause.wanted)  # type: ignore[arg-type]
    return min(seen, wanted) / max(seen, wanted, 1e-9)


def _overlay(row: Any, here: str) -> Mark:
    tone = {OverlayKind.PAUSED: "warn", OverlayKind.WON_BACK: "good"}.get(row.overlay_kind, "bad")
    return Mark(overlay_name(row.overlay_kind), f"{here}#overlays-{row.overlay_id}", tone)


def _lock(situation: Situation, here: str) -> list[Mark]:
    until = situation.customer.locked_until
    if until is None or until <= situation.at:
        return []
    return [Mark(str(_("Stage locked until %(day)s", day=day(last_day(until)))), f"{here}#lock", "warn")]


def _health(row: Any, here: str) -> HealthMark:
    before = None if row.health_before is None else round(row.health_before)
    score = None if row.health is None else round(row.health)
    return HealthMark(score, before, row.health_band, round(100 * row.health_coverage), f"{here}#health")


def _mood(situation: Situation, viewer: Agent) -> Mood | None:
    for answer in situation.answers[:1]:
        said = answer.details
        href = places.ticket(answer.ticket_id) if answer.ticket_id else places.customer(situation.customer_id)
        theirs = {ticket.id for ticket in situation.tickets if _may_see(viewer, ticket)}
        comment = said.get("comment") or "" if answer.ticket_id in theirs else ""
        return Mood(said.get("csat"), said.get("ces"), answer.occurred_at, comment, is_bad(answer), href)
    return None


def _may_see(viewer: Agent, ticket: Any) -> bool:
    """What `Ticket.visible_to` says, of a row that is read already."""
    return viewer.sees_all or ticket.team_id in viewer.team_ids or ticket.assignee_id == viewer.id


def _open_tickets(situation: Situation, viewer: Agent) -> Fact:
    number = sum(_may_see(viewer, ticket) for ticket in open_tickets(situation))
    return Fact(_("%(n)s open", n=number), f"{places.customer(situation.customer_id)}#tickets")


def _due(ticket: Ticket) -> Mark | None:
    left = due_in(ticket.reply_due_at, ticket.first_replied_at)
    if left is None or ticket.is_resolved:
        return None
    if left < timedelta(0):
        return Mark(_("First reply %(time)s late", time=duration(-left.total_seconds())), "#thread", "late")
    words = _("First reply within %(time)s", time=duration(left.total_seconds()))
    return Mark(words, "#thread", "soon" if left < SOON else "")


def _tried(situation: Situation, event: Any) -> Fact:
    read = places.article(event.details)
    return Fact(
        tried(event.kind, event.details), read or places.evidence(f"events/{event.id}", situation.customer_id)
    )


def _guide(situation: Situation) -> Guide | None:
    """The stage's own; that for customers at risk goes before it."""
    in_trouble = any(overlay.overlay_kind in TROUBLES for overlay in situation.overlays)
    guide = guides()["at_risk"] if in_trouble else situation.customer.stage_guide
    if not guide:
        return None
    said = guide.get(language()) or guide.get("ja") or {}
    return Guide(said.get("state", ""), said.get("do", ""), said.get("dont", ""))
