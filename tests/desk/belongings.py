"""A row of every table that belongs to somebody, and the whole database at a glance."""

from itertools import count
from typing import Any

from sqlalchemy import Enum, Table, insert, select

from helpdesk.core.clock import now
from helpdesk.core.db import UTCDateTime, db
from helpdesk.customers.models import Customer
from helpdesk.customers.uniting import belongings
from helpdesk.timeline import Kind

TABLES = Customer.metadata.tables
_numbers = count(10_000)
# Of two who were put together and parted, all rows that may differ.
OTHERS = ("customers", "contacts", "likeness_pairs", "reply_addresses")


def give_everything(customer_id: int, contact_id: int) -> None:
    """One more row of every table that can belong to either; stays make a course of their own."""
    tables = {column.table for of in ("customers", "contacts") for column in belongings(of)}
    tables -= {TABLES["stays"]}
    for table in sorted(tables, key=lambda table: table.name):
        owner = {"customer_id": customer_id, "contact_id": contact_id}
        db.session.execute(insert(table).values(_values(table, owner)))


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """All rows of theirs by table, but for what says that two were put together and parted."""
    names = {column.table.name for of in ("customers", "contacts") for column in belongings(of)}
    shown = {}
    for table in (TABLES[name] for name in names | {*OTHERS}):
        columns = [column for column in table.columns if str(column) != "customers.version"]
        rows = select(*columns).order_by(table.c.id)
        if table.name == "events":
            rows = rows.where(table.c.kind.not_in([Kind.CUSTOMER_MERGED, Kind.CUSTOMER_PARTED]))
        shown[table.name] = [tuple(map(str, row)) for row in db.session.execute(rows)]
    return shown


def _values(table: Table, owner: dict[str, int]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for column in table.columns:
        if column.name in owner and column.foreign_keys:
            values[column.name] = owner[column.name]
        elif not (column.nullable or column.default or column.primary_key):
            values[column.name] = _value(column)
    return values


def _value(column: Any) -> Any:
    for key in column.foreign_keys:
        return db.session.scalar(select(key.column).order_by(key.column).limit(1))
    if isinstance(column.type, Enum):
        return next(iter(column.type.enum_class))
    if isinstance(column.type, UTCDateTime):
        return now()
    kinds = {"dict": {}, "bool": False, "float": 0.0, "int": next(_numbers)}
    return kinds.get(column.type.python_type.__name__, f"value {next(_numbers)}")
