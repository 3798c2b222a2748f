"""Entering customers of record by name, with their people; for programs and imports.

Whoever writes to us by themselves is met instead: `Contact.meet`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.customers.models import Contact, ContactAddress, Customer, normal_address
from helpdesk.timeline import Kind, record


class Taken(ValueError):
    """Another customer has this already; says the name of the field."""


@dataclass(frozen=True)
class Person:
    """Somebody who belongs to a new customer; address: None where they have none."""

    name: str
    address: str | None = None
    kana: str = ""
    department: str = ""
    phone: str = ""
    language: str | None = None


def enter(name: str, people: Iterable[Person] = (), **particulars: Any) -> Customer:
    """A new customer of record with its people. Raises `Taken` for a known external id or address."""
    _check_external_id(particulars.get("external_id"))
    customer = Customer(name=name, **particulars)
    db.session.add(customer)
    record(Kind.CUSTOMER_ADDED, customer)
    for person in people:
        _join(customer, person)
    customer.reindex()
    return customer


def revise(customer: Customer, **values: Any) -> None:
    """Set plain facts of a customer. Raises `Taken` for an external id that another one has."""
    if values.get("external_id") != customer.external_id:
        _check_external_id(values.get("external_id"))
    customer.change(**values)


def _check_external_id(wanted: str | None) -> None:
    known = select(Customer.id).where(Customer.external_id == wanted)
    if wanted is not None and db.session.scalar(known) is not None:
        raise Taken("external_id")


def _join(customer: Customer, person: Person) -> None:
    if person.address and Contact.known_as(person.address) is not None:
        raise Taken("contacts.email")
    contact = Contact(
        customer=customer,
        name=person.name,
        kana=person.kana,
        department=person.department,
        phone=person.phone,
        language=person.language or customer.language,
    )
    if person.address:
        contact.addresses.append(ContactAddress(address=normal_address(person.address)))
    db.session.add(contact)
    record(Kind.CONTACT_ADDED, contact)
