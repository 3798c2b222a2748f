"""A rule as the lines of a form, and back: groups and clauses, one below the other, each at its depth."""

import json
import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from helpdesk.core.predicates import Type
from helpdesk.core.rule_parsing import LONGEST
from helpdesk.lifecycle.catalogue import CATALOGUE

# Groups in groups in the rule: what a form still shows clearly.
DEEPEST = 3
_FIRST = "open_tickets"
_DEFAULTS = {Type.NUMBER: ("ge", ["1"]), Type.FLAG: ("eq", ["true"]), Type.TEXT: ("eq", [])}
_DEFAULTS |= {Type.MOMENT: ("within_days", ["30"]), Type.WORDS: ("eq", [])}


class NoForm(Exception):
    """The rule is nested deeper than the form shows; only its JSON can be edited."""


@dataclass(frozen=True)
class Line:
    """A group (`word` is all, any or none) or a clause (`name`, `op`, `values` as typed)."""

    depth: int
    word: str = ""
    name: str = ""
    op: str = ""
    values: list[str] = field(default_factory=list)


def blank() -> list[Line]:
    """An empty rule: a group with one clause to fill in."""
    return [Line(0, word="all"), _clause(1, _FIRST)]


def of_form(form: MultiDict[str, str]) -> list[Line]:
    """The lines as posted; what a changed field does not know any more becomes its default."""
    lines = [_posted(form, number) for number in form.getlist("line")[: LONGEST + 1]]
    return lines if lines and lines[0].word else blank()


def of_rule(rule: Mapping[str, Any]) -> list[Line]:
    """The lines of a rule that can be read. Raises `NoForm`."""
    lines: list[Line] = []
    _write(rule if _is_group(rule) else {"all": [rule]}, 0, lines)
    return lines


def as_rule(lines: list[Line]) -> tuple[dict[str, Any], dict[str, int]]:
    """The rule, and for each path in it the number of its line, the first being 1."""
    places: dict[str, int] = {}
    rule, _rest = _group(lines, 0, "rule", places)
    return rule, places


def act(lines: list[Line], do: str) -> list[Line]:
    """After a press of a button: `clause-3` and `group-3` add to that group, `remove-3` takes the line away.

    Lines are numbered from 0. The first group stays.
    """
    what, _dash, number = do.partition("-")
    index = int(number) if number.isascii() and number.isdigit() else -1
    if not 0 <= index < len(lines) or what not in ("clause", "group", "remove"):
        return lines
    end = _end(lines, index)
    if what == "remove":
        return lines[:index] + lines[end:] if index else lines
    depth = lines[index].depth + 1
    added = [_clause(depth, _FIRST)]
    if what == "group":
        added = [Line(depth, word="any"), _clause(depth + 1, _FIRST)]
    return lines[:end] + added + lines[end:]


def in_json(rule: Any) -> str:
    """The rule as experts read it."""
    return json.dumps(rule, ensure_ascii=False, indent=2)


def _posted(form: MultiDict[str, str], number: str) -> Line:
    written = form.get(f"depth-{number}", "")
    depth = min(int(written), DEEPEST) if written.isascii() and written.isdigit() and len(written) < 3 else 1
    word = form.get(f"word-{number}", "")
    if word:
        return Line(depth, word=word if word in ("all", "any", "none") else "all")
    name = form.get(f"field-{number}", "")
    if name != form.get(f"was-{number}", name) and name in CATALOGUE:
        return _clause(depth, name)
    values = [value.strip() for value in form.getlist(f"value-{number}")]
    return Line(depth, name=name, op=form.get(f"op-{number}", ""), values=values)


def _clause(depth: int, name: str) -> Line:
    op, values = _DEFAULTS[CATALOGUE[name].type]
    return Line(depth, name=name, op=op, values=list(values))


def _end(lines: list[Line], index: int) -> int:
    """The line after the group, or the clause, that begins on line `index`."""
    within = (n for n in range(index + 1, len(lines)) if lines[n].depth <= lines[index].depth)
    return next(within, len(lines))


def _group(lines: list[Line], index: int, path: str, places: dict[str, int]) -> tuple[dict[str, Any], int]:
    """The group on line `index`, and the line after it."""
    line, end = lines[index], _end(lines, index)
    places[path] = index + 1
    word, inner = (line.word, path) if line.word != "none" else ("any", f"{path}.not")
    places[f"{inner}.{word}"] = places[inner] = index + 1
    parts: list[dict[str, Any]] = []
    following = index + 1
    while following < end:
        place = f"{inner}.{word}[{len(parts)}]"
        if lines[following].word:
            part, following = _group(lines, following, place, places)
        else:
            part, following = _asked(lines[following]), following + 1
            places[place] = following
        parts.append(part)
    group: dict[str, Any] = {word: parts}
    return ({"not": group} if line.word == "none" else group), end


def _asked(line: Line) -> dict[str, Any]:
    if line.op in ("missing", "known"):
        return {"f": line.name, "op": "missing", "v": line.op == "missing"}
    known = CATALOGUE.get(line.name)
    type = known.type if known else Type.TEXT
    if line.op == "in":
        typed = [part.strip() for value in line.values for part in value.replace("、", ",").split(",")]
        return {"f": line.name, "op": "in", "v": [_value(type, one) for one in typed if one]}
    return {"f": line.name, "op": line.op, "v": _value(type, line.values[0] if line.values else "")}


def _value(type: Type, typed: str) -> Any:
    """What was typed as the field's type has it; what does not fit stays as it was, to be told."""
    if type is Type.FLAG:
        return {"true": True, "false": False}.get(typed, typed)
    if type not in (Type.NUMBER, Type.MOMENT):
        return typed
    try:
        number = float(unicodedata.normalize("NFKC", typed))
    except ValueError:
        return typed
    if not math.isfinite(number):
        return typed
    return int(number) if number.is_integer() else number


def _is_group(rule: Mapping[str, Any]) -> bool:
    return "f" not in rule


def _write(rule: Mapping[str, Any], depth: int, lines: list[Line]) -> None:
    """Append the lines of a group."""
    if depth >= DEEPEST:
        raise NoForm
    ((word, inner),) = rule.items()
    if word == "not":
        is_any = set(inner) == {"any"}
        word, inner = "none", inner["any"] if is_any else [inner]
    lines.append(Line(depth, word=word))
    for part in inner:
        if _is_group(part):
            _write(part, depth + 1, lines)
        else:
            lines.append(_read(part, depth + 1))


def _read(clause: Mapping[str, Any], depth: int) -> Line:
    name, op, wanted = clause["f"], clause["op"], clause.get("v")
    if op == "missing":
        return Line(depth, name=name, op="known" if wanted is False else "missing")
    written = wanted if isinstance(wanted, list) else [wanted]
    return Line(depth, name=name, op=op, values=[_typed(one) for one in written])


def _typed(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
