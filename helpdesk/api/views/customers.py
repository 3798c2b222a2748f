"""Customers of record: listed, entered, changed, and what happened to them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from flask import request, url_for
from flask_babel import lazy_gettext as _
from sqlalchemy import Select, exists, select
from sqlalchemy.orm import joinedload, selectinload

from helpdesk.api import paging
from helpdesk.api.problems import Problem
from helpdesk.api.routes import etag, expect, route
from helpdesk.api.shapes.customers import (
    CustomerIn,
    CustomerList,
    CustomerOut,
    CustomerPatch,
    CustomerQuery,
    assignable,
    customers_out,
)  # fmt: skip
from helpdesk.api.shapes.events import Timeline, TimelineQuery, events_out
from helpdesk.api.tokens import caller
from helpdesk.core.db import db
from helpdesk.customers.custom_values import Unfit, checked, joined
from helpdesk.customers.entering import Person, Taken, enter, revise
from helpdesk.customers.models import Contact, ContactAddress, Customer, normal_address
from helpdesk.lifecycle.models import Stage
from helpdesk.tickets.happenings import may_be_seen_by
from helpdesk.timeline import Event, Kind

Shown = tuple[CustomerOut, dict[str, str]]
_RULE = "/v1/customers/<int:id>"


@route("/v1/customers", "GET", _("List customers"), query=CustomerQuery, out=CustomerList)
def index(query: CustomerQuery) -> CustomerList:
    begun = paging.place(query.cursor, int) or (0,)
    chosen = _chosen(query).where(Customer.id > begun[0]).order_by(Customer.id).limit(query.limit + 1)
    people = selectinload(Customer.contacts), joinedload(Customer.owner)
    shown, last = paging.cut(db.session.scalars(chosen.options(*people)).all(), query.limit)
    return CustomerList(items=customers_out([*shown]), next=paging.mark(last.id) if last else None)


@route(
    "/v1/customers",
    "POST",
    _("Enter a customer"),
    body=CustomerIn,
    out=CustomerOut,
    status=201,
    scope="write",
)
def create(body: CustomerIn) -> Shown:
    given = body.model_dump(exclude={"contacts", "name"})
    people = [Person(address=each.email, **each.model_dump(exclude={"email"})) for each in body.contacts]
    given["extra"] = joined({}, _fitting(body.extra))
    with _conflicts():
        customer = enter(body.name, people, **given)
    return _shown(customer, {"Location": url_for("api.customers_show", id=customer.id)})


@route(_RULE, "GET", _("Read a customer"), out=CustomerOut)
def show(id: int) -> Shown:
    return _shown(_visible(id))


@route(_RULE, "PATCH", _("Change a customer"), body=CustomerPatch, out=CustomerOut, scope="write")
def change(id: int, body: CustomerPatch) -> Shown:
    customer = _visible(id)
    expect(customer.version)
    values: dict[str, Any] = {**body}
    if "owner" in values:
        values["owner"] = _owner(values["owner"])
    if "extra" in values:
        values["extra"] = joined(customer.extra, _fitting(values["extra"]))
    with _conflicts():
        revise(customer, **values)
    return _shown(customer)


@route(f"{_RULE}/timeline", "GET", _("Read what happened to a customer"), query=TimelineQuery, out=Timeline)
def timeline(id: int, query: TimelineQuery) -> Timeline:
    place = paging.place(query.cursor, datetime, int)
    told = _told(_visible(id)).order_by(Event.occurred_at.desc(), Event.id.desc()).limit(query.limit + 1)
    if query.type is not None:
        told = told.where(Event.kind == _kind(query.type))
    if place:
        told = told.where(paging.before(Event.occurred_at, Event.id, place))  # type: ignore[arg-type]
    shown, last = paging.cut(db.session.scalars(told).all(), query.limit)
    return Timeline(items=events_out(shown), next=paging.mark(last.occurred_at, last.id) if last else None)


def _visible(id: int) -> Customer:
    """The customer, or 404; where it was put into another, the way there, which no writing follows."""
    found: Customer | None = db.session.scalar(Customer.visible_to(caller()).where(Customer.id == id))
    if found is not None:
        return found
    successor = Customer.successor_of(id)
    db.one_or_404(Customer.visible_to(caller()).where(Customer.id == successor))
    view = dict(request.view_args or {}, id=successor)
    raise Problem(
        301 if request.method == "GET" else 409,
        "merged",
        headers={"Location": url_for(str(request.endpoint), **view)},
        more={"merged_into": successor},
    )


def _shown(customer: Customer, headers: dict[str, str] | None = None) -> Shown:
    db.session.flush()  # the version is counted by the write
    return customers_out([customer])[0], {**etag(customer.version), **(headers or {})}


def _chosen(query: CustomerQuery) -> Select["Customer"]:
    found = Customer.visible_to(caller())
    if query.external_id is not None:
        found = found.where(Customer.external_id == query.external_id)
    if query.stage is not None:
        found = found.where(Customer.stage_id.in_(select(Stage.id).where(Stage.key == query.stage)))
    if query.email is not None:
        address = normal_address(query.email).replace("\0", "")
        theirs = exists().where(Contact.customer_id == Customer.id, ContactAddress.contact_id == Contact.id)
        found = found.where(theirs.where(ContactAddress.address == address))
    return found


def _told(customer: Customer) -> Select["Event"]:
    """The customer's events, but none of a ticket that the token's agent may not see."""
    return select(Event).where(Event.customer_id == customer.id, may_be_seen_by(caller()))


def _kind(given: str) -> Kind:
    try:
        return Kind(given)
    except ValueError as error:
        raise Problem(422, "invalid", fields=[("type", "There is no such type.")]) from error


def _owner(given: int | str | None) -> Any:
    agent = assignable(caller(), given) if given is not None else None
    if given is not None and agent is None:
        raise Problem(422, "invalid", fields=[("owner", "There is no such colleague.")])
    return agent


def _fitting(extra: dict[str, Any]) -> dict[str, Any]:
    try:
        return checked(extra)
    except Unfit as unfit:
        words = "There is no such field, or this is not of its type."
        raise Problem(422, "invalid", fields=[(f"extra.{unfit}", words)]) from unfit


@contextmanager
def _conflicts() -> Iterator[None]:
    """What another customer has already is a conflict, told by its field."""
    try:
        yield
    except Taken as taken:
        raise Problem(409, "taken", fields=[(str(taken), "Another customer has it.")]) from taken
