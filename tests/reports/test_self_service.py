"""How often people find the answer themselves: worked figures, and the edges of a session."""

import random
from datetime import date, timedelta

import pytest
from sqlalchemy import event

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.customers.models import Contact
from helpdesk.reports.self_service import Deflection, self_service
from helpdesk.reports.self_service_choice import Choice
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Channel
from knowledge_base.models import Article
from knowledge_base.steps import HelpStep, Step
from knowledge_base.writing import editing

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.fixture
def article(app, ada) -> Article:
    article = editing.write("Invoices", "Body.", lang="en", by=ada)
    editing.publish(article, by=ada)
    db.session.commit()
    return article


@pytest.fixture
def step(app):
    """`step("visitor", Step.SEARCHED, minutes, …)`: so many minutes after a moment three days ago."""

    def add(visitor, step, minutes=0.0, **more) -> HelpStep:
        if step is Step.SEARCHED:
            more = {"query": "invoice", "hits": 3, "match": "good", **more}
        at = now() - 3 * DAY + minutes * MINUTE
        row = HelpStep(visitor=visitor, step=step, at=at, **{"lang": "en", **more})
        db.session.add(row)
        return row

    return add


@pytest.fixture
def opened(carol, support):
    def add(minutes=0.0, contact=carol, **more) -> Ticket:
        ticket = Ticket(customer=contact.customer, contact=contact, team=support, channel=Channel.FORM)
        ticket.subject, ticket.opened_at = "Bill", now() - 3 * DAY + minutes * MINUTE
        for name, value in more.items():
            setattr(ticket, name, value)
        db.session.add(ticket)
        db.session.flush()
        return ticket

    return add


def report(lang="", since=None, until=None):
    db.session.commit()
    today = now().date()
    days = {"from": str(since or today - timedelta(days=30)), "to": str(until or today + DAY)}
    return self_service(Choice.read({**days, "lang": lang}, today))


def outcome(**more):
    told = report(**more).deflection
    return told.confirmed, told.ticket, told.silent


def test_the_silent_are_never_counted_as_helped():
    told = Deflection(confirmed=120, ticket=80, silent=200)

    assert told.count == 400
    assert [round(share.value, 4) for share in (told.floor, told.ceiling, told.decided)] == [0.3, 0.8, 0.6]
    assert (round(told.floor.low, 4), round(told.floor.high, 4)) == (0.2572, 0.3466)


def test_four_hundred_sessions_are_counted_as_they_ended(step, opened, article):
    for number in range(400):
        step(str(number), Step.SEARCHED)
        if number < 120:
            step(str(number), Step.VOTED, 5, article_id=article.id, is_helpful=True)
        elif number < 200:
            step(str(number), Step.WROTE, 60, ticket_id=None)

    assert outcome() == (120, 80, 200)


def test_nobody_is_no_share():
    assert Deflection().floor is None


def test_half_an_hour_of_silence_begins_a_new_session(step):
    for minutes in (0, 29, 59.1, 88):
        step("a", Step.SEARCHED, minutes)

    assert outcome() == (0, 0, 2)


@pytest.mark.parametrize(("minutes", "sessions"), [(30 - 1 / 60_000, 1), (30, 2)])
def test_the_half_hour_is_kept_to_the_millisecond(step, minutes, sessions):
    for number in range(20):
        step(str(number), Step.SEARCHED, number * 7.31)
        step(str(number), Step.SEARCHED, number * 7.31 + minutes)

    assert outcome() == (0, 0, 20 * sessions)


def test_an_article_alone_is_no_session_but_one_from_the_form_is(step, article):
    step("a", Step.READ, article_id=article.id)
    step("b", Step.READ, 0, article_id=article.id)
    step("b", Step.ASKED, 1)
    step("c", Step.ASKED, 0)
    step("c", Step.READ, 1, article_id=article.id)

    assert outcome() == (0, 0, 1)


def test_who_writes_within_a_day_was_not_helped_whatever_they_said(step, opened, article):
    for visitor, minutes in (("a", 23 * 60), ("b", 25 * 60)):
        person = Contact.meet(f"{visitor}@example.com", visitor)
        step(visitor, Step.SEARCHED)
        step(visitor, Step.VOTED, 2, article_id=article.id, is_helpful=True)
        step(visitor, Step.WROTE, minutes, ticket_id=opened(minutes, person).id)

    assert outcome() == (1, 1, 0)


def test_the_last_vote_counts(step, article):
    step("a", Step.SEARCHED)
    step("a", Step.VOTED, 1, article_id=article.id, is_helpful=True)
    step("a", Step.VOTED, 2, article_id=article.id, is_helpful=False)

    assert outcome() == (0, 0, 1)


def test_a_letter_of_the_same_person_counts_too(step, opened):
    step("a", Step.WROTE, -10_000, ticket_id=opened(-10_000).id)
    step("a", Step.SEARCHED)
    opened(120, channel=Channel.EMAIL)

    assert outcome() == (0, 1, 0)


def test_a_day_that_is_not_over_is_not_judged(step):
    step("a", Step.SEARCHED, 60 * 71)
    told = report()

    assert (told.deflection.count, told.open_sessions) == (0, 1)


def test_a_language_chooses_its_sessions_and_searches(step):
    step("a", Step.SEARCHED, lang="ja")
    step("b", Step.SEARCHED, lang="en", hits=0, match="none")

    assert outcome(lang="ja") == (0, 0, 1)
    assert report(lang="en").searching.none == 1


def test_a_choice_belongs_to_the_search_before_it(step, article):
    step("a", Step.SEARCHED, 0)
    step("a", Step.READ, 1, article_id=article.id, place=4)
    step("a", Step.READ, 2, article_id=article.id, place=1)
    step("a", Step.SEARCHED, 3, query="bill")
    step("b", Step.SEARCHED, 0)
    step("b", Step.READ, 1, article_id=article.id)
    step("c", Step.SEARCHED, 0)
    step("c", Step.READ, 31, article_id=article.id, place=1)
    step("d", Step.SEARCHED, 0)
    step("d", Step.READ, 5, article_id=article.id, place=1)
    # Too late for a choice, though they were never silent for so long.
    step("e", Step.SEARCHED, 0)
    step("e", Step.VOTED, 20, article_id=article.id, is_helpful=False)
    step("e", Step.READ, 40, article_id=article.id, place=1)
    told = report().searching

    assert (told.count, told.chosen) == (6, 2)
    assert told.mean_reciprocal_rank == pytest.approx((1 / 4 + 1) / 2)


def test_searches_tell_how_they_were_answered_and_who_wrote_after(step, opened):
    step("a", Step.SEARCHED, hits=0, match="none")
    step("a", Step.WROTE, 10, ticket_id=opened(10).id)
    step("b", Step.SEARCHED, hits=2, match="near")
    told = report().searching

    assert (told.count, told.none, told.near, told.asked) == (2, 1, 1, 1)


def test_users_to_those_who_wrote(step, opened, carol):
    for visitor in ("a", "b", "c", "d"):
        step(visitor, Step.SEARCHED)
    for visitor in ("a", "b"):
        step(visitor, Step.WROTE, 5, ticket_id=opened(5, carol).id)
    opened(6, Contact.meet("dave@example.com", "Dave"))
    told = report()

    # a and b are Carol.
    assert (told.users, told.askers, told.score) == (3, 2, 1.5)


def test_the_parts_are_the_whole(step):
    for day in range(20):
        step(str(day), Step.SEARCHED, -day * 24 * 60)
    told = report()

    assert sum(part.deflection.count for part in told.parts) == told.deflection.count == 20


def test_sessions_are_cut_as_a_simple_reading_cuts_them(step, article):
    chance = random.Random(4)
    walks: dict[str, list[tuple[float, Step]]] = {}
    for number in range(60):
        minutes = 0.0
        for _ in range(chance.randrange(1, 12)):
            kind = chance.choice([Step.SEARCHED, Step.READ, Step.ASKED])
            walks.setdefault(str(number), []).append((minutes, kind))
            step(str(number), kind, minutes - 5_000, article_id=article.id if kind is Step.READ else None)
            minutes += chance.choice([1, 10, 29, 31, 50, 200])

    assert report().deflection.silent == sum(_simple(walk) for walk in walks.values())


def _simple(walk):
    parts, before = [], None
    for minutes, kind in walk:
        if before is None or minutes - before >= 30:
            parts.append([])
        parts[-1].append(kind)
        before = minutes
    return sum(Step.SEARCHED in part or _read_after_asking(part) for part in parts)


def _read_after_asking(part):
    return Step.ASKED in part and Step.READ in part[part.index(Step.ASKED) :]


def test_the_number_of_statements_does_not_grow(step):
    counts = []
    for more in (1, 40):
        for number in range(more):
            step(f"{more}-{number}", Step.SEARCHED)
        db.session.commit()
        seen: list[str] = []
        event.listen(db.engine, "before_cursor_execute", lambda *told, seen=seen: seen.append(told[2]))
        report()
        counts.append(len(seen))

    assert counts[0] == counts[1] <= 8


def test_long_windows_are_cut_into_months_and_short_ones_into_weeks(app):
    today = date(2026, 6, 15)

    assert len(Choice.read({"period": "13-months"}, today).parts) == 13
    assert len(Choice.read({"period": "30-days"}, today).parts) == 6
