"""The sets that ship, and changing from one to another."""

import pytest
from sqlalchemy import func, select

from helpdesk.core.db import db
from helpdesk.lifecycle import presets
from helpdesk.lifecycle.models import Cause, SetStatus, Stage, StageSet, Stay
from helpdesk.lifecycle.rules import faults
from tests.lifecycle.conftest import standing

SIZES = {"four": 4, "five": 5, "six-aida": 6, "three-ma": 3, "six-cx": 6, "helpdesk": 6}


def test_six_sets_ship(app):
    assert {name: len(presets.read(name)["stages"]) for name in presets.names()} == SIZES


@pytest.mark.parametrize("name", SIZES)
def test_every_stage_has_both_names_a_guide_and_readable_rules(app, name):
    chosen = presets.use(name)

    assert faults(chosen.stages) == []
    for stage in chosen.stages:
        assert stage.name_ja
        assert stage.name_en
        assert all(stage.guide[lang][part] for lang in ("ja", "en") for part in ("state", "do", "dont"))


@pytest.mark.parametrize("name", SIZES)
def test_every_place_of_the_common_scale_is_covered_once(name):
    covered = [anchor for stage in presets.read(name)["stages"] for anchor in stage["covers"]]

    assert sorted(covered) == sorted(set(covered))
    missing = {"aware", "engage", "decide", "buy", "onboard", "retain", "advocate"} - set(covered)
    assert not missing


def test_the_default_is_in_place_where_nobody_chose(app):
    keys = [stage.key for stage in presets.ensure_default().stages]

    assert keys == ["prospect", "trial", "onboarding", "adoption", "growth", "advocate"]


def test_an_unknown_set_is_refused(app):
    with pytest.raises(presets.UnknownPreset):
        presets.use("../helpdesk")


def test_choosing_the_set_in_use_changes_nothing(app):
    assert presets.use("five") is presets.use("five")
    assert db.session.scalar(select(func.count()).select_from(StageSet)) == 1


@pytest.mark.parametrize(
    ("before", "set", "after"),
    [
        ("prospect", "four", "awareness"),
        ("trial", "four", "consideration"),
        ("onboarding", "four", "continuation"),
        ("growth", "six-aida", "retention"),
        ("advocate", "six-aida", "advocacy"),
        ("advocate", "three-ma", "retention"),
        ("trial", "six-cx", "evaluation"),
        ("adoption", "five", "retention"),
    ],
)
def test_customers_keep_their_place_when_the_set_changes(customer, put, before, set, after):
    put(before)

    presets.use(set)

    assert standing(customer) == after


def test_history_keeps_its_names_when_the_set_changes(customer, put):
    put("adoption")

    presets.use("four")
    db.session.commit()

    stays = list(db.session.scalars(Stay.of(customer)))
    assert [stay.stage.name_ja for stay in stays][-2:] == ["定着", "継続"]
    assert stays[-1].cause is Cause.MAPPING
    assert [stay.left_at is None for stay in stays] == [False] * (len(stays) - 1) + [True]


def test_going_back_and_forth_makes_new_versions_and_retires_the_old(app):
    for name in ("helpdesk", "four", "helpdesk"):
        presets.use(name)

    sets = db.session.execute(select(StageSet.key, StageSet.version, StageSet.status).order_by(StageSet.id))
    assert [tuple(row) for row in sets] == [
        ("helpdesk", 1, SetStatus.RETIRED),
        ("four", 1, SetStatus.RETIRED),
        ("helpdesk", 2, SetStatus.PUBLISHED),
    ]
    assert db.session.scalar(select(func.count()).select_from(Stage)) == 16
