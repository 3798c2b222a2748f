"""The rule editor: lines and JSON, whom a rule holds for and why, versions of overlays and segments."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.rule_parsing import parse
from helpdesk.lifecycle import overlay_rules, presets
from helpdesk.lifecycle.catalogue import CATALOGUE
from helpdesk.lifecycle.editing import lines, vocabulary
from helpdesk.lifecycle.editing.looking_back import look_back
from helpdesk.lifecycle.editing.soundness import never
from helpdesk.lifecycle.models import OverlayKind
from helpdesk.lifecycle.rulebook import Purpose, Rule, RuleStatus
from helpdesk.timeline import Kind

RULES = "/desk/settings/rules"
LEAVES = st.sampled_from(
    [
        {"f": "health", "op": "lt", "v": 40},
        {"f": "health", "op": "missing", "v": True},
        {"f": "paid", "op": "eq", "v": True},
        {"f": "stage", "op": "in", "v": ["trial", "growth"]},
        {"f": "overlay", "op": "ne", "v": "ended"},
        {"f": "order_silence", "op": "ge", "v": 1.5},
    ]
)


def groups(inner):
    parts = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        st.builds(lambda p: {"all": p}, parts),
        st.builds(lambda p: {"any": p}, parts),
        st.builds(lambda p: {"not": {"any": p}}, parts),
    )


@pytest.fixture
def lead(visit, grace):
    presets.ensure_default()
    return visit(grace)


def test_every_field_stands_in_exactly_one_group_and_has_operators(app):
    named = [name for names in vocabulary.GROUPS.values() for name in names]

    assert sorted(named) == sorted(CATALOGUE)
    assert all(vocabulary.operators(field) for field in CATALOGUE.values())


@given(groups(st.one_of(LEAVES, groups(LEAVES))))
def test_a_rule_goes_through_the_lines_of_a_form_and_comes_back_the_same(rule):
    form = MultiDict()
    for number, line in enumerate(lines.of_rule(rule)):
        form.add("line", str(number))
        form[f"depth-{number}"] = str(line.depth)
        if line.word:
            form[f"word-{number}"] = line.word
        else:
            form[f"field-{number}"], form[f"op-{number}"] = line.name, line.op
            form.setlist(f"value-{number}", line.values)

    assert lines.as_rule(lines.of_form(form))[0] == rule


def test_clauses_that_contradict_each_other_are_found_and_others_left_alone():
    at_least, below = {"f": "health", "op": "ge", "v": 60}, {"f": "health", "op": "lt", "v": 60}
    unpaid = {"f": "paid", "op": "missing", "v": True}
    assert never(parse({"all": [at_least, {"all": [below]}]}, CATALOGUE))
    assert never(parse({"all": [unpaid, {"f": "paid", "op": "eq", "v": True}]}, CATALOGUE))
    assert not never(parse({"any": [at_least, below]}, CATALOGUE))
    assert not never(parse({"all": [at_least, {"not": below}]}, CATALOGUE))


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("{", "look at line 1, character 2"),
        ('{"all": [{"f": "paid", "op": "eq", "v": 3}]}', "rule.all[0]: 3 does not fit Has paid"),
        ("[" * 100_000, "no JSON"),
        ('{"f": "shoe_size", "op": "eq", "v": 3}', "there is no field"),
    ],
)
def test_pasted_json_that_is_wrong_is_told_with_its_place(lead, typed, told):
    answer = lead.post(f"{RULES}/overlay/at_risk/when", data={"json": typed, "do": "save-json", "edition": 0})

    assert answer.status_code == 422
    assert told in answer.text
    assert db.session.scalar(select(Rule).where(Rule.status == RuleStatus.DRAFT)) is None


def test_an_overlay_gets_another_rule_by_page_and_everybody_is_looked_at_again(lead, carol, work_off):
    rule = {"all": [{"f": "payment_failed", "op": "eq", "v": False}]}
    at = f"{RULES}/overlay/at_risk"
    lead.post(f"{at}/when", data={"json": json.dumps(rule), "do": "save-json", "edition": 0})
    assert "version 2" in lead.get(at).text
    draft = db.session.scalar(select(Rule).where(Rule.status == RuleStatus.DRAFT))
    assert lead.post(f"{at}/publication", data={"edition": draft.edition - 1}).status_code == 303
    assert draft.status is RuleStatus.DRAFT

    lead.post(f"{at}/publication", data={"edition": draft.edition})
    work_off()
    used = {each.kind: each.version for each in overlay_rules.in_use()}
    assert used[OverlayKind.AT_RISK] == 2
    assert "At risk" in lead.get(f"/desk/customers/{carol.customer_id}/history").text


def test_the_editor_counts_shows_examples_and_says_why(lead, carol, happened, reviewed):
    happened(Kind.PAYMENT_FAILED, days_ago=1)
    reviewed()
    rule = {"all": [{"f": "payment_failed", "op": "eq", "v": True}]}
    asked = {"json": json.dumps(rule), "do": "take", "edition": 0}
    shown = lead.post(f"{RULES}/overlay/ended/when", data=asked).text
    assert '<strong class="rule__count">1</strong>' in shown

    form = {"line": ["0", "1"], "depth-0": "0", "word-0": "all", "depth-1": "1", "field-1": "payment_failed"}
    form |= {"op-1": "eq", "value-1": "false", "do": f"why-{carol.customer_id}"}
    why = lead.post(f"{RULES}/overlay/ended/when", data=form).text
    assert "the rule does not hold" in why
    assert "Payment failed: yes" in why


def test_a_segment_narrows_the_list_of_customers(lead, carol, reviewed):
    reviewed()
    names = {"key": "open", "name_ja": "未解決", "name_en": "Unsolved"}
    lead.post(f"{RULES}/segments", data=names)
    draft = db.session.scalar(select(Rule).where(Rule.purpose == Purpose.SEGMENT))
    written = {"json": '{"f": "age_days", "op": "lt", "v": 1}', "do": "save-json", "edition": draft.edition}
    lead.post(f"{RULES}/segment/open/when", data=written)
    lead.post(f"{RULES}/segment/open/publication", data={"edition": draft.edition})

    assert "Carol" in lead.get("/desk/customers?segment=open").text
    assert "Unsolved" in lead.get("/desk/customers").text
    assert "Carol" not in lead.get("/desk/customers?segment=nobody").text
    assert lead.post(f"{RULES}/segments", data=names).status_code == 422


def test_a_rule_is_looked_back_on_day_by_day(visit, grace, happened, clock):
    clock.shift(timedelta(days=40))
    happened(Kind.PAYMENT_FAILED, days_ago=5.5)
    happened(Kind.PAYMENT_RECOVERED, days_ago=2.5)
    db.session.commit()
    rule = {"f": "payment_failed", "op": "eq", "v": True}
    found = look_back(parse(rule, CATALOGUE), grace)

    ago = [(round((now() - day.at) / timedelta(days=1)), day.entered, day.left) for day in found.days]
    assert ago == [(2, 0, 1), (5, 1, 0)]
    form = {"line": ["0", "1"], "depth-0": "0", "word-0": "all", "depth-1": "1", "field-1": "payment_failed"}
    form |= {"op-1": "eq", "value-1": "true", "do": "look-back"}
    assert "Came in" in visit(grace).post(f"{RULES}/overlay/ended/when", data=form).text
