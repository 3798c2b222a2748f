"""One search box: every ticket that holds the words in any message, and only what the viewer may see."""

import pytest
from sqlalchemy import event

from helpdesk.core.db import db
from helpdesk.core.words import parse
from helpdesk.customers.models import Contact
from helpdesk.desk.asked import Asked
from helpdesk.desk.search import PER_PAGE, search
from helpdesk.tickets.kinds import Priority, Status
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Channel


@pytest.fixture
def statements(app):
    """The SQL that was sent, oldest first."""
    sent = []
    event.listen(db.engine, "before_cursor_execute", lambda *said: sent.append(said[2]))
    return sent


def ask(carol, subject="Question", body="Please help.", **particulars):
    ticket = Ticket.open_for(carol, subject=subject, via=Channel.EMAIL, **particulars)
    ticket.hear(body)
    db.session.commit()
    return ticket


def found(viewer, text):
    return [hit.id for hit in search(viewer, Asked.of(text)).hits]


def test_a_word_is_found_in_the_subject_in_a_letter_in_a_reply_and_in_a_note(carol, ada):
    tickets = [ask(carol, subject="Waybill lost"), ask(carol, body="My waybill?"), ask(carol), ask(carol)]
    tickets[2].reply("The waybill is here.", by=ada)
    tickets[3].note("No waybill in the files.", by=ada)
    ask(carol)

    assert found(ada, "waybill") == [ticket.id for ticket in reversed(tickets)]


def test_japanese_is_found_inside_longer_words_and_in_any_width(carol, ada):
    ticket = ask(carol, body="再発行請求書のﾀﾞｳﾝﾛｰﾄﾞについて")

    assert found(ada, "請求書") == found(ada, "ダウンロード") == found(ada, "請求書 再発行") == [ticket.id]
    assert found(ada, "請求先") == []


def test_words_may_stand_in_different_messages(carol, ada):
    ticket = ask(carol, subject="Refund", body="It was too large.")
    ticket.reply("Sent by bank transfer.", by=ada)

    assert found(ada, "refund transfer") == [ticket.id]
    assert found(ada, "refund cheque") == []


def test_the_snippet_is_of_the_newest_message_that_holds_a_word_and_is_escaped(carol, ada):
    ticket = ask(carol, body="The waybill <b>is</b> lost.")
    ticket.note("A <i>waybill</i> was found.", by=ada)

    (hit,) = search(ada, Asked.of("waybill")).hits

    assert hit.snippet == "A &lt;i&gt;<mark>waybill</mark>&lt;/i&gt; was found."
    assert hit.is_note


def test_mallory_finds_nothing_of_another_team(ticket, mallory):
    result = search(mallory, Asked.of("invoice"))

    assert result.hits == []
    assert result.count == 0
    assert found(mallory, f"#{ticket.id}") == []


def test_a_number_leads_to_its_ticket_first(carol, ada, desk):
    first = ask(carol)
    naming = ask(carol, body=f"As I wrote in {first.id} before.")

    assert found(ada, f"#{first.id}") == found(ada, f"＃{first.id}") == [first.id, naming.id]
    assert f'href="/desk/tickets/{first.id}"' in desk.get(f"/desk/search?q=%23{first.id}").text


def test_a_number_beside_words_narrows_to_its_ticket(carol, ada):
    first, _second = ask(carol, subject="Waybill"), ask(carol, subject="Waybill")

    assert found(ada, f"waybill {first.id}") == [first.id]


def test_filters_narrow_and_may_stand_alone(carol, ada):
    urgent, resolved = ask(carol, priority=Priority.URGENT), ask(carol)
    urgent.tag(["refund"], by=ada)
    resolved.resolve(by=ada)
    db.session.commit()

    assert found(ada, "help priority:urgent") == found(ada, "tag:refund") == [urgent.id]
    assert found(ada, "status:resolved") == found(ada, "help status:resolved") == [resolved.id]
    assert found(ada, "assignee:me") == []


def test_a_senseless_filter_is_searched_as_words():
    asked = Asked.of("status:lost priority:urgent invoice")

    assert asked.query == parse("status:lost invoice")
    assert asked.status is None
    assert asked.filters.priority is Priority.URGENT


def test_a_status_filter_is_read():
    assert Asked.of("STATUS:open").status is Status.OPEN


def test_pages_go_on_without_a_gap(carol, ada):
    made = [ask(carol, subject="Waybill").id for _ in range(PER_PAGE + 3)]

    first = search(ada, Asked.of("waybill"))
    second = search(ada, Asked.of("waybill"), before=first.older)

    assert [hit.id for hit in [*first.hits, *second.hits]] == made[::-1]
    assert first.count == PER_PAGE + 3
    assert second.older is None


def test_the_best_fit_goes_before_the_newest_where_asked(carol, ada):
    short = ask(carol, subject="Waybill waybill", body="waybill")
    ask(carol, body="A long story in which the word waybill stands once. " + "More and more words. " * 40)

    best = search(ada, Asked.of("waybill"), is_ranked=True)

    assert best.hits[0].id == short.id


def test_customers_are_found_by_name_and_address(carol, ada, mallory):
    assert [str(person.name) for person in search(ada, Asked.of("carol")).customers] == ["<mark>Carol</mark>"]
    assert search(ada, Asked.of("carol@example.org")).customers
    assert search(ada, Asked.of("nobody")).customers == []


def test_an_agent_of_no_team_finds_no_customer(carol, mallory):
    mallory.teams.clear()
    db.session.commit()

    assert search(mallory, Asked.of("carol")).customers == []


def test_the_page_costs_the_same_for_many_as_for_few(desk, carol, statements):
    ask(carol, subject="Waybill carol")
    desk.get("/desk/search?q=waybill")
    statements.clear()
    desk.get("/desk/search?q=waybill")
    few = [s for s in statements if s.startswith("SELECT")]
    for _ in range(PER_PAGE * 2):
        ask(carol, subject="Waybill")
    statements.clear()
    desk.get("/desk/search?q=waybill")
    many = [s for s in statements if s.startswith("SELECT")]

    assert len(many) == len(few) <= 8


@pytest.mark.parametrize(
    "nonsense", ["", "   ", "“", '"', "* OR NEAR(", "!?", "a" * 5000, "\x00", "before:-1"]
)
def test_nothing_that_is_typed_breaks_the_page(desk, ticket, nonsense):
    assert desk.get("/desk/search", query_string={"q": nonsense}).status_code == 200


def test_what_was_typed_comes_back_escaped(desk):
    page = desk.get("/desk/search", query_string={"q": "<script>alert(1)</script>"}).text

    assert "<script>alert" not in page


def test_articles_are_pulled_as_a_panel(desk, app):
    assert "No article answers this." in desk.get("/desk/search/articles?q=waybill").text


def test_strangers_sign_in_first(visit):
    assert visit().get("/desk/search?q=invoice").headers["Location"].startswith("/sign-in")


def test_a_person_met_later_is_found_at_once(ada):
    Contact.meet("kei@example.jp", "田中 恵子")
    db.session.commit()

    assert search(ada, Asked.of("田中")).customers
