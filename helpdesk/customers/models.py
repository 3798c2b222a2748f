"""A customer of record is a company or one person; a contact is a person with addresses."""

import enum
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from helpdesk.accounts.models import Agent
from helpdesk.core import fulltext
from helpdesk.core.clock import now
from helpdesk.core.db import Model, db
from helpdesk.customers import noticing
from helpdesk.timeline import Kind, record

# A chat window heard from within this time is taken to be still open before somebody.
PRESENT_FOR = timedelta(seconds=60)


class CustomerType(enum.Enum):
    COMPANY = "company"
    PERSON = "person"


class Customer(Model):
    """Whom we keep for years: carries stage, health, orders and cues."""

    __tablename__ = "customers"
    __table_args__ = (Index("ix_customers_stage_id_id", "stage_id", "id"),)

    name: Mapped[str]
    kana: Mapped[str] = mapped_column(default="")
    type: Mapped[CustomerType] = mapped_column(default=CustomerType.PERSON)
    # Mail domain of a company; free-mail domains are never one.
    domain: Mapped[str | None] = mapped_column(index=True)
    language: Mapped[str | None]
    industry: Mapped[str] = mapped_column(default="")
    source: Mapped[str] = mapped_column(default="")
    external_id: Mapped[str | None] = mapped_column(unique=True)
    # Where the relation stands now; every past stay is a row of `stays`.
    stage_id: Mapped[int | None] = mapped_column(ForeignKey("stages.id"))
    stage_since: Mapped[datetime | None]
    # The newest of `health_readings`, for lists: 0 to 100 or None, known share, good/fair/poor or empty.
    health: Mapped[float | None]
    health_coverage: Mapped[float] = mapped_column(default=0.0)
    health_band: Mapped[str] = mapped_column(default="")
    # What it was two weeks ago, or when it was first known.
    health_before: Mapped[float | None]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    # Bereavement, illness, a minor: nothing is sold, words are chosen with care.
    needs_care: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(default="")
    tags: Mapped[list[str]] = mapped_column(default=list)
    # Values of the team's own fields, by key (see `custom_fields.py`).
    extra: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # The customer that this one was put into: it stays, empty, so that old addresses lead on.
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    version: Mapped[int] = mapped_column(default=1)

    contacts: Mapped[list["Contact"]] = relationship(back_populates="customer", order_by="Contact.id")
    owner: Mapped[Agent | None] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @classmethod
    def visible_to(cls, agent: Agent) -> Select["Customer"]:
        """Customers of record are shared by all departments; only agents who belong somewhere see them.

        Whoever was put into another customer is seen by nobody: see `successor_of`.
        """
        everyone = select(cls).where(cls.merged_into_id.is_(None))
        return everyone if agent.sees_all or agent.team_ids else everyone.where(cls.id.is_(None))

    @classmethod
    def successor_of(cls, id: int) -> int | None:
        """Whom the customer of this number was put into, at the end of the chain; None if it stands."""
        before, after = None, db.session.scalar(select(cls.merged_into_id).where(cls.id == id))
        while after is not None:
            before, after = after, db.session.scalar(select(cls.merged_into_id).where(cls.id == after))
        return before

    def change(self, **values: Any) -> None:
        """Set plain facts (name, kana, language, owner, note, needs_care), and stay findable by them."""
        for name, value in values.items():
            setattr(self, name, value)
        self.reindex()

    def reindex(self) -> None:
        """Let the customer be found by its names, its people and their addresses as they are now.

        By whoever searches, and, when a worker comes to it, by customers that may be the same.
        """
        people = [f"{c.name} {c.kana} {' '.join(a.address for a in c.addresses)}" for c in self.contacts]
        words = "\n".join([self.name, self.kana, self.domain or "", *people])
        fulltext.index(db.session(), "customers", fulltext.Part(self.id, 0, words))
        noticing.look.later(key=str(self.id), customer_id=self.id)


class Contact(Model):
    """A person: carries messages, consent and answers."""

    __tablename__ = "contacts"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    kana: Mapped[str] = mapped_column(default="")
    department: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    language: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=now)

    customer: Mapped[Customer] = relationship(back_populates="contacts")
    addresses: Mapped[list["ContactAddress"]] = relationship(
        back_populates="contact", order_by="ContactAddress.id", lazy="selectin", cascade="all, delete-orphan"
    )

    actor_column = "contact_id"

    @classmethod
    def visible_to(cls, agent: Agent) -> Select["Contact"]:
        """The people of the customers whom `agent` may see."""
        return select(cls).where(
            cls.customer_id.in_(Customer.visible_to(agent).with_only_columns(Customer.id))
        )

    @classmethod
    def known_as(cls, address: str) -> "Contact | None":
        """Whoever writes from `address`, or None for a stranger."""
        return db.session.scalar(cls._of_address(address))

    @classmethod
    def meet(
        cls, address: str, name: str = "", *, language: str | None = None, source: str = ""
    ) -> "Contact":
        """The person of `address`; a stranger joins the company of that domain, or is a new customer.

        A shared company domain attaches the person to the customer of record; it grants no reading rights.
        """
        known = cls.known_as(address)
        if known is not None:
            return known
        try:
            with db.session.begin_nested():
                return cls._introduce(address, name, language, source)
        except IntegrityError:
            # Somebody wrote from the same address in this moment; they are the same person.
            return db.session.scalars(cls._of_address(address)).one()

    @classmethod
    def _of_address(cls, address: str) -> Select["Contact"]:
        known = select(cls).join(ContactAddress).where(ContactAddress.address == normal_address(address))
        return known.options(joinedload(cls.customer, innerjoin=True))

    @classmethod
    def _introduce(cls, address: str, name: str, language: str | None, source: str) -> "Contact":
        customer = _company_of(address) or _lone_person(address, name, language, source)
        contact = cls(customer=customer, name=name or address.partition("@")[0], language=language)
        contact.addresses.append(ContactAddress(address=normal_address(address)))
        db.session.add(contact)
        record(Kind.CONTACT_ADDED, contact)
        customer.reindex()
        return contact

    @property
    def address(self) -> str | None:
        """Where we write to them: the oldest address that works."""
        return next((a.address for a in self.addresses if a.bounced_at is None), None)


class ContactAddress(Model):
    """A mail address of a contact; unique, so that no address speaks for two people."""

    __tablename__ = "contact_addresses"

    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"), index=True)
    address: Mapped[str] = mapped_column(unique=True)
    # When its owner proved to read it, by opening a link of ours.
    verified_at: Mapped[datetime | None]
    # Since when nothing is sent to it: a letter failed for good, or somebody said so.
    bounced_at: Mapped[datetime | None]
    # Why: the server's words, or the agent's; empty where it works.
    silent_because: Mapped[str] = mapped_column(default="")

    contact: Mapped[Contact] = relationship(back_populates="addresses")

    @classmethod
    def silent_among(cls, addresses: Iterable[str]) -> list[str]:
        """Those of these, as they are given, to which nothing is sent."""
        named = {each: normal_address(each) for each in addresses}
        if not named:
            return []
        silent = select(cls.address).where(cls.address.in_(named.values()), cls.bounced_at.is_not(None))
        found = set(db.session.scalars(silent))
        return [each for each, plain in named.items() if plain in found]

    @classmethod
    def lift(cls, addresses: Iterable[str]) -> list[str]:
        """Write to these again; which of them were silent, as they are given."""
        named = {normal_address(each): each for each in addresses}
        if not named:
            return []
        silent = update(cls).where(cls.address.in_(named), cls.bounced_at.is_not(None))
        lifted = silent.values(bounced_at=None, silent_because="").returning(cls.address)
        return [named[each] for each in db.session.scalars(lifted)]


def who_writes(customer: str, type: CustomerType, contact: str) -> str:
    """How a list names somebody: the company with its person, or the person alone."""
    return f"{customer} {contact}" if type is CustomerType.COMPANY and contact != customer else contact


def normal_address(address: str) -> str:
    """How addresses are kept and compared."""
    return address.strip().lower()


def _company_of(address: str) -> Customer | None:
    domain = normal_address(address).partition("@")[2]
    companies = select(Customer).where(Customer.domain == domain, Customer.type == CustomerType.COMPANY)
    standing_first = (Customer.merged_into_id.is_not(None), Customer.id)
    found = db.session.scalar(companies.order_by(*standing_first).limit(1)) if domain else None
    # Whoever writes from the domain of one that was put into another belongs to that other.
    successor = Customer.successor_of(found.id) if found and found.merged_into_id else None
    return db.session.get(Customer, successor) if successor else found


def _lone_person(address: str, name: str, language: str | None, source: str) -> Customer:
    customer = Customer(name=name or normal_address(address), language=language, source=source)
    db.session.add(customer)
    record(Kind.CUSTOMER_ADDED, customer)
    return customer
