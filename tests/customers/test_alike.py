"""Pairs that may be one: found by a job or at night, kept as people decided, and none of the empty ones."""

from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.core.jobs import Job
from helpdesk.customers import alike, noticing
from helpdesk.customers.entering import Person, enter
from helpdesk.customers.likeness import LikenessKey, Pair, Verdict
from helpdesk.customers.models import Contact, ContactAddress, Customer, CustomerType
from tests.customers import planted

PHONE = "03-1234-5678"


def house(name: str, phone: str = PHONE, **particulars: object) -> Customer:
    return enter(name, [Person("担当", phone=phone)], type=CustomerType.COMPANY, **particulars)


def pairs() -> list[Pair]:
    return list(db.session.scalars(select(Pair).order_by(Pair.id)))


def test_whoever_is_entered_twice_becomes_a_pair(app, work_off):
    one, other = house("株式会社ヤマダ"), house("（株）ﾔﾏﾀﾞ", "０３（１２３４）５６７８")
    work_off()

    (found,) = pairs()
    assert (found.one, found.other, found.verdict) == (one, other, Verdict.OPEN)
    assert found.reasons == {"phone": "+81312345678", "name": 1.0}


def test_a_changed_name_ends_the_likeness_and_a_decision_stays(app, work_off):
    one, other, third = (house("株式会社ヤマダ") for _ in range(3))
    work_off()
    decided = pairs()[0]
    decided.verdict = Verdict.DIFFERENT
    other.change(name="ミドリ印刷")
    work_off()

    assert [(p.one_id, p.other_id, p.verdict) for p in pairs()] == [
        (one.id, other.id, Verdict.DIFFERENT),
        (one.id, third.id, Verdict.OPEN),
    ]


def test_two_changes_ask_once(app, work_off):
    one = house("株式会社ヤマダ")
    one.change(note="x")

    asked = [job for job in db.session.scalars(select(Job)) if job.task.endswith("noticing.look")]
    assert [job.arguments for job in asked] == [{"customer_id": one.id}]


def test_a_number_of_many_makes_nobody_alike(app, work_off):
    for _ in range(alike.MOST_HOLDERS + 1):
        house("株式会社ヤマダ")
    work_off()
    noticing.sweep()
    work_off()

    assert pairs() == []


def test_whoever_was_put_into_another_is_no_candidate(app, work_off):
    one, other = house("株式会社ヤマダ"), house("㈱ヤマダ")
    other.merged_into_id = one.id
    work_off()

    assert pairs() == []


def test_the_sweep_finds_what_nobody_looked_for(app, work_off):
    true, false = planted.twice(count=60), planted.lookalikes(count=60)
    for entry in planted.book(true + false):
        kept = Customer(name=entry.name, kana=entry.kana, domain=entry.domain)
        kept.type = CustomerType.COMPANY if entry.domain else CustomerType.PERSON
        person = Contact(name=entry.person or entry.name, kana=entry.person_kana, phone=entry.phone)
        known = set(db.session.scalars(select(ContactAddress.address)))
        person.addresses = [ContactAddress(address=a) for a in entry.addresses if a not in known]
        kept.contacts = [person]
        db.session.add(kept)
        db.session.flush()
    noticing.sweep()
    work_off()

    planted_pairs = {(2 * n + 1, 2 * n + 2) for n in range(len(true))}
    found = {(pair.one_id, pair.other_id) for pair in pairs()}
    assert len(found & planted_pairs) >= 0.8 * len(planted_pairs)
    assert len(found & planted_pairs) >= 0.98 * len(found)
    assert db.session.scalar(select(LikenessKey.id).limit(1))
