"""Tickets by program: the same verbs, the same rights."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from helpdesk.accounts.models import Team
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.customers.models import Contact
from helpdesk.lifecycle.models import OverlayKind
from helpdesk.lifecycle.overlays import open_by_hand
from helpdesk.tickets.kinds import Priority, Status
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Channel
from helpdesk.timeline import Kind
from tests.api.asking import statements, walk

QUESTION = {
    "subject": "請求書",
    "body": "見つかりません。",
    "requester": {"email": "Dave@Example.org", "name": "Dave"},
}


@pytest.fixture
def many(carol, support, clock):
    """Six tickets, each a minute after the other."""
    made = []
    for number in range(6):
        clock.shift(timedelta(minutes=1))
        made.append(
            Ticket.open_for(Contact.meet(f"c{number}@example.org"), subject=f"No. {number}", via=Channel.API)
        )
        db.session.commit()
    return [ticket.number for ticket in made]


def test_a_ticket_says_where_its_customer_stands(api, ticket, ada):
    open_by_hand(ticket.customer, OverlayKind.AT_RISK, by=ada, reason="quiet")
    told = api.get(f"/api/v1/tickets/{ticket.number}").json

    assert (told["number"], told["status"], told["assignee"]) == (ticket.number, "open", None)
    assert told["contact"]["email"] == "carol@example.org"
    assert told["customer"]["stage"] == {
        "key": "prospect",
        "name": "Prospect",
        "since": "2026-09-18T00:00:00Z",
    }
    assert (told["customer"]["overlays"], told["customer"]["health"]) == (["at_risk"], None)


def test_mallory_sees_no_ticket(program, mallory, ticket):
    client, path = program(mallory), f"/api/v1/tickets/{ticket.number}"

    assert client.get("/api/v1/tickets").json == {"items": [], "next": None}
    assert client.get(path).status_code == client.patch(path, json={"priority": "high"}).status_code == 404
    assert client.get(f"{path}/messages").status_code == 404
    assert client.post(f"{path}/messages", json={"body": "Hello"}).status_code == 404
    assert client.post(f"{path}/resolution").status_code == 404
    assert (ticket.status, ticket.priority, len(ticket.messages)) == (Status.OPEN, Priority.NORMAL, 1)


def test_opening_one(api, ada, support):
    made = api.post("/api/v1/tickets", json={**QUESTION, "priority": "high", "tags": ["Billing"]})
    ticket = db.session.get_one(Ticket, int(made.json["number"]))

    assert (made.status_code, made.headers["Location"]) == (201, f"/api/v1/tickets/{ticket.number}")
    assert api.get(made.headers["Location"]).json == made.json
    assert (ticket.subject, ticket.channel, ticket.priority) == ("請求書", Channel.API, Priority.HIGH)
    assert (ticket.contact.address, ticket.contact.name) == ("dave@example.org", "Dave")
    assert ([each.body for each in ticket.messages], ticket.tag_names) == (["見つかりません。"], ["billing"])


def test_who_is_known_is_known_again(api, carol):
    made = api.post("/api/v1/tickets", json={**QUESTION, "requester": {"email": "CAROL@example.org"}})

    assert made.json["contact"]["id"] == carol.id


def test_opening_one_reacts_as_ever(api, facts, carol):
    api.post("/api/v1/tickets", json={**QUESTION, "requester": {"email": "carol@example.org"}})

    assert facts()[-1] is Kind.TICKET_OPENED


def test_changing_one(api, ticket, ada, grace):
    billing = Team(name="Billing")
    db.session.add(billing)
    change = {
        "status": "waiting",
        "priority": "urgent",
        "tags": ["vip"],
        "assignee": grace.email,
        "team": "Billing",
    }
    told = api.patch(f"/api/v1/tickets/{ticket.number}", json=change).json

    assert (ticket.status, ticket.priority, ticket.tag_names) == (Status.WAITING, Priority.URGENT, ["vip"])
    assert (ticket.assignee, ticket.team) == (grace, billing)
    assert (told["assignee"]["name"], told["team"]["name"], told["version"]) == (
        "Grace",
        "Billing",
        ticket.version,
    )


def test_what_is_left_out_stays_and_null_is_nobody(api, ticket, ada):
    ticket.assign(ada, by=ada)
    api.patch(f"/api/v1/tickets/{ticket.number}", json={"priority": "low"})
    assert ticket.assignee is ada
    api.patch(f"/api/v1/tickets/{ticket.number}", json={"assignee": None})

    assert (ticket.assignee, ticket.priority) == (None, Priority.LOW)


def test_nobody_is_assigned_whom_one_may_not_see(api, ticket, mallory):
    refused = api.patch(f"/api/v1/tickets/{ticket.number}", json={"assignee": mallory.id, "priority": "high"})

    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "assignee")
    assert ticket.priority is Priority.NORMAL


def test_resolving_and_reopening(api, ticket, facts):
    path = f"/api/v1/tickets/{ticket.number}"
    assert api.post(f"{path}/resolution").json["status"] == "resolved"
    assert api.post(f"{path}/resolution").status_code == 200
    assert api.patch(path, json={"status": "open"}).json["resolved_at"] is None

    assert (facts().count(Kind.TICKET_RESOLVED), facts().count(Kind.TICKET_REOPENED)) == (1, 1)


def test_if_match_guards_what_one_has_read(api, ticket):
    path = f"/api/v1/tickets/{ticket.number}"
    etag = api.get(path).headers["ETag"]
    assert api.patch(path, json={"priority": "high"}, headers={"If-Match": etag}).status_code == 200
    overtaken = api.patch(path, json={"priority": "low"}, headers={"If-Match": etag})

    assert (overtaken.status_code, overtaken.json["type"]) == (412, "/api/docs#problem-overtaken")
    assert ticket.priority is Priority.HIGH


@pytest.mark.parametrize("limit", [1, 2, 5, 6, 50])
def test_a_list_comes_whole_newest_first(api, many, limit):
    assert [each["number"] for each in walk(api, f"/api/v1/tickets?limit={limit}")] == many[::-1]


def test_rows_of_one_moment_are_told_once_each(api, many):
    moment = now()
    for ticket in db.session.scalars(select(Ticket)):
        ticket.updated_at = moment
    found = [each["number"] for each in walk(api, "/api/v1/tickets?limit=1")]

    assert found == many[::-1]


def test_following_changes(api, many):
    since = db.session.get_one(Ticket, int(many[3])).updated_at
    path = f"/api/v1/tickets?limit=2&updated_since={since:%Y-%m-%dT%H:%M:%SZ}"

    assert [each["number"] for each in walk(api, path)] == many[3:]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("status=resolved", 1),
        ("status=open", 5),
        ("priority=urgent", 1),
        ("tag=VIP", 1),
        ("channel=email", 0),
    ],
)
def test_narrowing_a_list(api, many, ada, query, count):
    first = db.session.get_one(Ticket, int(many[0]))
    first.change(by=ada, priority=Priority.URGENT)
    first.tag(["vip"], by=ada)
    first.resolve(by=ada)

    assert len(api.get(f"/api/v1/tickets?{query}").json["items"]) == count


def test_a_customers_tickets(api, many, ticket):
    found = api.get(f"/api/v1/tickets?customer={ticket.customer_id}").json["items"]

    assert [each["number"] for each in found] == [ticket.number]


def test_a_list_asks_the_same_number_of_statements_however_long(api, many):
    api.get("/api/v1/tickets")
    short = statements(lambda: api.get("/api/v1/tickets?limit=1"))

    assert statements(lambda: api.get("/api/v1/tickets?limit=6")) == short


def test_replying_and_noting(api, ticket, ada, facts):
    path = f"/api/v1/tickets/{ticket.number}/messages"
    api.post(path, json={"body": "Here it is."})
    note = api.post(path, json={"body": "Third time.", "public": False})
    thread = walk(api, f"{path}?limit=1")

    assert (note.status_code, note.json["kind"], note.json["author"]["name"]) == (201, "note", "Ada")
    assert [(each["public"], each["body"]) for each in thread[1:]] == [
        (True, "Here it is."),
        (False, "Third time."),
    ]
    assert ticket.status is Status.WAITING


def test_a_reply_leaves_as_a_letter_and_a_note_does_not(api, ticket, postbox, work_off):
    path = f"/api/v1/tickets/{ticket.number}/messages"
    api.post(path, json={"body": "Only for us.", "public": False})
    api.post(path, json={"body": "Here it is."})
    work_off()

    assert ["Here it is." in each.get_body(("plain",)).get_content() for each in postbox()] == [True]
