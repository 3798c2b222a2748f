"""Who is asked, when, and who is not."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.lifecycle.models import Cause, Overlay, OverlayKind
from helpdesk.surveys.invitations import link_for
from helpdesk.surveys.models import Survey
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Channel
from helpdesk.timeline import Kind


def other_ticket(contact, *, due_in: timedelta = timedelta(days=2)) -> Ticket:
    ticket = Ticket.open_for(contact, subject="Another matter", via=Channel.EMAIL)
    ticket.hear("And another thing.")
    ticket.opened()
    ticket.reply_due_at = now() + due_in
    return ticket


def test_the_letter_leaves_after_the_delay(survey, work_off, an_hour_later, postbox, facts):
    work_off()
    assert postbox() == []

    an_hour_later()
    assert [letter["To"] for letter in postbox()] == ["Carol <carol@example.org>"]
    assert facts().count(Kind.SURVEY_INVITED) == 1


def test_the_letter_has_a_link_for_each_number_and_no_word_of_the_ticket(invitation):
    html = invitation.letter.get_body(("html",)).get_content()

    assert [f"{invitation.link}?score={score}" in html for score in range(1, 6)] == [True] * 5
    assert "invoice" not in (invitation.text + html + invitation.letter["Subject"]).lower()
    assert invitation.letter["Auto-Submitted"] == "auto-generated"


def test_the_token_is_kept_as_a_hash_only(invitation, survey):
    token = invitation.link.rpartition("/")[2]

    assert len(token) == 26
    assert token not in repr([getattr(survey, column.name) for column in Survey.__table__.columns])
    assert Survey.of_token(token) is survey


def test_japanese_readers_are_asked_in_japanese(ticket, carol, ada, an_hour_later, postbox):
    carol.language = "ja"
    ticket.resolve(by=ada)
    an_hour_later()

    assert "Carol 様" in postbox()[0].get_body(("plain",)).get_content()


def test_what_it_is_about_is_frozen_at_the_resolution(survey, ticket, ada, grace, mallory):
    ticket.assign(grace, by=ada)
    ticket.change(by=ada, team=mallory.teams[0], topic="billing")
    db.session.commit()

    assert (survey.agent, survey.topic, survey.team) == (ada, "", ada.teams[0])


def test_a_ticket_resolved_by_someone_who_never_took_it_is_theirs(ticket, grace):
    ticket.resolve(by=grace)

    assert db.session.scalars(select(Survey.agent_id)).one() == grace.id


def test_a_reopened_ticket_is_not_asked_about(resolved, survey, carol, an_hour_later, postbox, facts):
    resolved.hear("Still broken.", by=carol)
    an_hour_later()

    assert postbox() == []
    assert survey.skipped_for == "reopened"
    assert facts().count(Kind.SURVEY_SKIPPED) == 1


def test_resolved_anew_is_asked_anew(resolved, carol, ada, an_hour_later, postbox):
    resolved.hear("Still broken.", by=carol)
    resolved.resolve(by=ada)
    an_hour_later()

    assert len(postbox()) == 1
    assert db.session.scalar(select(func.count(Survey.id))) == 2


def test_one_person_is_asked_once_in_a_fortnight(invitation, carol, ada, clock, an_hour_later, postbox):
    for days in (13, 2):
        clock.shift(timedelta(days=days, hours=-1))
        other_ticket(carol).resolve(by=ada)
        an_hour_later()

    assert [s.skipped_for for s in db.session.scalars(select(Survey).order_by(Survey.id))] == ["", "rest", ""]
    assert len(postbox()) == 2


def test_two_tickets_resolved_together_ask_once(survey, carol, ada, an_hour_later, postbox):
    other_ticket(carol).resolve(by=ada)
    an_hour_later()

    assert len(postbox()) == 1


@pytest.mark.parametrize(
    ("kind", "skipped_for"), [(OverlayKind.AT_RISK, "overlay"), (OverlayKind.PAUSED, "")]
)
def test_who_is_about_to_leave_is_called_and_not_asked(survey, carol, kind, skipped_for, an_hour_later):
    overlay = Overlay(customer=carol.customer, kind=kind, opened_at=now(), cause=Cause.MANUAL)
    db.session.add(overlay)
    an_hour_later()

    assert survey.skipped_for == skipped_for


def test_nobody_is_asked_while_another_promise_to_them_is_broken(survey, carol, an_hour_later):
    other_ticket(carol, due_in=timedelta(minutes=30))
    an_hour_later()

    assert survey.skipped_for == "breach"


def test_a_promise_kept_in_time_does_not_stand_in_the_way(survey, carol, ada, an_hour_later):
    other_ticket(carol, due_in=timedelta(minutes=30)).reply("Look here.", by=ada)
    an_hour_later()

    assert survey.skipped_for == ""


def test_without_an_address_nobody_is_asked(survey, carol, an_hour_later):
    carol.addresses[0].bounced_at = now()
    an_hour_later()

    assert survey.skipped_for == "no_address"


def test_spam_is_not_asked_about(survey, resolved, ada, an_hour_later):
    resolved.tag(["spam"], by=ada)
    an_hour_later()

    assert survey.skipped_for == "spam"


def test_at_night_the_letter_waits_for_nine(ticket, ada, clock, an_hour_later, work_off, postbox):
    clock.move_to("2026-09-18T11:30Z")  # 20:30 in Tokyo, a Friday; the Monday after is a holiday
    ticket.resolve(by=ada)
    an_hour_later()
    assert postbox() == []

    clock.move_to("2026-09-19T00:01Z")
    work_off()
    assert len(postbox()) == 1


def test_a_delay_of_nothing_asks_at_once_even_at_night(app, ticket, ada, clock, work_off, postbox):
    app.config["HELPDESK_SURVEY_DELAY"] = timedelta(0)
    clock.move_to("2026-09-18T16:00Z")
    ticket.resolve(by=ada)
    work_off()

    assert len(postbox()) == 1


def test_who_answered_on_the_page_gets_no_letter(survey, an_hour_later, postbox):
    survey.answer(csat=5)
    an_hour_later()

    assert postbox() == []
    assert survey.invited_at == survey.answered_at


def test_the_page_where_a_chat_ends_can_show_the_question(resolved, survey, visit, carol):
    address = link_for(resolved)

    assert visit().get(address.removeprefix("http://localhost")).status_code == 200
    resolved.hear("One more thing.", by=carol)
    assert link_for(resolved) is None
