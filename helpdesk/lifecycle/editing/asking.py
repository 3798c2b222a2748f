"""Whom a rule holds for, by what the last reviews knew, and why it does or does not for one customer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from helpdesk.accounts.models import Agent
from helpdesk.core import fulltext
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.predicates import Answer, Predicate, evaluate
from helpdesk.core.words import parse as words_of
from helpdesk.customers.models import Customer
from helpdesk.lifecycle import snapshots
from helpdesk.lifecycle.catalogue import CATALOGUE
from helpdesk.lifecycle.facts import Facts
from helpdesk.lifecycle.snapshots import Snapshot
from helpdesk.lifecycle.wording import Fact, told

EXAMPLES, MOST_FOUND = 5, 8


@dataclass(frozen=True)
class Matching:
    """How many of everybody, five of them, and the moments between which they were looked at."""

    customers: int
    of: int
    examples: Sequence[Any]
    newest: datetime | None
    oldest: datetime | None


@dataclass(frozen=True)
class Asked:
    """One clause as answered for one customer."""

    fact: Fact
    held: bool
    answer: Answer


@dataclass(frozen=True)
class Why:
    """The verdict on one customer, and each clause with what was seen."""

    customer: Customer
    held: bool
    answers: tuple[Asked, ...]


def matching(predicate: Predicate, viewer: Agent) -> Matching:
    """Count by SQL, over the customers whom `viewer` may see."""
    seen = Customer.visible_to(viewer).with_only_columns(Customer.id)
    holds = select(Customer.id, Customer.name).where(
        Customer.id.in_(snapshots.matching(predicate, now())), Customer.id.in_(seen)
    )
    looked = select(func.count(), func.min(Snapshot.at), func.max(Snapshot.at))
    of, oldest, newest = db.session.execute(looked.where(Snapshot.customer_id.in_(seen))).one()
    number = db.session.scalar(select(func.count()).select_from(holds.subquery())) or 0
    examples = db.session.execute(holds.order_by(Customer.id.desc()).limit(EXAMPLES)).all()
    return Matching(number, of, examples, newest, oldest)


def find(typed: str, viewer: Agent) -> Sequence[Any]:
    """Customers by their number, name or reading, at most eight: id and name."""
    visible = Customer.visible_to(viewer)
    columns = visible.with_only_columns(Customer.id, Customer.name)
    if typed.isascii() and typed.isdigit() and len(typed) < 19:
        return db.session.execute(columns.where(Customer.id == int(typed))).all()
    ids = db.session.scalars(fulltext.newest("customers", words_of(typed), visible=visible).limit(MOST_FOUND))
    return db.session.execute(columns.where(Customer.id.in_(ids.all())).order_by(Customer.id.desc())).all()


def why(predicate: Predicate, customer: Customer) -> Why:
    """Ask every clause of what is known now, with the address of what it rests on."""
    facts = Facts(customer.id)
    trace = evaluate(predicate, CATALOGUE, facts, facts.at)
    answers = (Asked(told(answer, customer.id), answer.held, answer) for answer in trace.answers)
    return Why(customer, trace.held, tuple(answers))
