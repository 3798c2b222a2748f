"""Lists of words in and out: whole or not at all, read as spreadsheets write them, safe to open."""

import io

import pytest
from sqlalchemy import select

from helpdesk.core.db import db
from knowledge_base.vocabulary import SynonymGroup
from knowledge_base.writing import wording

WORDS = "/desk/kb/words"
LIST = "領収書,レシート,receipt\r\n解約,退会\r\n"


@pytest.fixture
def hand_in(desk):
    def hand_in(content, **more):
        data = {"file": (io.BytesIO(content), "words.csv"), **more}
        return desk.post(f"{WORDS}/list", data=data, content_type="multipart/form-data")

    return hand_in


def groups():
    return [group.expressions for group in db.session.scalars(select(SynonymGroup).order_by(SynonymGroup.id))]


@pytest.mark.parametrize(
    "content",
    [
        LIST.encode(),
        LIST.encode("utf-8-sig"),
        LIST.encode("cp932"),
        LIST.replace("\r\n", "\n\n").encode(),
        LIST.replace(",", "\t").encode("utf-8-sig"),
        b'"' + LIST.strip().replace(",", '","').replace("\r\n", '"\r\n"').encode() + b'"',
    ],
)
def test_a_list_is_read_as_spreadsheets_write_it(hand_in, content):
    assert hand_in(content).status_code == 303
    assert sorted(groups()) == [["解約", "退会"], ["領収書", "レシート", "receipt"]]


def test_with_one_fault_nothing_is_taken_and_each_is_told_by_its_line(hand_in):
    answer = hand_in("領収書,レシート\n\nalone\nこ,れ\n".encode() + b"x," + b"y" * 61)

    assert (answer.status_code, groups()) == (422, [])
    assert "Nothing was taken from this file." in answer.text
    assert "Line 3: A group needs two expressions or more" in answer.text
    assert "Line 5: “yyy" in answer.text


@pytest.mark.parametrize("content", [b"", b"\n,,\n", b"\xff\xfea\x00", b"a,b\n" * 200])
def test_what_is_no_list_is_refused(hand_in, content, monkeypatch):
    monkeypatch.setattr("knowledge_base.writing.word_lists.LARGEST", 500)
    assert hand_in(content).status_code == 422
    assert groups() == []


def test_a_list_without_a_file_is_refused(desk):
    assert desk.post(f"{WORDS}/list").status_code == 422


def test_what_is_here_already_stays_and_the_rest_goes_where_asked(hand_in, ada):
    wording.add(["退会, 解約", "印刷, プリント"], by=ada)
    db.session.commit()
    kept = db.session.scalar(select(SynonymGroup.id).order_by(SynonymGroup.id))

    hand_in(LIST.encode())
    assert len(groups()) == 3
    hand_in(LIST.encode(), replaces="1")

    assert groups() == [["退会", "解約"], ["領収書", "レシート", "receipt"]]
    assert db.session.get(SynonymGroup, kept) is not None


def test_more_than_fit_are_refused(hand_in, monkeypatch):
    monkeypatch.setattr("knowledge_base.writing.word_lists.MOST_GROUPS", 1)

    assert hand_in(LIST.encode()).status_code == 422
    assert groups() == []


def test_what_goes_out_is_harmless_and_comes_in_the_same(hand_in, desk, ada):
    wording.add(["=HYPERLINK, リンク", "@mention, 通知", "a, b"], by=ada)
    db.session.commit()
    written, before = desk.get(f"{WORDS}.csv").data, groups()
    assert written.startswith(b"\xef\xbb\xbf")
    assert b'"\'=HYPERLINK"' in written

    hand_in(written)
    assert groups() == before
    for group in db.session.scalars(select(SynonymGroup)):
        db.session.delete(group)
    db.session.commit()
    hand_in(written)
    assert sorted(groups()) == sorted(before)
