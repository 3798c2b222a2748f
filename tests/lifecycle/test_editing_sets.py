"""Stage sets that people edit: drafts, what a draft would do, and putting it into use."""

import pytest
from sqlalchemy import func, select

from helpdesk.core.db import db
from helpdesk.lifecycle import presets, stages
from helpdesk.lifecycle.editing import drafts
from helpdesk.lifecycle.editing.differences import differences
from helpdesk.lifecycle.editing.foretelling import foretell
from helpdesk.lifecycle.editing.publishing import Unsound, publish
from helpdesk.lifecycle.editing.soundness import faults
from helpdesk.lifecycle.models import SetStatus, Stage, StageSet, Stay
from helpdesk.timeline import Kind
from tests.lifecycle.conftest import standing

SETS = "/desk/settings/stages"


@pytest.fixture
def lead(visit, grace):
    presets.ensure_default()
    return visit(grace)


@pytest.fixture
def draft(customer, grace) -> StageSet:
    presets.ensure_default()
    made = drafts.begin(by=grace)
    db.session.commit()
    return made


def by_key(chosen: StageSet, key: str) -> Stage:
    return next(stage for stage in chosen.stages if stage.key == key)


def test_a_draft_of_the_set_in_use_changes_nothing_and_maps_each_stage_to_itself(draft, customer, reviewed):
    assert draft.version == 2
    assert {old == new for old, new in draft.mapping.items()} == {True}
    assert differences(draft, StageSet.in_use()) == []
    assert StageSet.in_use().version == 1
    assert reviewed() == "prospect"


@pytest.mark.parametrize("name", ["four", "five", "six-aida", "three-ma", "six-cx"])
def test_each_preset_loads_by_page_is_sound_and_maps_all_that_is_in_use(lead, name):
    lead.post(SETS, data={"preset": name})
    made = db.session.scalar(select(StageSet).where(StageSet.preset == name))

    assert [fault for fault in faults(made) if fault.is_bar] == []
    assert all(stage.guide["ja"]["do"] and stage.guide["en"]["do"] for stage in made.stages)
    assert lead.get(f"{SETS}/{made.id}").status_code == 200
    assert lead.get(f"{SETS}/{made.id}/dry-run").status_code == 200


def test_what_the_dry_run_foretells_is_what_publishing_does(customer, grace, happened, reviewed, work_off):
    happened(Kind.ORDER_PAID, days_ago=100)
    happened(Kind.VALUE_REACHED, days_ago=90)
    happened(Kind.TICKET_REPLIED, days_ago=2)
    assert reviewed() == "adoption"
    made = drafts.begin(by=grace, preset="six-aida")
    db.session.commit()

    told = foretell(made, grace)
    assert told.now == {"adoption": 1}
    assert told.then == {"retention": 1}
    assert [(flow.customers, flow.is_by_rule, len(flow.examples)) for flow in told.flows]

    publish(made, made.edition, by=grace)
    work_off()
    assert standing(customer) == "retention"
    names = [stay.stage.name_en for stay in db.session.scalars(Stay.of(customer))]
    assert names[-2:] == ["Adoption", "Retention"]


def test_publishing_retires_the_set_before_and_asks_for_a_quiet_review(draft, grace, customer):
    by_key(draft, "trial").name_ja = "お試し"
    publish(draft, draft.edition, by=grace)
    db.session.commit()

    assert StageSet.in_use() is draft
    statuses = db.session.scalars(select(StageSet.status).order_by(StageSet.id)).all()
    assert statuses == [SetStatus.RETIRED, SetStatus.PUBLISHED]


def test_a_stage_without_a_mapping_bars_publishing_and_says_so(draft, grace):
    drafts.remove(draft, by_key(draft, "trial"))
    db.session.commit()
    db.session.expire_all()

    with pytest.raises(Unsound, match="Trial"):
        publish(draft, draft.edition, by=grace)


def test_a_rule_that_nobody_can_fulfil_and_one_that_names_a_strange_stage_are_told(draft):
    health = {"f": "health", "op": "gt", "v": 80}
    by_key(draft, "trial").entry_rule = {"all": [health, {"f": "health", "op": "lt", "v": 20}]}
    by_key(draft, "growth").entry_rule = {"f": "stage", "op": "eq", "v": "nowhere"}

    told = [f"{fault.where}: {fault.why}" for fault in faults(draft)]
    assert any("Stage 2" in each and "ever" in each for each in told)
    assert any("Stage 5" in each and "nowhere" in each for each in told)


def test_two_who_edit_one_draft_do_not_overwrite_each_other(lead, draft):
    trial = by_key(draft, "trial")
    address, seen = f"{SETS}/{draft.id}/stages/{trial.id}", draft.edition
    form = {"edition": seen, "key": "trial", "name_ja": "甲", "name_en": "A", "anchor": "decide"}
    form |= {"colour": "warn-solid", "owner_id": "0"}
    assert lead.post(address, data=form).status_code == 303

    late = lead.post(address, data={**form, "name_en": "B"})
    assert late.status_code == 409
    assert "meanwhile" in late.text
    assert 'value="B"' in late.text
    assert db.session.get_one(Stage, trial.id).name_en == "A"


def test_ten_thousand_characters_for_a_name_are_refused_and_nothing_changes(lead, draft):
    trial = by_key(draft, "trial")
    form = {"edition": draft.edition, "key": "trial", "name_ja": "長" * 10_000, "name_en": "A"}
    answer = lead.post(f"{SETS}/{draft.id}/stages/{trial.id}", data={**form, "anchor": "decide"})

    assert answer.status_code == 422
    assert db.session.get_one(Stage, trial.id).name_ja == "トライアル"


def test_stages_are_moved_added_renamed_and_taken_away_by_page(lead, draft):
    at = f"{SETS}/{draft.id}"

    def seen() -> int:
        return db.session.scalar(select(StageSet.edition).where(StageSet.id == draft.id))

    new = {"key": "dormant", "name_ja": "休眠", "name_en": "Dormant", "anchor": "retain"}
    lead.post(f"{at}/stages", data={**new, "edition": seen()})
    made = db.session.scalar(select(Stage).where(Stage.key == "dormant"))
    lead.post(f"{at}/stages/{made.id}/order", data={"to": "up", "edition": seen()})
    lead.post(f"{at}/stages/{by_key(draft, 'trial').id}/removal", data={"edition": seen()})

    keys = [stage.key for stage in db.session.get_one(StageSet, draft.id).stages]
    assert keys == ["prospect", "onboarding", "adoption", "growth", "dormant", "advocate"]
    again = lead.post(f"{at}/stages", data={**new, "edition": seen()})
    assert again.status_code == 422
    assert "dormant" in again.text


def test_a_discarded_draft_leaves_nothing(lead, draft):
    lead.post(f"{SETS}/{draft.id}/discarding", data={"edition": draft.edition})

    assert db.session.scalar(select(func.count()).select_from(StageSet)) == 1
    assert db.session.scalar(select(func.count()).select_from(Stage)) == 6


def test_an_entry_rule_is_written_line_by_line_without_a_script(lead, draft):
    trial = by_key(draft, "trial")
    at = f"{SETS}/{draft.id}/stages/{trial.id}/entry-rule"
    form = {"line": ["0", "1"], "depth-0": "0", "word-0": "any", "depth-1": "1", "edition": draft.edition}
    form |= {"field-1": "open_tickets", "was-1": "open_tickets", "op-1": "ge", "value-1": "2"}

    more = lead.post(at, data={**form, "do": "group-0"})
    assert more.text.count('name="line"') == 4
    assert lead.post(at, data={**form, "value-1": "two", "do": "save"}).status_code == 422
    assert lead.post(at, data={**form, "do": "save"}).status_code == 303
    kept = db.session.get_one(Stage, trial.id).entry_rule
    assert kept == {"any": [{"f": "open_tickets", "op": "ge", "v": 2}]}
    assert stages.stages_in_use()[1].entry_rule != kept
