"""What each customer's last review knew, kept for rules that ask of everybody at once.

A page that evaluates one customer reads the facts themselves and shows their evidence; a segment, a count or
an alert asks the snapshots as SQL (`core/conditions.py`) and says of when they are. Both say the same of the
same moment. The rows may be lost at any time: the next review writes them anew.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Select, select
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.conditions import Column, condition, kept
from helpdesk.core.db import Model, db, insert_into
from helpdesk.core.predicates import Field, Predicate, Type
from helpdesk.lifecycle.catalogue import CATALOGUE
from helpdesk.lifecycle.facts import Facts


class Snapshot(Model):
    """All fields of the catalogue for one customer, as of one moment."""

    __tablename__ = "customer_snapshots"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), unique=True)
    at: Mapped[datetime] = mapped_column(index=True)
    # By field, as `core.conditions.kept` writes it; what is missing is left out.
    known: Mapped[dict[str, Any]]


def keep(facts: list[Facts]) -> None:
    """Keep what these customers' fields say now, instead of what they said before."""
    if not facts:
        return
    rows = [{"customer_id": each.customer_id, "at": each.at, "known": _known(each)} for each in facts]
    written = insert_into(Snapshot)
    newer = {"at": written.excluded.at, "known": written.excluded.known}
    replaced = written.on_conflict_do_update(index_elements=["customer_id"], set_=newer)
    db.session.execute(replaced, rows)


def matching(predicate: Predicate, at: datetime) -> Select[int]:
    """The ids of the customers for whom the predicate held at their last review."""
    return select(Snapshot.customer_id).where(condition(predicate, CATALOGUE, lies_in, at))


def _known(facts: Facts) -> dict[str, Any]:
    seen = ((name, field.read(facts).value) for name, field in CATALOGUE.items())
    return {name: kept(value) for name, value in seen if value is not None}


def lies_in(field: Field[Any]) -> Column:
    """Where a snapshot keeps the field."""
    value: Any = Snapshot.known[field.name]
    ways = {Type.NUMBER: value.as_float, Type.FLAG: value.as_boolean}
    lies: Column = ways.get(field.type, value.as_string)()
    return lies
