"""Bulk data in batches, each a transaction: as much as is asked for in little memory, on either database."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from time import perf_counter
from typing import Any, NamedTuple

from sqlalchemy import func, select, update

from helpdesk.accounts.models import Agent, Role, Team
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.customers.models import Contact, ContactAddress, Customer, CustomerType
from helpdesk.customers.orders import Order
from helpdesk.demo import bulk_threads, indexing, phrases
from helpdesk.demo.rows import Rows
from helpdesk.lifecycle import presets
from helpdesk.lifecycle.models import Cause, Stay
from helpdesk.timeline import Event, Kind
from knowledge_base.models import Article, ArticleStatus, Purpose, Revision, Visibility

BATCH = 1_000
# The history reaches back so far.
SPAN = timedelta(days=3 * 365)
_ENGLISH = 0.25
_TEAMS, _AGENTS = 4, 12


@dataclass(frozen=True)
class Wanted:
    """How much; the seed makes it repeatable."""

    customers: int
    tickets: int
    articles: int = 0
    seed: int = 1


class Writer(NamedTuple):
    """Somebody who may open a ticket, as numbers."""

    contact_id: int
    customer_id: int
    stage_id: int | None
    lang: str


class Desk(NamedTuple):
    """Who may answer: agents by team, the first team taking half of all tickets."""

    agents: dict[int, list[int]]


def seed_all(wanted: Wanted, *, reindex: bool) -> dict[str, Any]:
    """Write it, commit as it goes, and say how much there is and how long it took, in seconds."""
    rng = Random(wanted.seed)  # noqa: S311  (texts, not secrets)
    began, rows = perf_counter(), 0
    desk = _desk()
    rows += sum(_batches(_customers(rng, part) for part in _parts(wanted.customers)))
    writers, at = _writers(), now()
    tickets_began = perf_counter()
    for first, part in _numbered(wanted.tickets):
        since = at - SPAN * (1 - first / wanted.tickets)
        until = at - SPAN * (1 - (first + part) / wanted.tickets)
        rows += _write(bulk_threads.tickets(rng, part, (since, until), writers, desk.agents))
    tickets_took = perf_counter() - tickets_began
    rows += sum(_batches(_articles(rng, part) for part in _parts(wanted.articles)))
    _show_newest_revisions()
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


def _desk() -> Desk:
    """The teams and agents that are there; made up to a fair number where there are fewer."""
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
    return Desk({team: members for team, members in agents.items() if members} or {teams[0].id: []})


def _customers(rng: Random, count: int) -> Rows:
    """Companies and persons, two contacts to three customers on average, each on a stage."""
    rows, at = Rows(), now()
    stages = [stage.id for stage in presets.ensure_default().stages]
    first = (db.session.scalar(select(func.max(Customer.id))) or 0) + 1
    for number in range(first, first + count):
        since = at - SPAN * rng.random()
        stage = rng.choices(stages, [8, 5, 6, 20, 8, 3][: len(stages)] or None)[0]
        _customer(rng, rows, number, since, stage)
    return rows


def _customer(rng: Random, rows: Rows, number: int, at: datetime, stage: int) -> None:
    lang = "en" if rng.random() < _ENGLISH else "ja"
    is_company = rng.random() < 0.7
    domain = f"customer-{number}.example" if is_company else None
    kind = CustomerType.COMPANY if is_company else CustomerType.PERSON
    customer = rows.add(
        Customer,
        name=(f"Customer {number} Ltd." if lang == "en" else f"株式会社顧客{number}")
        if is_company
        else f"顧客 {number}",
        type=kind,
        domain=domain,
        language=lang,
        stage_id=stage,
        stage_since=at,
        created_at=at,
    )
    rows.add(Stay, customer_id=customer, stage_id=stage, entered_at=at, recorded_at=at, cause=Cause.START)
    for person in range(1 + (is_company and number % 2)):
        name = f"Person {number}-{person}" if lang == "en" else f"担当 {number}-{person}"
        contact = rows.add(Contact, customer_id=customer, name=name, language=lang, created_at=at)
        address = f"person-{number}-{person}@{domain or 'mail.example'}"
        rows.add(ContactAddress, contact_id=contact, address=address, verified_at=at)
    placed_at = at + timedelta(days=10)
    order = rows.add(Order, customer_id=customer, product="Standard", amount=4980, placed_at=placed_at)
    rows.add(
        Event,
        kind=Kind.ORDER_PAID,
        customer_id=customer,
        ticket_id=None,
        subject_type="orders",
        subject_id=order,
        stage_id=stage,
        occurred_at=placed_at,
        recorded_at=placed_at,
        details={"product": "Standard", "amount": 4980},
    )


def _writers() -> list[Writer]:
    found = select(Contact.id, Contact.customer_id, Customer.stage_id, Customer.language).join(Customer)
    return [
        Writer(row.id, row.customer_id, row.stage_id, row.language or "ja")
        for row in db.session.execute(found)
    ]


def _articles(rng: Random, count: int) -> Rows:
    rows, at = Rows(), now()
    first = (db.session.scalar(select(func.max(Article.id))) or 0) + 1
    for number in range(first, first + count):
        lang = "en" if rng.random() < _ENGLISH else "ja"
        title, body = phrases.article(rng, lang)
        made = rows.add(
            Article,
            external_id=f"seed-{number}",
            lang=lang,
            slug=f"seed-{number}",
            title=title,
            body=body,
            status=ArticleStatus.PUBLISHED,
            visibility=Visibility.PUBLIC,
            purpose=Purpose.HOW_TO,
            published_at=at,
            updated_at=at,
            created_at=at,
        )
        rows.add(Revision, article_id=made, number=1, title=title, body=body, created_at=at)
    return rows


def _show_newest_revisions() -> None:
    """Articles and revisions point at each other, so the second pointer is set when both are there."""
    newest = select(func.max(Revision.id)).where(Revision.article_id == Article.id).scalar_subquery()
    shown = Article.status == ArticleStatus.PUBLISHED
    unset = update(Article).where(Article.revision_id.is_(None), shown).values(revision_id=newest)
    db.session.execute(unset.execution_options(synchronize_session=False))
    db.session.commit()
