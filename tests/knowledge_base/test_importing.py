"""Articles from files: known again, all or none."""

import json

import pytest
from sqlalchemy import func, select

from helpdesk.core.db import db
from knowledge_base.models import Article, ArticleStatus, Purpose
from knowledge_base.transfer.importing import take


@pytest.fixture
def lines(app, tmp_path):
    """A file of JSON lines: `lines({"title": "A", …}, …)`."""

    def write(*articles):
        file = tmp_path / "articles.jsonl"
        file.write_text("\n".join(json.dumps(article) for article in articles))
        return file

    return write


A = {"external_id": "a", "lang": "en", "title": "A", "body": "One.", "category": "C", "tags": ["t", "u"]}


def articles():
    return db.session.scalars(select(Article).order_by(Article.id)).all()


def test_json_lines_become_published_articles(lines):
    take(lines(A, {**A, "external_id": "b", "status": "draft"}))

    assert [article.status for article in articles()] == [ArticleStatus.PUBLISHED, ArticleStatus.DRAFT]
    assert articles()[0].tags == ["t", "u"]


def test_the_same_id_again_is_an_update(lines):
    take(lines(A))
    done = take(lines({**A, "body": "Two."}))

    assert done.counts == {"updated": 1}
    assert [article.body for article in articles()] == ["Two."]


def test_nothing_new_changes_nothing(lines):
    take(lines(A))

    assert take(lines(A)).counts == {"skipped": 1}
    assert len(articles()[0].revisions) == 1


def test_the_same_id_in_another_language_is_its_translation(lines):
    take(lines(A, {**A, "lang": "ja"}))

    assert [article.lang for article in articles()] == ["en", "ja"]


def test_an_import_can_withdraw(lines):
    take(lines(A))
    take(lines({**A, "status": "archived"}))

    assert articles()[0].status is ArticleStatus.ARCHIVED


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"title": " "}, "no title"),
        ({"lang": "fr"}, "lang is 'fr'"),
        ({"status": "live"}, "status is 'live'"),
        ({"body": 7}, "body is no text"),
        ({"tags": {}}, "tags is no list"),
    ],
)
def test_one_fault_and_nothing_is_written(lines, wrong, message):
    file = lines(A, {**A, **wrong})
    done = take(file)

    assert [(fault.place, fault.words) for fault in done.faults] == [(f"{file}:2", message)]
    assert db.session.scalar(select(func.count(Article.id))) == 0


@pytest.mark.parametrize("line", ["{oops", "[1]", "7"])
def test_what_is_no_json_object_is_named_by_its_line(app, tmp_path, line):
    file = tmp_path / "articles.jsonl"
    file.write_text(f"\n{line}\n")

    assert [fault.place for fault in take(file).faults] == [f"{file}:2"]


def test_a_folder_of_markdown_with_toml(app, tmp_path):
    (tmp_path / "a.md").write_text(
        '+++\ntitle = "A"\nlang = "en"\nquestions = ["how"]\npurpose = "policy"\n+++\n\nText.'
    )
    take(tmp_path)

    assert [(a.external_id, a.body, a.questions, a.purpose) for a in articles()] == [
        ("a", "Text.", ["how"], Purpose.POLICY)
    ]


def test_a_page_without_front_matter_has_its_heading_as_title(app, tmp_path):
    (tmp_path / "guide").mkdir()
    (tmp_path / "guide" / "start.md").write_bytes("\ufeff# 始めかた\r\n\r\n本文。".encode())
    take(tmp_path, "ja")

    assert [(a.external_id, a.title, a.body) for a in articles()] == [("guide/start", "始めかた", "本文。")]


def test_broken_front_matter_is_named(app, tmp_path):
    (tmp_path / "a.md").write_text("+++\ntitle = \n+++\nText.")

    assert "front matter" in take(tmp_path).faults[0].words
