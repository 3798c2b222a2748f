"""One rule grammar: what it takes, what it refuses, and what it says it saw."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.core.predicates import Fields, Seen, Type, evaluate
from helpdesk.core.rule_parsing import LONGEST, BadRule, parse

AT = datetime(2026, 9, 18, tzinfo=UTC)
FIELDS: Fields[dict] = Fields()
for name, type in (
    ("score", Type.NUMBER),
    ("paid", Type.FLAG),
    ("stage", Type.TEXT),
    ("ordered", Type.MOMENT),
    ("overlay", Type.WORDS),
):
    FIELDS.field(name, type, name)(lambda row, name=name: Seen(row.get(name), (f"events/{name}",)))


def holds(rule, **row):
    return evaluate(parse(rule, FIELDS), FIELDS, row, AT).held


def leaf(f, op, v=None):
    return {"f": f, "op": op, "v": v}


@pytest.mark.parametrize(
    ("op", "wanted", "seen", "held"),
    [
        ("eq", 2, 2, True),
        ("ne", 2, 2, False),
        ("lt", 2, 1, True),
        ("le", 2, 2, True),
        ("gt", 2, 2, False),
        ("ge", 2, 2.0, True),
        ("in", [1, 2], 2, True),
        ("in", [1, 2], 3, False),
    ],
)
def test_numbers_compare(op, wanted, seen, held):
    assert holds(leaf("score", op, wanted), score=seen) is held


def test_a_missing_value_makes_its_clause_false_and_the_not_of_it_true():
    assert not holds(leaf("score", "ne", 2))
    assert holds({"not": leaf("score", "ne", 2)})


def test_missing_asks_for_the_missing_itself():
    assert holds(leaf("score", "missing"))
    assert holds(leaf("score", "missing", False), score=0)
    assert not holds(leaf("score", "missing"), score=0)


def test_within_days_looks_back_only():
    rule = leaf("ordered", "within_days", 30)

    assert holds(rule, ordered=AT - timedelta(days=30))
    assert not holds(rule, ordered=AT - timedelta(days=31))
    assert not holds(rule, ordered=AT + timedelta(days=1))


def test_words_meet_where_one_is_shared():
    assert holds(leaf("overlay", "in", ["at_risk", "ended"]), overlay=frozenset({"paused", "ended"}))
    assert not holds(leaf("overlay", "eq", "ended"), overlay=frozenset())
    assert holds(leaf("overlay", "ne", "ended"), overlay=frozenset())


def test_the_trace_says_what_was_asked_seen_and_where():
    rule = {"all": [leaf("score", "le", 2), {"not": leaf("paid", "eq", True)}]}

    trace = evaluate(parse(rule, FIELDS), FIELDS, {"score": 5, "paid": True}, AT)

    assert not trace.held
    assert [(a.clause.field, a.seen.value, a.held) for a in trace.answers] == [
        ("score", 5, False),
        ("paid", True, True),
    ]
    assert trace.answers[0].as_json()["sources"] == ["events/score"]


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ([], "a clause or a group"),
        ({}, "one of all, any, not"),
        ({"all": []}, "at least one clause"),
        ({"all": [leaf("paid", "eq", True)], "any": []}, "one of all, any, not"),
        ({"any": [leaf("shoe_size", "eq", 44)]}, r"rule.any\[0\]: there is no field 'shoe_size'"),
        (leaf("paid", "lt", True), "takes one of eq, missing, ne, not 'lt'"),
        (leaf("paid", "eq", 1), "does not fit"),
        (leaf("score", "eq", True), "does not fit"),
        (leaf("score", "in", []), "does not fit"),
        (leaf("ordered", "within_days", -1), "does not fit"),
        ({**leaf("paid", "eq", True), "x": 1}, "f, op and v only, not x"),
        ({"f": ["paid"], "op": "eq", "v": True}, "there is no field"),
        ({"f": "paid", "op": ["eq"], "v": True}, "takes one of"),
        ({"any": [leaf("paid", "eq", True)] * LONGEST}, "at most 200"),
    ],
)
def test_a_bad_rule_is_refused_with_its_place_and_fault(rule, fault):
    with pytest.raises(BadRule, match=fault):
        parse(rule, FIELDS)


def test_a_rule_nested_beyond_reading_is_refused():
    rule = leaf("paid", "eq", True)
    for _ in range(50):
        rule = {"not": rule}

    with pytest.raises(BadRule, match="nested too deep"):
        parse(rule, FIELDS)


LEAVES = st.one_of(
    st.builds(leaf, st.just("score"), st.sampled_from(["eq", "ne", "lt", "ge"]), st.integers(0, 3)),
    st.builds(leaf, st.just("paid"), st.sampled_from(["eq", "ne"]), st.booleans()),
)
RULES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"not": inner}),
        st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=3)}),
    ),
    max_leaves=5,
)
ROWS = st.fixed_dictionaries({}, optional={"score": st.integers(0, 3), "paid": st.booleans()})


@given(RULES, ROWS)
def test_not_of_any_rule_is_its_opposite(rule, row):
    assert holds({"not": rule}, **row) is not holds(rule, **row)


@given(st.lists(LEAVES, min_size=1, max_size=4), ROWS)
def test_all_is_the_not_of_any_not(leaves, row):
    assert holds({"all": leaves}, **row) is holds({"not": {"any": [{"not": one} for one in leaves]}}, **row)
