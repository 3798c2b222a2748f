"""Which customers may be one: found by what they share, a few at a time, and kept as pairs.

Only evidence makes two customers meet (an address, a telephone, a domain, a number of another system);
what more than a few share says nothing, so that no block is ever large.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

from sqlalchemy import Select, and_, delete, func, or_, select
from sqlalchemy.orm import aliased

from helpdesk.core.clock import now
from helpdesk.core.db import db, insert_into
from helpdesk.core.text import is_company
from helpdesk.customers.comparing import WEIGHTS, Profile, compare, score
from helpdesk.customers.likeness import LikenessKey, Pair, Verdict
from helpdesk.customers.models import Contact, ContactAddress, Customer, CustomerType

# Customers that the sweep looks at in one transaction.
PIECE = 500
# A key with more holders (the telephone of a building, the domain of a mail service) makes nobody alike.
MOST_HOLDERS = 20


def examine_all() -> None:
    """Look at everyone at once, in the caller's transaction; for the demo company."""
    last: int | None = 0
    while last is not None:
        last = examine_after(last)


def examine_after(after_id: int) -> int | None:
    """Look at the next customers; returns the last of them, None where nobody is left."""
    ids = _following(after_id)
    examine(ids)
    return ids[-1] if len(ids) == PIECE else None


def examine(ids: Sequence[int]) -> None:
    """Renew the keys of these customers, and the open pairs that they are part of.

    What people decided about a pair stays, whatever the names say now.
    """
    db.session.flush()
    profiles = _profiles(ids)
    _keep_keys(ids, profiles)
    holders, common = _holders(ids), _shared_by_many(ids)
    profiles |= _profiles([id for id in {id for block in holders for id in block} if id not in profiles])
    met = {pair for block in holders for pair in combinations(sorted(block), 2) if {*pair} & {*ids}}
    found = {
        (one, other): reasons
        for one, other in sorted(met)
        if one in profiles and other in profiles
        and (reasons := compare(profiles[one], profiles[other], shared_by_many=common))
    }  # fmt: skip
    _keep_pairs(ids, found)


def _following(after_id: int) -> list[int]:
    ids = select(Customer.id).where(Customer.id > after_id, Customer.merged_into_id.is_(None))
    return list(db.session.scalars(ids.order_by(Customer.id).limit(PIECE)))


def _profiles(ids: Sequence[int]) -> dict[int, Profile]:
    """What these are compared by; whoever was put into another has none."""
    if not ids:
        return {}
    wanted: Any = (
        Customer.id,
        Customer.name,
        Customer.kana,
        Customer.type,
        Customer.domain,
        Customer.external_id,
    )
    rows = db.session.execute(
        select(*wanted).where(Customer.id.in_(ids), Customer.merged_into_id.is_(None))
    ).all()
    people: dict[int, list[Any]] = defaultdict(list)
    named: Any = (Contact.customer_id, Contact.name, Contact.kana, Contact.phone)
    for person in db.session.execute(select(*named).where(Contact.customer_id.in_(ids))):
        people[person.customer_id].append(person)
    addresses: dict[int, list[str]] = defaultdict(list)
    written = select(Contact.customer_id, ContactAddress.address).join(Contact.addresses)
    for row in db.session.execute(written.where(Contact.customer_id.in_(ids))):
        addresses[row.customer_id].append(row.address)
    return {
        row.id: Profile.of(row, people[row.id], addresses[row.id], is_company=_is_company(row))
        for row in rows
    }


def _is_company(row: Any) -> bool:
    return row.type is CustomerType.COMPANY or is_company(row.name)


def _keep_keys(ids: Sequence[int], profiles: Mapping[int, Profile]) -> None:
    """Write the keys that are new and drop those that are gone; of unchanged customers, nothing."""
    kept: dict[tuple[int, str, str], int] = {}
    columns = (LikenessKey.id, LikenessKey.customer_id, LikenessKey.kind, LikenessKey.key)
    for row in db.session.execute(select(*columns).where(LikenessKey.customer_id.in_(ids))):
        kept[row.customer_id, row.kind, row.key] = row.id
    wanted = {(id, *key) for id in ids if id in profiles for key in profiles[id].keys()}  # noqa: SIM118
    gone = [id for key, id in kept.items() if key not in wanted and key[0] in profiles]
    if gone:
        db.session.execute(delete(LikenessKey).where(LikenessKey.id.in_(gone)))
    new = [{"customer_id": id, "kind": kind, "key": key} for id, kind, key in sorted(wanted - kept.keys())]
    if new:
        db.session.execute(insert_into(LikenessKey).on_conflict_do_nothing(), new)


def _counted(ids: Sequence[int]) -> Select[Any]:
    """The evidence of these customers with the number of all who hold it."""
    mine, all_ = aliased(LikenessKey), LikenessKey
    ours = select(mine.kind, mine.key).where(mine.customer_id.in_(ids), mine.kind.in_(WEIGHTS)).distinct()
    each = ours.subquery()
    columns: Any = (all_.kind, all_.key)
    return (
        select(*columns)
        .join(each, and_(each.c.kind == all_.kind, each.c.key == all_.key))
        .group_by(all_.kind, all_.key)
    )


def _shared_by_many(ids: Sequence[int]) -> frozenset[str]:
    many = _counted(ids).having(func.count() > MOST_HOLDERS)
    return frozenset(row.key for row in db.session.execute(many))


def _holders(ids: Sequence[int]) -> list[set[int]]:
    """Of each key that these share with a few others: all who hold it."""
    few = _counted(ids).having(func.count().between(2, MOST_HOLDERS)).subquery()
    same = and_(few.c.kind == LikenessKey.kind, few.c.key == LikenessKey.key)
    rows = db.session.execute(
        select(LikenessKey.kind, LikenessKey.key, LikenessKey.customer_id).join(few, same)
    )
    blocks: dict[tuple[str, str], set[int]] = defaultdict(set)
    for kind, key, customer_id in rows:
        blocks[kind, key].add(customer_id)
    return list(blocks.values())


def _keep_pairs(ids: Sequence[int], found: Mapping[tuple[int, int], dict[str, Any]]) -> None:
    theirs = select(Pair).where(or_(Pair.one_id.in_(ids), Pair.other_id.in_(ids)))
    known = {(pair.one_id, pair.other_id): pair for pair in db.session.scalars(theirs)}
    for key, pair in known.items():
        # What people proposed or decided is theirs.
        if pair.verdict is not Verdict.OPEN or pair.agent_id is not None:
            continue
        if key in found:
            pair.reasons, pair.score = found[key], score(found[key])
        else:
            db.session.delete(pair)
    db.session.flush()
    _add(pair for pair in found.items() if pair[0] not in known)


def _add(found: Iterable[tuple[tuple[int, int], dict[str, Any]]]) -> None:
    rows = [
        {"one_id": one, "other_id": other, "reasons": reasons, "score": score(reasons), "found_at": now()}
        for (one, other), reasons in found
    ]
    if rows:
        opened = insert_into(Pair).on_conflict_do_nothing()
        db.session.execute(opened, [{**row, "verdict": Verdict.OPEN} for row in rows])
