"""Mail that has stopped is said on the pages of those who can have it mended, and to nobody else."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from helpdesk.channels.email.mailboxes import Mailbox
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.mail import Letter

DEAF, MUTE = "No letters to desk@helpdesk.example.com", "Letters from desk@helpdesk.example.com"


@pytest.fixture
def mailbox(support) -> Mailbox:
    made = Mailbox(name="Desk", address="desk@helpdesk.example.com", imap_host="mail.example.com")
    made.fault, made.fault_since = "no-answer", now() - timedelta(minutes=11)
    db.session.add(made)
    db.session.commit()
    return made


def waiting(mailbox: Mailbox, error: str, minutes: int = 11) -> None:
    letter = Letter.draft(recipient="carol@example.com", subject="Hi", text="Hi", mailbox_id=mailbox.id)
    letter.error, letter.written_at = error, now() - timedelta(minutes=minutes)
    db.session.commit()


def test_a_mailbox_that_is_not_fetched_is_said_to_leads_and_linked_for_admins(
    visit, ada, grace, root, mailbox
):
    link = f"/desk/settings/mailboxes/{mailbox.id}"
    pages = {who.name: visit(who).get("/desk").text for who in (ada, grace, root)}

    assert [DEAF in pages[who.name] for who in (ada, grace, root)] == [False, True, True]
    assert [link in pages[who.name] for who in (ada, grace, root)] == [False, False, True]
    assert "The server cannot be reached." in pages[grace.name]
    own = visit(root).get(link).text
    assert DEAF not in own
    assert own.count("The server cannot be reached.") == 1


@pytest.mark.parametrize(
    "change",
    [{"fault_since": None, "fault": ""}, {"is_active": False}, {"imap_host": ""}, {"minutes": 9}],
)
def test_nothing_is_said_of_what_passes_or_is_out_of_use(visit, root, mailbox, change):
    if "minutes" in change:
        change = {"fault_since": now() - timedelta(minutes=change["minutes"])}
    for name, value in change.items():
        setattr(mailbox, name, value)
    db.session.commit()

    assert DEAF not in visit(root).get("/desk").text


@pytest.mark.parametrize(
    ("error", "minutes", "is_said"),
    [
        ("[Errno 111] Connection refused", 11, True),
        ("oauth-ended: invalid_grant", 11, True),
        ("(535, b'5.7.8 Authentication failed')", 11, True),
        ("Connection unexpectedly closed", 9, False),
        ("", 11, False),
        # Of one reader: greylisted, or their mailbox is full.
        ("451 4.7.1 Greylisting in action", 11, False),
        ("(452, b'4.3.1 Insufficient system storage')", 11, False),
    ],
)
def test_letters_that_wait_because_of_their_server_are_said(visit, root, mailbox, error, minutes, is_said):
    mailbox.fault, mailbox.fault_since = "", None
    waiting(mailbox, error, minutes)

    page = visit(root).get("/desk").text
    assert (MUTE in page) is is_said
    assert DEAF not in page


def test_it_costs_a_lead_one_statement_and_an_agent_none(visit, ada, grace, mailbox):
    asked = []

    @event.listens_for(db.engine, "before_cursor_execute")
    def note(_connection, _cursor, statement, *_more):
        asked.append(statement)

    visit(ada).get("/desk")
    assert not [each for each in asked if "FROM mailboxes" in each]
    visit(grace).get("/desk")
    event.remove(db.engine, "before_cursor_execute", note)
    assert len([each for each in asked if "FROM mailboxes" in each]) == 1
