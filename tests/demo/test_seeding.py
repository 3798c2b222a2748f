"""Bulk data is what it says, on either database, and the index finds all of it."""

import json
import random
from collections import Counter
from pathlib import Path
from time import perf_counter

import pytest
from flask import Flask
from sqlalchemy import func, select

from helpdesk.accounts.models import Agent
from helpdesk.app import create_app
from helpdesk.core import words
from helpdesk.core.db import db
from helpdesk.core.fulltext import matching
from helpdesk.core.i18n import LANGUAGES
from helpdesk.customers.models import Contact, Customer
from helpdesk.demo import phrases
from helpdesk.demo.commands import seed
from helpdesk.demo.seeding import BATCH, Wanted, seed_all
from helpdesk.running.backing_up import back_up, restore
from helpdesk.running.doctor import examine
from helpdesk.tickets.kinds import Status
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Channel, Message, MessageKind, TicketTag
from helpdesk.timeline import Event
from knowledge_base.index import feeding
from knowledge_base.models import Article, Revision
from tests import houses

NOUNS = (Customer, Contact, Ticket, Message, Event, TicketTag, Article, Revision, Agent)


def counts() -> dict[str, int]:
    return {noun.__tablename__: db.session.scalar(select(func.count(noun.id))) for noun in NOUNS}


@pytest.fixture
def seeded(app: Flask) -> dict[str, object]:
    return seed_all(Wanted(customers=60, tickets=300, articles=9), reindex=True)


def test_there_is_as_much_as_was_asked_for(seeded):
    seen = counts()

    assert (seen["customers"], seen["tickets"], seen["articles"], seen["revisions"]) == (60, 300, 9, 9)
    assert (seeded["customers"], seeded["tickets"], seeded["articles"]) == (60, 300, 9)


def test_each_ticket_has_four_turns_beside_notes(seeded):
    turns = select(func.count()).where(Message.kind != MessageKind.NOTE).group_by(Message.ticket_id)

    assert set(db.session.scalars(turns)) == {4}


def test_tickets_lie_over_teams_agents_states_and_channels(seeded):
    tickets = list(db.session.scalars(select(Ticket)))

    assert Counter(ticket.status for ticket in tickets).most_common(1)[0][0] is Status.RESOLVED
    assert {ticket.status for ticket in tickets} == set(Status)
    assert {ticket.channel for ticket in tickets} == set(Channel) - {Channel.API}
    assert len({ticket.team_id for ticket in tickets}) == 4
    assert len({ticket.assignee_id for ticket in tickets}) > 8


def test_the_index_finds_every_ticket_that_says_it(seeded):
    for term in ("請求書", "invoice", "パスワード"):
        said = Message.body.icontains(term) | Ticket.subject.icontains(term)
        having = set(db.session.scalars(select(Ticket.id).join(Message).where(said)))
        assert set(db.session.scalars(matching("tickets", words.parse(term)))) >= having


def test_without_reindex_nothing_is_indexed(app):
    seed_all(Wanted(customers=5, tickets=10), reindex=False)

    assert list(db.session.scalars(matching("tickets", words.parse("の")))) == []


def test_new_tickets_go_on_numbering_after_bulk_data(seeded, carol):
    ticket = Ticket.open_for(carol, subject="One more", via=Channel.EMAIL)
    ticket.hear("After the bulk.")
    db.session.commit()

    assert ticket.id == 301


def test_the_second_seeding_adds_to_the_first(seeded):
    seed_all(Wanted(customers=5, tickets=10, seed=2), reindex=False)

    assert counts()["tickets"] == 310
    assert counts()["agents"] == 12


def test_the_people_who_were_made_up_cannot_sign_in(seeded, visit):
    form = {"email": "agent-1@seed.example", "password": "!"}

    assert "Sign out" not in visit().post("/sign-in", data=form, follow_redirects=True).text


def test_the_same_seed_gives_the_same_letters():
    def twenty() -> list[phrases.Letters]:
        rng = random.Random(7)
        return [phrases.letters(rng, "ja") for _ in range(20)]

    assert twenty() == twenty()


def test_a_common_word_keeps_its_share():
    rng = random.Random(1)
    share = sum("請求書" in "".join(phrases.letters(rng, "ja").turns) for _ in range(5000)) / 5000

    assert 0.03 < share < 0.05


def test_the_command_says_how_much_and_how_long(app):
    said = app.test_cli_runner().invoke(seed, ["--customers", "3", "--tickets", "4"])

    told = json.loads(said.stdout)
    assert (told["customers"], told["tickets"]) == (3, 4)
    assert told["seconds"] >= 0


def test_a_batch_is_bounded(app):
    """A thousand tickets at a time: more than one batch leaves nothing of the first in memory."""
    seed_all(Wanted(customers=2, tickets=BATCH + 1), reindex=False)

    assert counts()["tickets"] == BATCH + 1
    assert len(db.session.identity_map) < 100


class Steps(dict[str, float]):
    """How long each step took, in seconds."""

    began = perf_counter()

    def done(self, name: str) -> None:
        self[name], self.began = round(perf_counter() - self.began, 1), perf_counter()


@pytest.mark.long
def test_a_hundred_thousand_tickets_are_backed_up_and_come_back(app, tmp_path: Path, capsys):
    steps, archive = Steps(), tmp_path / "backup.tar.gz"
    told = seed_all(Wanted(customers=5_000, tickets=100_000, articles=500), reindex=True)
    before = counts()
    steps.done("seed")
    back_up(archive)
    steps.done("backup")
    with houses.prepared(tmp_path / "elsewhere") as chosen, create_app(chosen).app_context():
        restore(archive, force=True)
        steps.done("restore")
        after, found = counts(), db.session.scalars(matching("tickets", words.parse("請求書"))).all()
        for lang in LANGUAGES:
            feeding.rebuild_index(lang=lang)  # an index is never in the archive; the worker makes it anew
        faults = [finding for finding in examine() if finding.is_fault and finding.what != "worker"]
        feeding.engine().close()
        steps.done("doctor")
    with capsys.disabled():
        print(f"\n{told}\n{steps}, archive of {archive.stat().st_size >> 20} MB")
    assert (after, faults) == (before, [])
    assert len(found) > 1_000
