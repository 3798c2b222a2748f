"""What rules may ask about a customer: where they stand, what they said, what is open between us."""

from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l

from helpdesk.core.predicates import Fields, Seen, Type
from helpdesk.lifecycle.facts import Facts
from helpdesk.timeline import Kind

FIELDS: Fields[Facts] = Fields()

UNKNOWN = Seen(None)
DAYS = "days"
_BAD_CSAT, _BAD_CES = 2, 3


def whole_days(since: datetime, until: datetime) -> int:
    return (until - since) // timedelta(days=1)


def source(row: Any, table: str = "events") -> str:
    return f"{table}/{row.id}"


# Stage


@FIELDS.field("stage", Type.TEXT, _l("Stage"))
def _stage(facts: Facts) -> Seen:
    return Seen(facts.customer.stage_key, (f"customers/{facts.customer_id}",))


@FIELDS.field("anchor", Type.TEXT, _l("Place on the common scale"))
def _anchor(facts: Facts) -> Seen:
    anchor = facts.customer.stage_anchor
    return Seen(anchor.value if anchor else None, (f"customers/{facts.customer_id}",))


@FIELDS.field("days_in_stage", Type.NUMBER, _l("Days on this stage"), DAYS)
def _days_in_stage(facts: Facts) -> Seen:
    since = facts.customer.stage_since
    return Seen(whole_days(since, facts.at), (f"customers/{facts.customer_id}",)) if since else UNKNOWN


@FIELDS.field("overlay", Type.WORDS, _l("What lies over the stage"))
def _overlay(facts: Facts) -> Seen:
    kinds = frozenset(row.overlay_kind.value for row in facts.overlays)
    return Seen(kinds, tuple(f"overlays/{row.overlay_id}" for row in facts.overlays))


@FIELDS.field("age_days", Type.NUMBER, _l("Days since we met"), DAYS)
def _age_days(facts: Facts) -> Seen:
    return Seen(whole_days(facts.customer.created_at, facts.at), (f"customers/{facts.customer_id}",))


@FIELDS.field("source", Type.TEXT, _l("Where they came from"))
def _source(facts: Facts) -> Seen:
    return Seen(facts.customer.source or None, (f"customers/{facts.customer_id}",))


@FIELDS.field("language", Type.TEXT, _l("Language"))
def _language(facts: Facts) -> Seen:
    return Seen(facts.customer.language, (f"customers/{facts.customer_id}",))


# Relation


@FIELDS.field("days_since_two_way_contact", Type.NUMBER, _l("Days since we last talked"), DAYS)
def _days_since_two_way_contact(facts: Facts) -> Seen:
    replies = facts.told(Kind.TICKET_REPLIED)
    return since_newest(facts, replies)


@FIELDS.field("health", Type.NUMBER, _l("Health"))
def _health(facts: Facts) -> Seen:
    return Seen(facts.customer.health, (f"customers/{facts.customer_id}",))


@FIELDS.field("health_coverage", Type.NUMBER, _l("Known share of health"))
def _health_coverage(facts: Facts) -> Seen:
    return Seen(facts.customer.health_coverage, (f"customers/{facts.customer_id}",))


@FIELDS.field("days_health_below_40", Type.NUMBER, _l("Days with health below 40"), DAYS)
def _days_health_below_40(facts: Facts) -> Seen:
    """Counts from the first reading below 40 after the last one that was not."""
    first = None
    for reading in facts.readings:
        if reading.score is None or reading.score >= 40:
            break
        first = reading
    if first is None:
        return UNKNOWN
    return Seen(whole_days(first.at, facts.at), (source(first, "health_readings"),))


@FIELDS.field("days_since_referral", Type.NUMBER, _l("Days since a referral was accepted"), DAYS)
def _days_since_referral(facts: Facts) -> Seen:
    return since_newest(facts, facts.told(Kind.REFERRAL_ACCEPTED))


@FIELDS.field("days_since_advocate_act", Type.NUMBER, _l("Days since they last recommended us"), DAYS)
def _days_since_advocate_act(facts: Facts) -> Seen:
    """A referral, or 9 or 10 on the scale of recommending."""
    acts = [
        event
        for event in facts.told(Kind.REFERRAL_ACCEPTED, Kind.SURVEY_ANSWERED)
        if event.kind is Kind.REFERRAL_ACCEPTED or (event.details.get("nps") or 0) >= 9
    ]
    return since_newest(facts, acts)


# Voice


def is_bad(answer: Any) -> bool:
    """CSAT of 1 or 2, or CES of 1 to 3."""
    csat, ces = answer.details.get("csat"), answer.details.get("ces")
    return (csat is not None and csat <= _BAD_CSAT) or (ces is not None and ces <= _BAD_CES)


def _last(facts: Facts, scale: str, within: timedelta | None = None) -> Seen:
    for answer in facts.answers:
        if answer.details.get(scale) is not None:
            is_recent = within is None or answer.occurred_at > facts.at - within
            return Seen(answer.details[scale], (source(answer),)) if is_recent else UNKNOWN
    return UNKNOWN


@FIELDS.field("csat_last", Type.NUMBER, _l("Last satisfaction (CSAT)"))
def _csat_last(facts: Facts) -> Seen:
    return _last(facts, "csat")


@FIELDS.field("ces_last", Type.NUMBER, _l("Last ease (CES)"))
def _ces_last(facts: Facts) -> Seen:
    return _last(facts, "ces")


@FIELDS.field("nps_last", Type.NUMBER, _l("Last likelihood to recommend (NPS)"))
def _nps_last(facts: Facts) -> Seen:
    return _last(facts, "nps")


@FIELDS.field("nps_180d", Type.NUMBER, _l("Likelihood to recommend, last 180 days"))
def _nps_180d(facts: Facts) -> Seen:
    return _last(facts, "nps", within=timedelta(days=180))


@FIELDS.field("days_since_bad_answer", Type.NUMBER, _l("Days since a bad rating"), DAYS)
def _days_since_bad_answer(facts: Facts) -> Seen:
    return since_newest(facts, [answer for answer in facts.answers if is_bad(answer)])


@FIELDS.field("last_answer_bad_days", Type.NUMBER, _l("Days since the last rating, a bad one"), DAYS)
def _last_answer_bad_days(facts: Facts) -> Seen:
    """Missing where the last rating was a good one: then it is made good."""
    return since_newest(facts, [answer for answer in facts.answers[:1] if is_bad(answer)])


@FIELDS.field("low_csat_60d", Type.NUMBER, _l("Ratings of 1 or 2 in 60 days"))
def _low_csat_60d(facts: Facts) -> Seen:
    low = [
        answer
        for answer in facts.answers
        if (answer.details.get("csat") or 5) <= _BAD_CSAT
        and answer.occurred_at > facts.at - timedelta(days=60)
    ]
    return Seen(len(low), tuple(map(source, low)))


def since_newest(facts: Facts, events: list[Any]) -> Seen:
    """Whole days since the first of `events`, which are newest first."""
    if not events:
        return UNKNOWN
    return Seen(whole_days(events[0].occurred_at, facts.at), (source(events[0]),))
