"""The whole demo company, told from one seed: eighteen months of customers, letters, ratings and articles."""

from dataclasses import dataclass
from datetime import datetime
from random import Random

from sqlalchemy import select

from helpdesk.accounts.models import Agent, hashed
from helpdesk.core import fulltext
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.fulltext import Part
from helpdesk.customers import alike
from helpdesk.customers.models import Contact, ContactAddress, Customer
from helpdesk.demo import citing, help_centre, library, people, stories, today, truth
from helpdesk.demo.dealings import deal
from helpdesk.demo.lives import Life, lives
from helpdesk.demo.rows import Row, Rows
from helpdesk.demo.world import World, open_world
from helpdesk.surveys.invitations import token_of
from helpdesk.surveys.models import Survey
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Message

SEED = 2026


@dataclass(frozen=True)
class Built:
    """What was planted, by the numbers it got."""

    rows: int
    # Customers who stand twice in the book: (first, second).
    duplicates: list[tuple[int, int]]
    # Topics that no article answers, as tickets carry them.
    gaps: list[str]
    # The customer who may leave.
    at_risk: int


def is_empty() -> bool:
    """Whether nobody has written yet, and nobody works here."""
    rows = (select(model.id).limit(1) for model in (Ticket, Customer, Agent))
    return all(db.session.scalar(row) is None for row in rows)


def build(seed: int = SEED, at: datetime | None = None) -> Built:
    """Write the company down, ending at `at` (now); the same seed and moment give the same company.

    History is written silently: no letter leaves, only the search of articles is asked for. The caller
    commits.
    """
    rng = Random(seed)  # noqa: S311  (a story, not a secret)
    world = open_world(rng, at or now())
    library.stock(world)
    told = lives(rng, people.houses(rng, truth.CUSTOMERS - truth.DUPLICATES), world.at)
    twice = _duplicates(world, told)
    for life in [*told, *(second for _, second in twice)]:
        deal(world, life)
    stories.tell_all(world, [*told, *(second for _, second in twice)], live=today.TICKETS)
    risky = today.tell_today(world, told)
    help_centre.visit_all(world)
    citing.cite(world)
    citing.remember_origins(world)
    written = world.rows.write(db.session())
    _open_surveys(world.rows)
    _index(world.rows)
    alike.examine_all()
    return Built(
        rows=written,
        duplicates=[(_id(first), _id(second)) for first, second in twice],
        gaps=[*truth.GAPS],
        at_risk=_id(risky),
    )


def _duplicates(world: World, told: list[Life]) -> list[tuple[Life, Life]]:
    """Some companies stand in the book once more, as a prospect that somebody else wrote down."""
    named = [life for life in told if people.has_second_spelling(life.house)]
    chosen = world.rng.sample(named, truth.DUPLICATES)
    return [
        (life, Life(people.second_spelling(world.rng, life.house, number), "prospect", life.spans[-1].since))
        for number, life in enumerate(chosen)
    ]


def _id(life: Life) -> int:
    row: Row = life.made["customer"]
    return row.id


def _open_surveys(rows: Rows) -> None:
    """Let those who were asked lately still answer."""
    unanswered = [row.id for row in rows.of(Survey) if row["answered_at"] is None and not row["skipped_for"]]
    for survey in db.session.scalars(select(Survey).where(Survey.id.in_(unanswered))):
        if survey.is_changeable:
            # As an invitation makes it: the page of the request then shows the way to the survey.
            survey.token_hash = hashed(token_of(survey.ticket))


def _index(rows: Rows) -> None:
    """Let all tickets and customers be found."""
    session = db.session()
    parts = [Part(row.id, 0, row["subject"]) for row in rows.of(Ticket)]
    parts += [Part(row["ticket_id"].id, row.id, row["body"]) for row in rows.of(Message)]
    fulltext.index_many(session, "tickets", parts)
    names: dict[int, list[str]] = {}
    addresses = {row["contact_id"].id: row["address"] for row in rows.of(ContactAddress)}
    for row in rows.of(Customer):
        names[row.id] = [row["name"], row["kana"], row["domain"] or ""]
    for row in rows.of(Contact):
        names[row["customer_id"].id].append(f"{row['name']} {row['kana']} {addresses[row.id]}")
    fulltext.index_many(session, "customers", [Part(id, 0, "\n".join(words)) for id, words in names.items()])
