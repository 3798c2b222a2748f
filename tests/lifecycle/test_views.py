"""What agents see and do about a customer's course, and who must not."""

import pytest
from sqlalchemy import select

from helpdesk.accounts.models import Agent, Role
from helpdesk.core.db import db
from helpdesk.customers.models import Contact
from helpdesk.lifecycle import stages
from helpdesk.lifecycle.models import CueAnswer, Overlay, OverlayKind, Stay
from helpdesk.timeline import Kind
from tests.conftest import HTMX, PASSWORD_HASH
from tests.lifecycle.conftest import standing


@pytest.fixture
def loner(app) -> Agent:
    """Works here, belongs to no team."""
    agent = Agent(email="l@example.com", name="L", role=Role.AGENT, password_hash=PASSWORD_HASH)
    db.session.add(agent)
    db.session.commit()
    return agent


@pytest.fixture
def selling(customer, plan, put, ticket, ada):
    put("adoption", days_ago=50)
    plan(paid_ago=200, seats=10, seats_used=9)
    ticket.reply("Here.", by=ada)
    db.session.commit()
    return ticket


def test_the_history_shows_stays_with_their_evidence(desk, customer, plan, reviewed):
    plan(trial_in=5)
    reviewed()

    page = desk.get(f"/desk/customers/{customer.id}/history")

    assert page.status_code == 200
    assert "Trial running: yes" in page.text
    assert f'id="stays-{db.session.scalar(select(Stay.id).order_by(Stay.id.desc()))}"' in page.text
    assert "First contact: 18 Sep 2026" in page.text


def test_evidence_of_a_ticket_that_is_not_theirs_stays_hidden(visit, mallory, customer, ticket, happened):
    event = happened(Kind.VALUE_REACHED, note="a fact of the customer")
    event.ticket_id = ticket.id
    db.session.commit()
    address = f"/desk/customers/{customer.id}/history?event={event.id}"

    assert "a fact of the customer" not in visit(mallory).get(address).text


def test_evidence_of_the_customer_is_shown(desk, customer, happened):
    event = happened(Kind.VALUE_REACHED, note="a fact of the customer")
    db.session.commit()

    page = desk.get(f"/desk/customers/{customer.id}/history?event={event.id}")

    assert "a fact of the customer" in page.text


def test_an_agent_moves_with_a_reason(desk, customer, ada):
    data = {"stage": "growth", "code": "contract", "reason": "signed"}
    page = desk.post(f"/desk/customers/{customer.id}/stage", data=data)

    stay = db.session.scalar(select(Stay).where(Stay.left_at.is_(None)))
    assert page.status_code == 303
    assert (standing(customer), stay.reason_code, stay.reason) == ("growth", "contract", "signed")
    assert stay.agent_id == ada.id


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"stage": "growth", "reason": "x"}, 422),
        ({"stage": "growth", "code": "other", "reason": " "}, 422),
        ({"stage": "growth", "code": "price", "reason": "x"}, 422),
        ({"stage": "prospect", "code": "data"}, 422),
        ({"stage": "growth", "code": "data", "standing": "999"}, 409),
        ({"stage": "moon", "code": "data", "reason": "x"}, 404),
    ],
)
def test_without_a_reason_or_a_stage_nobody_moves(desk, customer, data, status):
    assert desk.post(f"/desk/customers/{customer.id}/stage", data=data).status_code == status
    assert standing(customer) == "prospect"


def test_the_last_move_is_taken_back_once(desk, customer):
    desk.post(f"/desk/customers/{customer.id}/stage", data={"stage": "growth", "code": "data"})

    assert desk.post(f"/desk/customers/{customer.id}/stage/undo").status_code == 303
    assert standing(customer) == "prospect"
    assert desk.post(f"/desk/customers/{customer.id}/stage/undo").status_code == 409


def test_a_held_back_proposal_is_shown(desk, customer, plan, ada):
    plan(paid_ago=0)
    stages.move(customer, stages.ensure_default().stages[1], by=ada, reason="second trial")
    db.session.commit()

    assert "Proposal: to Onboarding" in desk.get(f"/desk/customers/{customer.id}/history").text


def test_a_pause_begins_and_ends_by_hand(desk, customer, ada):
    over = f"/desk/customers/{customer.id}/overlays"
    desk.post(over, data={"kind": "paused", "code": "other", "reason": "moving"})
    begun = db.session.scalar(Overlay.open_of(customer))
    assert (begun.kind, begun.agent_id, begun.reason_code) == (OverlayKind.PAUSED, ada.id, "other")

    desk.post(over + "/end", data={"kind": "paused"})
    assert db.session.scalar(Overlay.open_of(customer)) is None


def test_who_leaves_leaves_for_a_reason_of_leaving(desk, customer):
    over = f"/desk/customers/{customer.id}/overlays"

    assert desk.post(over, data={"kind": "ended", "code": "sales"}).status_code == 422
    assert desk.post(over, data={"kind": "ended", "code": "price"}).status_code == 303


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "history"),
        ("post", "stage"),
        ("post", "stage/undo"),
        ("post", "overlays"),
        ("post", "overlays/end"),
        ("post", "lock"),
        ("post", "lock/end"),
        ("post", "proposal"),
    ],
)
def test_who_belongs_nowhere_sees_no_customer(visit, loner, customer, method, path):
    data = {"stage": "growth", "reason": "x"} if method == "post" else None
    answer = getattr(visit(loner), method)(f"/desk/customers/{customer.id}/{path}", data=data)

    assert answer.status_code == 404
    assert standing(customer) == "prospect"


def test_a_cue_that_was_told_makes_room(desk, selling, ada, facts):
    page = desk.post(
        f"/desk/tickets/{selling.id}/cue-answers", data={"cue": "upsell-plan", "answer": "told"}, headers=HTMX
    )

    assert page.text.lstrip().startswith('<section id="ticket-cue"')
    assert "larger plan" not in page.text
    assert db.session.scalar(select(CueAnswer.answer)) == "told"
    assert facts()[-1] is Kind.CUE_ANSWERED


def test_an_unfitting_cue_needs_a_reason(desk, selling):
    address, data = f"/desk/tickets/{selling.id}/cue-answers", {"cue": "upsell-plan", "answer": "unfit"}

    assert desk.post(address, data=data, headers=HTMX).status_code == 422
    assert db.session.scalar(select(CueAnswer.id)) is None
    assert desk.post(address, data={**data, "reason": "no budget"}).status_code == 303
    assert db.session.scalar(select(CueAnswer.reason)) == "no budget"


@pytest.mark.parametrize(
    ("data", "status"), [({"cue": "x"}, 404), ({"cue": "upsell-plan", "answer": "y"}, 400)]
)
def test_nonsense_is_refused(desk, selling, data, status):
    assert desk.post(f"/desk/tickets/{selling.id}/cue-answers", data=data).status_code == status


def test_mallory_answers_no_cue_of_a_ticket_she_cannot_see(visit, mallory, selling):
    address = f"/desk/tickets/{selling.id}/cue-answers"

    assert visit(mallory).post(address, data={"cue": "upsell-plan", "answer": "told"}).status_code == 404
    assert db.session.scalar(select(CueAnswer.id)) is None


def test_the_report_counts_and_opens_its_rows(visit, grace, customer, put):
    Contact.meet("dan@example.org", "Dan")
    put("trial")
    db.session.commit()
    browser = visit(grace)

    page = browser.get("/desk/reports/lifecycle")
    rows = browser.get("/desk/reports/lifecycle?before=prospect&after=trial")
    dwelling = browser.get("/desk/reports/lifecycle?stage=prospect")

    assert "median 0.0 days so far" in page.text
    assert "Carol" in rows.text
    assert "Dan" not in rows.text
    assert "Dan" in dwelling.text


def test_the_report_is_for_leads(visit, ada, grace, customer):
    assert visit(ada).get("/desk/reports/lifecycle").status_code == 403
    assert visit(grace).get("/desk/reports/lifecycle").status_code == 200
    assert visit().get("/desk/reports/lifecycle").status_code == 302


def test_the_report_counts_only_customers_whom_the_reader_may_see(visit, loner, customer):
    loner.role = Role.LEAD

    assert "Carol" not in visit(loner).get("/desk/reports/lifecycle?stage=prospect").text


@pytest.mark.parametrize("path", ["/desk/reports/lifecycle", "/desk/customers/1/history"])
def test_a_house_without_stages_shows_its_pages(visit, grace, path):
    assert visit(grace).get(path).status_code in (200, 404)


def test_the_strip_and_the_cue_stand_on_the_ticket_s_page(desk, selling):
    page = desk.get(f"/desk/tickets/{selling.id}").text

    assert 'id="ticket-strip"' in page
    assert 'id="ticket-cue"' in page
    assert "Usage of the plan: 90%" in page
