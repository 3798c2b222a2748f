"""`helpdesk lifecycle` from the command line."""

import json

import pytest

from helpdesk.core.db import db
from helpdesk.lifecycle.commands import lifecycle
from helpdesk.lifecycle.presets import ensure_default
from tests.lifecycle.conftest import standing


@pytest.fixture
def run(app):
    def call(*arguments: str) -> str:
        db.session.commit()
        done = app.test_cli_runner().invoke(lifecycle, arguments)
        db.session.expire_all()
        assert done.exit_code == 0, done.output
        return done.output

    return call


def test_choosing_a_set_prints_it(run):
    told = json.loads(run("use", "four", "--json"))

    assert told["set"] == "four"
    assert told["stages"][0] == {
        "key": "awareness",
        "name_ja": "認知",
        "name_en": "Awareness",
        "anchor": "aware",
    }


def test_choosing_a_set_moves_customers_along(run, customer, put):
    put("trial")
    run("use", "four")

    assert standing(customer) == "consideration"


def test_an_unknown_set_is_a_usage_error(app):
    assert app.test_cli_runner().invoke(lifecycle, ["use", "seven"]).exit_code == 2


def test_a_review_moves_and_says_whom(run, customer, plan):
    plan(trial_in=5)

    told = json.loads(run("review"))

    assert told["moves"] == [{"customer": customer.id, "from": "prospect", "to": "trial"}]
    assert told["stages"]["trial"] == 1
    assert standing(customer) == "trial"


def test_a_dry_run_says_the_same_and_moves_nobody(run, customer, plan):
    plan(trial_in=5)

    told = json.loads(run("review", "--dry-run"))

    assert told["dry_run"] is True
    assert told["moves"] == [{"customer": customer.id, "from": "prospect", "to": "trial"}]
    assert (told["stages"]["prospect"], told["stages"]["trial"]) == (0, 1)
    assert standing(customer) == "prospect"


def test_a_review_names_bad_rules(run, customer):
    ensure_default().stages[-1].entry_rule = {"any": []}

    assert json.loads(run("review"))["bad_rules"] == [
        "advocate: rule.any: a list with at least one clause is expected here"
    ]
