"""Where the evidence of a claim can be read."""

from collections.abc import Mapping
from typing import Any


def customer(customer_id: int) -> str:
    return f"/desk/customers/{customer_id}"


def history(customer_id: int) -> str:
    return f"/desk/customers/{customer_id}/history"


def ticket(number: int) -> str:
    return f"/desk/tickets/{number}"


def article(details: Mapping[str, Any]) -> str:
    """The article that an event names; empty where it names none."""
    named = details.get("slug") and details.get("lang")
    return f"/kb/{details['lang']}/{details['slug']}" if named else ""


def evidence(source: str, customer_id: int) -> str:
    """The address of a row named as `table/id`, as rules name what they read."""
    table, _, row_id = source.partition("/")
    if table == "tickets":
        return ticket(int(row_id))
    if table in ("overlays", "stays", "health_readings"):
        return f"{history(customer_id)}#{table}-{row_id}"
    if table == "events":
        return f"{history(customer_id)}?event={row_id}#event-{row_id}"
    return customer(customer_id)
