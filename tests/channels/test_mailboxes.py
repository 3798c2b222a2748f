"""An admin connects an address, tries its servers, and hands out an address for posting letters."""

import re

import pytest

from helpdesk.channels.email.mailboxes import Mailbox
from helpdesk.channels.email.models import RawLetter
from helpdesk.channels.email.pages import mailboxes as mailbox_views
from helpdesk.channels.email.servers import checking
from helpdesk.core.db import db
from helpdesk.tickets.models import Ticket
from tests.channels.post import SUPPORT, eml
from tests.imap_server import PASSWORD, USER, imap_server, needs_dovecot  # noqa: F401


@pytest.fixture
def admin(visit, root):
    return visit(root)


def typed(support, **other) -> dict[str, str]:
    fields = {"name": "Support", "address": SUPPORT, "team": support.id, "style": "html", "language": ""}
    fields |= {"imap_port": 993, "imap_tls": "tls", "imap_folder": "INBOX", "after_fetching": "seen"}
    fields |= {"smtp_port": 587, "smtp_tls": "starttls", "sign_in": "password"}
    return {name: str(value) for name, value in (fields | other).items()}


def only() -> Mailbox:
    return db.session.scalars(db.select(Mailbox)).one()


def test_it_is_added_and_its_secrets_are_sealed(admin, support):
    answer = admin.post(
        "/desk/settings/mailboxes",
        data=typed(support, imap_host="mail.example.com", imap_user="support", imap_password="geheim"),
    )

    assert answer.status_code == 303
    kept = only()
    assert kept.secrets == {"imap_password": "geheim"}
    assert "geheim" not in kept.sealed
    page = admin.get(f"/desk/settings/mailboxes/{kept.id}").text
    assert "geheim" not in page
    assert "Kept. Leave it empty to keep it." in page


def test_an_empty_password_stays_and_a_new_one_replaces(admin, support):
    admin.post("/desk/settings/mailboxes", data=typed(support, smtp_password="one"))
    kept = only()
    place = f"/desk/settings/mailboxes/{kept.id}"

    admin.post(place, data=typed(support, name="Other", version=kept.version))
    assert (only().name, only().secrets) == ("Other", {"smtp_password": "one"})

    admin.post(place, data=typed(support, smtp_password="two", version=only().version))
    assert only().secrets == {"smtp_password": "two"}


def test_two_admins_do_not_overwrite_each_other(admin, support):
    admin.post("/desk/settings/mailboxes", data=typed(support))
    place, version = f"/desk/settings/mailboxes/{only().id}", only().version
    admin.post(place, data=typed(support, name="First", version=version))
    admin.post(place, data=typed(support, name="Second", version=version))

    assert only().name == "First"


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("address", "nobody", "not an e-mail address"),
        ("aliases", "sales@example.com\nnobody", "nobody is not an e-mail address"),
        ("imap_port", "0", "from 1 to 65535"),
        ("imap_host", "mail.example.com", "who asks"),
        ("after_fetching", "moved", "Name the folder"),
        ("sign_in", "oauth2", "begins with https://"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(admin, support, field, value, told):
    answer = admin.post("/desk/settings/mailboxes", data=typed(support, **{field: value}))

    assert answer.status_code == 422
    assert told in answer.text
    assert db.session.scalars(db.select(Mailbox)).all() == []


def test_an_address_belongs_to_one_mailbox(admin, support):
    admin.post("/desk/settings/mailboxes", data=typed(support, aliases="Sales@Example.com"))
    answer = admin.post("/desk/settings/mailboxes", data=typed(support, address="sales@example.com"))

    assert "Another mailbox has this address." in answer.text


@needs_dovecot
@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({}, "Fetching letters works."),
        ({"imap_password": "wrong"}, "refused the name or the password"),
        ({"imap_folder": "Nowhere"}, "The folder cannot be opened. (INBOX"),
        ({"imap_tls": "tls"}, "does not speak TLS"),
        ({"imap_host": "nowhere.invalid"}, "There is no server of this name."),
    ],
)
def test_a_try_says_in_plain_words_what_is_wrong(admin, support, imap_server, monkeypatch, other, told):  # noqa: F811
    monkeypatch.setattr(checking, "PORTS", {imap_server.port})
    fields = {"imap_host": "127.0.0.1", "imap_port": imap_server.port, "imap_tls": "none"}
    fields |= {"imap_user": USER, "imap_password": PASSWORD, "check": "yes", **other}
    answer = admin.post("/desk/settings/mailboxes", data=typed(support, **fields))

    assert told in answer.text.replace("&#39;", "'")
    assert PASSWORD not in answer.text
    assert db.session.scalars(db.select(Mailbox)).all() == []


def test_a_try_reaches_no_port_but_those_of_mail(admin, support):
    fields = {"smtp_host": "127.0.0.1", "smtp_port": 6379, "check": "yes"}
    answer = admin.post("/desk/settings/mailboxes", data=typed(support, **fields))

    assert "Port 6379 is not tried" in answer.text


def test_letters_are_posted_to_an_address_that_only_their_sender_knows(admin, visit, support):
    admin.post("/desk/settings/mailboxes", data=typed(support))
    page = admin.post(f"/desk/settings/mailboxes/{only().id}/hook").text
    path = re.search(r"/hooks/mail/[\w-]{32}", page)[0]
    assert path.rpartition("/")[2] not in str(only().hook_mac)
    stranger = visit()

    taken = stranger.post(path, data=eml(), content_type="message/rfc822")
    assert (taken.status_code, taken.json["result"]) == (200, "opened")
    raw = db.session.scalars(db.select(RawLetter)).one()
    assert (raw.door, raw.mailbox_id) == ("hook", only().id)
    assert db.session.scalars(db.select(Ticket)).one().mailbox_id == only().id

    form = {"email": eml("Once more.").decode()}
    assert stranger.post(path, data=form).json["result"] == "opened"
    bearer = {"Authorization": f"Bearer {path.rpartition('/')[2]}"}
    assert stranger.post("/hooks/mail", data=eml("Thrice."), headers=bearer).status_code == 200
    assert stranger.post(path, data=b"").status_code == 400
    assert stranger.post(f"{path}x", data=eml()).status_code == 401

    admin.post(f"/desk/settings/mailboxes/{only().id}/hook/removal")
    assert stranger.post(path, data=eml()).status_code == 401


def test_every_page_of_the_service_is_filled_in(admin):
    page = admin.get("/desk/settings/mailboxes/new?preset=yahoo-japan").text

    assert 'value="imap.mail.yahoo.co.jp"' in page
    assert mailbox_views.PRESETS.keys() >= {"google", "microsoft"}
