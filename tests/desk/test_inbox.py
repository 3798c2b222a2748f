"""What an agent has before them: whose tickets, in which order, at what cost."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select

from helpdesk.accounts.models import Team
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.mail import Letter
from helpdesk.customers.models import Contact, ContactAddress
from helpdesk.desk import inbox
from helpdesk.tickets.filters import Filters
from helpdesk.tickets.kinds import Priority
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Channel


@pytest.fixture
def statements(app):
    """The SQL that was run, without the bounds of transactions."""
    ran = []

    @event.listens_for(db.engine, "before_cursor_execute")
    def note(_connection, _cursor, statement, *_more):
        if not statement.startswith("BEGIN"):
            ran.append(statement)

    yield ran
    event.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture
def heap(support):
    """Opens so many tickets, a minute apart, the newest first."""

    def pile(number):
        for place in range(number):
            contact = Contact.meet(f"person{place % 7}@example.org", f"Person {place % 7}")
            one = Ticket.open_for(contact, subject=f"Question {place}", via=Channel.EMAIL, team=support)
            one.hear("Where is it?")
            one.updated_at = now() - timedelta(minutes=place)
        db.session.commit()

    return pile


def test_a_new_ticket_waits_among_the_unassigned(desk, ticket):
    page = desk.get("/desk?view=unassigned").text

    assert "Invoice lost" in page
    assert f'href="/desk/tickets/{ticket.number}"' in page
    assert "I cannot find my invoice." in page


def test_ones_own_tickets_come_first(desk, ticket, ada):
    assert "Invoice lost" not in desk.get("/desk").text
    ticket.assign(ada, by=ada)

    assert "Invoice lost" in desk.get("/desk").text


def test_a_ticket_is_in_the_view_of_its_status(desk, ticket, ada):
    ticket.reply("Here it is.", by=ada)
    assert "Invoice lost" in desk.get("/desk?view=waiting").text
    ticket.resolve(by=ada)

    assert "Invoice lost" in desk.get("/desk?view=resolved").text
    assert "Invoice lost" not in desk.get("/desk?view=open").text


@pytest.mark.parametrize("view", inbox.VIEWS)
def test_mallory_sees_none_of_it(visit, mallory, ticket, view):
    assert "Invoice lost" not in visit(mallory).get(f"/desk?view={view}").text


@pytest.mark.parametrize("view", inbox.VIEWS)
def test_mallorys_views_count_nothing(mallory, ticket, view):
    assert inbox.counts(mallory)[view] == 0


def test_a_stranger_signs_in_first(visit):
    answer = visit().get("/desk")

    assert answer.status_code == 302
    assert "/sign-in" in answer.location


def test_a_ticket_in_ones_hands_is_seen_wherever_it_is(visit, mallory, ticket, ada):
    ticket.assign(mallory, by=ada)

    assert "Invoice lost" in visit(mallory).get("/desk?view=open").text


def test_a_ticket_of_ones_team_and_hands_is_listed_once(desk, ticket, ada):
    ticket.assign(ada, by=ada)

    assert desk.get("/desk?view=open").text.count(f'id="t{ticket.id}"') == 1
    assert inbox.counts(ada)["open"] == 1


def test_an_admin_sees_every_team(visit, root, ticket):
    ticket.change(by=root, team=Team(name="Billing"))

    assert "Invoice lost" in visit(root).get("/desk?view=open").text


@pytest.mark.parametrize(("query", "is_found"), [("priority=urgent", True), ("priority=low", False)])
def test_filters_narrow_a_view(desk, ticket, ada, query, is_found):
    ticket.change(by=ada, priority=Priority.URGENT)

    assert ("Invoice lost" in desk.get(f"/desk?view=open&{query}").text) is is_found


@pytest.mark.parametrize(
    "query", ["stage=1'--", "priority=x", "team=999", "channel=", "from=nonsense", "view=x"]
)
def test_a_senseless_address_is_still_a_page(desk, ticket, query):
    assert desk.get(f"/desk?{query}").status_code == 200


def test_tags_narrow_a_view(desk, ticket, ada):
    ticket.tag(["billing"], by=ada)

    assert "Invoice lost" in desk.get("/desk?view=open&tag=Billing").text
    assert "Invoice lost" not in desk.get("/desk?view=open&tag=shipping").text


def test_pages_follow_each_other_and_back(ada, heap):
    heap(inbox.PER_PAGE + 3)
    first = inbox.read(ada, "open", Filters())
    second = inbox.read(ada, "open", Filters(), inbox.Place.of(first.older))
    back = inbox.read(ada, "open", Filters(), inbox.Place.of(second.newer))

    assert [row.subject for row in second.rows] == ["Question 50", "Question 51", "Question 52"]
    assert not second.older
    assert [row.id for row in back.rows] == [row.id for row in first.rows]
    assert not first.newer


def test_a_page_asks_as_often_for_a_hundred_tickets_as_for_ten(desk, heap, statements):
    heap(10)
    desk.get("/desk?view=open")
    statements.clear()
    desk.get("/desk?view=open")
    few = len(statements)
    heap(90)
    statements.clear()
    desk.get("/desk?view=open")

    assert len(statements) == few <= 8


def test_no_message_is_loaded_to_show_a_list(desk, heap, statements):
    heap(3)
    statements.clear()
    desk.get("/desk?view=open")

    assert not [each for each in statements if "FROM messages" in each]


@pytest.mark.parametrize("who", ["ada", "root"])
@pytest.mark.parametrize("view", inbox.VIEWS)
@pytest.mark.sqlite
def test_a_view_is_walked_along_an_index(request, who, view):
    agent = request.getfixturevalue(who)
    place = inbox.Place(now(), 7)
    walk = inbox.walk(agent, view, Filters(), place).compile(db.engine)
    binds = walk.construct_params()
    plan = db.session.connection().exec_driver_sql(
        f"EXPLAIN QUERY PLAN {walk.string}", tuple(_plain(walk, name, binds) for name in walk.positiontup)
    )
    steps = [row[3] for row in plan]

    assert not [step for step in steps if "TEMP B-TREE" in step or step.startswith("SCAN")]
    assert [step for step in steps if "INDEX ix_tickets_" in step]


def test_a_view_counts_no_further_than_it_says(desk, ada, ticket, monkeypatch):
    monkeypatch.setattr(inbox, "counts", lambda _viewer: dict.fromkeys(inbox.VIEWS, 1000))

    assert "999+" in desk.get("/desk").text


def test_the_page_speaks_japanese(visit, ada, ticket):
    page = visit(ada, lang="ja").get("/desk?view=open").text

    assert "未割り当て" in page
    assert "対応中すべて" in page


def _plain(walk, name, binds):
    process = walk._bind_processors.get(name)
    return process(binds[name]) if process else binds[name]


def test_what_a_subject_holds_is_text(desk, carol):
    Ticket.open_for(carol, subject="<script>alert(1)</script>", via=Channel.EMAIL).hear("<b>x</b>")
    page = desk.get("/desk?view=open").text

    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert "<b>x</b>" not in page


@pytest.mark.parametrize(
    ("writer", "proof", "shown"),
    [
        ("carol@example.org", "unverified", "Pay here."),
        ("carol@example.org", "suspicious", "Message held back"),
        ("eve@evil.example", "verified", "Message held back"),
        ("dan@toto.example", "verified", "Dan: Pay here."),
        ("dan@toto.example", "unverified", "Message held back"),
    ],
)
def test_a_row_shows_no_words_that_are_held_back(desk, ticket, carol, writer, proof, shown):
    dan = Contact(customer=carol.customer, name="Dan", addresses=[ContactAddress(address="dan@toto.example")])
    db.session.add(dan)
    ticket.hear("Pay here.", by=Contact.meet(writer, "Carol"), proof=proof)
    held = ticket.messages[-1]
    row = desk.get("/desk?view=unassigned").text

    assert f"— {shown}</p>" in row
    held.confirm()
    assert "— Pay here.</p>" in desk.get("/desk?view=unassigned").text


def test_confirming_an_older_message_leaves_the_newest_in_the_row(desk, ticket):
    ticket.hear("Pay here.", proof="suspicious")
    forged = ticket.messages[-1]
    ticket.hear("Thank you.")
    forged.confirm()

    assert "— Thank you.</p>" in desk.get("/desk?view=unassigned").text


def test_an_answer_that_did_not_arrive_is_seen_in_the_list(desk, ticket, ada, work_off):
    ticket.reply("Look in spam.", by=ada)
    db.session.commit()
    assert "Not delivered" not in desk.get("/desk?view=waiting").text

    db.session.scalars(select(Letter).where(Letter.purpose == "reply")).one().fail("550 5.1.1 unknown")
    db.session.commit()

    assert "Not delivered" in desk.get("/desk?view=waiting").text
