"""One cue or silence, each with its reason; each fact against selling is flipped alone."""

from datetime import timedelta

import pytest

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.lifecycle import cues
from helpdesk.lifecycle.cues import Reason, Shown, Silent, cue_for
from helpdesk.lifecycle.models import Cause, Overlay, OverlayKind, Stage
from helpdesk.lifecycle.situation import Situation
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Channel
from helpdesk.timeline import Kind, note_past


@pytest.fixture
def content(customer, plan, put, ticket, ada) -> Ticket:
    """A question of somebody who uses the plan to the full and has no trouble: the time to sell."""
    put("adoption", days_ago=50)
    plan(paid_ago=200, seats=10, seats_used=9)
    ticket.reply("Here it is.", by=ada)
    db.session.commit()
    return ticket


def trouble(ticket, ada):
    ticket.change(by=ada, topic="complaint")


def late(ticket, ada):
    ticket.first_replied_at, ticket.reply_due_at = None, now() - timedelta(hours=1)


def reopened(ticket, ada):
    ticket.resolve(by=ada)
    ticket.reopen(by=ticket.contact)


def bad_csat(ticket, ada):
    note_past(Kind.SURVEY_ANSWERED, ticket, at=now() - timedelta(days=29), csat=2)


def bad_ces(ticket, ada):
    note_past(Kind.SURVEY_ANSWERED, ticket, at=now() - timedelta(days=29), ces=3)


def at_risk(ticket, ada):
    lying = Overlay(kind=OverlayKind.AT_RISK, opened_at=now(), cause=Cause.RULE)
    lying.customer = ticket.customer
    db.session.add(lying)


def ill(ticket, ada):
    ticket.customer.health = 39.0


def incident(ticket, ada):
    other = Ticket.open_for(ticket.contact, subject="Down", via=Channel.FORM)
    other.topic = "incident"


def no_sell(ticket, ada):
    db.session.get_one(Stage, ticket.customer.stage_id).no_sell = True


def declined(ticket, ada):
    other = Ticket.open_for(ticket.contact, subject="Before", via=Channel.FORM)
    other.resolve(by=ada)
    cues.answer(other, cues.find("upsell-plan"), "unfit", by=ada, reason="no budget")


def needs_care(ticket, ada):
    ticket.customer.needs_care = True


def told_enough(ticket, ada):
    for key in ("adopt-usage", "advocate-thanks"):
        cues.answer(ticket, cues.find(key), "told", by=ada)


AGAINST = [
    (trouble, Reason.TROUBLE),
    (late, Reason.LATE_OR_REOPENED),
    (reopened, Reason.LATE_OR_REOPENED),
    (bad_csat, Reason.BAD_ANSWER),
    (bad_ces, Reason.BAD_ANSWER),
    (at_risk, Reason.AT_RISK),
    (ill, Reason.AT_RISK),
    (incident, Reason.INCIDENT),
    (no_sell, Reason.NO_SELL),
    (declined, Reason.DECLINED),
    (needs_care, Reason.NEEDS_CARE),
    (told_enough, Reason.CONTACT_CAP),
]
RECOVERED = {Reason.TROUBLE, Reason.LATE_OR_REOPENED, Reason.BAD_ANSWER, Reason.AT_RISK}


def test_full_use_and_no_trouble_is_the_time_to_sell(content):
    shown = cue_for(content)

    assert isinstance(shown, Shown)
    assert (shown.cue.key, shown.held_back, shown.is_for_after) == ("upsell-plan", None, True)
    assert shown.evidence[0].seen.value == 90
    assert shown.evidence[0].seen.sources[0].startswith("subscriptions/")


@pytest.mark.parametrize(("fact", "reason"), AGAINST, ids=[fact.__name__ for fact, _ in AGAINST])
def test_each_fact_alone_silences_selling_with_its_own_reason(content, ada, fact, reason):
    fact(content, ada)
    db.session.flush()

    said = cue_for(content)

    held = said if isinstance(said, Silent) else said.held_back
    assert held.reason is reason
    assert held.evidence
    assert not (isinstance(said, Shown) and said.cue.is_selling)
    assert isinstance(said, Shown) is (reason in RECOVERED)


def test_the_first_reason_is_told_where_several_hold(content, ada):
    for fact, _ in reversed(AGAINST):
        fact(content, ada)
    db.session.flush()

    assert cue_for(content).held_back.reason is Reason.TROUBLE


def test_what_would_send_by_itself_needs_a_recorded_consent(content):
    situation = Situation(content)
    cue = cues.find("upsell-plan")
    sending = cues.Cue(**{**vars(cue), "sends": True})

    assert cues.held_back(cue, situation) is None
    assert cues.held_back(sending, situation).reason is Reason.NO_CONSENT


@pytest.mark.parametrize("words", ["解約したいです", "Please CANCEL my plan"])
def test_words_of_leaving_call_for_keeping_the_customer(content, words):
    content.hear(words)

    shown = cue_for(content)

    assert (shown.cue.kind, shown.held_back.reason) == ("save", Reason.TROUBLE)
    assert [other.kind for other in shown.others] == ["recover"]


def test_a_bad_rating_that_was_made_good_silences_nothing(content, ada):
    bad_csat(content, ada)
    note_past(Kind.SURVEY_ANSWERED, content, at=now() - timedelta(days=1), csat=5).subject_id = 999

    assert cue_for(content).cue.is_selling


def test_a_bad_rating_silences_for_thirty_days(content, ada, clock):
    bad_csat(content, ada)
    clock.shift(timedelta(days=2))

    assert cue_for(content).held_back is None


def test_what_was_told_is_not_told_again_for_a_month(content, ada, clock):
    cues.answer(content, cues.find("upsell-plan"), "told", by=ada)
    other = Ticket.open_for(content.contact, subject="Another", via=Channel.FORM)
    assert cue_for(other) == Silent(Reason.NOTHING)

    clock.shift(timedelta(days=30))
    other.waiting_since = None
    assert cue_for(other).cue.key == "upsell-plan"


def test_what_was_declined_comes_back_after_ninety_days(content, ada, clock):
    declined(content, ada)
    clock.shift(timedelta(days=90))

    assert cue_for(content).cue.key == "upsell-plan"


def test_on_a_stage_where_nothing_is_sold_onboarding_help_is_still_shown(plan, put, ticket):
    put("onboarding", days_ago=8)
    plan(paid_ago=8, seats=10, seats_used=10)

    shown = cue_for(ticket)

    assert (shown.cue.kind, shown.held_back.reason) == ("onboard", Reason.NO_SELL)


def test_every_cue_is_worded_in_both_languages_and_rests_on_known_fields():
    for cue in cues.catalogue():
        assert cue.kind in cues.PRECEDENCE
        assert cue.what("ja") != cue.what("en")
        assert cue.say("ja") != cue.say("en")
        assert all(name in cues.CATALOGUE for name in cue.evidence)


@pytest.mark.parametrize(("answer", "reason"), [("maybe", ""), ("unfit", " ")])
def test_an_answer_is_told_later_or_unfit_with_a_reason(content, ada, answer, reason):
    with pytest.raises(ValueError, match=answer):
        cues.answer(content, cues.find("upsell-plan"), answer, by=ada, reason=reason)
