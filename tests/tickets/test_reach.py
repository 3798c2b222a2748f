"""Addresses that letters do not reach: seen before an answer leaves, tried again where its writer wants."""

import re
from datetime import timedelta

import pytest

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.customers.models import Contact, ContactAddress
from helpdesk.tickets.participants import Participant, put_in_copy
from helpdesk.tickets.planned import PlannedReply
from tests.conftest import HTMX

WHY = "550 5.1.1 no such user"


def silence(contact, why=WHY):
    for each in contact.addresses:
        each.bounced_at, each.silent_because = now(), why
    db.session.commit()


def is_silent(address):
    return db.session.query(ContactAddress).filter_by(address=address).one().bounced_at is not None


def press(desk, ticket, body="Here it is.", **more):
    return desk.post(f"/desk/tickets/{ticket.number}/replies", data={"body": body, **more}, headers=HTMX)


def page(desk, ticket):
    return desk.get(f"/desk/tickets/{ticket.number}").text


@pytest.fixture
def ken(ticket, ada):
    """Ken is in copy, and his address is dead."""
    put_in_copy(ticket, "ken@example.org", "Ken", by=ada)
    ken = Contact.known_as("ken@example.org")
    silence(ken)
    return ken


def test_an_answer_to_a_silent_address_waits_for_a_second_press(desk, ticket, carol, app, clock, work_off):
    app.config["HELPDESK_UNDO_SEND"] = 10
    carol.phone = "03-0000-0000"
    silence(carol)
    refused = press(desk, ticket)

    assert refused.status_code == 422
    assert "came back on 18 Sep 2026: the address does not exist." in refused.text
    assert 'href="tel:03-0000-0000"' in refused.text
    assert press(desk, ticket, anyway="yes", seen="silent:carol@example.org").status_code == 200
    # Until it is said nothing of it has happened.
    assert is_silent("carol@example.org")
    clock.shift(timedelta(seconds=10))
    work_off()
    assert not is_silent("carol@example.org")
    assert ticket.messages[-1].recipients["to"] == ['"Carol" <carol@example.org>']


def test_another_address_of_theirs_can_be_tried_instead(desk, ticket, carol, app):
    app.config["HELPDESK_UNDO_SEND"] = 0
    carol.addresses.append(ContactAddress(address="carol@new.example"))
    silence(carol)
    assert 'name="try" value="carol@new.example"' in press(desk, ticket).text

    press(desk, ticket, anyway="yes", seen="silent:carol@example.org", **{"try": "carol@new.example"})
    assert (is_silent("carol@example.org"), is_silent("carol@new.example")) == (True, False)
    assert ticket.messages[-1].recipients["to"] == ['"Carol" <carol@new.example>']


def test_only_their_own_address_can_be_tried(desk, ticket, carol, ken):
    silence(carol)
    press(desk, ticket, anyway="yes", seen="silent:carol@example.org", **{"try": "ken@example.org"})

    assert is_silent("ken@example.org")


def test_one_in_copy_who_is_silent_is_shown_with_the_reason_and_not_ticked(desk, ticket, ken, app):
    app.config["HELPDESK_UNDO_SEND"] = 0
    shown = page(desk, ticket)

    assert re.search(r'name="copy" value="ken@example.org">', shown)
    assert "e-mail bounces" in shown
    assert shown.count("Our e-mail to ken@example.org came back on 18 Sep 2026") == 2
    # Not to be chosen is not to be taken out.
    press(desk, ticket, copies="chosen", offered="ken@example.org")
    assert [each.is_copied for each in db.session.scalars(Participant.of(ticket))] == [True]
    assert ticket.messages[-1].recipients["cc"] == []


def test_one_in_copy_who_is_ticked_all_the_same_is_tried_once_more(desk, ticket, ken, app):
    app.config["HELPDESK_UNDO_SEND"] = 0
    ticked = {"copies": "chosen", "offered": "ken@example.org", "copy": "ken@example.org"}
    assert press(desk, ticket, **ticked).status_code == 422

    press(desk, ticket, **ticked, anyway="yes", seen="silent:ken@example.org")
    assert not is_silent("ken@example.org")
    assert ticket.messages[-1].recipients["cc"] == ['"Ken" <ken@example.org>']


def test_what_was_taken_back_is_asked_about_again(desk, ticket, carol, app):
    app.config["HELPDESK_UNDO_SEND"] = 10
    silence(carol)
    press(desk, ticket, anyway="yes", seen="silent:carol@example.org")
    planned = db.session.query(PlannedReply).one()
    desk.post(f"/desk/tickets/{ticket.number}/planned/{planned.id}/withdrawal")

    assert press(desk, ticket).status_code == 422


def test_who_silenced_it_is_not_said_to_be_a_server(desk, ticket, carol):
    silence(carol, "by Grace")

    assert (
        "Nothing has been sent to carol@example.org since 18 Sep 2026 (by Grace)." in press(desk, ticket).text
    )
