"""Whatever fails in the worst moment: nothing said is lost, nothing is kept by halves."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from helpdesk.core import delivering, files
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.files import FileRefused, check_name, type_of
from helpdesk.core.mail import Letter, LetterState
from helpdesk.customers.models import Contact, Customer


def test_a_letter_whose_sending_broke_off_is_sent_after_its_lease(app, clock, work_off, postbox, monkeypatch):
    letter = Letter.write(recipient="carol@example.org", subject="Hello", text="Words.")
    hand_over, failures = delivering.hand_over, [RuntimeError("the worker's own fault")]

    def fail_once(*parcel):
        if failures:
            raise failures.pop()
        return hand_over(*parcel)

    monkeypatch.setattr(delivering, "hand_over", fail_once)
    for _ in range(3):
        work_off()
        clock.shift(timedelta(minutes=5))

    assert letter.state is LetterState.SENT
    assert [each["Subject"] for each in postbox()] == ["Hello"]


def test_a_letter_in_other_hands_is_left_to_them_and_looked_at_again(app, clock, work_off, postbox):
    letter = Letter.write(recipient="carol@example.org", subject="Hello", text="Words.")
    letter.state, letter.leased_until = LetterState.SENDING, now() + timedelta(minutes=1)
    work_off()
    assert postbox() == []
    clock.shift(timedelta(minutes=2))
    work_off()

    assert [each["Message-ID"] for each in postbox()] == [letter.message_id]


def test_one_file_kept_by_many_at_once_is_one_whole_file(app, tmp_path):
    content, faults = b"x" * 3_000_000, []

    def write():
        try:
            files._write(tmp_path / "ab" / "abc", content)
        except OSError as fault:
            faults.append(fault)

    writers = [threading.Thread(target=write) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert (faults, (tmp_path / "ab" / "abc").read_bytes()) == ([], content)
    assert [file.name for file in (tmp_path / "ab").iterdir()] == ["abc"]


def test_a_file_whose_row_is_there_but_whose_bytes_are_lost_is_kept_anew(app):
    file = files.keep(b"words", "a.txt")
    file.path.unlink()

    assert files.keep(b"words", "b.txt") is file
    assert file.path.read_bytes() == b"words"


@pytest.mark.parametrize(
    "name",
    "a.exe|a.EXE |a.e\u200bxe|a.exe\u202e|a．ｅｘｅ|a.exe.|a.exe/|a.exe\u00a0|a.png.scr|\u202egnp.exe".split(
        "|"
    ),
)
def test_a_program_is_refused_however_its_name_is_dressed(name):
    with pytest.raises(FileRefused):
        check_name(name)


@pytest.mark.parametrize(
    "name",
    ["a.html", "a.xhtml", "a.svg", "a.js", "a.mjs", "a.css", "a.xml", "a.xsl", "a.wasm", "a.png"],
)
def test_no_name_makes_a_file_that_browsers_run(name):
    assert type_of(b"alert(1)", name) == "application/octet-stream"


def test_an_answer_that_the_database_refuses_still_has_its_page(app, visit, ada, monkeypatch):
    def clash(*_args, **_more):
        db.session.execute(select(Letter.id))
        raise IntegrityError("INSERT", {}, Exception("taken"))

    monkeypatch.setattr("helpdesk.desk.views.boxes.read", clash)
    answer = visit(ada).get("/desk")

    assert (answer.status_code, "<main" in answer.text) == (500, True)


@pytest.mark.parametrize(
    "address", ["/kb/search?q=%00", "/desk/search?q=%00", "/requests?before=" + "9" * 30]
)
def test_what_no_database_holds_is_the_askers_fault(come, address):
    who = "carol" if address.startswith("/requests") else "ada"

    assert come(who).get(address).status_code in (200, 400)


def test_two_who_write_from_one_address_in_one_moment_are_one_person(app, carol, monkeypatch):
    monkeypatch.setattr(Contact, "known_as", lambda _address: None)
    letter = Letter.write(recipient="x@example.org", subject="before", text="x")
    met = Contact.meet("Carol@example.org", "Carol again")
    db.session.commit()

    assert met is carol
    assert db.session.get(Letter, letter.id) is not None
    assert db.session.scalar(select(func.count(Customer.id))) == 1
