"""A mailbox writes to itself, and its page says what the servers on the way made of the letter."""

from datetime import timedelta

import pytest

from helpdesk.accounts.models import Team
from helpdesk.channels.email.arriving import self_testing
from helpdesk.channels.email.arriving.receiving import take
from helpdesk.channels.email.mailboxes import Mailbox, Tls
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.mail import Letter, LetterState
from helpdesk.running.doctor import examine
from helpdesk.tickets.models import Ticket
from tests import mail_server
from tests.channels.post import SUPPORT

BORDER = "mx.example.com"
ALL_WELL = f"{BORDER}; spf=pass smtp.mailfrom={SUPPORT}; dkim=pass header.d=example.com; dmarc=pass"


@pytest.fixture
def server():
    with mail_server.running() as (handler, address):
        handler.port = int(address.rpartition(":")[2])
        yield handler


@pytest.fixture
def mailbox(app, server) -> Mailbox:
    app.config["HELPDESK_AUTHSERV_ID"] = BORDER
    home = Mailbox(name="Harunoki", address=SUPPORT, team=Team.default(), smtp_host="127.0.0.1")
    home.smtp_port, home.smtp_tls = server.port, Tls.NONE
    db.session.add(home)
    db.session.commit()
    return home


@pytest.fixture
def seen(visit, root, mailbox):
    """Its page as an admin sees it, after a press on the button."""
    browser, path = visit(root), f"/desk/settings/mailboxes/{mailbox.id}"
    assert browser.post(f"{path}/self-test").status_code == 303
    return lambda: browser.get(path).text


def come_back(server, *results, **changed) -> str:
    """The letter as the server got it, with what borders wrote above it, taken in by a door."""
    letter = server.letters[-1]
    for name, value in changed.items():
        letter.replace_header(name.replace("_", "-"), value)
    above = "".join(f"Authentication-Results: {each}\r\n" for each in results)
    return take(above.encode() + letter.as_bytes()).result


def finding():
    return next(each for each in examine() if each.what == f"self-test of {SUPPORT}")


def test_it_goes_by_its_own_server_and_opens_no_request(server, mailbox, seen, work_off):
    work_off()
    (envelope,) = server.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == (SUPPORT, [SUPPORT])
    assert "Not back yet" in seen()
    assert "badge--warn" not in seen()

    assert come_back(server, ALL_WELL) == "ignored"
    assert db.session.scalars(db.select(Ticket)).all() == []
    assert all(f"{method}: pass" in seen() for method in ("SPF", "DKIM", "DMARC"))
    assert (finding().saying, finding().remedy) == ("spf pass, dkim pass, dmarc pass", "")


@pytest.mark.parametrize(
    ("results", "said", "told"),
    [
        ([f"{BORDER}; spf=fail; dkim=pass; dmarc=pass"], "spf fail", "v=spf1"),
        ([f"{BORDER}; spf=pass; dmarc=pass"], "dkim not looked at", "sign letters"),
        ([f"{BORDER}; spf=none; dkim=none; dmarc=fail", ALL_WELL], "dmarc fail", "v=DMARC1"),
        (["elsewhere.example; spf=pass; dkim=pass; dmarc=pass"], "spf not looked at", "HELPDESK_AUTHSERV_ID"),
        ([], "dmarc not looked at", "HELPDESK_AUTHSERV_ID"),
    ],
)
def test_what_did_not_pass_comes_with_a_remedy(server, mailbox, seen, work_off, results, said, told):
    work_off()
    come_back(server, *results)
    assert said in finding().saying
    assert told in finding().remedy
    assert not finding().is_fault
    assert told in seen()


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("relay.example; spf=pass; dkim=fail; dkim=pass; dmarc=pass", "the topmost server, relay.example"),
        ("spf=pass smtp.mailfrom=x; dkim=pass; dmarc=pass action=none", "whoever wrote them"),
    ],
)
def test_without_a_border_the_topmost_is_believed_and_that_is_said(
    app, server, mailbox, seen, work_off, header, says
):
    app.config["HELPDESK_AUTHSERV_ID"] = ""
    work_off()
    come_back(server, header, f"{BORDER}; spf=fail; dkim=fail; dmarc=fail")
    assert finding().saying == "spf pass, dkim pass, dmarc pass"
    assert says in seen()


def test_it_is_known_under_another_message_id_and_only_once(server, mailbox, seen, work_off):
    work_off()
    assert come_back(server, ALL_WELL, Message_ID="<other@relay.example>") == "ignored"
    assert come_back(server, f"{BORDER}; spf=fail", Message_ID="<third@relay.example>") == "ignored"
    assert finding().saying == "spf pass, dkim pass, dmarc pass"


def test_a_letter_that_stays_away_is_a_warning(mailbox, seen, work_off):
    work_off()
    assert finding().remedy == ""
    letter = db.session.scalars(db.select(Letter)).one()
    letter.sent_at = now() - self_testing.PATIENCE - timedelta(seconds=1)
    db.session.commit()
    assert "badge--warn" in seen()
    assert ("spam folder" in finding().remedy, finding().is_fault) == (True, False)


def test_a_letter_that_cannot_leave_says_why(server, mailbox, seen, work_off):
    server.data_faults = ["554 5.7.1 not with us"]
    work_off()
    assert db.session.scalars(db.select(Letter)).one().state is LetterState.FAILED
    assert "not with us" in seen()
    assert "not with us" in finding().saying


def test_however_often_one_presses_it_sends_five_an_hour(visit, root, mailbox, clock):
    browser, path = visit(root), f"/desk/settings/mailboxes/{mailbox.id}"
    for _press in range(self_testing.MOST_AN_HOUR + 2):
        assert browser.post(f"{path}/self-test").status_code == 303
    assert "several times within an hour" in browser.get(path).text
    count = db.select(db.func.count()).select_from(Letter)
    assert db.session.scalar(count) == self_testing.MOST_AN_HOUR

    clock.shift(timedelta(hours=1))
    browser.post(f"{path}/self-test")
    assert db.session.scalar(count) == self_testing.MOST_AN_HOUR + 1


def test_out_of_use_it_sends_nothing(visit, root, mailbox):
    mailbox.is_active = False
    db.session.commit()
    visit(root).post(f"/desk/settings/mailboxes/{mailbox.id}/self-test")
    assert db.session.scalars(db.select(Letter)).all() == []
