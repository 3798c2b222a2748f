"""Lines of customers: who is known by id or address, what is new of them, and their rows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import selectinload

from helpdesk.accounts.models import Agent
from helpdesk.core import fulltext
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.customers.models import Contact, ContactAddress, Customer, CustomerType
from helpdesk.exchange.columns import moment_of
from helpdesk.exchange.drafts import Draft
from helpdesk.exchange.faults import N_
from helpdesk.exchange.models import Batch
from helpdesk.exchange.plans import Outcome, Plan, fact, tell, touch
from helpdesk.lifecycle.models import Cause, Stay
from helpdesk.lifecycle.presets import ensure_default
from helpdesk.timeline import Kind

_PLAIN = ("external_id", "name", "kana", "domain", "language", "industry", "source", "note", "needs_care")
# Of a customer's person, by our columns.
_PERSON = {
    "contact_name": "name",
    "contact_kana": "kana",
    "department": "department",
    "phone": "phone",
}


class CustomerLines:
    """Takes customers with their one person."""

    def plan(self, drafts: Sequence[Draft]) -> list[Plan]:
        known = self._by_name(drafts)
        persons = self._persons(drafts)
        owners = self._owners(drafts)
        return [self._plan(draft, known, persons, owners) for draft in drafts]

    def write(self, plans: Sequence[Plan], batch: Batch) -> None:
        self._make([plan for plan in plans if plan.outcome is Outcome.CREATED], batch)
        self._change([plan for plan in plans if plan.outcome is Outcome.UPDATED], batch)

    def _by_name(self, drafts: Sequence[Draft]) -> dict[str, Customer]:
        names = {draft.values["external_id"] for draft in drafts if "external_id" in draft.values}
        found = select(Customer).where(Customer.external_id.in_(names))
        return {str(each.external_id): each for each in db.session.scalars(found)}

    def _persons(self, drafts: Sequence[Draft]) -> dict[str, Contact]:
        emails = {draft.values["email"] for draft in drafts if "email" in draft.values}
        found = select(ContactAddress.address, Contact).join(Contact, ContactAddress.contact)
        rows = db.session.execute(
            found.where(ContactAddress.address.in_(emails)).options(selectinload(Contact.customer))
        )
        return {row[0]: row[1] for row in rows}

    def _owners(self, drafts: Sequence[Draft]) -> dict[str, int]:
        emails = {draft.values["owner"] for draft in drafts if "owner" in draft.values}
        rows = db.session.execute(select(Agent.email, Agent.id).where(Agent.email.in_(emails)))
        return {row[0]: row[1] for row in rows}

    def _plan(
        self, draft: Draft, known: dict[str, Customer], persons: dict[str, Contact], owners: dict[str, int]
    ) -> Plan:
        plan, values = Plan(draft), draft.values
        named, person = known.get(values.get("external_id", "")), persons.get(values.get("email", ""))
        if "owner" in values and values["owner"] not in owners:
            plan.refuse(N_("No colleague has this address."), "owner")
            return plan
        if person is not None and not _is_theirs(person, named, values):
            plan.refuse(N_("This address belongs to another customer."), "email")
            return plan
        customer = named or (person.customer if person else None)
        told = _told(values, owners)
        if customer is None:
            plan.changes = told
        else:
            _compare(plan, customer, person, told)
        return plan

    def _make(self, plans: Sequence[Plan], batch: Batch) -> None:
        if not plans:
            return
        at, first = now(), ensure_default().stages[0].id
        rows = [_row(plan, first, at) for plan in plans]
        made = db.session.scalars(insert(Customer).returning(Customer.id, sort_by_parameter_order=True), rows)
        for plan, id in zip(plans, made.all(), strict=True):
            plan.customer_id = id
        met = {plan.customer_id: row["created_at"] for plan, row in zip(plans, rows, strict=True)}
        persons = self._make_persons([plan for plan in plans if _has_person(plan)], met)
        tell(
            [fact(batch, Kind.CUSTOMER_ADDED, ("customers", id), id, met_at) for id, met_at in met.items()]
            + [
                fact(batch, Kind.CONTACT_ADDED, ("contacts", contact), customer, met[customer])
                for contact, customer in persons
            ]
        )
        stays = [
            {"customer_id": id, "stage_id": first, "entered_at": at, "recorded_at": at, "cause": Cause.IMPORT}
            for id in met
        ]
        db.session.execute(insert(Stay), stays)
        parts = [fulltext.Part(plan.customer_id, 0, _words(plan)) for plan in plans]
        fulltext.index_many(db.session(), "customers", parts)
        touch(batch, Customer, [(plan.customer_id, None, plan.changes) for plan in plans])

    def _make_persons(self, plans: Sequence[Plan], met: dict[int, datetime]) -> list[tuple[int, int]]:
        """One person for each of these new customers; (contact, customer)."""
        if not plans:
            return []
        rows = [
            {
                "customer_id": plan.customer_id,
                "language": plan.changes.get("language"),
                "created_at": met[plan.customer_id],
                **_person(plan.draft.values),
            }
            for plan in plans
        ]
        made = db.session.scalars(
            insert(Contact).returning(Contact.id, sort_by_parameter_order=True), rows
        ).all()
        addresses = [
            {"contact_id": id, "address": plan.draft.values["email"]}
            for id, plan in zip(made, plans, strict=True)
            if "email" in plan.draft.values
        ]
        if addresses:
            db.session.execute(insert(ContactAddress), addresses)
        return [(id, plan.customer_id) for id, plan in zip(made, plans, strict=True)]

    def _change(self, plans: Sequence[Plan], batch: Batch) -> None:
        for plan in plans:
            customer: Customer = plan.known
            before = {name: getattr(customer, name) for name in plan.changes}
            touch(batch, Customer, [(customer.id, before, plan.changes)])
            self._change_person(plan, batch)
            customer.change(**plan.changes)
        db.session.flush()

    def _change_person(self, plan: Plan, batch: Batch) -> None:
        """The person of the line's address: changed, or added to the customer."""
        values = plan.draft.values
        if "email" not in values:
            return
        theirs = [c for c in plan.known.contacts if any(a.address == values["email"] for a in c.addresses)]
        told = _person(values) if not theirs else _told_of_person(values)
        if theirs:
            before = {name: getattr(theirs[0], name) for name in told}
            if before != told:
                touch(batch, Contact, [(theirs[0].id, before, told)])
                for name, value in told.items():
                    setattr(theirs[0], name, value)
            return
        person = Contact(customer=plan.known, language=plan.known.language, **told)
        person.addresses.append(ContactAddress(address=values["email"]))
        db.session.add(person)
        db.session.flush()
        touch(batch, Contact, [(person.id, None, told)])
        tell([fact(batch, Kind.CONTACT_ADDED, ("contacts", person.id), plan.known.id, now())])


def _is_theirs(person: Contact, named: Customer | None, values: dict[str, Any]) -> bool:
    """Whether the owner of the line's address can be whom the line's id names."""
    if named is not None:
        return person.customer_id == named.id
    return person.customer.external_id is None or "external_id" not in values


def _told(values: dict[str, Any], owners: dict[str, int]) -> dict[str, Any]:
    """Columns of the customer that the line states."""
    told = {name: values[name] for name in _PLAIN if name in values}
    if "type" in values:
        told["type"] = CustomerType(values["type"])
    if "owner" in values:
        told["owner_id"] = owners[values["owner"]]
    return told | {name: values[name] for name in ("tags", "extra") if name in values}


def _compare(plan: Plan, customer: Customer, person: Contact | None, told: dict[str, Any]) -> None:
    """What the line says anew: tags are added to those that are there, fields beside the others."""
    if customer.merged_into_id is not None:
        plan.outcome, plan.known = Outcome.SKIPPED, customer
        return
    if "tags" in told:
        told["tags"] = list(dict.fromkeys([*customer.tags, *told["tags"]]))
    if "extra" in told:
        told["extra"] = {**customer.extra, **told["extra"]}
    plan.known, plan.customer_id = customer, customer.id
    plan.changes = {name: value for name, value in told.items() if getattr(customer, name) != value}
    values = plan.draft.values
    is_new_person = "email" in values and person is None
    is_new_of_person = person is not None and any(
        getattr(person, name) != value for name, value in _told_of_person(values).items()
    )
    is_new = bool(plan.changes) or is_new_person or is_new_of_person
    plan.outcome = Outcome.UPDATED if is_new else Outcome.SKIPPED


def _row(plan: Plan, stage_id: int, at: datetime) -> dict[str, Any]:
    defaults = {"kana": "", "type": CustomerType.PERSON, "domain": None, "language": None, "industry": ""}
    defaults |= {"source": "", "external_id": None, "owner_id": None, "needs_care": False, "note": ""}
    standing = {
        "stage_id": stage_id,
        "stage_since": at,
        "health_coverage": 0.0,
        "health_band": "",
        "version": 1,
    }
    met_at = moment_of(plan.draft.values.get("created_at")) or at
    return {**defaults, "tags": [], "extra": {}, **plan.changes, **standing, "created_at": met_at}


def _has_person(plan: Plan) -> bool:
    return "email" in plan.draft.values or "contact_name" in plan.draft.values


def _told_of_person(values: dict[str, Any]) -> dict[str, str]:
    return {ours: values[name] for name, ours in _PERSON.items() if name in values}


def _person(values: dict[str, Any]) -> dict[str, str]:
    """A new person of the line; without a name of its own that of the customer, if that is a person."""
    empty = {"kana": "", "department": "", "phone": ""}
    is_company = values.get("type") == "company"
    spare = values.get("email", "").partition("@")[0] if is_company else values["name"]
    return {**empty, "name": spare, **_told_of_person(values)}


def _words(plan: Plan) -> str:
    values = plan.draft.values
    names = ("name", "kana", "domain", "contact_name", "contact_kana", "email")
    return "\n".join(values.get(name, "") for name in names)
