"""Files taken by command: all or nothing, once, and back again."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.customers.custom_fields import CustomField, FieldType
from helpdesk.customers.models import Customer
from helpdesk.customers.orders import Order, Subscription
from helpdesk.exchange import looking, taking
from helpdesk.exchange.models import Batch, Progress, Touched, UnknownEvent
from helpdesk.lifecycle.models import Stay
from helpdesk.timeline import Event, Kind, record
from tests.exchange.conftest import CUSTOMERS, ORDERS


def one(table, external_id):
    return db.session.scalars(select(table).where(table.external_id == external_id)).one()


def count(table):
    return db.session.scalar(select(func.count()).select_from(table))


def counts(told):
    return told["created"], told["updated"], told["skipped"]


def test_customers_come_with_their_person_and_stand_on_the_first_stage(run, work_off, postbox):
    told = run("customers", CUSTOMERS)
    company = one(Customer, "A-1")

    assert (counts(told), told["errors"], told["exit"]) == ((2, 0, 0), [], 0)
    assert (company.type.value, company.tags, company.contacts[0].address) == (
        "company", ["優良", "製造"], "info@toto.example",
    )  # fmt: skip
    work_off()
    assert count(Stay) == 2
    assert postbox() == []


def test_orders_are_rows_and_history(run, facts):
    run("customers", CUSTOMERS)
    told = run("orders", ORDERS)
    pan = one(Order, "O-2")

    assert counts(told) == (2, 0, 0)
    assert (pan.amount, pan.currency, pan.refunded) == (1250, "USD", 200)
    assert pan.placed_at == datetime(2026, 5, 3, 15, tzinfo=UTC)
    assert facts()[-3:] == [Kind.ORDER_PAID, Kind.ORDER_PAID, Kind.ORDER_REFUNDED]


def test_the_same_file_again_changes_nothing(run, state):
    run("customers", CUSTOMERS)
    run("orders", ORDERS)
    before = state()

    assert counts(run("customers", CUSTOMERS)) == (0, 0, 2)
    assert counts(run("orders", ORDERS)) == (0, 0, 2)
    assert state() == before


def test_a_correction_is_an_update_and_no_second_payment(run, facts):
    run("customers", CUSTOMERS)
    run("orders", ORDERS)
    told = run("orders", ORDERS.replace("5000", "4000"))

    assert counts(told) == (0, 1, 1)
    assert one(Order, "O-1").amount == 4000
    assert (facts().count(Kind.ORDER_PAID), facts().count(Kind.ORDER_CHANGED)) == (2, 1)


def test_undo_leaves_what_was_before(run, state):
    run("customers", CUSTOMERS)
    run("orders", ORDERS)
    before = state()
    second = run("orders", ORDERS.replace("5000", "4000") + "O-3,A-1,Lid,700,,2026/05/05,\n")
    third = run("customers", CUSTOMERS.replace("東都", "西都") + "A-3,New,,new@example.org,\n")

    for told in (third, second):
        assert run("undo", None, str(told["batch"]))["kept"] == []
    assert state() == before
    assert set(db.session.scalars(select(Touched.batch_id))) == {1, 2}


def test_undo_keeps_what_somebody_changed_since_and_says_so(run):
    run("customers", CUSTOMERS)
    told = run("customers", CUSTOMERS.replace("東都精機株式会社,会社", "西都精機株式会社,個人"))
    one(Customer, "A-1").change(name="北都精機株式会社")
    db.session.commit()
    kept = run("undo", None, str(told["batch"]))["kept"]

    assert [(each["name"], each["columns"]) for each in kept] == [("北都精機株式会社", ["name"])]
    assert one(Customer, "A-1").type.value == "company"


def test_undo_keeps_a_customer_who_was_heard_since(run):
    told = run("customers", CUSTOMERS)
    record(Kind.REFERRAL_ACCEPTED, one(Customer, "A-1"))
    kept = run("undo", None, str(told["batch"]))["kept"]

    assert [each["name"] for each in kept] == ["東都精機株式会社"]
    assert count(Customer) == 1


def test_one_bad_line_and_nothing_is_written(run, state):
    before = state()
    told = run("customers", CUSTOMERS + "A-3,,,,\nA-1,Twin,,,\n", "--lang", "en")

    assert (told["exit"], told["batch"], counts(told)) == (1, None, (0, 0, 0))
    assert [(each["line"], each["field"]) for each in told["errors"]] == [(4, "name"), (5, "external_id")]
    assert "line 2" in told["errors"][1]["message"]
    assert state() == before
    assert count(Batch) == 0


def test_good_rows_come_in_where_that_is_asked_for(run):
    told = run("customers", CUSTOMERS + "A-3,,,,\n", "--good-rows")

    assert (told["exit"], counts(told), len(told["errors"])) == (0, (2, 0, 0), 1)


@pytest.mark.parametrize(
    ("line", "field", "words"),
    [
        ("O-9,A-1,Pot,-5,,2026/05/03,", "amount", "negative"),
        ("O-9,A-1,Pot,5,,2027/05/03,", "placed_at", "not happened"),
        ("O-9,A-1,Pot,5,,soon,", "placed_at", "no date"),
        ("O-9,A-1,Pot,5,JPYEN,2026/05/03,", "currency", "three letters"),
        ("O-9,A-1,Pot,5.5,JPY,2026/05/03,", "amount", "decimals"),
        ("O-9,A-1,Pot,5,,2026/05/03,9", "refunded", "More went back"),
        ("O-9,A-9,Pot,5,,2026/05/03,", "customer", "No customer"),
        ("O-9,,Pot,5,,2026/05/03,", "customer", "whose"),
        (f"O-9,A-1,{'x' * 10_000},5,,2026/05/03,", "product", "200 characters"),
        ("O-9,A-1,P\0t,5,,2026/05/03,", "product", "NUL"),
        ("O-9,A-1,5", "", "3 cells"),
    ],
)
def test_what_is_wrong_is_told_by_line_and_field(run, line, field, words):
    run("customers", CUSTOMERS)
    [error] = run("orders", ORDERS + line + "\n", "--lang", "en")["errors"]

    assert (error["line"], error["field"]) == (4, field)
    assert words in error["message"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encoding_and_delimiter_are_found(run, encoding, delimiter):
    text = "顧客ID,会社名,備考\nA-1,東都精機㈱,=1+1\n".replace(",", delimiter)

    assert counts(run("customers", text.encode(encoding))) == (1, 0, 0)
    assert (one(Customer, "A-1").name, one(Customer, "A-1").note) == ("東都精機㈱", "=1+1")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04book", "workbook"),
        (b"", "empty"),
        (b"name\n\xc3\x28\x81", "neither"),
        (",".join(f"c{n}" for n in range(1000)).encode(), "200 columns"),
        (b'{"name": "A\\ud800", "external_id": "A"}\n', "NUL"),
        (b'{"name": "A"\n', "no JSON"),
        (b"nothing,of,this\n1,2,3\n", "no column"),
    ],
)
def test_a_file_that_is_none_is_refused_with_words(run, content, words):
    told = run("customers", content, "--lang", "en")

    assert told["exit"] == 1
    assert words in told["errors"][0]["message"]


def test_a_file_may_be_too_large(run, monkeypatch):
    monkeypatch.setattr("helpdesk.exchange.commands.LARGEST_FILE", 10)
    assert "larger" in run("customers", CUSTOMERS, "--lang", "en")["errors"][0]["message"]


def test_columns_can_be_named_and_are_remembered(run, tmp_path):
    (tmp_path / "map.json").write_text(json.dumps({"x": "external_id", "y": "name"}))
    assert counts(run("customers", "x,y\nA-1,Foo\n", "--map", str(tmp_path / "map.json"))) == (1, 0, 0)
    assert counts(run("customers", "x,y\nA-2,Bar\n")) == (1, 0, 0)


def test_a_team_s_own_fields_come_in(run):
    db.session.add(CustomField(key="floor", name_ja="階", name_en="Floor", type=FieldType.NUMBER))
    run("customers", "external_id,name,階\nA-1,Foo,12\n")

    assert one(Customer, "A-1").extra == {"floor": 12.0}


def test_subscriptions_are_rows_and_history(run, facts):
    run("customers", CUSTOMERS)
    text = (
        "external_id,customer,plan,price,started_at,trial_ends_at,paid_from,ended_at\n"
        "S-1,A-1,Team,1900,2026/01/01,2026/01/15,2026/01/15,2026/06/01\nS-2,A-2,Light,,2026/01/01,,,\n"
    )
    assert counts(run("subscriptions", text)) == (2, 0, 0)
    assert counts(run("subscriptions", text)) == (0, 0, 2)
    first, second = one(Subscription, "S-1"), one(Subscription, "S-2")

    assert (first.ended_at, first.price, second.paid_from) == (
        datetime(2026, 5, 31, 15, tzinfo=UTC), 1900, second.started_at,
    )  # fmt: skip
    assert facts()[-4:] == [
        *(Kind.TRIAL_STARTED, Kind.SUBSCRIPTION_STARTED, Kind.SUBSCRIPTION_ENDED),
        Kind.SUBSCRIPTION_STARTED,
    ]


def test_events_come_as_the_api_takes_them(run, facts):
    run("customers", CUSTOMERS)
    at, who = (now() - timedelta(days=400)).isoformat(), {"external_id": "A-1"}
    lines = [
        {"customer": who, "type": "usage.daily", "occurred_at": at, "payload": {"active_people": 3}},
        {"customer": who, "type": "order.paid", "occurred_at": at, "payload": {"order": "X", "amount": 5}},
        {"customer": who, "type": "cart.updated", "occurred_at": at, "idempotency_key": "c"},
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    told = run("events", text)
    again = run("events", text)

    assert (counts(told), told["quarantined"], counts(again)) == ((2, 0, 0), 1, (0, 0, 3))
    assert (one(Order, "X").amount, count(UnknownEvent)) == (5, 1)
    other = json.dumps(lines[2] | {"type": "cart.emptied"})
    assert run("events", other)["errors"][0]["field"] == "idempotency_key"
    run("undo", None, str(told["batch"]))
    assert (count(Order), count(UnknownEvent), facts().count(Kind.USAGE_REPORTED)) == (0, 0, 0)


def test_a_mixed_currency_is_told_and_kept(run):
    run("customers", CUSTOMERS)
    told = run("orders", ORDERS + "O-3,A-1,Pot,5,USD,2026/05/03,\n")

    assert (counts(told), told["errors"]) == ((3, 0, 0), [])
    assert "USD" in told["warnings"][0]["message"]


def test_whoever_was_killed_goes_on_where_it_was(run, state, monkeypatch):
    run("customers", CUSTOMERS)
    text = ORDERS + "".join(f"O-{n},A-1,Pot,5,,2026/05/03,\n" for n in range(3, 30))
    told = run("orders", text)
    whole = state()
    run("undo", None, str(told["batch"]))
    for module in (looking, taking):
        monkeypatch.setattr(module, "CHUNK", 5)
    honest, left = taking.step, iter(range(3))
    monkeypatch.setattr(taking, "step", lambda batch: next(left) < 2 and honest(batch))
    run("orders", text)
    half = db.session.scalars(select(Batch).where(Batch.progress == Progress.TAKING)).one()
    assert half.taken == 10
    source = half.source

    monkeypatch.setattr(taking, "step", honest)
    assert counts(run("orders", text)) == (29, 0, 0)
    assert state() == whole
    assert (
        db.session.scalars(select(Event.source).where(Event.kind == Kind.ORDER_PAID)).all() == [source] * 29
    )


def test_half_a_character_in_a_payload_is_told_by_its_line(run):
    run("customers", CUSTOMERS)
    line = {"customer": {"external_id": "A-1"}, "type": "value.reached", "occurred_at": "2026-05-03"}
    [error] = run("events", json.dumps(line | {"payload": {"a": "\ud83d"}}))["errors"]

    assert (error["line"], error["field"]) == (1, "payload")
    assert run("events", json.dumps(line | {"payload": {"a": "😀"}}))["errors"] == []
