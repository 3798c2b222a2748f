"""A line of cells as what it is to become: its values, or what is wrong with each of its fields."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from helpdesk.exchange import outside
from helpdesk.exchange import values as v
from helpdesk.exchange.columns import Column, columns, moment_of
from helpdesk.exchange.faults import N_, Fault, Refused
from helpdesk.exchange.models import What
from helpdesk.exchange.reading import Line
from helpdesk.timeline import Kind

HOUSE_CURRENCY = "JPY"
_MONEY = {What.ORDERS: ("amount", "refunded"), What.SUBSCRIPTIONS: ("price",)}


@dataclass
class Draft:
    """One line, checked. values: by our columns, only what the line states, as JSON keeps it."""

    line: int
    values: dict[str, Any]
    faults: list[Fault] = field(default_factory=list)

    @property
    def customer(self) -> tuple[str, str]:
        """How the line names its customer: by `external_id` or by `email`."""
        name = self.values.get("customer")
        return ("external_id", name) if name else ("email", self.values.get("customer_email", ""))

    @property
    def as_json(self) -> str:
        return json.dumps([self.line, self.values], ensure_ascii=False)

    @classmethod
    def of_json(cls, written: str) -> "Draft":
        return cls(*json.loads(written))


class Drafter:
    """Reads the lines of one file. chosen: the file's columns with ours."""

    def __init__(self, what: What, chosen: Mapping[str, str]) -> None:
        self.what, known = what, {column.name: column for column in columns(what)}
        self.columns = {name: known[ours] for name, ours in chosen.items() if ours in known}
        self._finish: Callable[[Draft], None] = _FINISH[what]

    def missing(self) -> list[str]:
        """Which of our columns the file must have and has not."""
        have = {column.name for column in self.columns.values()}
        return [c.name for c in columns(self.what) if c.is_required and c.name not in have]

    def draft(self, line: Line) -> Draft:
        """The line with its values and faults."""
        made = Draft(line.number, {}, [line.fault] if line.fault else [])
        if line.fault is not None:
            return made
        for name, column in self.columns.items():
            if column.name == "payload" and isinstance(line.cells.get(name), dict):
                made.values["payload"] = line.cells[name]
            else:
                self._read(made, column, _as_text(line.cells.get(name)))
        if not made.faults:
            try:
                self._finish(made)
            except Refused as refused:
                made.faults.append(Fault.of(line.number, refused))
        return made

    def _read(self, made: Draft, column: Column, cell: str) -> None:
        if not cell.strip():
            if column.is_required:
                made.faults.append(Fault(made.line, column.name, N_("This must not be empty.")))
            return
        try:
            value = column.read(cell.strip())
        except Refused as refused:
            made.faults.append(Fault(made.line, column.name, refused.message, refused.values))
            return
        if value not in ("", []):
            made.values[column.name] = value
        elif column.is_required:
            made.faults.append(Fault(made.line, column.name, N_("This must not be empty.")))


def _as_text(value: Any) -> str:
    """A value of JSON as a cell would say it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "\n".join(map(_as_text, value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _finish_customer(made: Draft) -> None:
    if not made.values.get("external_id") and not made.values.get("email"):
        raise Refused(N_("Without an id or an e-mail address nobody could be known again."), "external_id")
    extra = {name: made.values.pop(name) for name in [*made.values] if name.startswith("extra.")}
    if extra:
        made.values["extra"] = {name.removeprefix("extra."): value for name, value in extra.items()}


def _finish_money(what: What) -> Callable[[Draft], None]:
    def finish(made: Draft) -> None:
        _need_customer(made)
        values = made.values
        currency = values.setdefault("currency", HOUSE_CURRENCY)
        for name in _MONEY[what]:
            if name in values:
                try:
                    values[name] = v.in_minor_units(values[name], currency)
                except Refused as refused:
                    raise Refused(refused.message, name, **refused.values) from refused
        if values.get("refunded", 0) > values.get("amount", 0):
            raise Refused(N_("More went back than was paid."), "refunded")
        begin, end = moment_of(values.get("started_at")), moment_of(values.get("ended_at"))
        if begin and end and end < begin:
            raise Refused(N_("It ends before it begins."), "ended_at")

    return finish


def _finish_event(made: Draft) -> None:
    _need_customer(made)
    values = made.values
    payload = _payload(values.pop("payload", {}))
    for name in [name for name in values if name.startswith("payload.")]:
        payload[name.removeprefix("payload.")] = values.pop(name)
    values["payload"] = payload
    kind = outside.kind_of(values["type"])
    outside.check(datetime.fromisoformat(values["occurred_at"]), payload)
    if kind is Kind.ORDER_REFUNDED and "amount" not in payload and "order" not in payload:
        raise Refused(N_("Say the order or the amount that went back."), "payload.order")
    told = [values["type"], *made.customer, values["occurred_at"], sorted(payload.items(), key=repr)]
    values.setdefault("idempotency_key", f"line:{sha256(repr(told).encode()).hexdigest()[:40]}")


def _payload(given: Any) -> dict[str, Any]:
    if isinstance(given, dict):
        return given
    try:
        told = json.loads(given)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise Refused(N_("This is no JSON object."), "payload")
    return told


def _need_customer(made: Draft) -> None:
    if not made.customer[1]:
        raise Refused(N_("Say whose it is: the customer's id or e-mail address."), "customer")


def told_of_currency(made: Draft, known: dict[tuple[str, str], str]) -> Fault | None:
    """A currency that no list has, or another than the customer's lines before: kept, but told.

    known: the currency of each customer so far; filled here.
    """
    given = made.values.get("currency")
    if given is None:
        return None
    before = known.setdefault(made.customer, given)
    if not _is_listed(given):
        return Fault(
            made.line, "currency", N_("%(currency)s is no currency that we know."), {"currency": given}
        )
    if before != given:
        words = N_("This customer paid in %(before)s before, now in %(currency)s.")
        return Fault(made.line, "currency", words, {"before": before, "currency": given})
    return None


def _is_listed(currency: str) -> bool:
    from babel.numbers import list_currencies  # noqa: PLC0415

    return currency == HOUSE_CURRENCY or currency in list_currencies()


_FINISH: dict[What, Callable[[Draft], None]] = {
    What.CUSTOMERS: _finish_customer,
    What.ORDERS: _finish_money(What.ORDERS),
    What.SUBSCRIPTIONS: _finish_money(What.SUBSCRIPTIONS),
    What.EVENTS: _finish_event,
}
