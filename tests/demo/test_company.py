"""The demo company is what its truth says."""

import re
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from helpdesk.accounts.models import Agent, Role
from helpdesk.core import words
from helpdesk.core.db import db
from helpdesk.core.fulltext import matching
from helpdesk.core.jobs import Job
from helpdesk.core.mail import Letter
from helpdesk.core.statistics import proportion
from helpdesk.core.words import fold
from helpdesk.customers.likeness import Pair
from helpdesk.customers.models import ContactAddress, Customer
from helpdesk.customers.orders import Subscription
from helpdesk.demo import content, today, truth
from helpdesk.demo.company import SEED, Built, build, is_empty
from helpdesk.desk import inbox
from helpdesk.lifecycle import stages as rules
from helpdesk.lifecycle.models import Overlay, OverlayKind, Stage, Stay
from helpdesk.reports import self_service_gaps as gaps
from helpdesk.reports.self_service_choice import Choice
from helpdesk.surveys import invitations
from helpdesk.surveys.models import Survey
from helpdesk.tickets.filters import Filters
from helpdesk.tickets.kinds import Status
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Channel, Message
from helpdesk.timeline import Event
from knowledge_base.models import Article, Revision
from knowledge_base.steps import HelpStep
from tests.conftest import NINE
from tests.demo.conftest import built

DEFECT_LABEL = content.topics()[truth.DEFECT_TOPIC]["label_ja"]
BEGAN = NINE - timedelta(days=truth.DAYS)


def count(model, *conditions):
    return db.session.scalar(select(func.count()).select_from(model).where(*conditions))


def test_there_is_as_much_as_promised(company: Built):
    assert count(Customer) == truth.CUSTOMERS
    assert count(Ticket) == truth.TICKETS
    assert count(Ticket, Ticket.channel == Channel.CHAT) == truth.CHATS
    assert count(Article) == truth.ARTICLES
    assert count(Revision) > truth.ARTICLES


def test_a_fifth_of_the_customers_write_english(company: Built):
    english = count(Customer, Customer.language == "en")

    assert english / truth.CUSTOMERS == pytest.approx(truth.ENGLISH_SHARE, abs=0.03)


@pytest.mark.parametrize("key", truth.SATISFIED)
def test_each_stage_is_as_satisfied_as_the_truth_says(company: Built, key):
    answered = select(Survey.csat).join(Stage, Stage.id == Survey.stage_id)
    scores = db.session.scalars(
        answered.where(Stage.key == key, Survey.csat > 0, Survey.topic != DEFECT_LABEL)
    )
    glad = [score >= 4 for score in scores]

    seen = proportion(sum(glad), len(glad))
    assert seen.low <= truth.SATISFIED[key] <= seen.high


def test_onboarding_suffered_in_the_ninth_month_and_only_then(company: Built):
    hit = list(db.session.scalars(select(Ticket.opened_at).where(Ticket.topic == DEFECT_LABEL)))
    scores = list(
        db.session.scalars(select(Survey.csat).where(Survey.topic == DEFECT_LABEL, Survey.csat > 0))
    )

    assert len(hit) == truth.DEFECT_TICKETS
    assert {truth.DEFECT_FROM <= (at - BEGAN).days < truth.DEFECT_UNTIL for at in hit} == {True}
    assert sum(score >= 4 for score in scores) / len(scores) < 0.55


def test_what_people_keep_asking_no_article_answers(company: Built):
    keys = set(db.session.scalars(select(Article.external_id)))
    asked = Counter(db.session.scalars(select(Ticket.topic)))
    searched = Counter(db.session.scalars(select(HelpStep.query).where(HelpStep.hits == 0)))

    assert company.gaps == list(truth.GAPS)
    for key in truth.GAPS:
        topic = content.topics()[key]
        assert key not in keys
        assert asked[topic["label_ja"]] >= 15
        assert sum(searched[query] for query in topic["ja_searches"]) >= 10


def test_the_report_names_what_no_article_answers(company: Built):
    choice = Choice.read({"from": str(BEGAN.date()), "to": str(NINE.date())}, NINE.date())
    admin = db.session.scalars(select(Agent).where(Agent.role == Role.ADMIN)).first()
    asked = {text for each in gaps.most(gaps.questions(choice), "none") for text in each.group.texts}
    found = [topic.names for topic in gaps.topics(choice, admin)]

    labels = [content.topics()[key]["label_ja"] for key in truth.GAPS]
    assert all(any(label in names for names in found) for label in labels)
    assert len(found) <= len(labels) + 2
    searches = [content.topics()[key][f"{lang}_searches"] for key in truth.GAPS for lang in ("ja", "en")]
    assert len(asked) > 10
    assert asked <= {query for queries in searches for query in queries}


def test_six_customers_stand_twice_in_the_book(company: Built):
    assert len(company.duplicates) == truth.DUPLICATES
    for first, second in company.duplicates:
        one, other = db.session.get_one(Customer, first), db.session.get_one(Customer, second)
        assert (one.name, one.kana) != (other.name, other.kana)
        assert bare(one.name) == bare(other.name)
        assert fold(one.kana) == fold(other.kana)


def test_they_and_nobody_else_are_thought_to_be_one(company: Built):
    found = {(pair.one_id, pair.other_id) for pair in db.session.scalars(select(Pair))}

    assert found == {tuple(sorted(pair)) for pair in company.duplicates}


def bare(name: str) -> str:
    """The name without the company's form and without spaces."""
    return re.sub(r"株式会社|有限会社|合同会社|\((株|有|同)\)|\s", "", fold(name))


def test_every_address_lies_under_a_reserved_domain(company: Built):
    domains = [address.rpartition("@")[2] for address in db.session.scalars(select(ContactAddress.address))]
    domains += [email.rpartition("@")[2] for email in db.session.scalars(select(Agent.email))]
    domains += db.session.scalars(select(Customer.domain).where(Customer.domain.is_not(None)))
    texts = "".join(db.session.scalars(select(Message.body))) + "".join(
        db.session.scalars(select(Article.body))
    )
    # Replies name articles by the house's own address.
    domains += re.findall(r"https?://(?!localhost/kb/)([\w.-]+)", texts)

    assert len(domains) > 300
    assert [domain for domain in domains if not re.search(r"(^|\.)example(\.jp|\.com)?$", domain)] == []


def test_nothing_open_is_left_in_the_texts(company: Built):
    texts = [*db.session.scalars(select(Message.body)), *db.session.scalars(select(Ticket.subject))]

    assert [text for text in texts if re.search(r"\{\w+\}", text)] == []


def test_nothing_lies_in_the_future(company: Built):
    for moment in (Event.occurred_at, Message.created_at, Survey.answered_at, Survey.invited_at, HelpStep.at):
        assert db.session.scalar(select(func.max(moment))) <= NINE
    assert db.session.scalar(select(func.min(Event.occurred_at))) >= BEGAN


def test_history_is_told_in_silence(company: Built):
    tasks = set(db.session.scalars(select(Job.task)))

    assert count(Letter) == 0
    assert {task.partition(".")[0] for task in tasks} <= {"knowledge_base"}


def test_everyone_stands_where_their_last_stay_is(company: Built):
    for customer in db.session.scalars(select(Customer)):
        stays = list(db.session.scalars(Stay.of(customer)))
        assert (customer.stage_id, customer.stage_since) == (stays[-1].stage_id, stays[-1].entered_at)
        assert [stay.left_at for stay in stays] == [*(stay.entered_at for stay in stays[1:]), None]


def test_every_stay_names_the_event_it_rests_on(company: Built):
    for stay in db.session.scalars(select(Stay)):
        source = stay.evidence["clauses"][0]["sources"][0]
        event = db.session.get_one(Event, int(source.removeprefix("events/")))
        assert event.customer_id == stay.customer_id
        assert event.occurred_at <= stay.entered_at


def test_the_rules_would_leave_everyone_where_they_stand(company: Built):
    proposals = {id: rules.propose(id) for id in db.session.scalars(select(Customer.id))}

    assert {id: proposal.stage.key for id, proposal in proposals.items() if proposal} == {}


def test_events_are_stamped_with_the_stage_of_their_moment(company: Built):
    for stay in db.session.scalars(select(Stay).where(Stay.left_at.is_not(None)).limit(100)):
        during = select(Event.stage_id).where(
            Event.customer_id == stay.customer_id,
            Event.occurred_at > stay.entered_at,
            Event.occurred_at < stay.left_at,
        )
        assert set(db.session.scalars(during)) <= {stay.stage_id}


def test_the_customer_at_risk_has_two_bad_ratings_and_waits(company: Built):
    overlay = db.session.scalar(
        select(Overlay).where(Overlay.customer_id == company.at_risk, Overlay.closed_at.is_(None))
    )
    bad = Survey.csat <= 2, Survey.customer_id == company.at_risk

    assert overlay.kind is OverlayKind.AT_RISK
    assert count(Survey, *bad, Survey.answered_at > NINE - timedelta(days=60)) >= 2
    assert count(Ticket, Ticket.customer_id == company.at_risk, Ticket.status == Status.OPEN) >= 1


def test_somebody_who_has_outgrown_the_plan_asks_and_may_be_offered_more(company: Built):
    topic = content.topics()["invite-users"]["label_ja"]
    asked = select(Ticket).where(Ticket.status == Status.OPEN, Ticket.topic == topic)
    ticket = db.session.scalar(asked.order_by(Ticket.id.desc()))
    plans = select(Subscription).where(Subscription.customer_id == ticket.customer_id)
    last = select(Survey).where(Survey.customer_id == ticket.customer_id, Survey.csat > 0)

    assert ticket.customer.stage_id == stage_id("growth")
    plan = db.session.scalar(plans)
    assert plan.seats_used >= 0.9 * plan.seats
    assert db.session.scalar(last.order_by(Survey.answered_at.desc())).csat == 5


def stage_id(key: str) -> int:
    return db.session.scalar(select(Stage.id).where(Stage.key == key))


def test_the_one_who_signs_in_finds_work(company: Built):
    agent = Agent.by_email(today.AGENT)

    waiting = [row for row in inbox.read(agent, "mine", Filters()).rows if row.status is Status.OPEN]
    assert len(waiting) >= 5
    assert inbox.counts(agent)["unassigned"] >= 4


def test_the_other_team_does_not_see_it(company: Built):
    agent, stranger = Agent.by_email(today.AGENT), Agent.by_email("watarai@harunoki.example.jp")
    mine = set(db.session.scalars(Ticket.visible_to(agent)))
    theirs = set(db.session.scalars(Ticket.visible_to(stranger)))

    assert mine
    assert theirs
    assert not mine & theirs


def test_a_resolution_of_today_can_still_be_rated(company: Built):
    last = db.session.scalar(
        select(Ticket).where(Ticket.status == Status.RESOLVED).order_by(Ticket.id.desc())
    )

    assert "/surveys/" in invitations.link_for(last)


def test_every_ticket_is_found_by_what_it_says(company: Built):
    said = Message.body.contains("請求書") | Ticket.subject.contains("請求書")
    having = set(db.session.scalars(select(Ticket.id).join(Message).where(said)))
    found = set(db.session.scalars(matching("tickets", words.parse("請求書"))))

    assert len(having) > 50
    assert found >= having


def test_the_company_moves_into_an_empty_house_once(app):
    assert is_empty()

    build(at=NINE)
    db.session.commit()

    assert count(Ticket) == truth.TICKETS
    assert not is_empty()


def test_after_the_history_people_go_on_writing(app, carol):
    build(at=NINE)
    ticket = Ticket.open_for(carol, subject="One more", via=Channel.EMAIL)
    ticket.hear("After the history.")
    db.session.commit()

    assert ticket.id == truth.TICKETS + 1


def test_a_home_with_people_in_it_is_not_empty(company: Built):
    assert not is_empty()


def told() -> list[tuple[str, str]]:
    rows = db.session.execute(select(Ticket.subject, Ticket.excerpt).order_by(Ticket.id))
    return [(row.subject, row.excerpt) for row in rows]


def test_the_same_seed_tells_the_same_story(company: Built, tmp_path: Path):
    first = told()

    with built(tmp_path / "home") as (app, again), app.app_context():
        assert told() == first
        assert again == company


def test_another_seed_tells_another_and_keeps_the_truth(company: Built, tmp_path: Path):
    with built(tmp_path / "home", SEED + 1) as (app, other), app.app_context():
        assert count(Customer) == truth.CUSTOMERS
        assert count(Ticket) == truth.TICKETS
        assert other.duplicates != company.duplicates
