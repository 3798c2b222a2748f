"""Imports at the desk: columns named, looked through, taken, taken back; fields and unknown events."""

import io

import pytest
from sqlalchemy import func, select

from helpdesk.core.db import db
from helpdesk.customers.custom_fields import CustomField
from helpdesk.customers.models import Customer
from helpdesk.customers.orders import Order
from helpdesk.exchange.models import Batch, Progress, UnknownEvent
from helpdesk.lifecycle.models import Stay
from helpdesk.timeline import Event, Kind
from tests.exchange.conftest import CUSTOMERS

PAGE = "/desk/settings/imports"


@pytest.fixture
def lead(visit, grace):
    return visit(grace)


@pytest.fixture
def hand_in(lead, work_off):
    """Grace hands a file in, takes the columns as proposed, and a worker looks through it."""

    def hand_in(content, what="customers"):
        file = (io.BytesIO(content.encode()), "list.csv")
        answer = lead.post(PAGE, data={"what": what, "file": file}, content_type="multipart/form-data")
        assert answer.status_code == 303, answer.text
        batch = db.session.scalars(Batch.newest_first().limit(1)).one()
        chosen = {f"column-{n}": name for n, name in enumerate(content.partition("\n")[0].split(","))}
        lead.post(f"{PAGE}/{batch.id}/columns", data=chosen)
        work_off()
        return f"{PAGE}/{batch.id}"

    return hand_in


def count(table):
    return db.session.scalar(select(func.count()).select_from(table))


def test_columns_are_proposed_in_both_languages(lead, visit, grace):
    text = "顧客番号,会社名,備考,色\nA-1,東都精機,よい,赤\n".encode("cp932")
    file = (io.BytesIO(text), "顧客.csv")
    answer = lead.post(PAGE, data={"what": "customers", "file": file}, content_type="multipart/form-data")
    page = lead.get(answer.location).text

    assert "Shift_JIS (CP932)" in page
    assert "東都精機" in page
    for ours in ("external_id", "name", "note"):
        assert f'<option value="{ours}" selected>' in page
    assert count(Customer) == 0


def test_a_file_is_looked_through_then_taken_then_taken_back(hand_in, lead, work_off):
    address = hand_in(CUSTOMERS)
    page = lead.get(address).text
    assert "東都精機株式会社" in page
    assert count(Customer) == 0

    lead.post(f"{address}/taking")
    work_off()
    assert count(Customer) == 2
    assert "/desk/customers/1" in lead.get(address).text
    assert count(Stay) == 2

    lead.post(f"{address}/undoing")
    work_off()
    assert (count(Customer), count(Event)) == (0, 0)
    assert "Taken back" in lead.get(address).text


def test_faults_are_told_in_the_reader_s_language_and_only_good_rows_come_in(
    hand_in, lead, visit, grace, work_off
):
    address = hand_in(CUSTOMERS + "A-3,,,=x,\n")
    assert "must not be empty" in lead.get(address).text
    assert "必須項目です。" in visit(grace, lang="ja").get(address).text
    table = lead.get(f"{address}/faults.csv").data.decode("utf-8-sig")
    assert '4,"name","This must not be empty."' in table

    lead.post(f"{address}/taking")
    work_off()
    assert count(Customer) == 0
    lead.post(f"{address}/taking", data={"good": "1"})
    work_off()
    assert count(Customer) == 2


def test_who_fails_while_it_is_taken_leaves_nothing(hand_in, lead, work_off):
    address = hand_in(CUSTOMERS)
    db.session.add(Customer(name="Meanwhile", external_id="M"))
    from helpdesk.customers.models import Contact, ContactAddress

    contact = Contact(customer=db.session.scalars(select(Customer)).one(), name="M")
    contact.addresses.append(ContactAddress(address="kino@mail.example"))
    db.session.add(contact)
    lead.post(f"{address}/taking")
    work_off()

    assert db.session.scalars(select(Batch.progress)).one() is Progress.FAILED
    assert count(Customer) == 1
    assert "belongs to another customer" in lead.get(address).text


def test_templates_hold_the_headers(lead):
    assert (
        lead.get(f"{PAGE}/templates/orders.en.csv")
        .data.decode("utf-8-sig")
        .startswith('"external_id","customer"')
    )
    assert "注文番号" in lead.get(f"{PAGE}/templates/orders.ja.csv").data.decode("utf-8-sig")
    assert lead.get(f"{PAGE}/templates/x.csv").status_code == 404


def test_a_workbook_is_refused_with_words(lead):
    file = (io.BytesIO(b"PK\x03\x04"), "list.xlsx")
    answer = lead.post(PAGE, data={"what": "customers", "file": file}, content_type="multipart/form-data")

    assert answer.status_code == 422
    assert "workbook" in answer.text


def test_a_field_is_added_shown_edited_and_retired(lead, carol):
    told = {"name_ja": "階", "name_en": "Floor no", "type": "number", "purpose": "Deliveries"}
    assert lead.post("/desk/settings/fields", data=told).status_code == 303
    field = db.session.scalars(select(CustomField)).one()
    page, form = f"/desk/customers/{carol.customer_id}", {"name": "Carol", "version": "1", "owner": "0"}

    assert field.key == "floor_no"
    assert lead.post(f"{page}/particulars", data={**form, "extra_floor_no": "x"}).status_code == 422
    version = str(carol.customer.version)
    filled = {**form, "version": version, "extra_floor_no": "12", "tags": "vip, 製造"}
    assert lead.post(f"{page}/particulars", data=filled).status_code == 303
    assert (carol.customer.extra, carol.customer.tags) == ({"floor_no": 12}, ["vip", "製造"])
    assert "Floor no" in lead.get(page).text
    assert "Carol" in lead.get("/desk/customers?tag=製造").text
    assert "Nobody matches" in lead.get("/desk/customers?tag=製").text

    lead.post(f"/desk/settings/fields/{field.id}", data={**told, "name_en": "Storey"})
    assert "Storey" in lead.get("/desk/settings/fields").text
    lead.post(f"/desk/settings/fields/{field.id}/retirement")
    assert "Storey" not in lead.get(page).text


def test_unknown_events_are_taken_as_what_they_are(lead, carol, work_off):
    for number, payload in enumerate(({"amount": 5}, {"amount": "much"})):
        db.session.add(
            UnknownEvent(
                customer=carol.customer, type="purchase", occurred_at=carol.created_at, source="shop",
                idempotency_key=f"p-{number}", payload=payload,
            )
        )  # fmt: skip
    assert "purchase" in lead.get("/desk/settings/unknown-events").text
    lead.post("/desk/settings/unknown-events/taking", data={"type": "purchase", "kind": "order.paid"})
    work_off()

    assert (count(Order), count(UnknownEvent)) == (1, 1)
    assert db.session.scalars(select(Event.source).where(Event.kind == Kind.ORDER_PAID)).one() == "shop"
    lead.post("/desk/settings/unknown-events/dropping", data={"type": "purchase"})
    assert count(UnknownEvent) == 0
