"""What lies on the desk when the demo is opened: one situation of each kind that the product is made for."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.customers.models import Contact, ContactAddress, CustomerType
from helpdesk.demo import content
from helpdesk.demo.help_centre import search_before
from helpdesk.demo.lives import Life
from helpdesk.demo.places import lay_over
from helpdesk.demo.threads import Thread
from helpdesk.demo.world import Colleague, World
from helpdesk.lifecycle.models import OverlayKind
from helpdesk.surveys.models import AnswerVersion, Survey
from helpdesk.tickets.kinds import Status
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Channel
from helpdesk.timeline import Event, Kind

# Who signs in as the agent, and finds these tickets in hand.
AGENT = "fujishiro@harunoki.example.jp"
# Tickets told here; the history makes room for them.
TICKETS = 14


def tell_today(world: World, lives: list[Life]) -> Life:
    """Lay out the situations; returns the customer who is at risk."""
    agent = next(colleague for colleague in world.colleagues if colleague.email == AGENT)
    risky = _pick(lives, "adoption", english=False)
    _at_risk(world, risky, agent)
    calm = [life for life in lives if _is_calm(world, life)]
    _wants_more(world, _pick(calm, "growth", english=False), agent)
    _trial_runs_out(world, _pick(lives, "trial", english=False), agent)
    _waits(world, _pick(lives, "onboarding", english=False), "csv-garbled", 95, agent)
    _waits(world, _pick(lives, "adoption", english=True), "api-integration", 40, agent)
    for topic, minutes, path in (
        ("bulk-mail-subject", 12, "adoption"),
        ("tax-rounding", 55, "onboarding"),
        ("reissue-invoice", 130, "growth"),
        ("login-password", 20, "trial"),
    ):
        _waits(world, _pick(lives, path, english=False), topic, minutes, None)
    _waits_for_them(world, _pick(lives, "adoption", english=False), agent)
    _just_resolved(world, _pick(lives, "onboarding", english=False), agent)
    return risky


def waiting_customer() -> str | None:
    """The address of somebody whose request lies open on the desk; None where nobody waits."""
    waiting = (
        select(ContactAddress.address)
        .join(Ticket, Ticket.contact_id == ContactAddress.contact_id)
        .join(Contact, Contact.id == ContactAddress.contact_id)
        .where(Ticket.status == Status.OPEN, Contact.language == "ja")
    )
    return db.session.scalar(waiting.order_by(Ticket.id.desc()).limit(1))


def _at_risk(world: World, life: Life, agent: Colleague) -> None:
    """Two bad ratings within sixty days, and now a third letter."""
    for topic, days in (("late-reply", 38), ("mail-not-arriving", 16)):
        thread = _open(world, life, topic, days * 24 * 60, agent)
        at = world.at - timedelta(days=days)
        thread.reply(_reply(thread), at + timedelta(hours=20))
        thread.resolve(at + timedelta(days=1), satisfied=False)
        _make_bad(world, thread)
    answered = [row for row in world.rows.of(Event) if row["kind"] is Kind.SURVEY_ANSWERED]
    last = next(row for row in reversed(answered) if row["customer_id"] is life.made["customer"])
    clause = {"field": "low_csat_60d", "op": "ge", "wanted": 2, "seen": 2, "held": True}
    lay_over(world, life, OverlayKind.AT_RISK, last["occurred_at"] + timedelta(minutes=1), (clause, last))
    _waits(world, life, "outage", 48, agent)


def _make_bad(world: World, thread: Thread) -> None:
    """What was rated 3 becomes a 2: below that line the rule for risk looks."""
    survey = next(row for row in reversed(world.rows.of(Survey)) if row["ticket_id"] is thread.ticket)
    event = next(row for row in reversed(world.rows.of(Event)) if row["subject_id"] is survey)
    if survey["csat"] == 3:
        comment = content.comments()["csat"][thread.lang]["score_2"]["comments"][0]["text"]
        said = {"csat": 2, "comment": comment}
        survey.update(said)
        event["details"] = event["details"] | said
        next(row for row in world.rows.of(AnswerVersion) if row["survey_id"] is survey).update(said)


def _wants_more(world: World, life: Life, agent: Colleague) -> None:
    """Uses nearly all of the plan, was glad last time, and asks how to invite more people."""
    plan = life.made["subscription"]
    plan["seats_used"] = max(1, round(plan["seats"] * 0.95))
    days = 21
    thread = _open(world, life, "payment-matching", days * 24 * 60, agent)
    at = world.at - timedelta(days=days)
    thread.reply(_reply(thread), at + timedelta(hours=1))
    thread.resolve(at + timedelta(hours=3), satisfied=True)
    _waits(world, life, "invite-users", 32, agent)


def _trial_runs_out(world: World, life: Life, agent: Colleague) -> None:
    """Three days are left of the trial; they have looked for an answer themselves."""
    plan = life.made["subscription"]
    plan["trial_ends_at"] = life.trial_ends_at = world.at + timedelta(days=3)
    thread = _open(world, life, "trial-extension", 18, agent)
    search_before(world, life, thread.ticket, thread.topic, world.at - timedelta(minutes=18))


def _waits(world: World, life: Life, topic: str, minutes: float, agent: Colleague | None) -> None:
    """A letter that came so many minutes ago and waits for an answer."""
    thread = _open(world, life, topic, minutes, agent)
    at = world.at - timedelta(minutes=minutes)
    search_before(world, life, thread.ticket, thread.topic, at)


def _waits_for_them(world: World, life: Life, agent: Colleague) -> None:
    thread = _open(world, life, "pdf-printing", 200, agent)
    thread.reply(_reply(thread), world.at - timedelta(minutes=120))


def _just_resolved(world: World, life: Life, agent: Colleague) -> None:
    """Resolved this morning; the survey is out and not answered yet."""
    thread = _open(world, life, "import-customers", 300, agent)
    thread.reply(_reply(thread), world.at - timedelta(minutes=240))
    world.asked.pop(thread.contact, None)
    thread.resolve(world.at - timedelta(minutes=90))


def _open(world: World, life: Life, topic: str, minutes: float, agent: Colleague | None) -> Thread:
    known: dict[str, Any] = content.topics()[topic]
    lang, at = life.house.language, world.at - timedelta(minutes=minutes)
    plot = known["threads"][0]
    subject = known[f"{lang}_subjects"][plot["subject"]]
    thread = Thread(world, life, known, at, channel=Channel.EMAIL, subject=subject)
    if agent is not None:
        thread.colleague = agent
        thread.names["agent"] = agent.called[lang]
        thread.ticket["team_id"] = agent.team_id
    thread.hear(known[f"{lang}_openings"][plot["opening"]], at, is_first=True)
    if agent is not None:
        thread.assign(at)
    return thread


def _reply(thread: Thread) -> str:
    text: str = thread.topic[f"{thread.lang}_replies"][thread.topic["threads"][0]["reply"]]
    return text


def _is_calm(world: World, life: Life) -> bool:
    """Whether nothing lately forbids an offer: no letter in two months, so no bad rating either."""
    customer, since = life.made["customer"], world.at - timedelta(days=60)
    return not any(
        row["customer_id"] is customer and row["opened_at"] > since for row in world.rows.of(Ticket)
    )


def _pick(lives: list[Life], path: str, *, english: bool) -> Life:
    """Another company of this path each time; it is marked as taken."""
    free = [life for life in lives if life.path == path and "taken" not in life.made]
    fitting = [
        life
        for life in free
        if (life.house.language == "en") is english and life.house.type is CustomerType.COMPANY
    ]
    chosen = [*fitting, *free][0]
    chosen.made["taken"] = True
    return chosen
