"""The ten seconds of a ticket: every fact, its address, and its price."""

from datetime import timedelta

import pytest
from flask_babel import force_locale
from sqlalchemy import event

from helpdesk.accounts.models import Team
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.lifecycle import overlays
from helpdesk.lifecycle.facts import Facts
from helpdesk.lifecycle.models import OverlayKind
from helpdesk.lifecycle.reading import _may_see, strip
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Channel
from helpdesk.timeline import Kind, note_past


@pytest.fixture
def statements(app):
    """The statements that ran since."""
    seen: list[str] = []
    event.listen(
        db.engine, "before_cursor_execute", lambda c, cursor, statement, *rest: seen.append(statement)
    )
    return seen


def test_it_says_who_where_and_since_when(ticket, ada, put):
    put("adoption", days_ago=141)

    read = strip(ticket, ada)

    assert (read.customer.words, read.contact) == ("Carol", "Carol")
    assert (read.stage.words, read.days, read.next_stage) == ("Adoption", 142, "Growth")
    assert read.stage.href == f"/desk/customers/{ticket.customer_id}/history"


def test_it_says_what_is_missing_for_the_next_stage(ticket, ada, put, plan, customer):
    put("adoption", days_ago=100)
    plan(paid_ago=200, seats=100, seats_used=74)
    customer.health = 90.0
    db.session.commit()

    assert strip(ticket, ada).next_hint.words == "Usage of the plan: 74% → 80%"


def test_it_says_how_health_changed(ticket, ada, customer):
    customer.health, customer.health_before, customer.health_band = 52.0, 62.4, "fair"
    customer.health_coverage = 0.75
    db.session.commit()

    health = strip(ticket, ada).health

    assert (health.before, health.score, health.trend, health.coverage) == (62, 52, "down", 75)


def test_it_quotes_the_last_rating(ticket, ada, happened):
    note_past(Kind.SURVEY_ANSWERED, ticket, at=now() - timedelta(days=6), csat=2, comment="返信が遅い")

    mood = strip(ticket, ada).mood

    assert (mood.csat, mood.comment, mood.is_bad) == (2, "返信が遅い", True)
    assert mood.href == f"/desk/tickets/{ticket.id}"


def test_it_quotes_nothing_from_tickets_that_the_reader_may_not_see(ticket, ada, carol):
    elsewhere = Team(name="Legal")
    db.session.add(elsewhere)
    other = Ticket.open_for(carol, subject="Secret", via=Channel.FORM, team=elsewhere)
    note_past(Kind.SURVEY_ANSWERED, other, at=now(), csat=2, comment="a secret")

    read = strip(ticket, ada)

    assert (read.mood.csat, read.mood.comment) == (2, "")
    assert read.open_tickets.words == "1 open"


def test_it_counts_down_to_the_first_reply(ticket, ada, clock):
    assert strip(ticket, ada).due.tone == ""

    clock.shift(timedelta(hours=8, minutes=30))
    assert (strip(ticket, ada).due.words, strip(ticket, ada).due.tone) == (
        "First reply within 30 min",
        "soon",
    )

    clock.shift(timedelta(days=10))
    assert strip(ticket, ada).due.tone == "late"
    ticket.reply("So.", by=ada)
    assert strip(ticket, ada).due is None


def test_it_says_what_they_tried_in_the_last_day(ticket, ada, happened):
    happened(Kind.HELP_SEARCHED, days_ago=0.1, query="請求書 再発行", hits=0)
    happened(Kind.ARTICLE_READ, days_ago=0.05, title="請求書を見る", slug="invoices", lang="ja")
    happened(Kind.HELP_SEARCHED, days_ago=1.1, query="long ago", hits=3)

    tried = strip(ticket, ada).tried

    assert [step.words for step in tried] == ["read “請求書を見る”", "searched “請求書 再発行”: 0 found"]
    assert tried[0].href == "/kb/ja/invoices"


def test_it_guides_by_the_stage_and_first_of_all_by_trouble(ticket, ada, customer):
    assert strip(ticket, ada).guide.dont.startswith("Sell.")

    overlays.open_by_hand(customer, OverlayKind.AT_RISK, by=ada, reason="angry")
    read = strip(ticket, ada)

    assert read.guide.do.startswith("Recover first")
    assert [(mark.words, mark.tone) for mark in read.overlays] == [("At risk", "bad")]
    assert read.ribbon[-1].is_trouble


def test_it_speaks_japanese(ticket, ada, put):
    put("onboarding")
    with force_locale("ja"):
        read = strip(ticket, ada)

    assert (read.stage.words, read.next_stage) == ("導入", "定着")
    assert read.guide.dont == "追加提案。専門用語だけで返す"


def test_every_fact_leads_somewhere(ticket, ada, put, plan, happened):
    put("adoption", days_ago=10)
    plan(paid_ago=40, seats=10, seats_used=10)
    happened(Kind.HELP_SEARCHED, query="x", hits=1)
    read = strip(ticket, ada)

    facts = [read.customer, read.stage, read.next_hint, read.open_tickets, read.due]
    facts += [*read.tried, *read.cue.why, *read.ribbon]
    assert read.cue.why
    assert all(fact.href.startswith(("/", "#")) for fact in facts)


@pytest.mark.parametrize("events", [1, 200])
def test_it_costs_six_statements_however_long_the_history(
    ticket, ada, happened, put, plan, statements, events
):
    put("onboarding", days_ago=10)
    plan(paid_ago=10)
    for number in range(events):
        happened(Kind.USAGE_REPORTED, days_ago=number, active_people=2)
        happened(Kind.SURVEY_ANSWERED, days_ago=number, csat=4)
    db.session.commit()
    ticket.contact.name, ticket.tag_names, ada.team_ids  # noqa: B018  loaded with the page
    statements.clear()

    strip(ticket, ada)

    assert len(statements) == 6


@pytest.mark.sqlite
def test_every_statement_finds_its_rows_by_an_index(app, statements, ticket, ada):
    strip(ticket, ada)
    ours = [one for one in statements if "FROM events" in one]
    plans = [row.detail for row in db.session.execute(db.text("EXPLAIN QUERY PLAN " + _literal(ours[-1])))]

    assert not [line for line in plans if line.startswith("SCAN events")]


def _literal(statement: str) -> str:
    return statement.replace("?", "1")


@pytest.mark.parametrize("viewer", ["ada", "grace", "root", "mallory"])
@pytest.mark.parametrize("holder", ["ada", "mallory", None])
def test_a_row_is_seen_by_whom_the_query_shows_the_ticket(request, ticket, ada, viewer, holder):
    ticket.assign(request.getfixturevalue(holder) if holder else None, by=ada)
    db.session.flush()
    reader = request.getfixturevalue(viewer)
    (row,) = Facts(ticket.customer_id).tickets

    assert _may_see(reader, row) is bool(db.session.scalar(Ticket.visible_to(reader)))
