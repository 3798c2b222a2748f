"""Every ticket that contains the words is found, on either database, and none that the viewer may not see."""

import os
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Column, Integer, MetaData, Select, String, Table, create_engine, inspect, select
from sqlalchemy.orm import Session

from helpdesk.core import fulltext
from helpdesk.core.fulltext import Part
from helpdesk.core.words import parse
from tests import houses

# The processes of a parallel run share one server.
KIND = f"test_{os.getpid()}"
tickets = Table(
    f"fulltext_owners_{os.getpid()}",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("team", String),
)

Search = Callable[..., list[int]]
EVERYONES = select(tickets)


@pytest.fixture
def database() -> str:
    """A database with nothing in it that the tests of this page may fill."""
    return houses.SERVER or "sqlite://"


@pytest.fixture
def session(database: str) -> Iterator[Session]:
    """Tickets 1 to 9, even ones of Ada's team, in a transaction that is rolled back."""
    engine = create_engine(database)
    with engine.connect() as connection, Session(connection) as session:
        tickets.create(connection)
        fulltext.create(connection, KIND)
        session.execute(
            tickets.insert(), [{"id": n, "team": "support" if n % 2 == 0 else "sales"} for n in range(1, 10)]
        )
        yield session
        session.rollback()
    engine.dispose()


@pytest.fixture
def note(session: Session) -> Callable[..., None]:
    """Index texts of a ticket: `note(4, "subject", "first message")`."""
    return lambda owner, *texts: fulltext.index_many(
        session, KIND, [Part(owner, owner * 100 + n if n else 0, text) for n, text in enumerate(texts)]
    )


@pytest.fixture
def find(session: Session) -> Search:
    """The ids of the tickets found, newest first."""

    def search(question: str, visible: Select = EVERYONES, **options: int) -> list[int]:
        return list(session.scalars(fulltext.newest(KIND, parse(question), visible=visible, **options)))

    return search


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("ご請求書が届きません", "請求書"),
        ("請求書", "書"),
        ("請求書", "請"),
        ("ｻｰﾊﾞが止まりました", "サーバ"),
        ("サーバーが落ちた", "さーば"),
        ("Two INVOICES are missing", "invoice"),
        ("the Wi-Fi is down", "wifi"),
        ("the wifi is down", "Wi-Fi"),
        ("write to ada@example.com", "ada@example.com"),
        ("your number is HD-1042.", "HD-1042"),
        ("written in C++", "c++"),
        ("購入したPCが不調", "PCが"),
        ("don't", "don't"),
    ],
)
def test_a_ticket_is_found_by_what_it_says(note, find, written, asked):
    note(4, "", written)
    note(5, "", "何も関係のない文 about nothing")

    assert find(asked) == [4]


@pytest.mark.parametrize(
    "asked", ["求請", "書請", "voice", "in", "請求書類", "", "***", '"', "NOT", "words:請求"]
)
def test_a_ticket_is_not_found_by_what_it_does_not_say(note, find, asked):
    note(4, "請求書", "Two invoices are lost")

    assert find(asked) == []


def test_terms_may_stand_in_different_messages_of_one_ticket(note, find):
    note(4, "請求書", "hello", "please refund")
    note(5, "請求書", "hello")

    assert find("refund 請求書") == [4]


def test_a_quoted_phrase_is_found_only_as_it_stands(note, find):
    note(4, "", "the lost invoice")
    note(5, "", "the invoice is lost")

    assert find('"lost invoice"') == [4]


def test_the_newest_come_first_and_pages_follow_each_other(note, find, session):
    for number in range(1, 10):
        note(number, "請求書", "請求書の件", "請求書です")

    page = find("請求書", before=5)

    assert find("請求書") == [9, 8, 7, 6, 5, 4, 3, 2, 1]
    assert page == [4, 3, 2, 1]


def test_tickets_of_others_are_not_found(note, find, session):
    note(4, "請求書")
    note(5, "請求書")
    visible = select(tickets).where(tickets.c.team == "support")

    assert find("請求書", visible) == [4]
    assert session.scalars(fulltext.best(KIND, parse("請求書"), visible=visible)).all() == [4]


def test_the_best_fit_is_the_ticket_about_it(note, session):
    note(4, "refund", "refund refund")
    note(5, "hello", "a long letter about many other things of which one is perhaps a refund " * 3)

    assert session.scalars(fulltext.best(KIND, parse("refund"), visible=EVERYONES)).all() == [4, 5]


def test_the_best_fit_needs_every_term_too(note, session):
    note(4, "refund", "of the invoice")
    note(5, "refund refund refund")

    assert session.scalars(fulltext.best(KIND, parse("refund invoice"), visible=EVERYONES)).all() == [4]


def test_a_match_can_be_a_condition_among_others(note, session):
    note(4, "請求書")
    note(5, "請求書")
    found = select(tickets.c.id).where(
        tickets.c.id.in_(fulltext.matching(KIND, parse("請求書"))), tickets.c.team == "sales"
    )

    assert session.scalars(found).all() == [5]


def test_a_changed_text_is_found_by_its_new_words_alone(note, find):
    note(4, "請求書")
    note(4, "領収書")

    assert find("請求") == []
    assert find("領収") == [4]


def test_a_forgotten_message_is_not_found_but_its_ticket_is(note, find, session):
    note(4, "subject", "secret", "invoice")
    fulltext.forget(session, KIND, 4, 401)

    assert find("secret") == []
    assert find("invoice") == [4]


def test_a_forgotten_ticket_is_not_found(note, find, session):
    note(4, "subject", "invoice")
    note(5, "subject", "invoice")
    fulltext.forget(session, KIND, 4)

    assert find("invoice subject") == [5]


def test_everything_can_be_forgotten_and_settled(note, find, session):
    note(4, "invoice")
    fulltext.settle(session, KIND)
    fulltext.forget_all(session, KIND)

    assert find("invoice") == []


def test_a_very_long_text_is_found_by_its_end_and_across_its_rows(note, find):
    words = [f"word{number}" for number in range(9_000)]
    note(4, "", " ".join(words), "請求" * 3000 + "書")

    assert find("word8999") == [4]
    assert all(find(f'"word{at} word{at + 1}"') == [4] for at in range(1_990, 2_110, 7))
    assert find("求書") == [4]


def test_a_rolled_back_text_was_never_there(note, find, session):
    with session.begin_nested() as step:
        note(4, "invoice")
        step.rollback()

    assert find("invoice") == []


def test_the_tables_of_the_index_are_told_from_others(session):
    names = [name for name in inspect(session.connection()).get_table_names() if KIND in name]

    assert names
    assert all(fulltext.is_internal(name) for name in names)
    assert not fulltext.is_internal("tickets")
