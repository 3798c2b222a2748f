"""A rule says the same of a row in SQL and in Python, whatever the rule and whatever the row."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import JSON, Column, Integer, MetaData, Table, insert, select

from helpdesk.core.conditions import condition, kept
from helpdesk.core.db import db
from helpdesk.core.predicates import OPERATORS, Field, Fields, Seen, Type, evaluate
from helpdesk.core.rule_parsing import parse

AT = datetime(2026, 9, 18, 3, 0, tzinfo=UTC)
ROWS, RULES = 400, 3000
KEYS = ("trial", "Trial", "導入", "a'b", "50%", "a_b", "")
FIELDS: Fields[dict] = Fields()
for type in Type:
    for number in (1, 2):
        name = f"{type.value}_{number}"
        FIELDS.field(name, type, name)(lambda row, name=name: Seen(row.get(name)))
rows = Table("rows_of_rules", MetaData(), Column("id", Integer, primary_key=True), Column("known", JSON))


def some_value(type: Type, chance: random.Random):
    if type is Type.NUMBER:
        return chance.choice([chance.randint(-3, 5), chance.random() * 4, 10**14, 0, 0.1 + 0.2])
    if type is Type.FLAG:
        return chance.random() < 0.5
    if type is Type.MOMENT:
        return AT - timedelta(
            days=chance.choice([-1, 0, 1, 7, 30, 31]), microseconds=chance.choice([0, 0, 1])
        )
    if type is Type.WORDS:
        return frozenset(chance.sample(KEYS[:-1], chance.randint(0, 3)))
    return chance.choice(KEYS)


def some_rule(chance: random.Random, depth: int = 0):
    if depth < 3 and chance.random() < 0.55:
        word = chance.choice(["all", "any", "not"])
        parts = [some_rule(chance, depth + 1) for _ in range(1 if word == "not" else chance.randint(1, 4))]
        return {word: parts[0] if word == "not" else parts}
    field = chance.choice(list(FIELDS.values()))
    op = chance.choice(sorted(OPERATORS[field.type]))
    return {"f": field.name, "op": op, "v": wanted_by(op, field, chance)}


def wanted_by(op: str, field: Field, chance: random.Random):
    if op == "missing":
        return chance.choice([None, True, False])
    if op == "within_days":
        return chance.choice([0, 1, 7, 30, 0.5])
    type = Type.TEXT if field.type is Type.WORDS else field.type
    return [some_value(type, chance) for _ in range(3)] if op == "in" else some_value(type, chance)


@pytest.fixture
def people(app) -> Iterator[dict[int, dict]]:
    """Rows in which every third value is not known."""
    chance = random.Random(7)
    told = {
        id: {f.name: some_value(f.type, chance) for f in FIELDS.values() if chance.random() < 0.67}
        for id in range(1, ROWS + 1)
    }
    with db.engine.begin() as connection:
        rows.create(connection)
        written = [{"id": i, "known": {n: kept(v) for n, v in row.items()}} for i, row in told.items()]
        connection.execute(insert(rows), written)
    yield told
    with db.engine.begin() as connection:
        rows.drop(connection)


def lies_in(field: Field):
    value = rows.c.known[field.name]
    if field.type is Type.NUMBER:
        return value.as_float()
    return value.as_boolean() if field.type is Type.FLAG else value.as_string()


@pytest.mark.parametrize("seed", range(10))
def test_three_thousand_rules_find_the_same_rows_in_both(people, seed):
    chance = random.Random(seed)
    with db.engine.connect() as connection:
        for _ in range(RULES // 10):
            rule = some_rule(chance)
            predicate = parse(rule, FIELDS)
            found = set(
                connection.scalars(select(rows.c.id).where(condition(predicate, FIELDS, lies_in, AT)))
            )
            held = {id for id, row in people.items() if evaluate(predicate, FIELDS, row, AT).held}
            assert found == held, rule
