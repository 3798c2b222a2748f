"""What was handed in or made long ago is dropped; what anybody else uses is not."""

import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.files import StoredFile, files_home, keep
from helpdesk.tickets.planned import PlannedReply, PlannedState
from helpdesk.tickets.thread import Attachment
from knowledge_base.transfer import transferring
from knowledge_base.transfers import Transfer
from knowledge_base.writing import editing, uploading

PAGE = "/desk/kb/transfer"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
LINES = b'{"title": "A", "lang": "en"}'


@pytest.fixture
def lead(visit, grace):
    return visit(grace)


@pytest.fixture
def handed_in(lead, work_off):
    """The address of an upload that was looked through."""
    asked = {"file": (io.BytesIO(LINES), "a.jsonl"), "lang": "en"}
    answer = lead.post(f"{PAGE}/imports", data=asked, content_type="multipart/form-data")
    work_off()
    return answer.location


def kept() -> list[str]:
    return sorted(path.name for path in files_home().rglob("*") if path.is_file())


@pytest.fixture
def later(visit, grace, clock):
    """Days later; Grace has signed in again."""

    def go_on():
        clock.shift(transferring.FILES_KEPT_FOR + timedelta(hours=1))
        drop()
        return visit(grace)

    return go_on


def drop() -> None:
    transferring.drop_old_files()
    db.session.commit()


def test_an_upload_is_dropped_after_some_days_and_its_counts_stay(handed_in, later):
    drop()
    assert len(kept()) == 1

    lead = later()

    assert (kept(), db.session.scalars(select(StoredFile)).all()) == ([], [])
    assert db.session.scalars(select(Transfer)).one().result["counts"]["created"] == 1
    page = lead.get(handed_in).text
    assert "The file is kept no longer." in page
    assert "Take in" not in page


def test_what_was_dropped_cannot_be_taken_in(handed_in, later):
    lead = later()
    lead.post(f"{handed_in}/taking")

    assert "or cannot be taken" in lead.get(handed_in).text
    assert not db.session.scalars(select(Transfer)).one().is_waiting


def test_an_export_is_dropped_and_its_address_is_gone(lead, work_off, later):
    address = lead.post(f"{PAGE}/exports", data={"format": "jsonl"}).location
    work_off()
    with lead.get(f"{address}/file") as answer:
        assert answer.status_code == 200

    lead = later()

    assert (lead.get(f"{address}/file").status_code, kept()) == (404, [])
    assert "/file" not in lead.get(address).text


def of_an_article(grace, ticket):
    article = editing.write("A", "Body.", lang="en", by=grace)
    uploading.attach(article, "a.jsonl", LINES, by=grace)


def of_a_message(grace, ticket):
    file = keep(LINES, "a.jsonl")
    db.session.add(Attachment(message_id=ticket.messages[0].id, file_id=file.id, name="a.jsonl"))


def of_a_planned_reply(grace, ticket):
    enclosed = {"files": [{"file_id": keep(LINES).id, "name": "a.jsonl"}]}
    more = {"state": PlannedState.WAITING, "due_at": now() + timedelta(days=90)}
    reply = PlannedReply(ticket_id=ticket.id, agent_id=grace.id, body="Here.", particulars=enclosed, **more)
    db.session.add(reply)


@pytest.mark.parametrize("use", [of_an_article, of_a_message, of_a_planned_reply])
def test_the_same_bytes_in_another_use_stay(use, handed_in, grace, ticket, later):
    use(grace, ticket)
    db.session.commit()
    later()

    assert len(kept()) == 1
    assert len(db.session.scalars(select(StoredFile)).all()) == 1


@pytest.mark.parametrize(
    ("texts", "stays"),
    [
        ([], False),
        (["Text."], False),
        (["![図](files/図.png)"], True),
        (["![図](files/%E5%9B%B3.png)"], True),
        # Of a revision that can be restored.
        (["![図](files/図.png)", "Without."], True),
        (["ELSEWHERE [x](/kb/files/{id}/図.png)"], True),
    ],
)
def test_what_was_uploaded_and_never_written_about_is_dropped(texts, stays, article, ada, clock):
    other = editing.write("B", "Body.", lang="en", by=ada)
    uploading.attach(article, "図.png", PNG, by=ada)
    for text in texts:
        where = other if "ELSEWHERE" in text else article
        editing.revise(where, where.title, text.replace("{id}", str(article.id)), by=ada)
    db.session.commit()
    drop_unused()
    assert len(kept()) == 1

    clock.shift(uploading.UNUSED_KEPT_FOR + timedelta(hours=1))
    drop_unused()

    assert bool(kept()) is bool(uploading.files_of(article)) is stays


def drop_unused() -> None:
    uploading.drop_unused()
    db.session.commit()
