"""Customers by program."""

from helpdesk.accounts.models import Agent, Role
from helpdesk.core.db import db
from helpdesk.customers.models import Contact, ContactAddress, Customer
from helpdesk.desk import merging
from helpdesk.timeline import Event, Kind
from tests.api.asking import statements, walk
from tests.conftest import PASSWORD_HASH

HILL = {
    "name": "株式会社ヒル", "type": "company", "domain": "hill.example", "external_id": "crm-7",
    "contacts": [{"name": "Hana", "email": "hana@hill.example", "language": "ja"}, {"name": "Ken"}],
}  # fmt: skip


def path_of(customer: Customer) -> str:
    return f"/api/v1/customers/{customer.id}"


def test_entering_one(api, facts):
    made = api.post("/api/v1/customers", json=HILL)
    hana = Contact.known_as("hana@hill.example")

    assert (made.status_code, made.json["domain"]) == (201, "hill.example")
    assert api.get(made.headers["Location"]).json["contacts"] == made.json["contacts"]
    assert [each["email"] for each in made.json["contacts"]] == ["hana@hill.example", None]
    assert hana.customer.name == "株式会社ヒル"
    assert made.json["stage"]["key"] == "prospect"
    assert facts().count(Kind.CONTACT_ADDED) == 2


def test_whoever_writes_from_its_domain_belongs_to_it(api):
    made = api.post("/api/v1/customers", json=HILL).json

    assert Contact.meet("new@hill.example").customer_id == made["id"]


def test_a_known_customer_is_not_entered_twice(api, carol):
    api.post("/api/v1/customers", json=HILL)
    same = api.post("/api/v1/customers", json={"name": "Hill", "external_id": "crm-7"})
    theirs = {"name": "Carols", "contacts": [{"name": "Carol", "email": "CAROL@example.org"}]}
    known = api.post("/api/v1/customers", json=theirs)

    assert [same.status_code, known.status_code] == [409, 409]
    assert same.json["errors"][0]["field"] == "external_id"
    assert known.json["errors"][0]["field"] == "contacts.email"
    assert db.session.query(Customer).count() == 2


def test_changing_one(api, carol, ada):
    path = path_of(carol.customer)
    told = api.patch(path, json={"name": "Carol K.", "owner": ada.email, "needs_care": True}).json

    assert (carol.customer.name, carol.customer.owner, carol.customer.needs_care) == ("Carol K.", ada, True)
    assert told["owner"]["email"] == ada.email
    assert api.patch(path, json={"owner": None}).json["owner"] is None


def test_an_external_id_is_one_customers(api, carol):
    api.post("/api/v1/customers", json=HILL)

    assert api.patch(path_of(carol.customer), json={"external_id": "crm-7"}).status_code == 409
    assert api.patch(path_of(carol.customer), json={"external_id": "crm-8"}).status_code == 200
    assert api.patch(path_of(carol.customer), json={"external_id": "crm-8"}).status_code == 200


def test_if_match_guards_what_one_has_read(api, carol):
    etag = api.get(path_of(carol.customer)).headers["ETag"]
    guarded = {"headers": {"If-Match": etag}}

    assert api.patch(path_of(carol.customer), json={"kana": "きゃろる"}, **guarded).status_code == 200
    assert api.patch(path_of(carol.customer), json={"kana": "かろる"}, **guarded).status_code == 412


def test_finding_one(api, carol):
    made = api.post("/api/v1/customers", json=HILL).json
    found = [
        api.get(f"/api/v1/customers?{query}").json["items"]
        for query in (
            "email=Hana@hill.example",
            "external_id=crm-7",
            "email=nobody@hill.example",
            "stage=buy",
        )
    ]

    assert [[each["id"] for each in items] for items in found] == [[made["id"]], [made["id"]], [], []]


def test_who_belongs_nowhere_sees_no_customers(program, carol):
    loner = Agent(
        email="loner@helpdesk.example.com", name="Loner", role=Role.LEAD, password_hash=PASSWORD_HASH
    )
    db.session.add(loner)
    client, path = program(loner), path_of(carol.customer)

    assert client.get("/api/v1/customers").json["items"] == []
    assert client.get(path).status_code == client.get(f"{path}/timeline").status_code == 404
    assert client.patch(path, json={"name": "Mine"}).status_code == 404
    assert carol.customer.name == "Carol"


def test_a_list_comes_whole_in_as_many_statements_however_long(api, carol):
    for number in range(4):
        Contact.meet(f"c{number}@example.org")
    db.session.commit()
    api.get("/api/v1/customers")
    short = statements(lambda: api.get("/api/v1/customers?limit=1"))

    assert statements(lambda: api.get("/api/v1/customers?limit=5")) == short
    assert len({each["id"] for each in walk(api, "/api/v1/customers?limit=2")}) == 5


def test_the_timeline_tells_all_newest_first(api, ticket, ada, clock):
    ticket.reply("Here.", by=ada)
    told = walk(api, f"{path_of(ticket.customer)}/timeline?limit=2")

    assert [each["type"] for each in told][:2] == ["ticket.replied", "ticket.assigned"]
    assert told[0]["actor"] == {"type": "agent", "id": ada.id, "name": "Ada"}
    assert (told[0]["ticket"], told[0]["stage"]) == (ticket.number, "prospect")
    assert [each["id"] for each in told] == sorted((each["id"] for each in told), reverse=True)


def test_of_one_type(api, ticket):
    path = f"{path_of(ticket.customer)}/timeline"

    assert [each["type"] for each in api.get(f"{path}?type=ticket.opened").json["items"]] == ["ticket.opened"]
    assert api.get(f"{path}?type=ticket.eaten").status_code == 422


def test_mallory_reads_nothing_of_a_ticket_in_it(program, mallory, ticket):
    told = program(mallory).get(f"{path_of(ticket.customer)}/timeline").json["items"]

    assert {each["type"] for each in told} == {"customer.added", "contact.added", "stage.entered"}


def test_a_person_keeps_their_address(api, carol):
    assert db.session.query(ContactAddress).one().address == "carol@example.org"
    api.patch(path_of(carol.customer), json={"name": "K"})
    assert api.get("/api/v1/customers?email=carol@example.org").json["items"][0]["name"] == "K"


def test_whoever_was_put_into_another_leads_there(api, carol, grace):
    gone = Contact.meet("c@home.example", "Carol").customer
    gone.change(external_id="crm-9")
    kept = merging.merge(carol.customer_id, gone.id, merging.Choice(), by=grace).kept
    merging.merge(kept.id, Contact.meet("c@old.example").customer_id, merging.Choice(), by=grace)
    read = api.get(f"/api/v1/customers/{gone.id}/timeline")
    written = api.patch(f"/api/v1/customers/{gone.id}", json={"name": "Else"})
    told = {"type": "value.reached", "occurred_at": "2026-09-17T23:00:00Z"}
    events = [{**told, "customer": {"id": gone.id}}, {**told, "customer": {"external_id": "crm-9"}}]
    heard = api.post("/api/v1/events", json={"source": "app", "events": events}).json["items"]

    assert (read.status_code, read.json["merged_into"]) == (301, kept.id)
    assert read.headers["Location"] == f"/api/v1/customers/{kept.id}/timeline"
    assert (written.status_code, kept.name) == (409, "Carol")
    assert [each["id"] for each in api.get("/api/v1/customers").json["items"]] == [kept.id]
    assert [each["result"] for each in heard] == ["recorded", "recorded"]
    assert {db.session.get(Event, each["event"]).customer_id for each in heard} == {kept.id}
