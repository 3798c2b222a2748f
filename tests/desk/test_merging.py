"""Two customers that are one: put together without a loss, and taken apart without a trace."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from helpdesk.core import fulltext
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.words import parse
from helpdesk.customers.likeness import Merge, Pair, Verdict
from helpdesk.customers.models import Contact, Customer
from helpdesk.customers.uniting import STAYING, belongings
from helpdesk.desk.merging import CannotMerge, CannotPart, Choice, merge, part, same_people
from helpdesk.lifecycle import stages
from helpdesk.lifecycle.models import Cause, Overlay, OverlayKind, Stage, Stay
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.participants import Origin, Participant
from helpdesk.tickets.thread import Channel
from helpdesk.timeline import Event, Kind
from tests.desk.belongings import TABLES, everything, give_everything


@pytest.fixture
def two(app, support, ada) -> SimpleNamespace:
    """Dora, met twice: at her office and at home."""
    office = Contact.meet("dora@office.example", "Dora")
    home = Contact.meet("dora@home.example", "Dora K.")
    for contact in (office, home):
        asked = Ticket.open_for(contact, subject=f"From {contact.address}", via=Channel.EMAIL)
        asked.hear("Hello?")
        asked.opened()
        give_everything(contact.customer_id, contact.id)
    db.session.commit()
    return SimpleNamespace(office=office, home=home, kept=office.customer, gone=home.customer)


def joined(two: SimpleNamespace, by, **choice: object) -> Merge:
    return merge(two.kept.id, two.gone.id, Choice(**choice), by=by)


def found(words: str) -> list[int]:
    return list(db.session.scalars(fulltext.matching("customers", parse(words))))


def test_every_column_that_says_whose_a_row_is_moves_or_says_why_not():
    pointing = {
        str(column)
        for table in TABLES.values()
        for column in table.columns
        if any(key.target_fullname in ("customers.id", "contacts.id") for key in column.foreign_keys)
    }

    assert {
        str(column) for of in ("customers", "contacts") for column in belongings(of)
    } | STAYING == pointing


def test_nothing_is_left_with_whoever_is_gone(two, grace):
    joined(two, grace)

    left = {
        str(c)
        for c in belongings("customers")
        if db.session.scalar(select(c).where(c == two.gone.id).limit(1))
    }
    # An overlay of which nothing is left lies with the empty customer, closed.
    assert left <= {"overlays.customer_id"}
    assert (
        db.session.scalars(select(Stay).where(Stay.customer_id == two.gone.id, Stay.left_at.is_(None))).all()
        == []
    )
    assert db.session.get(Customer, two.gone.id).merged_into_id == two.kept.id


def test_two_contacts_that_are_one_person_become_one(two, grace):
    others = [each.address for each in (*two.office.addresses[1:], *two.home.addresses)]
    joined(two, grace, same_person={two.home.id: two.office.id})

    assert {a.address for a in two.office.addresses} == {"dora@office.example", *others}
    assert Contact.known_as("dora@home.example") == two.office
    assert {ticket.contact_id for ticket in db.session.scalars(select(Ticket))} == {two.office.id}
    assert two.kept.contacts[0] == two.office
    assert two.home not in two.kept.contacts


def test_nobody_takes_part_in_a_ticket_beside_themselves(two, grace):
    ticket = db.session.scalar(select(Ticket).where(Ticket.contact_id == two.office.id))
    Participant.note(ticket, two.home, Origin.ADDED)
    joined(two, grace, same_person={two.home.id: two.office.id})

    assert db.session.scalars(Participant.of(ticket)).all() == []


def test_who_is_one_person_is_seen_by_name_and_telephone():
    def person(id: int, name: str, phone: str = "") -> SimpleNamespace:
        return SimpleNamespace(id=id, name=name, phone=phone, addresses=[])

    kept = [person(1, "渡辺 誠", "03-1234-5678"), person(2, "高橋 花子")]
    gone = [
        person(3, "渡邊誠", "０３－１２３４－５６７８"),
        person(4, "髙橋 花子"),
        person(5, "渡辺 陽子", "03-1234-5678"),
    ]

    assert same_people(kept, gone) == {3: 1}


def test_the_chosen_values_win_and_nothing_written_is_lost(two, grace):
    two.kept.change(note="Pays late.", kana="", tags=["a"])
    two.gone.change(
        name="Dora Kaneko",
        note="Calls on Mondays.",
        kana="ドラ",
        external_id="X1",
        tags=["b"],
        needs_care=True,
    )
    joined(two, grace, theirs=frozenset({"name"}))

    kept = two.kept
    assert (kept.name, kept.kana, kept.external_id, kept.needs_care) == ("Dora Kaneko", "ドラ", "X1", True)
    assert kept.note == "Pays late.\n\nCalls on Mondays."
    assert kept.tags == ["a", "b"]


def test_lists_and_searches_leave_the_empty_one_out(two, grace):
    row = joined(two, grace)

    assert db.session.scalars(Customer.visible_to(grace)).all() == [two.kept]
    assert found("dora@home.example") == [two.kept.id]
    assert Customer.successor_of(two.gone.id) == two.kept.id
    part(row, by=grace)
    assert found("dora@home.example") == [two.gone.id]
    assert Customer.successor_of(two.gone.id) is None


def test_the_timeline_tells_it_and_a_quiet_review_follows(two, grace, work_off):
    row = joined(two, grace)
    told = db.session.scalar(select(Event).where(Event.kind == Kind.CUSTOMER_MERGED))
    work_off()

    assert (told.customer_id, told.agent_id) == (two.kept.id, grace.id)
    assert told.details == {"other": two.gone.id, "name": "Dora K.", "merge": row.id}


def test_the_address_of_a_company_that_is_gone_belongs_to_the_kept_one(two, grace):
    two.gone.change(domain="hill.example", type=TABLES["customers"].c.type.type.enum_class.COMPANY)
    two.kept.change(domain="dale.example")
    joined(two, grace)

    assert Contact.meet("new@hill.example").customer_id == two.kept.id


@pytest.mark.parametrize("which", ["same", "gone", "circle", "overtaken"])
def test_what_cannot_be_put_together(two, grace, which):
    a, b = two.kept.id, two.gone.id
    if which in ("gone", "circle"):
        joined(two, grace)
    pair = {"same": (a, a), "gone": (a, b), "circle": (b, a), "overtaken": (a, b)}[which]
    with pytest.raises(CannotMerge, match="gone" if which == "circle" else which):
        merge(*pair, Choice(versions=(99, 99) if which == "overtaken" else None), by=grace)


def test_what_came_since_stays_with_the_kept_one(two, grace):
    row = joined(two, grace, same_person={two.home.id: two.office.id})
    since = Ticket.open_for(two.office, subject="Since", via=Channel.FORM)
    two.kept.change(note="Written since")
    part(row, by=grace)

    assert since.customer_id == two.kept.id
    assert (two.kept.note, two.home.customer_id) == ("Written since", two.gone.id)
    assert Contact.known_as("dora@home.example") == two.home


def test_a_stage_entered_since_follows_on_what_was_open(two, grace, clock):
    row = joined(two, grace)
    later = db.session.scalars(select(Stage).where(Stage.id != two.kept.stage_id).order_by(Stage.id)).first()
    clock.shift(timedelta(days=1))
    stages.move(two.kept, later, by=grace, reason="x")
    part(row, by=grace)

    open_ = {
        c.id: [s.stage_id for s in db.session.scalars(Stay.of(c)) if s.left_at is None]
        for c in (two.kept, two.gone)
    }
    assert open_ == {two.kept.id: [later.id], two.gone.id: [two.gone.stage_id]}
    assert two.kept.stage_id == later.id


def test_merges_are_undone_in_reverse_order_only(two, grace, carol):
    first = joined(two, grace)
    second = merge(carol.customer_id, two.kept.id, Choice(), by=grace)
    with pytest.raises(CannotPart) as why:
        part(first, by=grace)
    assert why.value.later == second
    part(second, by=grace)
    part(first, by=grace)
    with pytest.raises(CannotPart, match="undone"):
        part(first, by=grace)
    assert Customer.successor_of(two.gone.id) is None


def test_a_pair_is_decided_and_asked_again_after_the_parting(two, grace):
    db.session.add(Pair(one=two.kept, other=two.gone, score=0.9, reasons={}))
    row = joined(two, grace)
    decided = db.session.scalar(select(Pair))
    assert (decided.verdict, decided.agent_id) == (Verdict.MERGED, grace.id)
    part(row, by=grace)
    assert (decided.verdict, decided.agent_id) == (Verdict.OPEN, None)


DAYS = st.integers(0, 60)


@st.composite
def courses(draw: st.DrawFn) -> list[tuple[int, int, int, Cause]]:
    """Begin of each stay, its stage, when it was written down, and why; the last one is open."""
    begins = sorted(draw(st.sets(DAYS, min_size=1, max_size=4)))
    causes = st.sampled_from([Cause.START, Cause.RULE, Cause.MANUAL])
    return [(day, draw(st.integers(0, 3)), draw(DAYS), draw(causes)) for day in begins]


OVERLAYS = st.lists(st.tuples(st.sampled_from(OverlayKind), DAYS, st.none() | DAYS), max_size=3)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    courses(),
    courses(),
    OVERLAYS,
    OVERLAYS,
    st.booleans(),
    st.booleans(),
    st.sets(st.sampled_from(["name", "kana"])),
)
def test_parting_restores_both_exactly(two, grace, mine, theirs, over, under, one_person, is_swapped, chosen):
    began, kept, gone = now() - timedelta(days=90), two.kept, two.gone
    for customer, course, lying in ((kept, mine, over), (gone, theirs, under)):
        _live(customer, course, lying, began)
    if is_swapped:
        kept, gone = gone, kept
    people = {gone.contacts[0].id: kept.contacts[0].id} if one_person else {}
    before = everything()
    row = merge(kept.id, gone.id, Choice(theirs=frozenset(chosen), same_person=people), by=grace)
    _is_one_course(kept)
    part(row, by=grace)
    db.session.flush()

    assert everything() == before
    db.session.rollback()


def _live(customer: Customer, course, lying, began) -> None:
    on = db.session.scalars(select(Stage.id).order_by(Stage.id)).all()
    db.session.query(Stay).filter_by(customer_id=customer.id).delete()
    days = lambda n: began + timedelta(days=n)  # noqa: E731
    ends = [*[days(stay[0]) for stay in course[1:]], None]
    for (day, stage, written, cause), left_at in zip(course, ends, strict=True):
        entered = {"entered_at": days(day), "left_at": left_at, "recorded_at": days(day + written)}
        db.session.add(Stay(customer_id=customer.id, stage_id=on[stage], cause=cause, **entered))
    customer.stage_id, customer.stage_since = on[course[-1][1]], days(course[-1][0])
    for kind, day, length in lying:
        ended = None if length is None else days(day + length)
        db.session.add(
            Overlay(
                customer_id=customer.id, kind=kind, opened_at=days(day), closed_at=ended, cause=Cause.RULE
            )
        )
    db.session.flush()


def _is_one_course(kept: Customer) -> None:
    stays = db.session.scalars(Stay.of(kept)).all()
    assert [stay.left_at for stay in stays] == [*[stay.entered_at for stay in stays[1:]], None]
    assert (kept.stage_id, kept.stage_since) == (stays[-1].stage_id, stays[-1].entered_at)
    kinds = db.session.scalars(
        select(Overlay.kind).where(Overlay.customer_id == kept.id, Overlay.closed_at.is_(None))
    )
    assert len(open_ := list(kinds)) == len(set(open_))
    assert db.session.scalar(select(func.count()).select_from(Merge)) == 1
