"""What rules say of everybody at once is what they say of each, seen alone."""

import random

import pytest
from sqlalchemy import select

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.predicates import OPERATORS, Type, evaluate
from helpdesk.core.rule_parsing import parse
from helpdesk.customers.models import Customer
from helpdesk.lifecycle import presets, snapshots
from helpdesk.lifecycle.catalogue import CATALOGUE
from helpdesk.lifecycle.facts import Facts
from helpdesk.lifecycle.stages import review_now


@pytest.fixture
def everybody(company) -> dict[int, Facts]:
    """The facts of every customer of the company, each read alone; all of them have just been reviewed."""
    ids = list(db.session.scalars(select(Customer.id)))
    review_now(ids, quiet=True)
    return {id: Facts(id) for id in ids}


def shipped_rules() -> list[dict]:
    stages = [stage for name in presets.names() for stage in presets.read(name)["stages"]]
    backwards = [rule["when"] for stage in stages for rule in stage.get("regress", ())]
    return [*(stage["entry"] for stage in stages if stage.get("entry")), *backwards]


def rule_about(field, everybody, chance: random.Random) -> dict:
    """A question whose wanted value is one that somebody has."""
    seen = [value for facts in everybody.values() if (value := field.read(facts).value) is not None]
    op = chance.choice(sorted(OPERATORS[field.type]))
    if op == "missing" or not seen:
        return {"f": field.name, "op": "missing", "v": chance.choice([True, False])}
    wanted = chance.choice(seen)
    if field.type is Type.WORDS:
        wanted = next(iter(wanted), "at_risk")
    if field.type is Type.MOMENT:
        wanted = 30
    return {"f": field.name, "op": op, "v": [wanted] if op == "in" else wanted}


def found_and_held(rule: dict, everybody: dict[int, Facts]) -> tuple[set[int], set[int]]:
    predicate = parse(rule, CATALOGUE)
    found = set(db.session.scalars(snapshots.matching(predicate, now())))
    return found, {id for id, f in everybody.items() if evaluate(predicate, CATALOGUE, f, f.at).held}


def test_every_shipped_rule_finds_whom_it_holds_for(everybody):
    verdicts = [found_and_held(rule, everybody) for rule in shipped_rules()]

    assert all(found == held for found, held in verdicts)
    assert sum(bool(found) for found, _ in verdicts) > 10


def test_every_field_is_kept_as_it_is_read(everybody):
    chance = random.Random(7)
    for field in CATALOGUE.values():
        for _ in range(4):
            rule = rule_about(field, everybody, chance)
            found, held = found_and_held(rule, everybody)
            assert found == held, rule


def test_many_read_at_once_are_what_each_is_alone(everybody):
    together = Facts.of_many(list(everybody))

    for id, alone in everybody.items():
        for name, field in CATALOGUE.items():
            assert field.read(together[id]) == field.read(alone), (id, name)
