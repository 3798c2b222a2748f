"""The list of customers: narrowed by words, stage, health and what lies over the stage."""

from sqlalchemy import event

from helpdesk.core.db import db
from helpdesk.customers.models import Contact, Customer
from helpdesk.desk.customers import PER_PAGE, Wanted, read
from helpdesk.lifecycle import overlays
from helpdesk.lifecycle.models import OverlayKind
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Channel


def names(viewer, **chosen):
    return [row.name for row in read(viewer, Wanted.of(chosen)).rows]


def test_everybody_is_there_the_newest_first(carol, ada):
    Contact.meet("dave@example.net", "Dave")

    assert names(ada) == ["Dave", "Carol"]


def test_words_find_a_name_a_reading_and_an_address(carol, ada):
    kei = Contact.meet("kei@example.jp", "田中 恵子")
    kei.customer.change(kana="タナカ ケイコ")

    assert names(ada, q="田中") == names(ada, q="たなか") == names(ada, q="kei@example.jp") == ["田中 恵子"]


def test_filters_narrow(carol, ada):
    dave = Contact.meet("dave@example.net", "Dave").customer
    overlays.open_by_hand(dave, OverlayKind.PAUSED, by=ada, reason="On leave")
    carol.customer.health, carol.customer.health_band = 30.0, "poor"

    assert names(ada, overlay="paused") == ["Dave"]
    assert names(ada, health="poor") == ["Carol"]
    assert names(ada, stage=str(dave.stage_id)) == ["Dave", "Carol"]
    assert names(ada, stage="999999") == []


def test_a_senseless_filter_narrows_nothing(carol, ada):
    assert names(ada, overlay="lost", health="?", stage="x") == ["Carol"]


def test_only_tickets_that_the_viewer_may_see_are_counted(ticket, ada, mallory):
    assert read(ada, Wanted()).rows[0].open_tickets == 1
    assert read(mallory, Wanted()).rows[0].open_tickets == 0


def test_an_agent_of_no_team_sees_nobody(carol, mallory):
    mallory.teams.clear()
    db.session.flush()

    assert names(mallory) == []
    assert names(mallory, q="carol") == []


def test_pages_go_on_without_a_gap(app, ada):
    db.session.add_all(Customer(name=f"Customer {number}") for number in range(PER_PAGE + 2))
    db.session.flush()

    first = read(ada, Wanted())
    second = read(ada, Wanted(), before=first.older)

    assert len({row.id for row in [*first.rows, *second.rows]}) == PER_PAGE + 2
    assert second.older is None


def test_the_page_costs_the_same_for_many_as_for_few(desk, carol, app):
    sent = []
    event.listen(db.engine, "before_cursor_execute", lambda *said: sent.append(said[2]))
    desk.get("/desk/customers")
    few = sum(statement.startswith("SELECT") for statement in sent)
    for number in range(20):
        Ticket.open_for(Contact.meet(f"{number}@example.org"), subject="Question", via=Channel.FORM)
    db.session.commit()
    sent.clear()
    desk.get("/desk/customers")

    assert sum(statement.startswith("SELECT") for statement in sent) == few <= 8


def test_the_page_leads_to_each(desk, carol):
    page = desk.get("/desk/customers?q=carol").text

    assert f'href="/desk/customers/{carol.customer_id}"' in page
    assert "Nobody matches." in desk.get("/desk/customers?q=nobody").text
