"""The same import again: what changed there comes over, what changed here stays, both is a conflict."""

import json

import pytest
from sqlalchemy import func, select, text

from helpdesk.core.db import db
from helpdesk.core.jobs import Job
from knowledge_base.models import Article, ArticleStatus, Revision
from knowledge_base.transfer.importing import take
from knowledge_base.writing import editing
from knowledge_base.writing.editing import Particulars

A = {"external_id": "a", "lang": "en", "title": "A", "body": "One.", "category": "C", "tags": ["t"]}


@pytest.fixture
def load(app, tmp_path, ada):
    """Imports rows as JSON lines: `load(A, …)`."""

    def load(*rows, **more):
        file = tmp_path / "articles.jsonl"
        file.write_text("\n".join(json.dumps(row) for row in rows))
        done = take(file, **more)
        assert [fault.words for fault in done.faults] == []
        db.session.expire_all()
        return done

    return load


def the_article():
    return db.session.scalars(select(Article).where(Article.external_id == "a")).one()


def edit(ada, title="A", body="One.", **more):
    article = the_article()
    kept = Particulars.of(article)
    changed = {**{name: getattr(kept, name) for name in kept.__dataclass_fields__}, **more}
    editing.revise(article, title, body, by=ada, particulars=Particulars(**changed))
    editing.publish(article, by=ada)
    db.session.flush()


def test_a_change_there_is_a_new_revision_that_readers_get(load):
    load(A)
    slug = the_article().slug
    done = load({**A, "title": "A better title", "body": "Two."})
    article = the_article()

    assert done.counts == {"updated": 1}
    assert (article.title, article.body, article.slug) == ("A better title", "Two.", slug)
    assert [(r.number, r.title, r.note) for r in article.revisions] == [
        (1, "A", "Import: articles.jsonl"),
        (2, "A better title", "Import: articles.jsonl"),
    ]
    assert article.revision_id == article.revisions[-1].id


def test_a_change_here_stays_while_the_source_stays(load, ada):
    load(A)
    edit(ada, body="Ours.")

    assert load(A).counts == {"skipped": 1}
    assert the_article().body == "Ours."


def test_changes_of_different_things_come_together(load, ada):
    load(A)
    edit(ada, body="Ours.", questions=["how"])
    done = load({**A, "tags": ["t", "new"]})
    article = the_article()

    assert done.counts == {"updated": 1}
    assert (article.body, article.tags, article.questions) == ("Ours.", ["t", "new"], ["how"])
    assert article.newest.body == "Ours."


def test_a_change_there_and_here_is_a_conflict(load, ada):
    load(A)
    edit(ada, body="Ours.")
    done = load({**A, "body": "Theirs."})

    assert done.counts == {"skipped": 1}
    assert [(f.line, f.words) for f in done.conflicts] == [(1, "changed here and there: body")]
    assert the_article().body == "Ours."


def test_a_conflict_can_be_written_over(load, ada):
    load(A)
    edit(ada, body="Ours.")

    assert load({**A, "body": "Theirs."}, overwrite=True).counts == {"updated": 1}
    assert the_article().body == "Theirs."
    assert "Ours." in [revision.body for revision in the_article().revisions]


def test_a_conflict_stays_one_until_it_is_settled(load, ada):
    load(A)
    edit(ada, body="Ours.")
    load({**A, "body": "Theirs."})

    assert len(load({**A, "body": "Theirs."}).conflicts) == 1


def test_the_same_change_there_and_here_is_none(load, ada):
    load(A)
    edit(ada, body="Both.")

    assert load({**A, "body": "Both."}).counts == {"skipped": 1}


def test_a_draft_of_an_editor_is_not_published_by_an_import(load, ada):
    load(A)
    editing.revise(the_article(), "A", "Not ready.", by=ada)
    db.session.flush()
    load({**A, "tags": ["new"]})

    assert the_article().body == "One."
    assert the_article().newest.body == "Not ready."


def test_an_article_put_away_here_is_not_brought_back(load, ada):
    load(A)
    editing.archive(the_article(), by=ada)
    load({**A, "body": "Two."})

    assert the_article().status is ArticleStatus.ARCHIVED
    assert the_article().newest.body == "Two."


def test_an_article_written_by_hand_is_not_overwritten_by_its_first_import(load, ada, written):
    written("By hand", "Mine.", external_id="a")

    assert len(load(A).conflicts) == 1
    assert the_article().body == "Mine."


def test_a_dry_run_says_the_same_and_writes_nothing(load):
    done = load(A, dry_run=True)

    assert done.counts == {"created": 1}
    assert [(sample["title"], sample["body"], sample["kind"]) for sample in done.samples] == [
        ("A", "One.", "created")
    ]
    assert db.session.scalar(select(func.count(Article.id))) == 0


def test_articles_without_an_id_are_known_by_their_address(load):
    row = {"lang": "en", "title": "A", "body": "One.", "slug": "own"}
    load(row)

    assert load({**row, "body": "Two."}).counts == {"updated": 1}


def test_a_stranger_with_the_same_address_gets_a_number(load):
    load(A, {**A, "external_id": "b"})
    slugs = db.session.scalars(select(Article.slug).order_by(Article.id)).all()

    assert slugs == ["a", "a-2"]


def test_a_japanese_title_gets_an_address_of_its_number(load):
    load({**A, "title": "請求書", "lang": "ja"})
    article = the_article()

    assert article.slug == f"a-{article.id}"


def test_a_title_that_is_too_long_is_cut_and_kept_in_the_text(load):
    done = load({**A, "title": "x" * 300})
    article = the_article()

    assert len(article.title) == 200
    assert article.body.startswith("x" * 300)
    assert "cut" in done.warnings[0].words


def test_many_articles_cost_few_statements(load):
    from sqlalchemy import event

    counted = []
    event.listen(db.engine, "before_cursor_execute", lambda *call: counted.append(call[2]))
    load(*({**A, "external_id": f"a{n}", "title": f"T {n}"} for n in range(300)))

    assert len(counted) < 40
    jobs = db.session.scalars(select(Job.task).order_by(Job.id)).all()
    assert [name.rpartition(".")[2] for name in jobs] == ["index_changes", "check_links_between"]


def test_a_crash_in_the_middle_leaves_nothing(load, monkeypatch):
    monkeypatch.setattr("knowledge_base.transfer.importing.writing.Writer._sources", _power_cut)
    with pytest.raises(RuntimeError):
        load(A)
    db.session.rollback()

    for table in ("articles", "revisions", "categories", "article_sources", "jobs"):
        assert db.session.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 0


def _power_cut(*_args):
    raise RuntimeError("power")


def test_search_finds_what_was_imported(load, work_off):
    from knowledge_base.search import search

    load({**A, "title": "Reissue an invoice"})
    db.session.commit()
    work_off()

    assert [item.article.external_id for item in search("reissue invoice", "en").items] == ["a"]


def test_history_of_an_update_counts_on(load):
    load(A)
    load({**A, "body": "Two."})
    numbers = db.session.scalars(select(Revision.number).order_by(Revision.number)).all()

    assert numbers == [1, 2]
    assert the_article().version == 2
