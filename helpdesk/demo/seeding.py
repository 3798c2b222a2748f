"""Bulk data in batches, each a transaction: as much as is asked for in little memory, on either database."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from time import perf_counter
from typing import Any

from sqlalchemy import func, select

from helpdesk.accounts.models import Agent, Role, Team
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.customers.models import Contact, Customer
from helpdesk.demo import bulk_articles, bulk_customers, bulk_threads, indexing
from helpdesk.demo.bulk_threads import Writer
from helpdesk.demo.rows import Rows

BATCH = 1_000
# The history reaches back so far.
SPAN = timedelta(days=3 * 365)
_TEAMS, _AGENTS = 4, 12


@dataclass(frozen=True)
class Wanted:
    """How much; the seed makes it repeatable."""

    customers: int
    tickets: int
    articles: int = 0
    seed: int = 1


def seed_all(wanted: Wanted, *, reindex: bool) -> dict[str, Any]:
    """Write it, commit as it goes, and say how much there is and how long it took, in seconds."""
    rng = Random(wanted.seed)  # noqa: S311  (texts, not secrets)
    began, rows = perf_counter(), 0
    desk = _desk()
    rows += sum(_batches(bulk_customers.customers(rng, part, SPAN) for part in _parts(wanted.customers)))
    writers, at = _writers(), now()
    tickets_began = perf_counter()
    for first, part in _numbered(wanted.tickets):
        since = at - SPAN * (1 - first / wanted.tickets)
        until = at - SPAN * (1 - (first + part) / wanted.tickets)
        rows += _write(bulk_threads.tickets(rng, part, (since, until), writers, desk))
    tickets_took = perf_counter() - tickets_began
    rows += sum(_batches(bulk_articles.articles(rng, part) for part in _parts(wanted.articles)))
    bulk_articles.show_newest_revisions()
    told: dict[str, Any] = {
        "customers": wanted.customers,
        "tickets": wanted.tickets,
        "articles": wanted.articles,
        "rows": rows,
        "seconds": round(perf_counter() - began, 2),
        "tickets_per_second": round(wanted.tickets / tickets_took) if tickets_took else 0,
    }
    if reindex:
        began = perf_counter()
        told["indexed"] = indexing.rebuild()
        told["index_seconds"] = round(perf_counter() - began, 2)
    return told


def _batches(made: Iterator[Rows]) -> Iterator[int]:
    return (_write(rows) for rows in made)


def _write(rows: Rows) -> int:
    written = rows.write(db.session())
    db.session.commit()
    return written


def _parts(count: int) -> Iterator[int]:
    return (part for _, part in _numbered(count))


def _numbered(count: int) -> Iterator[tuple[int, int]]:
    """How many came before, and how many come now."""
    for first in range(0, count, BATCH):
        yield first, min(BATCH, count - first)


def _desk() -> dict[int, list[int]]:
    """The agents who may answer, by team; made up to a fair number where there are fewer."""
    teams = [Team.default(), *db.session.scalars(select(Team).where(~Team.is_default).order_by(Team.id))]
    for number in range(len(teams), _TEAMS):
        teams.append(Team(name=f"Team {number + 1}"))
    db.session.add_all(teams)
    known = db.session.scalar(select(func.count()).select_from(Agent)) or 0
    for number in range(known, _AGENTS):
        agent = Agent(
            email=f"agent-{number + 1}@seed.example",
            name=f"Agent {number + 1}",
            # No password has this hash: they are here to be assigned, not to sign in.
            password_hash="!",  # noqa: S106
            role=Role.AGENT,
        )
        agent.teams = [teams[number % _TEAMS]]
        db.session.add(agent)
    db.session.commit()
    agents = {team.id: [member.id for member in team.members] for team in teams[:_TEAMS]}
    return {team: members for team, members in agents.items() if members} or {teams[0].id: []}


def _writers() -> list[Writer]:
    found = select(Contact.id, Contact.customer_id, Customer.stage_id, Customer.language).join(Customer)
    return [
        Writer(row.id, row.customer_id, row.stage_id, row.language or "ja")
        for row in db.session.execute(found)
    ]
