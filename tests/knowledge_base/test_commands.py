"""The knowledge base from the command line."""

import json
from contextvars import Context

import pytest

from helpdesk.core.db import db
from knowledge_base.commands import kb


@pytest.fixture
def run(app):
    """Runs a command as a shell would: only what it commits stays."""

    def run(*words):
        db.session.commit()
        done = Context().run(app.test_cli_runner().invoke, kb, words)
        db.session.expire_all()
        return done

    return run


def test_search_prints_what_customers_get(run, article, work_off):
    work_off()
    answer = json.loads(run("search", "lost invoice", "--lang", "en", "--json").output)

    assert [item["slug"] for item in answer["items"]] == ["find-a-lost-invoice"]
    assert answer["match"] == "good"


def test_search_shows_no_draft(run, written, work_off):
    written("Secret plan", is_public=False)
    work_off()

    assert json.loads(run("search", "secret plan", "--lang", "en", "--json").output)["items"] == []


def test_search_says_for_eyes_how_well_it_fits(run, article, work_off):
    work_off()

    assert "/kb/en/find-a-lost-invoice" in run("search", "invoice", "--lang", "en").output


def test_reindex_makes_what_is_missing(run, article):
    assert "en: 1 articles" in run("reindex").output


def test_import_says_what_it_did(run, tmp_path):
    (tmp_path / "a.md").write_text("---\ntitle: A\n---\nText.")

    done = run("import", str(tmp_path), "--lang", "en")
    said = json.loads(done.output)
    assert [said[name] for name in ("created", "updated", "skipped", "errors", "conflicts")] == [
        1,
        0,
        0,
        [],
        [],
    ]
    assert done.exit_code == 0


def test_a_fault_ends_the_import_with_its_place(run, tmp_path):
    (tmp_path / "a.md").write_text("---\ntitle: A\n---\nText.")
    done = run("import", str(tmp_path))

    assert done.exit_code == 1
    file = str(tmp_path / "a.md")
    assert json.loads(done.output)["errors"] == [
        {"place": file, "file": file, "line": None, "message": "no lang"}
    ]


def test_a_dry_run_leaves_nothing(run, tmp_path):
    (tmp_path / "a.md").write_text("# A")

    assert json.loads(run("import", str(tmp_path), "--lang", "en", "--dry-run").output)["created"] == 1
    assert json.loads(run("import", str(tmp_path), "--lang", "en").output)["created"] == 1


def test_export_writes_what_import_takes(run, article, tmp_path):
    assert json.loads(run("export", str(tmp_path / "out")).output)["articles"] == 1
    assert json.loads(run("import", str(tmp_path / "out")).output)["skipped"] == 1


def test_export_wants_an_empty_folder(run, article, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("x")

    assert run("export", str(tmp_path / "out")).exit_code == 2
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["mine.txt"]
