"""The pages of customers that may be one: who may decide, what is sent, and where old addresses lead."""

import pytest
from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.customers.likeness import Merge, Pair, Verdict
from helpdesk.customers.models import Contact, Customer
from helpdesk.desk import likeness_page


@pytest.fixture
def pair(app) -> Pair:
    """Two Daves."""
    one, other = (Contact.meet(f"dave@{place}.example", "Dave").customer for place in ("home", "work"))
    found = Pair(one=one, other=other, score=0.9, reasons={"phone": "+81312345678", "name": 1.0})
    db.session.add(found)
    db.session.commit()
    return found


def form_of(pair: Pair, **more: object) -> dict[str, object]:
    versions = {"version": pair.one.version, "other_version": pair.other.version}
    return {"other": pair.other_id, **versions, **more}


def test_a_lead_puts_two_together_and_takes_them_apart(visit, grace, pair):
    browser, one, other = visit(grace), pair.one_id, pair.other_id
    shown = browser.get(f"/desk/customers/{one}/merges/new?with={other}").text
    done = browser.get(browser.post(f"/desk/customers/{one}/merges", data=form_of(pair)).headers["Location"])
    merge = db.session.scalar(select(Merge))
    led = browser.get(f"/desk/customers/{other}/history?x=1")

    assert "+81312345678" in shown
    assert "was put together" in done.text
    assert (led.status_code, led.headers["Location"]) == (302, f"/desk/customers/{one}/history?x=1")
    assert "dave@work.example" in browser.get(f"/desk/customers/{one}").text
    browser.post(f"/desk/merges/{merge.id}/parting")
    assert browser.get(f"/desk/customers/{other}/history").status_code == 200


def test_a_form_for_one_that_is_gone_changes_nobody(visit, grace, pair):
    browser, one, other = visit(grace), pair.one_id, pair.other_id
    browser.post(f"/desk/customers/{one}/merges", data=form_of(pair))
    sent = browser.post(f"/desk/customers/{other}/overlays/end", data={"kind": "paused"})

    assert (sent.status_code, sent.headers["Location"]) == (303, f"/desk/customers/{one}")
    assert "nothing was changed" in browser.get(f"/desk/customers/{one}").text


def test_pressing_twice_is_the_same_as_once(visit, grace, pair):
    browser, one, given = visit(grace), pair.one_id, form_of(pair)
    twice = [browser.post(f"/desk/customers/{one}/merges", data=given) for _ in range(2)]

    assert [(r.status_code, r.headers["Location"]) for r in twice] == [(303, f"/desk/customers/{one}")] * 2
    assert len(db.session.scalars(select(Merge)).all()) == 1


def test_whoever_changed_meanwhile_is_looked_at_again(visit, grace, pair):
    given = form_of(pair)
    pair.other.change(note="New")
    answer = visit(grace).post(f"/desk/customers/{pair.one_id}/merges", data=given)

    assert answer.status_code == 409
    assert "in the meantime" in answer.text
    assert db.session.scalar(select(Merge)) is None


def test_an_agent_sees_and_proposes_but_decides_nothing(desk, pair):
    one, other = pair.one_id, pair.other_id
    page = desk.get(f"/desk/customers/{one}").text
    beside = desk.get(f"/desk/customers/{one}/merges/new?with={other}").text
    refused = [
        desk.post(f"/desk/customers/{one}/merges", data=form_of(pair)).status_code,
        desk.post(f"/desk/duplicates/{pair.id}/difference").status_code,
        desk.get("/desk/duplicates").status_code,
    ]
    desk.post(f"/desk/customers/{one}/merge-proposals", data={"other": other})

    assert "May be the same customer as" in page
    assert "Propose to put them together" in beside
    assert refused == [403, 403, 403]
    assert (pair.verdict, pair.score, db.session.scalar(select(Merge))) == (Verdict.OPEN, 1.0, None)


def test_those_who_are_two_are_not_asked_about_again(visit, grace, pair):
    browser = visit(grace)
    assert "Dave" in browser.get("/desk/duplicates").text.split("<main")[1]
    browser.post(f"/desk/duplicates/{pair.id}/difference")

    assert "Nobody seems to stand twice" in browser.get("/desk/duplicates").text
    assert "May be the same" not in browser.get(f"/desk/customers/{pair.one_id}").text


def test_an_agent_of_no_team_proposes_nobody(visit, mallory, pair):
    mallory.teams.clear()
    db.session.commit()
    browser = visit(mallory)

    assert browser.get(f"/desk/customers/{pair.one_id}/merges/new?with={pair.other_id}").status_code == 404
    assert browser.post(f"/desk/customers/{pair.one_id}/merges", data=form_of(pair)).status_code == 404
    assert "Dave" not in browser.get("/desk/duplicates").text


def test_pages_go_on_without_a_gap(app, grace):
    customers = [Customer(name=f"C{number}") for number in range(2 * likeness_page.PER_PAGE + 4)]
    db.session.add_all(customers)
    db.session.flush()
    two = zip(customers[::2], customers[1::2], strict=True)
    db.session.add_all(
        Pair(one=a, other=b, score=0.5 + n % 3 / 10, reasons={}) for n, (a, b) in enumerate(two)
    )
    db.session.flush()
    first = likeness_page.open_pairs(grace)
    second = likeness_page.open_pairs(grace, first.next)
    seen = [*first.pairs, *second.pairs]

    assert [pair.score for pair in seen] == sorted((pair.score for pair in seen), reverse=True)
    assert len({pair.id for pair in seen}) == likeness_page.count(grace) == likeness_page.PER_PAGE + 2
    assert second.next is None
    assert len(likeness_page.open_pairs(grace, "senseless-x").pairs) == likeness_page.PER_PAGE
