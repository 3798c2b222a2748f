"""From JSON to a rule, or a fault that names its place, in the reader's words."""

import re
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from helpdesk.core.predicates import OPERATORS, Clause, Field, Group, Predicate, Type

# Deeper or longer than anything a person reads.
DEEPEST, LONGEST = 12, 200
# A rule looks back no further, and no sum is larger.
MOST_DAYS, LARGEST = 36_500, 10**15

# What no database keeps (NUL, halves of characters), and what stands between words (see `conditions.py`).
_UNKEEPABLE = re.compile("[\0\ud800-\udfff|]")


class BadRule(ValueError):
    """The rule cannot be read: `where`, as a path ("rule.all[0]"), and `why`, in the reader's words."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}")
        self.where, self.why = where, why


def parse(rule: Any, fields: Mapping[str, Field[Any]]) -> Predicate:
    """Read `rule` against the catalogue `fields`, or raise `BadRule`."""
    left = [LONGEST]
    return _parse(rule, fields, "rule", left)


def _parse(rule: Any, fields: Mapping[str, Field[Any]], where: str, left: list[int]) -> Predicate:
    left[0] -= 1
    if not isinstance(rule, dict):
        raise BadRule(where, _("a clause or a group in braces is expected here"))
    if where.count(".") > DEEPEST:
        raise BadRule(where, _("groups are nested too deep"))
    if left[0] < 0:
        raise BadRule(where, _("a rule has at most %(n)s clauses", n=LONGEST))
    if "f" in rule:
        return _parse_clause(rule, fields, where)
    if len(rule) != 1 or not rule.keys() <= {"all", "any", "not"}:
        found = ", ".join(sorted(map(str, rule))) or "{}"
        raise BadRule(
            where, _("one of all, any, not, or a clause with f is expected, not %(found)s", found=found)
        )
    (word, inner) = next(iter(rule.items()))
    if word == "not":
        return Group(word, (_parse(inner, fields, f"{where}.not", left),))
    if not isinstance(inner, list) or not inner:
        raise BadRule(f"{where}.{word}", _("a list with at least one clause is expected here"))
    parts = (_parse(part, fields, f"{where}.{word}[{n}]", left) for n, part in enumerate(inner))
    return Group(word, tuple(parts))


def _parse_clause(rule: dict[str, Any], fields: Mapping[str, Field[Any]], where: str) -> Clause:
    name, op, wanted = rule["f"], rule.get("op"), rule.get("v")
    if not rule.keys() <= {"f", "op", "v"}:
        unknown = min(map(str, rule.keys() - {"f", "op", "v"}))
        raise BadRule(where, _("a clause has f, op and v only, not %(found)s", found=unknown))
    field = fields.get(name) if isinstance(name, str) else None
    if field is None:
        raise BadRule(where, _("there is no field %(name)s", name=repr(name)))
    if not isinstance(op, str) or op not in OPERATORS[field.type]:
        fitting = ", ".join(sorted(OPERATORS[field.type]))
        raise BadRule(where, _("%(field)s takes one of %(fitting)s, not %(op)s", **_said(field, op, fitting)))
    if not _fits(field.type, op, wanted):
        raise BadRule(where, _("%(value)s does not fit %(field)s", value=_short(wanted), field=field.label))
    return Clause(field.name, op, wanted)


def _said(field: Field[Any], op: Any, fitting: str) -> dict[str, Any]:
    return {"field": field.label, "op": _short(op), "fitting": fitting}


def _short(value: Any) -> str:
    """A value as it was written, cut where nobody would read on."""
    written = repr(value)
    return written if len(written) <= 60 else f"{written[:60]}…"


def _fits(type: Type, op: str, wanted: Any) -> bool:
    if op == "missing":
        return wanted is None or isinstance(wanted, bool)
    if op == "within_days":
        return _is_number(wanted) and 0 <= wanted <= MOST_DAYS
    if op == "in":
        return isinstance(wanted, list) and bool(wanted) and all(_fits(type, "eq", one) for one in wanted)
    if type is Type.NUMBER:
        return _is_number(wanted) and abs(wanted) <= LARGEST
    if type is Type.FLAG:
        return isinstance(wanted, bool)
    return isinstance(wanted, str) and not _UNKEEPABLE.search(wanted)


def _is_number(wanted: Any) -> bool:
    return type(wanted) in (int, float)
