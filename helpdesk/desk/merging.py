"""Put one customer into another, and take the two apart again: each in one transaction of the caller's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table, and_, or_, select, update

from helpdesk.accounts.models import Agent
from helpdesk.core import fulltext
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.customers import folding
from helpdesk.customers.likeness import Merge, Pair, Verdict
from helpdesk.customers.models import Contact, Customer
from helpdesk.customers.uniting import Journal
from helpdesk.lifecycle import stages, uniting
from helpdesk.timeline import Kind, note_past

# Facts of which one wins; the kept customer's, where the one who merges says nothing else.
CHOOSABLE = ("name", "kana", "type", "domain", "language", "industry", "source", "external_id", "owner_id")
_FILLED = ("kana", "department", "phone", "language")
_TABLES = Customer.metadata.tables
_CUSTOMERS, _CONTACTS, _PAIRS = (_TABLES[name] for name in ("customers", "contacts", "likeness_pairs"))


class CannotMerge(ValueError):
    """These two cannot be put together: `same`, `gone` (one was put into another already), `overtaken`."""


class CannotPart(ValueError):
    """The merge cannot be undone: it is already, or `later` ones must be undone first."""

    def __init__(self, later: Merge | None = None) -> None:
        super().__init__("later" if later else "undone")
        self.later = later


@dataclass(frozen=True)
class Choice:
    """What the one who merges decided."""

    # Of `CHOOSABLE`, those of which the gone customer's value wins.
    theirs: frozenset[str] = frozenset()
    # Which contact of the gone customer is which of the kept one: one person from now on.
    same_person: Mapping[int, int] = field(default_factory=dict)
    # What the two looked like when it was decided; None asks for nothing.
    versions: tuple[int, int] | None = None


def merge(kept_id: int, gone_id: int, choice: Choice, *, by: Agent) -> Merge:
    """Put the customer `gone_id` into `kept_id`. Raises `CannotMerge`.

    Nothing is lost: the journal of the merge knows whose each row was.
    """
    kept, gone = _both(kept_id, gone_id, choice.versions)
    journal, name = Journal(), gone.name
    uniting.remember(journal, kept_id, gone_id)
    _choose(journal, kept, gone, choice.theirs)
    people = _people(kept_id, gone_id, choice.same_person)
    for giver, taker in people:
        _join_people(journal, giver, taker)
    journal.move_all("customers", gone_id, kept_id)
    # Emptied people stay with the empty customer.
    _set(_CONTACTS, [giver for giver, _ in people], customer_id=gone_id)
    uniting.unite(journal, kept_id, gone_id)
    _decide(journal, kept_id, gone_id, by)
    row = Merge(kept_id=kept_id, gone_id=gone_id, agent_id=by.id, **journal.as_columns())
    db.session.add(row)
    _finish(kept_id, gone_id)
    _tell(Kind.CUSTOMER_MERGED, row, name, by)
    fulltext.forget(db.session(), "customers", gone_id)
    return row


def part(row: Merge, *, by: Agent) -> None:
    """Take apart what `row` put together. Raises `CannotPart`.

    Both are what they were; what came since, and what was changed since, stays with the kept one.
    """
    blocking = latest_of(row.kept_id)
    if row.undone_at is not None or blocking is None:
        raise CannotPart
    if blocking.id != row.id:
        raise CannotPart(blocking)
    kept_id, gone_id = row.kept_id, row.gone_id
    _locked(kept_id, gone_id)
    journal = Journal.of(row)
    journal.undo()
    for id in (kept_id, gone_id):
        uniting.part(journal, id, row.merged_at)
    row.undone_at, row.undone_by_id = now(), by.id
    _finish(kept_id, gone_id)
    gone = db.session.get_one(Customer, gone_id)
    gone.reindex()
    _tell(Kind.CUSTOMER_PARTED, row, gone.name, by)
    stages.review.later(key=f"{gone_id}:quiet", customer_id=gone_id, quiet=True)


def latest_of(customer_id: int) -> Merge | None:
    """The newest merge that the customer is part of and that holds; None where there is none."""
    theirs = or_(Merge.kept_id == customer_id, Merge.gone_id == customer_id)
    holding = select(Merge).where(theirs, Merge.undone_at.is_(None))
    return db.session.scalar(holding.order_by(Merge.id.desc()).limit(1))


def same_people(kept: Sequence[Contact], gone: Sequence[Contact]) -> dict[int, int]:
    """Who is evidently one person: the same name, and the same mailbox or telephone."""
    known = [(each, folding.core(each.name), _reached_by(each)) for each in kept]
    found = {}
    for person in gone:
        name, ways = folding.core(person.name), _reached_by(person)
        same = [each.id for each, core, theirs in known if core == name != "" and theirs & ways]
        if same:
            found[person.id] = same[0]
    return found


def _reached_by(person: Contact) -> set[str]:
    return {folding.mailbox(each.address) for each in person.addresses} | {*folding.numbers(person.phone)}


def _both(kept_id: int, gone_id: int, versions: tuple[int, int] | None) -> tuple[Customer, Customer]:
    if kept_id == gone_id:
        raise CannotMerge("same")
    kept, gone = _locked(kept_id, gone_id)
    if kept.merged_into_id is not None or gone.merged_into_id is not None:
        raise CannotMerge("gone")
    if versions is not None and versions != (kept.version, gone.version):
        raise CannotMerge("overtaken")
    return kept, gone


def _locked(*ids: int) -> list[Customer]:
    """The customers, in this order, which nobody else changes until the commit; locked by number."""
    db.session.flush()
    rows = select(Customer).where(Customer.id.in_(ids)).order_by(Customer.id).with_for_update()
    found = {row.id: row for row in db.session.scalars(rows.execution_options(populate_existing=True))}
    return [found[id] for id in ids]


def _choose(journal: Journal, kept: Customer, gone: Customer, theirs: frozenset[str]) -> None:
    """Let the chosen values win; an empty one never does, and of notes, tags and fields nothing is lost."""
    values: dict[str, Any] = {}
    for name in CHOOSABLE:
        mine, other = getattr(kept, name), getattr(gone, name)
        values[name] = other if other and (name in theirs or not mine) else mine
    values["note"] = "\n\n".join(dict.fromkeys(filter(None, (kept.note, gone.note))))
    values["tags"] = list(dict.fromkeys([*kept.tags, *gone.tags]))
    values["extra"] = {**gone.extra, **kept.extra}
    values["needs_care"] = kept.needs_care or gone.needs_care
    values["created_at"] = min(kept.created_at, gone.created_at)
    left: dict[str, Any] = {"merged_into_id": kept.id}
    if values["external_id"] == gone.external_id:
        left["external_id"] = None
    journal.change(_CUSTOMERS, gone.id, left)
    journal.change(_CUSTOMERS, kept.id, values)


def _people(kept_id: int, gone_id: int, wanted: Mapping[int, int]) -> list[tuple[int, int]]:
    """The wanted pairs of people, as far as they belong to the two."""
    ids = [*wanted, *wanted.values()]
    rows = db.session.execute(select(Contact.id, Contact.customer_id).where(Contact.id.in_(ids)))
    whose = {row.id: row.customer_id for row in rows}
    return [pair for pair in wanted.items() if [whose.get(id) for id in pair] == [gone_id, kept_id]]


def _join_people(journal: Journal, giver: int, taker: int) -> None:
    _drop_own_copies(journal, {giver, taker})
    journal.move_all("contacts", giver, taker)
    rows = db.session.execute(select(_CONTACTS).where(_CONTACTS.c.id.in_((giver, taker))))
    row = {each.id: each._mapping for each in rows}
    filled = {name: row[giver][name] for name in _FILLED if not row[taker][name] and row[giver][name]}
    journal.change(_CONTACTS, taker, filled)


def _drop_own_copies(journal: Journal, people: set[int]) -> None:
    """Nobody takes part in a ticket beside themselves."""
    participants, tickets = _TABLES["participants"], _TABLES["tickets"]
    own = select(tickets.c.id).where(tickets.c.contact_id.in_(people))
    journal.remove(
        participants, and_(participants.c.contact_id.in_(people), participants.c.ticket_id.in_(own))
    )


def _decide(journal: Journal, kept_id: int, gone_id: int, by: Agent) -> None:
    pair = select(Pair.id).where(Pair.one_id == min(kept_id, gone_id), Pair.other_id == max(kept_id, gone_id))
    if (id := db.session.scalar(pair)) is not None:
        values = {"verdict": Verdict.MERGED, "agent_id": by.id, "decided_at": now()}
        journal.change(_PAIRS, id, values)


def _finish(kept_id: int, gone_id: int) -> None:
    """Count both as changed, read all anew, and let the kept one be found and reviewed."""
    db.session.flush()
    ours = update(_CUSTOMERS).where(_CUSTOMERS.c.id.in_((kept_id, gone_id)))
    db.session.execute(ours.values(version=_CUSTOMERS.c.version + 1))
    db.session.expire_all()
    db.session.get_one(Customer, kept_id).reindex()
    stages.review.later(key=f"{kept_id}:quiet", customer_id=kept_id, quiet=True)


def _tell(kind: Kind, row: Merge, name: str, by: Agent) -> None:
    kept = db.session.get_one(Customer, row.kept_id)
    note_past(kind, kept, at=now(), by=by, other=row.gone_id, name=name, merge=row.id)


def _set(table: Table, ids: Sequence[int], **values: Any) -> None:
    db.session.execute(update(table).where(table.c.id.in_(ids)).values(values))
