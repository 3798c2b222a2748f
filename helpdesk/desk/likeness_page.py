"""What is shown of customers that may be one: the open pairs, and two of them side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, func, literal, or_, select, tuple_
from sqlalchemy.orm import joinedload

from helpdesk.accounts.models import Agent
from helpdesk.core.db import db
from helpdesk.customers.likeness import Merge, Pair, Verdict
from helpdesk.customers.models import Contact, Customer, CustomerType
from helpdesk.customers.orders import Order
from helpdesk.desk.merging import CHOOSABLE, latest_of, same_people
from helpdesk.lifecycle.models import Overlay, Stage
from helpdesk.tickets.models import Ticket

PER_PAGE = 30
FACTS: dict[str, LazyString] = {
    "name": _l("Name"),
    "kana": _l("Reading (kana)"),
    "type": _l("Kind"),
    "domain": _l("Mail domain"),
    "language": _l("Language"),
    "industry": _l("Industry"),
    "source": _l("Came from"),
    "external_id": _l("Number elsewhere"),
    "owner_id": _l("Owner"),
}
_SHARED: dict[str, LazyString] = {
    "phone": _l("Telephone"),
    "address": _l("Mailbox"),
    "domain": _l("Mail domain"),
    "external": _l("Number elsewhere"),
}


@dataclass(frozen=True)
class Pairs:
    """A page of open pairs, the likeliest first; `next` is where the following page begins."""

    pairs: Sequence[Pair]
    next: str | None


@dataclass(frozen=True)
class Side:
    """What one of the two has; tickets are those that the viewer may see."""

    customer: Customer
    people: Sequence[Contact]
    stage: Stage | None
    overlays: Sequence[Overlay]
    tickets: int
    orders: int


@dataclass(frozen=True)
class Fact:
    """One fact of both, as people read it; `is_open` where they differ and one must win."""

    name: str
    word: LazyString
    kept: str
    gone: str

    @property
    def is_open(self) -> bool:
        return bool(self.kept and self.gone and self.kept != self.gone)


@dataclass(frozen=True)
class Preview:
    """What `desk/merge.html` takes. same_person: people of the gone one that evidently are the kept one's."""

    kept: Side
    gone: Side
    facts: Sequence[Fact]
    same_person: Mapping[int, int]
    pair: Pair | None


@dataclass(frozen=True)
class Likeness:
    """What the page of a customer says of it: who may be the same, and who was put into it last."""

    others: Sequence[tuple[Customer, Pair]]
    merge: Merge | None


def open_pairs(viewer: Agent, start: str = "") -> Pairs:
    """Pairs that nobody decided. start: `Pairs.next` of the page before; a senseless one is the beginning."""
    found = _open(viewer).order_by(Pair.score.desc(), Pair.id.desc()).limit(PER_PAGE + 1)
    score, _dash, number = start.partition("-")
    if number.isdigit() and score.replace(".", "", 1).isdigit():
        last = tuple_(literal(float(score)), literal(int(number)))
        found = found.where(tuple_(Pair.score, Pair.id) < last)
    both = joinedload(Pair.one), joinedload(Pair.other)
    rows = db.session.scalars(found.options(*both)).all()
    shown = rows[:PER_PAGE]
    return Pairs(shown, f"{shown[-1].score}-{shown[-1].id}" if len(rows) > PER_PAGE else None)


def count(viewer: Agent) -> int:
    """How many pairs wait for somebody."""
    return db.session.scalar(select(func.count()).select_from(_open(viewer).subquery())) or 0


def likeness(customer: Customer, viewer: Agent) -> Likeness:
    """Who may be the same as `customer`, the likeliest first."""
    theirs = _open(viewer).where(or_(Pair.one_id == customer.id, Pair.other_id == customer.id))
    both = joinedload(Pair.one), joinedload(Pair.other)
    pairs = db.session.scalars(theirs.options(*both).order_by(Pair.score.desc(), Pair.id).limit(3)).all()
    others = [(pair.other if pair.one_id == customer.id else pair.one, pair) for pair in pairs]
    return Likeness(others, latest_of(customer.id))


def preview(kept: Customer, gone: Customer, viewer: Agent) -> Preview:
    """The two side by side, before anything is done."""
    sides = [_side(customer, viewer) for customer in (kept, gone)]
    shown = [_shown(customer) for customer in (kept, gone)]
    facts = [Fact(name, FACTS[name], shown[0][name], shown[1][name]) for name in CHOOSABLE]
    pair = select(Pair).where(Pair.one_id == min(kept.id, gone.id), Pair.other_id == max(kept.id, gone.id))
    return Preview(
        kept=sides[0],
        gone=sides[1],
        facts=[fact for fact in facts if fact.kept or fact.gone],
        same_person=same_people(sides[0].people, sides[1].people),
        pair=db.session.scalar(pair),
    )


def reasons(pair: Pair) -> list[str]:
    """Why the two are thought to be one, in words."""
    said = [str(_("Proposed by a colleague"))] if pair.agent_id is not None else []
    said += [f"{word}: {pair.reasons[kind]}" for kind, word in _SHARED.items() if kind in pair.reasons]
    if "name" in pair.reasons:
        said.append(str(_("Names agree by %(n)s%%", n=round(100 * float(pair.reasons["name"])))))
    return said


def _open(viewer: Agent) -> Select["Pair"]:
    seen = Customer.visible_to(viewer).with_only_columns(Customer.id)
    return select(Pair).where(Pair.verdict == Verdict.OPEN, Pair.one_id.in_(seen), Pair.other_id.in_(seen))


def _side(customer: Customer, viewer: Agent) -> Side:
    tickets = Ticket.visible_to(viewer).where(Ticket.customer_id == customer.id).subquery()
    orders = select(func.count()).where(Order.customer_id == customer.id)
    people = select(Contact).where(Contact.customer_id == customer.id).order_by(Contact.id)
    return Side(
        customer=customer,
        people=db.session.scalars(people).all(),
        stage=db.session.get(Stage, customer.stage_id) if customer.stage_id else None,
        overlays=db.session.scalars(Overlay.open_of(customer)).all(),
        tickets=db.session.scalar(select(func.count()).select_from(tickets)) or 0,
        orders=db.session.scalar(orders) or 0,
    )


def _shown(customer: Customer) -> dict[str, Any]:
    """The choosable facts as people read them; empty where there is nothing."""
    kinds = {CustomerType.COMPANY: _("Company"), CustomerType.PERSON: _("One person")}
    said = {
        "type": kinds[customer.type],
        "language": {"ja": "日本語", "en": "English"}.get(customer.language or "", ""),
        "owner_id": customer.owner.name if customer.owner else "",
    }
    plain = {name: getattr(customer, name) or "" for name in CHOOSABLE if name not in said}
    return {name: said[name] if name in said else plain[name].strip() for name in CHOOSABLE}
