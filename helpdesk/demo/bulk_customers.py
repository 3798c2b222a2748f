"""Customers for bulk data: companies and persons, each on a stage, with people and an order."""

from datetime import datetime, timedelta
from random import Random

from sqlalchemy import func, select

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.customers.models import Contact, ContactAddress, Customer, CustomerType
from helpdesk.customers.orders import Order
from helpdesk.demo.rows import Row, Rows
from helpdesk.lifecycle import presets
from helpdesk.lifecycle.models import Cause, Stay
from helpdesk.timeline import Event, Kind

_ENGLISH, _COMPANIES = 0.25, 0.7
# How many stand on each stage; a set with other stages shares them evenly.
_STANDING = (8, 5, 6, 20, 8, 3)


def customers(rng: Random, count: int, span: timedelta) -> Rows:
    """So many of them, met at any time within `span`."""
    rows, at = Rows(), now()
    stages = [stage.id for stage in presets.ensure_default().stages]
    weights = _STANDING if len(stages) == len(_STANDING) else None
    first = (db.session.scalar(select(func.max(Customer.id))) or 0) + 1
    for number in range(first, first + count):
        lang = "en" if rng.random() < _ENGLISH else "ja"
        kind = CustomerType.COMPANY if rng.random() < _COMPANIES else CustomerType.PERSON
        met_at, stage = at - span * rng.random(), rng.choices(stages, weights)[0]
        customer = _customer(rows, number, lang, kind, met_at)
        customer.update(stage_id=stage, stage_since=met_at)
        rows.add(
            Stay,
            customer_id=customer,
            stage_id=stage,
            entered_at=met_at,
            recorded_at=met_at,
            cause=Cause.START,
        )
        _order(rows, customer, met_at + timedelta(days=10))
    return rows


def _customer(rows: Rows, number: int, lang: str, kind: CustomerType, at: datetime) -> Row:
    """Two people for every second company, one for all others."""
    is_company = kind is CustomerType.COMPANY
    domain = f"customer-{number}.example" if is_company else None
    name = f"Customer {number}" if lang == "en" else f"顧客{number}"
    if is_company:
        name = f"{name} Ltd." if lang == "en" else f"株式会社{name}"
    customer = rows.add(Customer, name=name, type=kind, domain=domain, language=lang, created_at=at)
    for person in range(1 + (is_company and number % 2)):
        known_as = f"Person {number}-{person}" if lang == "en" else f"担当 {number}-{person}"
        contact = rows.add(Contact, customer_id=customer, name=known_as, language=lang, created_at=at)
        address = f"person-{number}-{person}@{domain or 'mail.example'}"
        rows.add(ContactAddress, contact_id=contact, address=address, verified_at=at)
    return customer


def _order(rows: Rows, customer: Row, at: datetime) -> None:
    order = rows.add(Order, customer_id=customer, product="Standard", amount=4980, placed_at=at)
    rows.add(
        Event,
        kind=Kind.ORDER_PAID,
        customer_id=customer,
        ticket_id=None,
        subject_type="orders",
        subject_id=order,
        stage_id=customer["stage_id"],
        occurred_at=at,
        recorded_at=at,
        details={"product": "Standard", "amount": 4980},
    )
