"""Customers of record as programs see them, with where they stand."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import select
from typing_extensions import TypedDict

from helpdesk.accounts.models import Agent
from helpdesk.api.shapes.common import (
    STRICT,
    Address,
    AgentOut,
    In,
    Language,
    Line,
    Name,
    Note,
    Number,
    Out,
    Page,
    Paging,
    Tag,
)  # fmt: skip
from helpdesk.core.db import db
from helpdesk.core.i18n import language
from helpdesk.customers.models import Contact, Customer, CustomerType
from helpdesk.lifecycle.models import Overlay, Stage

ExternalId = Annotated[str, Field(pattern="^[!-~]{1,200}$")]
Domain = Annotated[
    str, Field(pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$", max_length=253)
]


Tags = Annotated[list[Tag], Field(max_length=50)]
Extra = Annotated[dict[str, str | float | bool | None], Field(max_length=100)]


class StageOut(Out):
    """The place on the path where a customer stands."""

    key: str
    name: str
    since: datetime | None


class StandingOut(Out):
    """A customer in short. health: 0 to 100, null where too little is known."""

    id: int
    name: str
    external_id: str | None
    stage: StageOut | None
    overlays: list[str]
    health: float | None
    health_band: str


class ContactOut(Out):
    """A person. email: the oldest address that works."""

    id: int
    name: str
    email: str | None
    language: str | None

    @classmethod
    def of(cls, contact: Contact) -> "ContactOut":
        return cls(id=contact.id, name=contact.name, email=contact.address, language=contact.language)


class PersonOut(ContactOut):
    """A person with all that is kept of them."""

    kana: str
    department: str
    phone: str
    emails: list[str]

    @classmethod
    def of(cls, contact: Contact) -> "PersonOut":
        return cls(
            **ContactOut.of(contact).model_dump(),
            kana=contact.kana,
            department=contact.department,
            phone=contact.phone,
            emails=[address.address for address in contact.addresses],
        )


class CustomerOut(StandingOut):
    """A customer of record, with their people."""

    kana: str
    type: CustomerType
    domain: str | None
    language: str | None
    industry: str
    source: str
    owner: AgentOut | None
    needs_care: bool
    note: str
    tags: list[str]
    extra: dict[str, Any]
    health_coverage: float
    contacts: list[PersonOut]
    created_at: datetime
    version: int


class CustomerList(Page[CustomerOut]):
    """A piece of the list of customers."""


class CustomerQuery(Paging):
    """Whom to list."""

    email: Annotated[str, Field(max_length=254)] | None = None
    external_id: Annotated[str, Field(max_length=200, pattern="^[!-~]*$")] | None = None
    stage: Annotated[str, Field(max_length=80, pattern="^[a-z0-9_-]*$")] | None = None


class PersonIn(In):
    """A person of a new customer."""

    name: Name
    email: Address | None = None
    kana: Line = ""
    department: Line = ""
    phone: Line = ""
    language: Language | None = None


class CustomerIn(In):
    """A customer to enter. domain: letters from it will belong to this company."""

    name: Name
    kana: Line = ""
    type: CustomerType = CustomerType.PERSON
    domain: Domain | None = None
    language: Language | None = None
    industry: Line = ""
    source: Line = ""
    external_id: ExternalId | None = None
    tags: Tags = []
    extra: Extra = {}
    contacts: Annotated[list[PersonIn], Field(max_length=50)] = []


class CustomerPatch(TypedDict, total=False):
    """What to change; what is left out stays. owner: an agent's id or e-mail address, null for nobody.

    extra: values of the team's own fields by key, null to take one away; those left out stay.
    """

    __pydantic_config__ = STRICT  # type: ignore[misc]

    name: Name
    kana: Line
    type: CustomerType
    domain: Domain | None
    language: Language | None
    industry: Line
    external_id: ExternalId | None
    owner: Number | Address | None
    needs_care: bool
    note: Note
    tags: Tags
    extra: Extra


def standings(customers: Iterable[Customer]) -> dict[int, StandingOut]:
    """Where each of them stands, by id; two statements however many they are."""
    known = {customer.id: customer for customer in customers}
    stages = _stages({customer.stage_id for customer in known.values()})
    lying = Overlay.customer_id.in_(known), Overlay.closed_at.is_(None)
    overlays: dict[int, list[str]] = {}
    for overlay in db.session.scalars(select(Overlay).where(*lying).order_by(Overlay.id)):
        overlays.setdefault(overlay.customer_id, []).append(overlay.kind.value)
    return {
        number: StandingOut(
            id=number,
            name=customer.name,
            external_id=customer.external_id,
            stage=_stage(stages.get(customer.stage_id), customer.stage_since),
            overlays=overlays.get(number, []),
            health=customer.health,
            health_band=customer.health_band,
        )
        for number, customer in known.items()
    }


def customers_out(customers: list[Customer]) -> list[CustomerOut]:
    """The same with everything that is kept of them."""
    standing = standings(customers)
    return [_customer(customer, standing[customer.id]) for customer in customers]


def _customer(customer: Customer, standing: StandingOut) -> CustomerOut:
    plain = (
        "kana",
        "type",
        "domain",
        "language",
        "industry",
        "source",
        "needs_care",
        "note",
        "tags",
        "extra",
    )
    figures = ("tags", "extra", "health_coverage", "created_at", "version")
    return CustomerOut(
        **standing.model_dump(),
        **{name: getattr(customer, name) for name in (*plain, *figures)},
        owner=AgentOut.of(customer.owner),
        contacts=[PersonOut.of(contact) for contact in customer.contacts],
    )


def _stages(ids: set[int | None]) -> dict[int | None, Stage]:
    found = db.session.scalars(select(Stage).where(Stage.id.in_(ids - {None})))
    return {stage.id: stage for stage in found}


def _stage(stage: Stage | None, since: datetime | None) -> StageOut | None:
    return StageOut(key=stage.key, name=stage.name(language()), since=since) if stage else None


def assignable(viewer: Agent, given: int | str) -> Agent | None:
    """The colleague of this id or address whom `viewer` may name."""
    is_it = Agent.id == given if isinstance(given, int) else Agent.email == given.lower()
    return db.session.scalar(Agent.visible_to(viewer).where(is_it))
