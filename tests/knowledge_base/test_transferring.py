"""Import and export at the desk: looked through first, taken on request, all or nothing."""

import io
import json
import zipfile

import pytest
from sqlalchemy import select

from helpdesk.core.db import db
from knowledge_base.models import Article
from knowledge_base.transfer import transferring
from knowledge_base.transfers import Progress, Transfer

PAGE = "/desk/kb/transfer"


def packed(**files):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "/") + ".md", text)
    return made.getvalue()


@pytest.fixture
def lead(visit, grace):
    return visit(grace)


@pytest.fixture
def hand_in(lead, work_off):
    """Grace hands a file in and a worker looks through it; answers the page of the transfer."""

    def hand_in(content, name="pages.zip", **more):
        asked = {"file": (io.BytesIO(content), name), "lang": "en", **more}
        answer = lead.post(f"{PAGE}/imports", data=asked, content_type="multipart/form-data")
        assert answer.status_code == 303
        work_off()
        return lead.get(answer.location), answer.location

    return hand_in


def test_a_file_is_looked_through_and_nothing_is_written(hand_in):
    page, _address = hand_in(packed(guide__a="# Find an invoice\n\nOpen **Billing**.", b="# B"))

    assert "Looked through, not taken yet" in page.text
    assert "Find an invoice" in page.text
    assert "<strong>Billing</strong>" in page.text
    assert db.session.scalars(select(Article)).all() == []


def test_then_it_is_taken(hand_in, lead, work_off, grace):
    _page, address = hand_in(packed(a="# A\n\nText."))
    lead.post(f"{address}/taking")
    work_off()
    article = db.session.scalars(select(Article)).one()

    assert article.title == "A"
    assert article.newest.agent_id == grace.id
    assert "Taken in" in lead.get(address).text


def test_taking_twice_is_taking_once(hand_in, lead, work_off):
    _page, address = hand_in(json.dumps({"title": "A", "lang": "en"}).encode(), "a.jsonl")
    for _time in range(2):
        lead.post(f"{address}/taking")
        work_off()
    lead.post(f"{address}/taking")
    work_off()

    assert len(db.session.scalars(select(Article)).all()) == 1


def test_faults_are_told_by_file_and_line_in_the_readers_language(hand_in, lead, grace):
    page, address = hand_in(b'{"title": "A", "lang": "en"}\n{oops', "a.jsonl")

    assert "a.jsonl:2" in page.text
    assert "no JSON" in page.text
    grace.language = "ja"
    assert "JSONとして読めません" in lead.get(address).text
    assert db.session.scalars(select(Transfer.progress)).all() == [Progress.FAILED]


def test_a_failed_file_cannot_be_taken(hand_in, lead, work_off):
    _page, address = hand_in(b"no zip")
    lead.post(f"{address}/taking")
    work_off()

    assert db.session.scalars(select(Transfer.progress)).all() == [Progress.FAILED]


def test_a_file_that_breaks_the_reader_ends_as_failed(hand_in, monkeypatch):
    monkeypatch.setattr("knowledge_base.transfer.importing.take", _power_cut)
    page, _address = hand_in(packed(a="# A"))

    assert "this file could not be read" in page.text


def test_others_may_write_while_a_file_is_read_to_be_taken(hand_in, lead, work_off, monkeypatch):
    # The sign of life is such a write, and waits for nothing here: one that is kept out fails the import.
    monkeypatch.setattr(transferring, "_EVERY", -1.0)
    _page, address = hand_in(packed(a="# A"))
    lead.post(f"{address}/taking")
    work_off()

    assert db.session.scalars(select(Transfer)).one().progress is Progress.DONE


def _power_cut(*_args, **_more):
    raise RuntimeError("power")


@pytest.mark.parametrize("name", ["a.exe", "a.txt", "zip"])
def test_other_files_are_refused_at_the_door(lead, name):
    asked = {"file": (io.BytesIO(b"x"), name)}

    assert lead.post(f"{PAGE}/imports", data=asked, content_type="multipart/form-data").status_code == 422
    assert db.session.scalars(select(Transfer)).all() == []


@pytest.mark.parametrize("form", ["markdown", "jsonl"])
def test_all_articles_go_out_as_a_zip(lead, article, work_off, form):
    address = lead.post(f"{PAGE}/exports", data={"format": form}).location
    work_off()
    with lead.get(f"{address}/file") as answer, zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        names, header = archive.namelist(), answer.headers["Content-Disposition"]
    wanted = "invoices/find-a-lost-invoice.en.md" if form == "markdown" else "articles.jsonl"
    assert wanted in names
    assert "attachment" in header


def test_an_uploaded_file_is_not_handed_out(hand_in, lead):
    _page, address = hand_in(packed(a="# A"))

    assert lead.get(f"{address}/file").status_code == 404


def test_agents_may_not(visit, ada):
    assert visit(ada).get(PAGE).status_code == 403
    assert visit(ada).post(f"{PAGE}/exports", data={"format": "jsonl"}).status_code == 403


def test_the_list_shows_the_newest(hand_in, lead):
    hand_in(packed(a="# A"), "mine.zip")

    assert "mine.zip" in lead.get(PAGE).text
