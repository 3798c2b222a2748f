"""Answers between their press and the thread: held, planned, said once, taken back, stopped."""

import re
import threading
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from sqlalchemy import select

from helpdesk.accounts.models import Team
from helpdesk.chat.models import ChatSession
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.jobs import Job
from helpdesk.tickets import planning
from helpdesk.tickets.kinds import Status
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.planned import PlannedReply, PlannedState
from helpdesk.tickets.planning import Answer
from helpdesk.tickets.thread import MessageKind
from tests.conftest import HTMX

TEN = timedelta(seconds=10)


@pytest.fixture(autouse=True)
def holds(app):
    app.config["HELPDESK_UNDO_SEND"] = 10


def at(ticket, *noun):
    return "/".join(["/desk/tickets", ticket.number, *map(str, noun)])


def said(ticket):
    return [message.body for message in ticket.messages if message.kind is MessageKind.AGENT]


def only():
    return db.session.scalars(select(PlannedReply)).one()


def press(desk, ticket, body="Here it is.", **more):
    return desk.post(at(ticket, "replies"), data={"body": body, **more})


def test_a_held_answer_has_not_happened_and_then_has(desk, ticket, clock, work_off, facts, postbox, ada):
    before = facts()
    answer = press(desk, ticket, then="resolve")
    work_off()

    assert answer.location.endswith(f"#planned-{only().id}")
    assert (facts(), said(ticket), ticket.status, postbox()) == (before, [], Status.OPEN, [])

    clock.shift(TEN)
    work_off()
    work_off()

    assert said(ticket) == ["Here it is."]
    assert (ticket.is_resolved, ticket.assignee, only().message) == (True, ada, ticket.messages[-1])
    assert [str(letter["To"]) for letter in postbox()] == ["Carol <carol@example.org>"]


def test_the_card_stands_on_the_page_for_everybody_and_undo_for_its_writer(desk, visit, grace, ticket):
    press(desk, ticket)
    mine, hers = desk.get(at(ticket)).text, visit(grace).get(at(ticket, "planned")).text

    assert "Goes out in 10 s" in mine
    assert "Goes out in 10 s" in hers
    assert "/withdrawal" in mine
    assert "/withdrawal" not in hers
    undo = at(ticket, "planned", only().id, "withdrawal")
    assert visit(grace).post(undo).status_code == 404
    assert only().state is PlannedState.WAITING


def test_undo_puts_everything_back(desk, ticket, clock, work_off, ada):
    files = (BytesIO(b"%PDF-1.4"), "invoice.pdf")
    press(desk, ticket, copies="chosen", add="ken@example.org", anyway="yes", files=files)
    undo = at(ticket, "planned", only().id, "withdrawal")
    page = desk.post(undo, data={"body": "And more."}, headers=HTMX).text

    assert "Here it is.\n\nAnd more.</textarea>" in page
    assert "invoice.pdf" in page
    assert re.search(r'value="ken@example.org" checked', page)
    clock.shift(TEN)
    work_off()
    assert said(ticket) == []

    kept = only().files[0]["file_id"]
    back = {"source": only().id, "kept": kept, "copies": "chosen", "copy": "ken@example.org"}
    press(desk, ticket, "Better.", anyway="yes", **back)
    clock.shift(TEN)
    work_off()

    message = ticket.messages[-1]
    assert (message.body, [file.name for file in message.attachments]) == ("Better.", ["invoice.pdf"])
    assert message.recipients["cc"] == ["ken@example.org"]


def test_undo_works_without_a_script(desk, ticket):
    press(desk, ticket)
    place = desk.post(at(ticket, "planned", only().id, "withdrawal")).location

    assert "Here it is.</textarea>" in desk.get(place).text
    # To somebody who guesses, it is nothing of another ticket.
    other = Ticket.open_for(ticket.contact, subject="Other", via=ticket.channel)
    assert "Here it is." not in desk.get(f"{at(other)}?draft={only().id}").text


def test_beside_a_note_what_is_taken_back_stays_inside(desk, ticket):
    press(desk, ticket)
    begun = {"body": "She is angry.", "kind": "note"}
    page = desk.post(at(ticket, "planned", only().id, "withdrawal"), data=begun, headers=HTMX).text

    assert re.search(r'value="note" checked', page)


def test_too_late_is_said(desk, ticket, clock, work_off):
    press(desk, ticket)
    clock.shift(TEN)
    work_off()
    place = desk.post(at(ticket, "planned", only().id, "withdrawal")).location

    assert "It was too late" in desk.get(place).text
    assert said(ticket) == ["Here it is."]


def test_it_goes_out_late_where_the_worker_was_down(desk, ticket, clock, work_off):
    press(desk, ticket)
    clock.shift(timedelta(hours=3))
    assert "It is late" in desk.get(at(ticket)).text
    work_off()

    assert said(ticket) == ["Here it is."]


def test_a_worker_that_died_in_the_middle_neither_loses_nor_doubles_it(
    desk, ticket, clock, work_off, monkeypatch
):
    press(desk, ticket)
    clock.shift(TEN)
    resolve = Ticket.reply

    def die(self, *arguments, **particulars):
        resolve(self, *arguments, **particulars)
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(Ticket, "reply", die)
        work_off()
    assert (said(ticket), only().state) == ([], PlannedState.WAITING)
    # The same call again, as a second worker makes it whose colleague only seemed dead.
    planning.say.later(id=only().id)
    clock.shift(timedelta(hours=2))
    work_off()
    work_off()

    assert said(ticket) == ["Here it is."]


def test_two_workers_and_an_undo_in_the_same_moment_are_one_end(app, desk, ticket, ada):
    """Each in a process-like thread of its own, on the real database, twelve times."""
    for round in range(12):
        planned = planning.send(ticket, Answer(f"Answer {round}."), by=ada)
        db.session.commit()
        number, ends = planned.id, []
        db.session.rollback()

        def work(act, number=number, ends=ends):
            with app.app_context():
                try:
                    found = planning.held(number)
                    done = act(found)
                    db.session.commit()
                    ends.append((act.__name__, bool(done)))
                except Exception as error:
                    db.session.rollback()
                    ends.append((act.__name__, repr(error)))

        def speak(found):
            return planning.say_now(found, by=found.agent)

        def undo(found):
            return found.state is PlannedState.WAITING and planning.take_back(found)

        threads = [threading.Thread(target=work, args=(act,)) for act in (speak, undo, speak)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        db.session.expire_all()

        assert sorted(done for _name, done in ends) == [False, False, True], ends
        is_said = f"Answer {round}." in said(ticket)
        assert is_said == (db.session.get_one(PlannedReply, number).state is PlannedState.SAID)
        assert said(ticket).count(f"Answer {round}.") <= 1


def test_two_agents_do_not_answer_over_each_other_while_one_is_held(desk, visit, grace, ticket):
    press(desk, ticket, "Ada's answer.")
    second = press(visit(grace), ticket, "Mine.")

    assert second.status_code == 422
    assert "An answer by Ada goes out in a moment." in second.text
    assert press(desk, ticket, "And another thing.").status_code == 303


def test_notes_chats_and_answers_through_the_api_are_not_held(desk, ticket):
    desk.post(at(ticket, "notes"), data={"body": "Mine."})
    token = ChatSession.start(ticket)
    db.session.commit()
    press(desk, ticket, "In the chat.")
    assert said(ticket) == ["In the chat."]

    ChatSession.of(token).seen_at = now() - timedelta(minutes=5)
    press(desk, ticket, "By mail.")
    assert said(ticket) == ["In the chat."]


@pytest.mark.parametrize(
    ("then", "due"),
    [
        ("hours", datetime(2026, 9, 18, 2, 0, tzinfo=UTC)),
        # A Friday in Tokyo: tomorrow is a Saturday.
        ("tomorrow", datetime(2026, 9, 19, 0, 0, tzinfo=UTC)),
        ("monday", datetime(2026, 9, 21, 0, 0, tzinfo=UTC)),
        ("at", datetime(2026, 9, 24, 8, 30, tzinfo=UTC)),
    ],
)
def test_an_answer_is_planned_for_later(desk, ticket, clock, work_off, then, due):
    press(desk, ticket, then=then, at="2026-09-24T17:30", resolving="yes")
    assert (only().due_at, only().is_scheduled) == (due, True)

    clock.move_to(due - timedelta(minutes=1))
    work_off()
    assert said(ticket) == []
    clock.move_to(due + timedelta(seconds=1))
    work_off()
    assert said(ticket) == ["Here it is."]
    assert ticket.is_resolved


@pytest.mark.parametrize("written", ["", "soon", "2026-09-18T08:59", "2031-01-01T09:00"])
def test_a_time_that_cannot_be_is_refused_and_the_words_stay(desk, ticket, written):
    answer = press(desk, ticket, then="at", at=written)

    assert answer.status_code == 422
    assert "Here it is.</textarea>" in answer.text
    assert not db.session.scalars(select(PlannedReply)).all()


def stopped_by(ticket, way, ada, grace, mallory):
    if way == "heard":
        ticket.hear("Found it!")
    elif way == "resolved":
        ticket.resolve(by=grace)
    elif way == "left":
        ada.deactivated_at = now()
    elif way == "moved":
        ticket.change(by=grace, team=db.session.scalars(select(Team).where(Team.name == "Elsewhere")).one())


@pytest.mark.parametrize(
    ("way", "words"),
    [
        ("heard", "The customer wrote before it went out."),
        ("resolved", "Somebody resolved the ticket before it went out."),
        ("left", "Ada does not work here any more."),
        ("moved", "The ticket went to a team where Ada does not see it."),
    ],
)
def test_what_was_planned_is_stopped_seen_and_offered_back(
    desk, visit, root, ada, grace, mallory, ticket, clock, work_off, way, words
):
    press(desk, ticket, then="tomorrow")
    stopped_by(ticket, way, ada, grace, mallory)
    clock.shift(timedelta(days=2))
    work_off()
    browser = visit(root)

    assert (said(ticket), only().state) == ([], PlannedState.OVERTAKEN)
    page = browser.get(at(ticket)).text
    assert words in page
    assert "Here it is." in page
    if way == "heard":
        back = browser.post(at(ticket, "planned", only().id, "withdrawal"), headers=HTMX).text
        assert "Here it is.</textarea>" in back
    else:
        browser.post(at(ticket, "planned", only().id, "sending"))
        assert (said(ticket), ticket.messages[-1].agent) == (["Here it is."], root)


def test_a_held_answer_is_stopped_by_what_the_customer_writes_meanwhile(
    desk, ticket, clock, work_off, facts, postbox, ada
):
    ticket.hear("And this.")
    press(desk, ticket, then="resolve", last_message_id=ticket.messages[-1].id)
    ticket.hear("Never mind, I found it!")
    clock.shift(TEN)
    work_off()

    assert (said(ticket), postbox(), only().state) == ([], [], PlannedState.OVERTAKEN)
    assert not ticket.is_resolved
    page = desk.get(at(ticket)).text
    assert "The customer wrote before it went out." in page
    assert "It was planned for" not in page

    desk.post(at(ticket, "planned", only().id, "sending"))
    work_off()
    assert (said(ticket), ticket.messages[-1].agent, len(postbox())) == (["Here it is."], ada, 1)


def test_what_was_committed_in_the_moment_of_the_press_stops_it_too(desk, ticket, clock, work_off):
    press(desk, ticket)
    # As if its transaction had ended behind that of the press, which its reaction did not see.
    ticket.hear("At the same time.")
    only().state = PlannedState.WAITING
    clock.shift(TEN)
    work_off()

    assert (said(ticket), only().particulars["why"]) == ([], "heard")


def test_what_its_writer_waved_through_stops_nothing(desk, ticket, clock, work_off):
    seen = ticket.messages[-1].id
    ticket.hear("Hello?")
    assert press(desk, ticket, last_message_id=seen).status_code == 422
    press(desk, ticket, last_message_id=seen, anyway="yes")
    ticket.overhear("I am out of office.", by=ticket.contact, is_automatic=True)
    clock.shift(TEN)
    work_off()

    assert said(ticket) == ["Here it is."]


def test_machines_and_ones_own_resolution_stop_nothing(desk, ticket, carol, ada, clock, work_off):
    press(desk, ticket, then="tomorrow")
    ticket.overhear("I am out of office.", by=carol, is_automatic=True)
    ticket.resolve(by=ada)
    clock.shift(timedelta(days=2))
    work_off()

    assert said(ticket) == ["Here it is."]


def test_a_plan_is_sent_now_or_dropped_by_a_colleague_too(desk, visit, grace, ticket, ada, clock, work_off):
    press(desk, ticket, "One.", then="tomorrow")
    press(desk, ticket, "Two.", then="tomorrow")
    one, two = db.session.scalars(select(PlannedReply).order_by(PlannedReply.id))
    colleague = visit(grace)
    colleague.post(at(ticket, "planned", one.id, "sending"))
    colleague.post(at(ticket, "planned", two.id, "cancellation"))
    clock.shift(timedelta(days=2))
    work_off()

    assert (said(ticket), ticket.messages[-1].agent) == (["One."], ada)
    assert db.session.scalars(PlannedReply.open_for(ticket)).all() == []


def test_what_is_over_is_forgotten_and_what_waits_is_not(desk, ticket, clock):
    press(desk, ticket, "Over.", then="hours")
    planning.take_back(only())
    press(desk, ticket, "Waits.", then="hours")
    db.session.commit()
    clock.shift(timedelta(days=60))
    planning.forget()

    assert only().body == "Waits."


def test_a_job_is_written_with_the_answer_or_not_at_all(app, ticket, ada):
    planning.send(ticket, Answer("Here."), by=ada)
    db.session.rollback()

    asked = db.session.scalars(select(Job).where(Job.task == planning.say.name)).all()
    assert (asked, db.session.scalars(select(PlannedReply)).all()) == ([], [])
