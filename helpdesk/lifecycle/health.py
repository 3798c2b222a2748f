"""Health: one number from 0 to 100 out of five, each with its reasons, and how much of it is known."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Any, cast

from sqlalchemy import Table, bindparam

from helpdesk.core.db import db
from helpdesk.customers.models import Customer
from helpdesk.lifecycle.catalogue import CATALOGUE
from helpdesk.lifecycle.facts import BEFORE, WINDOW, WINDOWS, Facts
from helpdesk.lifecycle.models import Anchor, HealthReading
from helpdesk.lifecycle.money import is_active, is_paid

WEIGHTS: Mapping[str, int] = {"support": 30, "sentiment": 25, "usage": 25, "commercial": 10, "relation": 10}
# Below this known share of the weights nothing is claimed.
LEAST_COVERAGE = 0.5
# From 0, from 40, from 70; a band is left only by so many points more than its edge.
BANDS = ((70.0, "good"), (40.0, "fair"), (0.0, "poor"))
STICKY = 3.0
# One answer must not outweigh all: so many average answers stand beside the real ones.
PRIOR = 5
HALF_LIFE = timedelta(days=45)
HEARD_WITHIN = timedelta(days=90)

_customers = cast(Table, Customer.__table__)
_KEPT = ("health", "health_coverage", "health_band", "health_before")
_WRITTEN = (
    _customers.update()
    .where(_customers.c.id == bindparam("customer"))
    .values({name: bindparam(name) for name in _KEPT})
)


@dataclass(frozen=True)
class Health:
    """score: 0 to 100, None where no part is known. coverage: 0.0 to 1.0. parts: each 0 to 100 or None."""

    score: float | None
    coverage: float
    parts: Mapping[str, float | None]

    @property
    def known(self) -> float | None:
        """The score where enough is known to claim it, else None."""
        return self.score if self.coverage >= LEAST_COVERAGE else None


def weigh(parts: Mapping[str, float | None]) -> Health:
    """The weighted mean of the known parts; what is unknown counts neither for nor against."""
    known = {name: part for name, part in parts.items() if part is not None}
    weight = sum(WEIGHTS[name] for name in known)
    total = sum(WEIGHTS[name] * part for name, part in known.items())
    return Health(total / weight if weight else None, weight / sum(WEIGHTS.values()), dict(parts))


def band(score: float | None, was: str = "") -> str:
    """good, fair or poor; empty for None. `was` is kept while the score is within 3 points of its edge."""
    if score is None:
        return ""
    floors = {name: floor for floor, name in BANDS}
    tops = {"good": 100.0, "fair": 70.0, "poor": 40.0}
    if was in floors and floors[was] - STICKY <= score < tops[was] + STICKY:
        return was
    return next(name for floor, name in BANDS if score >= floor)


def support(
    *, reopens: int, breached: int, same_topic: int, waiting_days: float, learning: bool = False
) -> float:
    """From 100 down to 0. learning: somebody who is being introduced may ask much about one thing."""
    repeated = 0 if learning else max(0, same_topic - 1)
    return max(0.0, 100 - 15 * reopens - 20 * breached - 10 * repeated - 5 * min(6.0, waiting_days))


def sentiment(heard: Iterable[tuple[float, timedelta]], usual: float) -> float | None:
    """Answers as (0 to 100, age), fading by half in 45 days and shrunk towards `usual`; None for none."""
    weighed = [(float(0.5 ** (age / HALF_LIFE)), value) for value, age in heard]
    if not weighed:
        return None
    return (sum(w * v for w, v in weighed) + PRIOR * usual) / (sum(w for w, _ in weighed) + PRIOR)


def usage(windows: list[int], share_of_plan: float | None) -> float | None:
    """Active days of now against the median of earlier windows; with fewer than two, against the plan.

    windows: active days per 28 days, the present one first; empty where nothing reports them.
    """
    if not windows:
        return None
    if len(windows) < 3:
        return None if share_of_plan is None else min(100.0, share_of_plan)
    usual = median(windows[1:])
    return min(100.0, 100 * windows[0] / usual) if usual else (100.0 if windows[0] else 0.0)


def commercial(
    *, failed: bool, contracted: bool, days_to_renewal: int | None, days_silent: int | None
) -> float:
    """From 100 down to 0: failed payment, a renewal that nobody has talked about, paying less."""
    is_near = days_to_renewal is not None and days_to_renewal <= 45
    unspoken = is_near and (days_silent is None or days_silent > 30)
    return float(max(0, 100 - 60 * failed - 30 * unspoken - 20 * contracted))


def relation(days_silent: int | None) -> float | None:
    """100 up to 14 days since we last talked, 0 from 120 on; None where we never did."""
    if days_silent is None:
        return None
    return max(0.0, min(100.0, 100 * (120 - days_silent) / (120 - 14)))


def read(facts: Facts) -> Health:
    """The health of a customer now, from what the timeline and the tickets say."""
    heard = _heard(facts)
    parts = {
        "support": _support(facts),
        "sentiment": sentiment(heard, facts.usual_mood) if heard else None,
        "usage": usage(_windows(facts), _number(facts, "usage_share_of_plan")),
        "commercial": _commercial(facts),
        "relation": relation(_whole(facts, "days_since_two_way_contact")),
    }
    return weigh(parts)


def take(facts: Facts) -> dict[str, Any] | None:
    """Read the health; a row where it changed. What the customer's own columns should say, if they do not."""
    values, reading = measure(facts)
    if reading is not None:
        db.session.add(reading)
    if all(getattr(facts.customer, name) == value for name, value in values.items()):
        return None
    for name, value in values.items():
        setattr(facts.customer, name, value)
    return {"customer": facts.customer_id, **values}


def measure(facts: Facts) -> tuple[dict[str, Any], HealthReading | None]:
    """What the customer's columns should say, and a reading, not kept yet, where the score changed."""
    health, reading = read(facts), None
    score = None if health.known is None else round(health.known, 1)
    if not facts.readings or facts.readings[0].score != score:
        reading = HealthReading(customer_id=facts.customer_id, at=facts.at, score=score)
        reading.coverage, reading.parts = health.coverage, dict(health.parts)
        facts.readings = [reading, *facts.readings]
    values = {
        "health": score,
        "health_coverage": round(health.coverage, 3),
        "health_band": band(score, facts.customer.health_band),
        "health_before": _before(facts),
    }
    return values, reading


def keep(changed: Sequence[dict[str, Any]]) -> None:
    """Write what `take` said. Not through the session: a score is no edit, and makes nobody's form stale."""
    if changed:
        db.session.execute(_WRITTEN, changed)


def _before(facts: Facts) -> float | None:
    """What it was two weeks ago; for the newly known, the first that was known."""
    known = [reading for reading in facts.readings if reading.score is not None]
    older = [reading for reading in known if reading.at <= facts.at - BEFORE]
    found = older[:1] or known[-1:]
    return float(found[0].score) if found else None


def _support(facts: Facts) -> float | None:
    if not facts.tickets:
        return 80.0 if any(map(is_active, facts.usage)) else None
    return support(
        reopens=_whole(facts, "reopens_90d") or 0,
        breached=_whole(facts, "breached_90d") or 0,
        same_topic=_whole(facts, "same_topic_28d") or 0,
        waiting_days=(_number(facts, "waiting_on_us_hours") or 0) / 24,
        learning=facts.customer.stage_anchor is Anchor.ONBOARD,
    )


def _heard(facts: Facts) -> list[tuple[float, timedelta]]:
    """Every answer of the last 90 days (of recommending: 180), as (0 to 100, age)."""
    scales = (("csat", 1, 5, HEARD_WITHIN), ("ces", 1, 7, HEARD_WITHIN), ("nps", 0, 10, 2 * HEARD_WITHIN))
    return [
        (100 * (answer.details[scale] - low) / (high - low), facts.at - answer.occurred_at)
        for answer in facts.answers
        for scale, low, high, within in scales
        if answer.details.get(scale) is not None and facts.at - answer.occurred_at < within
    ]


def _windows(facts: Facts) -> list[int]:
    """Active days per 28 days, the present window first, as far back as anything was reported."""
    if not facts.usage:
        return []
    oldest = min(WINDOWS - 1, (facts.at - facts.usage[-1].occurred_at) // WINDOW)
    counts = [0] * (oldest + 1)
    for day in facts.usage:
        counts[min(oldest, max(0, (facts.at - day.occurred_at) // WINDOW))] += is_active(day)
    return counts


def _commercial(facts: Facts) -> float | None:
    if not facts.subscriptions and not is_paid(facts):
        return None
    return commercial(
        failed=bool(CATALOGUE["payment_failed"].read(facts).value),
        contracted=bool(CATALOGUE["contracted_90d"].read(facts).value),
        days_to_renewal=_whole(facts, "days_to_renewal"),
        days_silent=_whole(facts, "days_since_two_way_contact"),
    )


def _number(facts: Facts, field: str) -> float | None:
    value: Any = CATALOGUE[field].read(facts).value
    return None if value is None else float(value)


def _whole(facts: Facts, field: str) -> int | None:
    number = _number(facts, field)
    return None if number is None else int(number)
