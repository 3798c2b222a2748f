"""What keeps a draft from being published, and what its author should know, each with its place."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from flask_babel import gettext as _

from helpdesk.core.clock import now
from helpdesk.core.i18n import language
from helpdesk.core.predicates import Clause, Group, Predicate, Type, Value, satisfies
from helpdesk.core.rule_parsing import BadRule, parse
from helpdesk.lifecycle.catalogue import CATALOGUE
from helpdesk.lifecycle.models import Stage, StageSet


@dataclass(frozen=True)
class Fault:
    """Something wrong, where, and whether it keeps the draft from being published."""

    where: str
    why: str
    is_bar: bool = True


def faults(draft: StageSet) -> list[Fault]:
    """Everything, bars and warnings; empty where the draft is sound."""
    return [*_of_path(draft), *_of_mapping(draft), *(f for stage in draft.stages for f in _of_stage(stage))]


def never(predicate: Predicate) -> bool:
    """Whether no customer at all can make it true. Asks only what clauses beside each other contradict."""
    if isinstance(predicate, Clause):
        return not _possible([predicate])
    if predicate.word == "any":
        return all(never(part) for part in predicate.parts)
    if predicate.word == "not":
        return False
    clauses: dict[str, list[Clause]] = {}
    for clause in _beside(predicate):
        clauses.setdefault(clause.field, []).append(clause)
    groups = [part for part in predicate.parts if isinstance(part, Group)]
    return any(not _possible(each) for each in clauses.values()) or any(map(never, groups))


def named_stages(rule: Any) -> Iterator[str]:
    """The keys of stages that a rule names, however deep."""
    if isinstance(rule, dict):
        if rule.get("f") == "stage":
            wanted = rule.get("v")
            yield from (one for one in (wanted if isinstance(wanted, list) else [wanted]) if one)
        for inner in rule.values():
            yield from named_stages(inner)
    elif isinstance(rule, list):
        for inner in rule:
            yield from named_stages(inner)


def _of_path(draft: StageSet) -> Iterator[Fault]:
    path = _("Path")
    if not draft.stages:
        yield Fault(path, _("A set needs at least one stage: new customers stand on the first."))
    for number, stage in enumerate(draft.stages, 1):
        if stage.key in {other.key for other in draft.stages[: number - 1]}:
            yield Fault(_place(stage), _("Another stage has the key %(key)s already.", key=stage.key))
        if not stage.name_ja.strip() or not stage.name_en.strip():
            yield Fault(_place(stage), _("A stage needs a name in Japanese and in English."))
    for former, later in pairwise(draft.stages):
        order = [*type(former.anchor)]
        if order.index(later.anchor) < order.index(former.anchor):
            why = _("It lies before the stage above it on the common scale; reports will show it so.")
            yield Fault(_place(later), why, is_bar=False)


def _of_mapping(draft: StageSet) -> Iterator[Fault]:
    used, keys = StageSet.in_use(), {stage.key for stage in draft.stages}
    for old in used.stages if used else ():
        if draft.mapping.get(old.key) not in keys:
            why = _("Say where those go who stand on %(stage)s now.", stage=old.name(language()))
            yield Fault(_("Mapping"), why)


def _of_stage(stage: Stage) -> Iterator[Fault]:
    yield from _of_rule(stage, stage.entry_rule, _("entry rule"))
    keys = {each.key for each in stage.set.stages}
    for number, back in enumerate(stage.regress_rule.get("rules", []), 1):
        what = _("step back %(n)s", n=number)
        yield from _of_rule(stage, back.get("when", {}), what)
        if not back.get("when"):
            yield Fault(f"{_place(stage)}, {what}", _("It has no condition yet."))
        if not set(back.get("from", [])) & keys - {stage.key}:
            yield Fault(f"{_place(stage)}, {what}", _("It names no stage to step back from."))


def _of_rule(stage: Stage, rule: dict[str, Any], what: str) -> Iterator[Fault]:
    if not rule:
        return
    where = f"{_place(stage)}, {what}"
    try:
        predicate = parse(rule, CATALOGUE)
    except BadRule as error:
        yield Fault(f"{where} ({error.where})", error.why)
        return
    if never(predicate):
        yield Fault(where, _("No customer can ever fulfil it: its clauses contradict each other."))
    for key in named_stages(rule):
        if key not in {each.key for each in stage.set.stages}:
            yield Fault(where, _("It names the stage %(key)s, which this set does not have.", key=key))


def _place(stage: Stage) -> str:
    return str(_("Stage %(n)s, %(name)s", n=stage.position + 1, name=stage.name(language()) or stage.key))


def _beside(group: Group) -> Iterator[Clause]:
    for part in group.parts:
        if isinstance(part, Clause):
            yield part
        elif part.word == "all":
            yield from _beside(part)


def _possible(clauses: list[Clause]) -> bool:
    """Whether one value, or none, fulfils all of these clauses, which ask of one field."""
    at = now()
    return any(all(satisfies(clause, seen, at) for clause in clauses) for seen in _candidates(clauses))


def _candidates(clauses: list[Clause]) -> Iterator[Value | None]:
    """Values of which one must fulfil the clauses, if any does."""
    yield None
    type = CATALOGUE[clauses[0].field].type
    asked = [one for c in clauses for one in (c.wanted if isinstance(c.wanted, list) else [c.wanted])]
    if type is Type.MOMENT:
        yield now()
    elif type is Type.FLAG:
        yield from (True, False)
    elif type is Type.NUMBER:
        numbers = [one for one in asked if isinstance(one, (int, float)) and not isinstance(one, bool)]
        yield from (number + step for number in [*numbers, 0] for step in (-0.5, 0, 0.5))
        whole = sorted(numbers)
        yield from ((low + high) / 2 for low, high in pairwise(whole))
    elif type is Type.TEXT:
        yield from (one for one in asked if isinstance(one, str))
        yield "\N{REPLACEMENT CHARACTER}"
    else:
        without = {c.wanted for c in clauses if c.op == "ne"}
        yield frozenset(one for one in asked if isinstance(one, str)) - without
        yield frozenset()
