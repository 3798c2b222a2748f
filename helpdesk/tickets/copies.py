"""To and Cc of an answer: who is offered, who was chosen, and what remains of the choice in the ticket."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import JSON, column, select, table
from sqlalchemy.orm import joinedload
from werkzeug.datastructures import MultiDict

from helpdesk.accounts.models import Agent
from helpdesk.core.db import db
from helpdesk.core.smtp import mailbox
from helpdesk.customers.models import Contact, ContactAddress, normal_address
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.participants import Participant, offered, put_in_copy
from helpdesk.tickets.reach import Silence, place_of
from helpdesk.tickets.recipients import origin_of

MOST = 20
# Addresses of a customer's people that are looked at to tell whose house a domain is.
MOST_ADDRESSES = 200

_ADDRESS = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+\.[^@\s<>,;\"]+")
# By name: the mail room is above this one.
_mailboxes = table("mailboxes", column("address"), column("aliases", JSON()))


@dataclass(frozen=True)
class Choice:
    """One person beside the customer. origin: how they came in; is_new: this answer adds them."""

    name: str
    # Bare and lower-case.
    address: str
    origin: str
    is_chosen: bool
    is_new: bool = False
    # Why letters do not reach them; None where they do.
    silence: Silence | None = None

    @property
    def written(self) -> str:
        return mailbox("" if self.name == self.address else self.name, self.address)


def choices(ticket: Ticket, chosen: Iterable[str] | None = None) -> list[Choice]:
    """Everybody an answer may go to in copy; ticked those in `chosen` (as `Name <a@b>` or bare),
    or, where nobody chose yet, those who had the answers so far and whom letters reach."""
    wanted = None if chosen is None else dict(map(_parted, chosen))
    people = [
        Choice(
            each.name,
            each.address,
            origin_of(each),
            each.is_copied and each.silence is None if wanted is None else each.address in wanted,
            silence=each.silence,
        )
        for each in offered(ticket)
    ]
    new = (wanted or {}).keys() - {each.address for each in people} - {""}
    strangers = [
        Choice((wanted or {})[each] or each, each, _("new"), True, is_new=True) for each in sorted(new)
    ]
    return people + strangers


def read(ticket: Ticket, form: "MultiDict[str, str]") -> tuple[list[Choice], list[str]]:
    """What the composer's form chooses, and what is wrong with it, in words."""
    if "copies" not in form:
        return choices(ticket), []
    typed = [each for each in re.split(r"[\s,;、，]+", form.get("add", "")) if each]
    own = {each.address for each in ticket.contact.addresses}
    asked = [each for each in (*form.getlist("copy"), *typed) if normal_address(each) not in own]
    # Whom a colleague put in copy since the page was made stays in copy.
    since = [each.address for each in choices(ticket) if each.is_chosen]
    since = [each for each in since if each not in form.getlist("offered")]
    found = choices(ticket, [*since, *(each for each in asked if _ADDRESS.fullmatch(each))])
    wrong = [
        _("This is not an e-mail address: %(address)s", address=each)
        for each in asked
        if not _ADDRESS.fullmatch(each)
    ]
    refused = _refused([each.address for each in found if each.is_new])
    if sum(each.is_chosen for each in found) > MOST:
        wrong.append(_("An answer can have at most %(n)s people in Cc.", n=MOST))
    return [each for each in found if each.address not in refused], wrong + list(refused.values())


def added(people: Iterable[Choice]) -> list[str]:
    """Addresses that were never in the ticket before."""
    return [each.address for each in people if each.is_new and each.is_chosen]


def near_domains(ticket: Ticket) -> set[str]:
    """Mail domains of the customer's house and of ours."""
    theirs = select(ContactAddress.address).join(ContactAddress.contact)
    found = db.session.scalars(
        theirs.where(Contact.customer_id == ticket.customer_id).limit(MOST_ADDRESSES)
    ).all()
    domains = {each.rpartition("@")[2] for each in (*found, *_own_addresses())}
    return (domains | {ticket.customer.domain or ""}) - {""}


def settle(
    ticket: Ticket, chosen: Sequence[str], *, by: Agent, chosen_at: datetime, lifted: Collection[str] = ()
) -> dict[str, Any]:
    """Remember who is in copy from now on; returns what the message keeps as its recipients.

    lifted: silent addresses that are to be tried once more. Who was put in copy after the choice stays so,
    and so does who could not be chosen, being silent.
    """
    ContactAddress.lift(lifted)
    for address, name in map(_parted, chosen):
        put_in_copy(ticket, address, name, by=by)
    wanted = {address for address, _name in map(_parted, chosen)}
    copied = Participant.of(ticket).where(Participant.is_copied, Participant.joined_at <= chosen_at)
    for each in db.session.scalars(copied.options(joinedload(Participant.contact))):
        place = place_of(each.contact)
        is_silent = place is not None and place.silence is not None
        if not is_silent and not wanted & {known.address for known in each.contact.addresses}:
            each.is_copied = False
    contact = ticket.contact
    to = [mailbox(contact.name, contact.address)] if contact.address else []
    return {"to": to, "cc": list(chosen), **({"lifted": list(lifted)} if lifted else {})}


def _parted(written: str) -> tuple[str, str]:
    """Address and name."""
    name, address = parseaddr(written)
    return normal_address(address), name


def _refused(addresses: Sequence[str]) -> Mapping[str, str]:
    """Why somebody cannot be put in copy, by address."""
    if not addresses:
        return {}
    bare = {each: re.sub(r"\+[^@]*", "", each) for each in addresses}
    own = _own_addresses() | set(
        db.session.scalars(select(Agent.email).where(Agent.email.in_(list(bare.values()))))
    )
    dead = ContactAddress.silent_among(addresses)
    refused = {each: _("E-mail to %(address)s bounces.", address=each) for each in dead}
    ours = [each for each in addresses if bare[each] in own]
    return refused | {
        each: _(
            "%(address)s is one of our own addresses. Write an internal note to reach colleagues.",
            address=each,
        )
        for each in ours
    }


def _own_addresses() -> set[str]:
    own = {parseaddr(current_app.config["HELPDESK_MAIL_FROM"])[1].lower()}
    for row in db.session.execute(select(_mailboxes.c.address, _mailboxes.c.aliases)):
        own |= {row.address, *(row.aliases or ())}
    return own
