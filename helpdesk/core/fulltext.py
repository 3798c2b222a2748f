"""Find every owner whose texts contain all that was asked, newest first, inside the caller's transaction.

An owner (a ticket, a customer) has parts (its subject, each message), one row a part, so that a reply
costs one small insert. Each kind of owner has a table of its own, `fulltext_<kind>`: FTS5 on SQLite, a
tsvector with a GIN index on PostgreSQL. Both hold the grams of `words`, which neither may cut or fold
again. What is made here are plain SELECTs, so that the permission stands in the same statement.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    TableClause,
    and_,
    bindparam,
    cast,
    column,
    delete,
    false,
    func,
    literal,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Session

from helpdesk.core.fulltext_sql import (
    DDL,
    LAST_PART,
    PREFIX,
    Before,
    Between,
    Fit,
    Matches,
    Owner,
    PartId,
    Position,
    row_of,
    vector_rows,
    words_of,
)
from helpdesk.core.words import Query, Term, grams


class Part(NamedTuple):
    """One text to find an owner by. Part 0 is the owner's own words, the others carry the ids of theirs."""

    owner_id: int
    part_id: int
    text: str


def create(connection: Connection, kind: str) -> None:
    """Make the table of a kind of owner."""
    for statement in DDL[connection.dialect.name]:
        connection.exec_driver_sql(statement.format(table=PREFIX + kind))


def is_internal(name: str) -> bool:
    """Whether a table of the database belongs to the index, so that no migration should compare it."""
    return name.startswith(PREFIX)


def index(session: Session, kind: str, part: Part) -> None:
    """Let the part be found by its text as it is now, whatever it was before."""
    index_many(session, kind, [part])


def index_many(session: Session, kind: str, parts: Iterable[Part]) -> None:
    """The same for many at once. Quickest with owners in ascending order, some thousand parts a call."""
    ordered = sorted({part[:2]: part for part in parts}.values())
    if not ordered:
        return
    words = words_of(kind)
    if _is_sqlite(session):
        rows = [{"rowid": row_of(*part[:2]), "words": " ".join(grams(part.text))} for part in ordered]
        session.execute(words.insert().prefix_with("OR REPLACE"), rows)
        return
    gone = delete(words).where(words.c.owner_id == bindparam("owner"), words.c.part_id == bindparam("part"))
    session.execute(gone, [{"owner": part.owner_id, "part": part.part_id} for part in ordered])
    rows = [row for part in ordered for row in vector_rows(*part[:2], grams(part.text))]
    if rows:
        session.execute(words.insert().values(words=cast(bindparam("words"), TSVECTOR)), rows)


def forget(session: Session, kind: str, owner_id: int, part_id: int | None = None) -> None:
    """Let a part no longer be found; without `part_id`, nothing of the owner."""
    words = words_of(kind)
    first, last = (0, LAST_PART) if part_id is None else (part_id, part_id)
    if _is_sqlite(session):
        chosen: ColumnElement[bool] = words.c.rowid.between(row_of(owner_id, first), row_of(owner_id, last))
    else:
        chosen = and_(words.c.owner_id == owner_id, words.c.part_id.between(first, last))
    session.execute(delete(words).where(chosen))


def forget_all(session: Session, kind: str) -> None:
    """Empty the index of a kind, before it is built anew."""
    session.execute(delete(words_of(kind)))


def settle(session: Session, kind: str) -> None:
    """Merge what many small inserts left behind: seconds at 100,000 tickets, worth it once a night."""
    if _is_sqlite(session):
        order = table(PREFIX + kind, column(PREFIX + kind))
        session.execute(order.insert().values({PREFIX + kind: "optimize"}))


def matching(kind: str, query: Query) -> Select[int]:
    """The ids of all owners whose parts together contain every term; for `X.id.in_(matching(…))`.

    None for an empty query. For a page of results `newest` is far quicker where a term is common.
    """
    return _found(kind, query)[1]


def newest(kind: str, query: Query, *, visible: Select[Any], before: int | None = None) -> Select[int]:
    """The same ids, of owners within `visible` only, the highest first; the caller puts the limit.

    visible: a select with the owners' `id` among its columns, permission and filters in it.
    before: the last id of the page before this one.
    """
    words, found = _found(kind, query)
    found = found.where(_is_in(visible, words)).order_by(Position(words).desc())
    return found if before is None else found.where(Before(words, before))


def best(kind: str, query: Query, *, visible: Select[Any], among: int = 1000) -> Select[int]:
    """The same ids, the best fit first, ties newest first: a first page, not to be paged further.

    among: how many found parts are compared, the newest; what lies beyond them is not in the answer.
    """
    words = words_of(kind)
    parts = select(Owner(words).label("owner_id"), Fit(words, query.terms).label("fit"))
    parts = parts.where(_is_in(visible, words), Matches(words, query.terms) if query else false())
    if len(query.terms) > 1:
        parts = parts.where(*[_has(kind, Owner(words), term) for term in query.terms])
    compared = parts.order_by(Position(words).desc()).limit(among).subquery()
    order = (func.min(compared.c.fit), compared.c.owner_id.desc())
    return select(compared.c.owner_id).group_by(compared.c.owner_id).order_by(*order)


def newest_parts(kind: str, query: Query, owner_ids: Sequence[int]) -> Select[int]:
    """Of each of these few owners, the id of its newest part that has any of the terms."""
    words = words_of(kind)
    found = select(func.max(PartId(words)).label("part_id")).group_by(Owner(words))
    if not owner_ids or not query:
        return found.where(false())
    span = Between(words, min(owner_ids), max(owner_ids))
    return found.where(Matches(words, query.terms), span, Owner(words).in_(owner_ids))


def _found(kind: str, query: Query) -> tuple[TableClause, Select[int]]:
    """Owners of rows with the rarest term, as far as its length tells, that have the others in any row."""
    words = words_of(kind)
    found = select(Owner(words).label("owner_id")).distinct()
    if not query:
        return words, found.where(false())
    rarest, *others = sorted(query.terms, key=lambda term: -sum(map(len, term.tokens)))
    found = found.where(Matches(words, (rarest,)), *[_has(kind, Owner(words), term) for term in others])
    return words, found


def _has(kind: str, owner: ColumnElement[int], term: Term) -> ColumnElement[bool]:
    """Whether any part of the owner has the term; read once per statement, not once per owner."""
    words = words_of(kind).alias()
    return owner.in_(select(Owner(words)).where(Matches(words, (term,))).correlate(None))


def _is_in(visible: Select[Any], words: FromClause) -> ColumnElement[bool]:
    """Whether the caller may see the owner: looked up one by one, until the page is full."""
    mine = visible.selected_columns["id"] == Owner(words)
    return visible.where(mine).order_by(None).with_only_columns(literal(1)).correlate(words).exists()


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
