"""The life of an article: looked at, planned, owned, and still true."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.scheduling import run_scheduled
from helpdesk.schedule import SCHEDULE
from knowledge_base import acts
from knowledge_base.acts import Act
from knowledge_base.models import Article, ArticleStatus
from knowledge_base.writing import editing, life

PLAIN = {"purpose": "how-to", "visibility": "public"}


@pytest.fixture
def draft(written):
    return written("Find a lost order", "Open Orders.", is_public=False)


def form_of(article, **more):
    newest = article.newest
    return {"base": newest.number, "title": newest.title, "body": newest.body, **PLAIN, **more}


def told(article):
    return [(act.act, act.note) for act in reversed(acts.acts_of(article))]


def test_a_draft_that_somebody_shall_look_at_is_in_review(draft, desk, ada, grace):
    asked = form_of(draft, then="review", reviewer=str(grace.id), review_note="The figures?")
    desk.post(f"/desk/kb/{draft.id}", data=asked)

    assert (draft.status, draft.reviewer) == (ArticleStatus.REVIEW, grace)
    assert told(draft) == [(Act.REVIEW_ASKED, "Grace: The figures?")]


def test_a_review_needs_somebody_who_does_it(draft, desk):
    page = desk.post(f"/desk/kb/{draft.id}", data=form_of(draft, body="Longer.", then="review"))

    assert page.status_code == 422
    assert "Longer." in page.text
    assert draft.status is ArticleStatus.DRAFT


def test_the_reviewer_sees_it_in_the_list_with_a_count(draft, visit, ada, grace, article):
    life.ask_review(draft, grace, by=ada)
    db.session.commit()
    page = visit(grace).get("/desk/kb?review=me")

    assert "Find a lost order" in page.text
    assert "Find a lost invoice" not in page.text
    assert 'For me to review <span class="badge badge--count">1<' in page.text
    assert 'For me to review <span class="badge badge--count">0<' in visit(ada).get("/desk/kb").text


def test_approving_publishes_what_the_reviewer_saw(draft, visit, ada, grace):
    life.ask_review(draft, grace, by=ada)
    seen = form_of(draft, then="publish")
    visit(grace).post(f"/desk/kb/{draft.id}", data=seen)

    assert (draft.is_published, draft.reviewer, draft.status_by) == (True, None, grace)


def test_what_was_written_after_the_reviewer_looked_is_not_approved(draft, visit, ada, grace):
    life.ask_review(draft, grace, by=ada)
    seen = form_of(draft, then="publish")
    editing.revise(draft, draft.title, "Something else.", by=ada)
    page = visit(grace).post(f"/desk/kb/{draft.id}", data=seen)

    assert page.status_code == 409
    assert draft.status is ArticleStatus.REVIEW


def test_sent_back_with_a_note_that_stays_in_the_history(draft, visit, desk, ada, grace):
    life.ask_review(draft, grace, by=ada)
    visit(grace).post(f"/desk/kb/{draft.id}/returning", data={"note": "The picture is missing."})

    assert (draft.status, draft.reviewer) == (ArticleStatus.DRAFT, None)
    assert told(draft)[-1] == (Act.SENT_BACK, "The picture is missing.")
    assert "The picture is missing." in desk.get(f"/desk/kb/{draft.id}").text
    editing.revise(draft, draft.title, "With the picture.", by=ada)
    assert "Sent back by" not in desk.get(f"/desk/kb/{draft.id}").text
    assert "The picture is missing." in desk.get(f"/desk/kb/{draft.id}/revisions").text


def test_what_was_sent_back_waits_for_who_asked_until_readers_get_it(draft, visit, desk, ada, grace):
    life.ask_review(draft, grace, by=ada)
    life.send_back(draft, by=grace, words="The picture is missing.")
    db.session.commit()
    waiting = [visit(agent).get("/desk/kb?review=back").text for agent in (ada, grace)]
    desk.post(f"/desk/kb/{draft.id}/publication")

    assert ["Find a lost order" in page for page in waiting] == [True, False]
    assert 'Sent back to me <span class="badge badge--count">1<' in waiting[0]
    assert "Find a lost order" not in desk.get("/desk/kb?review=back").text
    assert "Sent back by" not in desk.get(f"/desk/kb/{draft.id}").text


def test_who_asks_for_a_review_does_not_give_it(draft, visit, desk, ada, grace):
    life.ask_review(draft, grace, by=ada)
    db.session.commit()
    own, reviewer = (visit(agent).get(f"/desk/kb/{draft.id}").text for agent in (ada, grace))

    assert ("Approve and publish" in own, "Approve and publish" in reviewer) == (False, True)
    choices = own.partition('name="reviewer"')[2].partition("</select>")[0]
    assert ("Grace" in choices, "Ada" in choices) == (True, False)


def test_sending_back_needs_a_note(draft, visit, ada, grace):
    life.ask_review(draft, grace, by=ada)
    visit(grace).post(f"/desk/kb/{draft.id}/returning", data={"note": "  "})

    assert draft.reviewer is grace


def test_changes_of_a_published_article_are_looked_at_while_readers_keep_theirs(article, ada, grace, reader):
    editing.revise(article, "Find any invoice", "New.", by=ada)
    life.ask_review(article, grace, by=ada)
    during = reader.get("/kb/en/find-a-lost-invoice").text
    life.send_back(article, by=grace, words="No.")

    assert "Find a lost invoice" in during
    assert "Find any invoice" not in during
    assert article.is_published


def test_the_planned_revision_is_published_and_no_later_one(article, desk, ada, clock, work_off):
    planned = form_of(article, body="For Monday.", then="plan", publish_at="2026-09-21T09:00")
    desk.post(f"/desk/kb/{article.id}", data=planned)
    editing.revise(article, article.title, "Not yet for readers.", by=ada)
    clock.shift(timedelta(days=3, minutes=-1))
    run_scheduled(SCHEDULE)
    work_off()
    before = article.body
    clock.shift(timedelta(minutes=1))
    run_scheduled(SCHEDULE)
    work_off()

    # Nine o'clock in Tokyo is midnight in UTC.
    assert before == "Open **Billing**, then Documents."
    assert (article.body, article.status_by, article.publish_at) == ("For Monday.", ada, None)
    assert article.has_unpublished_changes


def test_what_was_missed_while_no_worker_ran_is_published_once(draft, ada, clock, work_off):
    life.plan(draft, now() + timedelta(hours=1), by=ada)
    db.session.commit()
    clock.shift(timedelta(days=5))
    for _again in range(3):
        life.publish_due()
    work_off()
    clock.shift(timedelta(minutes=2))
    run_scheduled(SCHEDULE)
    work_off()

    assert draft.is_published
    assert [act for act, _note in told(draft)] == [Act.SCHEDULED, Act.PUBLISHED]


def test_a_plan_is_shown_and_can_be_dropped(draft, desk, ada, clock, work_off):
    life.plan(draft, now() + timedelta(hours=1), by=ada)
    shown = desk.get(f"/desk/kb/{draft.id}").text
    desk.post(f"/desk/kb/{draft.id}/plan/cancellation")
    clock.shift(timedelta(hours=2))
    life.publish_due()
    work_off()

    assert "18 Sep 2026 10:00" in shown
    assert (draft.status, draft.publish_at) == (ArticleStatus.DRAFT, None)


def test_a_moment_that_is_over_cannot_be_planned(draft, desk):
    page = desk.post(
        f"/desk/kb/{draft.id}", data=form_of(draft, body="Kept?", then="plan", publish_at="2026-09-18T08:59")
    )

    assert page.status_code == 422
    assert "Kept?" in page.text
    assert len(draft.revisions) == 1


@pytest.mark.parametrize("put_away", [editing.archive, editing.withdraw])
def test_what_is_put_away_is_not_published_by_itself(article, ada, clock, work_off, put_away):
    life.plan(article, now() + timedelta(hours=1), by=ada)
    put_away(article, by=ada)
    db.session.commit()
    clock.shift(timedelta(hours=2))
    life.publish_due()
    work_off()

    assert not article.is_published


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 9, 18), 3, date(2026, 12, 18)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 31), 12, date(2027, 12, 31)),
    ],
)
def test_months_end_on_their_last_day(start, months, end):
    assert life.months_from(start, months) == end


def test_a_confirmed_article_waits_longer_and_has_no_new_text(article, desk):
    article.review_on = date(2026, 9, 1)
    stale = desk.get("/desk/kb?stale=yes").text
    desk.post(f"/desk/kb/{article.id}/confirmation", data={"months": "6"})

    assert "Find a lost invoice" in stale
    assert article.review_on == date(2027, 3, 18)
    assert len(article.revisions) == 1
    assert "Nothing matches." in desk.get("/desk/kb?stale=yes").text


def test_an_owner_who_left_is_shown_and_found(article, desk, grace):
    article.owner, grace.deactivated_at = grace, now()
    page = desk.get(f"/desk/kb/{article.id}")

    import re

    print(re.findall(r"p-care.*?review_on", page.text, re.S))
    assert "Grace has left." in page.text
    assert "Grace (left)" in desk.get("/desk/kb?owner=left").text


def test_what_the_editor_left_alone_stays_as_somebody_set_it(article, desk, ada, grace):
    form = form_of(article, slug=article.slug, slug_was=article.slug, owner="", owner_was="")
    life.own(article, grace, by=grace)
    article.review_on = date(2027, 1, 1)
    desk.post(f"/desk/kb/{article.id}", data=form)

    assert (article.owner, article.review_on) == (grace, date(2027, 1, 1))


@pytest.mark.parametrize(
    "noun", ["returning", "plan/cancellation", "confirmation", "catching-up", "files", "company"]
)
def test_strangers_and_customers_do_nothing_of_this(reader, article, noun):
    answer = reader.get(f"/desk/kb/{article.id}/{noun}") if noun == "company" else None
    answer = answer or reader.post(f"/desk/kb/{article.id}/{noun}", data={"months": "3", "note": "x"})

    assert "/sign-in" in answer.location
    assert db.session.scalars(select(Article.review_on)).all() == [None]
