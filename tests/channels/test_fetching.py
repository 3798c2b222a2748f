"""Letters fetched from a real IMAP server, over lines that break: all are kept, none twice."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from helpdesk.channels.email.arriving import receiving
from helpdesk.channels.email.commands import mail
from helpdesk.channels.email.mailboxes import AfterFetching, FetchedLetter, Mailbox, Tls
from helpdesk.channels.email.models import RawLetter, RawState
from helpdesk.channels.email.servers import fetched, fetching
from helpdesk.channels.email.servers.faults import MailFault
from helpdesk.channels.email.servers.fetching import Busy, Fetcher
from helpdesk.core.db import db
from helpdesk.tickets.thread import Message
from tests.channels.post import eml
from tests.imap_server import PASSWORD, USER, Fault, ImapServer, Line, imap_server, line_to, needs_dovecot  # noqa: F401

pytestmark = needs_dovecot

SEEN, MOVED, LEFT = AfterFetching.SEEN, AfterFetching.MOVED, AfterFetching.LEFT


@pytest.fixture
def server(imap_server: ImapServer) -> Iterator[ImapServer]:  # noqa: F811
    """An empty one."""
    yield imap_server
    imap_server.clear()


@pytest.fixture
def line(server: ImapServer) -> Iterator[Line]:
    with line_to(server.port) as line:
        yield line


@pytest.fixture
def mailbox(app: Flask, support: Any, line: Line) -> Mailbox:
    """Where letters to the desk are fetched, over the line."""
    return connect(line.port)


def connect(port: int, tls: Tls = Tls.NONE, **chosen: Any) -> Mailbox:
    """A mailbox at this server."""
    place = {"imap_host": "localhost", "imap_port": port, "imap_tls": tls, "imap_user": USER}
    box = Mailbox(**{"name": "Support", "address": "desk@helpdesk.example.com", **place, **chosen})
    box.keep_secrets(imap_password=PASSWORD)
    db.session.add(box)
    db.session.commit()
    return box


def fetch(mailbox: Mailbox) -> list[str]:
    mailbox_id = mailbox.id
    db.session.commit()
    results = [taken.result for taken in Fetcher(mailbox_id).fetch()]
    db.session.refresh(mailbox)
    db.session.commit()
    return results


def letters(count: int) -> list[bytes]:
    return [eml(f"Question {n}", subject=f"Q{n}") for n in range(count)]


def stored() -> tuple[int, int]:
    """Raw letters and messages."""
    counts = (db.session.scalar(select(func.count()).select_from(each)) or 0 for each in (RawLetter, Message))
    found = tuple(counts)
    db.session.commit()
    return found  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("after", "inbox", "done", "unseen"), [(SEEN, 2, 0, 0), (MOVED, 0, 2, 0), (LEFT, 2, 0, 2)]
)
def test_letters_become_messages_and_the_server_is_told(
    server: ImapServer, mailbox: Mailbox, after: AfterFetching, inbox: int, done: int, unseen: int
) -> None:
    mailbox.after_fetching, mailbox.done_folder = after, "Done"
    server.lay(*letters(2))

    assert fetch(mailbox) == ["opened", "opened"]
    assert (server.count(), server.count(what="UNSEEN")) == (inbox, unseen)
    assert server.count("Done") == done if after is MOVED else True
    assert fetch(mailbox) == []
    raw = db.session.scalars(select(RawLetter)).first()
    assert raw is not None
    assert (raw.door, raw.mailbox_id, mailbox.fault) == ("imap", mailbox.id, "")


def test_the_bytes_are_kept_as_they_are(server: ImapServer, mailbox: Mailbox) -> None:
    letter = eml("Grüße \u3042".encode().decode("utf-8"), subject="bytes") + b"\xff\xfe\x00 raw\r\n"
    server.lay(letter.replace(b"\x00", b""))
    fetch(mailbox)

    assert db.session.scalars(select(RawLetter.content)).one() == letter.replace(b"\x00", b"")


@pytest.mark.parametrize("after", [SEEN, LEFT])
def test_what_was_read_before_we_came_is_left_and_what_is_read_later_is_not(
    server: ImapServer, mailbox: Mailbox, after: AfterFetching
) -> None:
    mailbox.after_fetching = after
    old, new = letters(2)
    server.lay(old)
    read_elsewhere(server)
    assert fetch(mailbox) == []
    server.lay(new)
    read_elsewhere(server)

    assert fetch(mailbox) == ["opened"]
    assert fetch(mailbox) == []


def read_elsewhere(server: ImapServer) -> None:
    with server.client() as client:
        client.select("INBOX")
        client.store("1:*", "+FLAGS", "\\Seen")


@pytest.mark.parametrize("after", [SEEN, LEFT])
def test_a_new_numbering_brings_nothing_twice_and_loses_nothing(
    server: ImapServer, mailbox: Mailbox, after: AfterFetching
) -> None:
    mailbox.after_fetching = after
    server.lay(*letters(3))
    fetch(mailbox)
    server.lay(*letters(1))
    read_elsewhere(server)
    server.number_anew()

    assert sorted(fetch(mailbox)) == ["duplicate"] * 3 + ["opened"]
    assert (stored(), fetch(mailbox)) == ((4, 4), [])


@pytest.mark.parametrize("kind", ["cut", "nonsense"])
@pytest.mark.parametrize(
    "after",
    [371, 1615, 2548, *(pytest.param(each, marks=pytest.mark.long) for each in range(60, 4000, 101))],
)
def test_a_line_that_breaks_anywhere_loses_and_doubles_nothing(
    server: ImapServer, line: Line, mailbox: Mailbox, kind: str, after: int
) -> None:
    server.lay(*letters(3))
    line.faults = [Fault(kind, after)]
    for _try in range(3):
        try:
            fetch(mailbox)
        except MailFault:
            db.session.refresh(mailbox)
            assert mailbox.fault
            assert mailbox.fault_since is not None
            db.session.commit()

    assert (stored(), server.count(what="SEEN")) == ((3, 3), 3)
    assert (mailbox.fault, mailbox.fault_since) == ("", None)


def test_a_server_that_falls_silent_is_given_up(
    server: ImapServer, line: Line, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    from helpdesk.channels.email.servers import connecting

    monkeypatch.setattr(connecting, "PATIENCE", connecting.SocketTimeout(connect=1, read=0.3))
    server.lay(*letters(2))
    line.faults = [Fault("stall", 900)]

    with pytest.raises(MailFault, match="too-slow"):
        fetch(mailbox)
    assert fetch(mailbox)[-1] == "opened"
    assert stored() == (2, 2)


@pytest.mark.parametrize(
    ("what", "instead"),
    [
        (b"UID 2 BODY[] {", b"UID 2 BODY[] NIL X-BROKEN {"),
        (b"FETCH (UID 2 BODY[]", b"FETCH (UID 9 BODY[]"),
        (b"UID 2 RFC822.SIZE 2", b"UID 2 RFC822.SIZE 9"),
    ],
)
def test_a_letter_that_comes_broken_keeps_none_behind_it_waiting(
    server: ImapServer, line: Line, mailbox: Mailbox, what: bytes, instead: bytes
) -> None:
    first = next_uid(server)
    server.lay(*letters(3))
    change = [each.replace(b"UID 2", b"UID %d" % (first + 1)) for each in (what, instead)]
    line.faults = [Fault("said", 0, *change)] * 4
    fetch(mailbox)
    line.faults = []
    fetch(mailbox)

    assert (stored(), mailbox.fault, server.count(what="SEEN")) == ((3, 3), "", 3)


def test_a_letter_that_never_comes_is_passed_over_and_named(
    server: ImapServer, line: Line, mailbox: Mailbox
) -> None:
    bad = next_uid(server) + 1
    server.lay(*letters(3))
    line.faults = [Fault("said", 0, b"UID %d BODY[]" % bad, b"UID %d ((((" % bad)] * 20

    assert fetch(mailbox) == ["opened", "opened"]
    assert mailbox.fault.startswith(f"not-fetched: UID {bad}")
    line.faults = []
    line.break_all()
    assert fetch(mailbox) == ["opened"]
    assert mailbox.fault == ""


def next_uid(server: ImapServer) -> int:
    with server.client() as client:
        said = client.status("INBOX", "(UIDNEXT)")[1][0]
        assert isinstance(said, bytes)
        return int(said.rstrip(b")").split()[-1])


def test_numbers_that_come_twice_are_one(server: ImapServer, line: Line, mailbox: Mailbox) -> None:
    first = next_uid(server)
    server.lay(*letters(2))
    twice = b"* SEARCH " + b" ".join(b"%d" % uid for uid in (first, first + 1))
    line.faults = [Fault("said", 0, twice, twice + twice[8:])]

    assert fetch(mailbox) == ["opened", "opened"]
    assert stored() == (2, 2)


def test_a_letter_that_is_too_large_leaves_its_header_and_stays_unread(
    server: ImapServer, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "MOST_BYTES", 5000)
    server.lay(eml("x" * 9000, subject="Large"), *letters(1))

    assert fetch(mailbox) == ["quarantined", "opened"]
    raw = db.session.scalars(select(RawLetter).where(RawLetter.state == RawState.QUARANTINED)).one()
    assert (raw.reason, raw.subject, raw.size > 9000) == ("too-large-to-fetch", "Large", True)
    assert b"xxx" not in raw.content
    db.session.commit()
    assert (server.count(what="UNSEEN"), fetch(mailbox)) == (1, [])


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("place", ["fetched.keep", "fetching.read_if_waiting", "fetched.note_marked"])
def test_whoever_comes_after_a_crash_goes_on_where_it_was(
    server: ImapServer, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, place: str, clock: Any
) -> None:
    server.lay(*letters(2))
    with monkeypatch.context() as crash:
        crash.setattr(f"helpdesk.channels.email.servers.{place}", die)
        with pytest.raises(Killed):
            fetch(mailbox)
    db.session.rollback()

    fetch(mailbox)

    assert (stored(), server.count(what="SEEN"), mailbox.fault) == ((2, 2), 2, "")
    assert not db.session.scalars(select(FetchedLetter).where(FetchedLetter.marked_at.is_(None))).all()


def die(*_args: object, **_named: object) -> None:
    raise Killed


def test_a_server_that_does_not_let_letters_be_marked_brings_them_once(
    server: ImapServer, line: Line, mailbox: Mailbox
) -> None:
    server.lay(*letters(2))
    line.faults = [Fault("said", 0, b"OK Store completed", b"NO Store refused")]

    assert fetch(mailbox) == ["opened", "opened"]
    assert mailbox.fault.startswith("not-marked")
    assert (fetch(mailbox), mailbox.fault, stored()) == ([], "", (2, 2))


def test_only_one_fetches_at_a_time_and_the_dead_hold_nobody_up(
    server: ImapServer, mailbox: Mailbox, clock: Any
) -> None:
    server.lay(*letters(1))
    lease = fetched.Lease.take(mailbox.id)
    assert lease is not None
    with pytest.raises(Busy):
        fetch(mailbox)
    clock.shift(fetched.LEASE * 1.1)

    assert fetch(mailbox) == ["opened"]
    assert not lease.renew()


def test_a_letter_that_met_three_kills_is_read(
    server: ImapServer, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.lay(*letters(1))
    with monkeypatch.context() as killed:
        killed.setattr(receiving, "accept", die)
        for _reader in range(3):
            with pytest.raises(Killed):
                fetch(mailbox)
            db.session.rollback()

    fetch(mailbox)

    assert stored() == (1, 1)


def test_kills_while_a_letter_is_read_are_no_fault_of_the_letter(
    server: ImapServer, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.lay(*letters(1))
    with monkeypatch.context() as killed:
        killed.setattr(receiving, "understood", die)
        for _reader in range(2 * receiving.DEADLY_AFTER):
            with pytest.raises(Killed):
                fetch(mailbox)
            db.session.rollback()

    fetch(mailbox)

    assert stored() == (1, 1)


def test_a_letter_that_readers_die_of_is_left_to_people(
    server: ImapServer, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.lay(*letters(1))
    with monkeypatch.context() as deadly:
        deadly.setattr(receiving, "accept", die)
        for _reader in range(receiving.DEADLY_AFTER):
            with pytest.raises(Killed):
                fetch(mailbox)
            db.session.rollback()

    assert fetch(mailbox) == ["quarantined"]
    assert db.session.scalars(select(RawLetter.reason)).one() == "reader-died"
    assert server.count(what="SEEN") == 1


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"imap_user": "support", "secret": "wrong"}, "sign-in"),
        ({"imap_folder": "Nowhere"}, "no-folder"),
        ({"imap_host": "nowhere.invalid"}, "no-host"),
        ({"imap_port": 1}, "no-answer"),
        ({"imap_tls": Tls.FROM_THE_START}, "no-tls"),
        ({"imap_tls": Tls.STARTTLS}, "no-tls"),
        ({"sealed": "nonsense"}, "unsealable"),
    ],
)
def test_what_is_wrong_is_said_on_the_mailbox(
    server: ImapServer, mailbox: Mailbox, change: dict[str, Any], fault: str
) -> None:
    if secret := change.pop("secret", None):
        mailbox.keep_secrets(imap_password=secret)
    for name, value in change.items():
        setattr(mailbox, name, value)

    with pytest.raises(MailFault, match=f"^{fault}"):
        fetch(mailbox)
    db.session.refresh(mailbox)
    assert mailbox.fault.startswith(fault)


def test_the_command_fetches_from_all_and_names_the_one_that_is_down(
    app: Flask, server: ImapServer, mailbox: Mailbox
) -> None:
    down = Mailbox(name="Sales", address="sales@example.com", imap_host="localhost", imap_port=1)
    db.session.add(down)
    db.session.commit()
    server.lay(*letters(2))

    run = app.test_cli_runner().invoke(mail, ["fetch", "--once"])

    told = [json.loads(row) for row in run.stdout.splitlines()]
    assert [each["result"] for each in told] == ["opened", "opened"]
    assert set(told[0]) == {"result", "ticket", "message", "reason"}
    assert (run.exit_code, "sales@example.com" in run.stderr) == (75, True)
