"""An admin connects an address, tries its servers, and hands out an address for posting letters."""

import html
import re
from datetime import timedelta

import pytest

from helpdesk.channels.email.mailboxes import Mailbox
from helpdesk.channels.email.models import RawLetter
from helpdesk.channels.email.pages import mailboxes as mailbox_views
from helpdesk.channels.email.servers.fetched import active, note_fault
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
    late = {"name": "Second", "smtp_password": "mine"}
    answer = admin.post(place, data=typed(support, **late, version=version))

    assert (answer.status_code, only().name) == (409, "First")
    assert re.search(r"Theirs\s+First\s+Yours\s+Second", words(answer.text))
    assert 'value="Second"' in answer.text
    again = {"name": "Second", "held": held_in(answer.text), "version": only().version}
    admin.post(place, data=typed(support, **again))
    assert (only().name, only().secrets) == ("Second", {"smtp_password": "mine"})


def test_what_fails_or_is_tried_forgets_not_what_it_was_based_on(admin, support):
    admin.post("/desk/settings/mailboxes", data=typed(support))
    place, version = f"/desk/settings/mailboxes/{only().id}", only().version
    admin.post(place, data=typed(support, name="First", version=version))

    for more in ({"check": "yes"}, {"address": "nobody"}):
        page = admin.post(place, data=typed(support, version=version, **more)).text
        assert re.search(rf'name="version"[^>]* value="{version}"', page)


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("address", "nobody", "not an e-mail address"),
        ("aliases", "sales@example.com\nnobody", "nobody is not an e-mail address"),
        ("imap_port", "0", "from 1 to 65535"),
        ("imap_host", "mail.example.com", "needed where a server is named"),
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


@pytest.fixture
def near(app, imap_server) -> dict[str, object]:  # noqa: F811
    """What is typed for the server beside us."""
    app.config["HELPDESK_MAIL_PORTS"] = ()
    place = {"imap_host": "127.0.0.1", "imap_port": imap_server.port, "imap_tls": "none"}
    return place | {"imap_user": USER, "imap_password": PASSWORD}


def words(page: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", page.partition('id="voice"')[0]))


@needs_dovecot
@pytest.mark.parametrize(
    ("other", "told", "steps"),
    [
        ({}, "Incoming letters: all is well.", "fine warn fine fine"),
        (
            {"after_fetching": "moved", "done_folder": "Nowhere"},
            "it is made when",
            "fine warn fine fine warn",
        ),
        ({"imap_password": "wrong"}, "refused the name or the password", "fine warn bad"),
        ({"imap_folder": "Nowhere"}, "There is no folder “Nowhere” on the server.", "fine warn fine bad"),
        ({"imap_tls": "tls"}, "does not speak TLS", "fine bad"),
        ({"imap_tls": "starttls"}, "does not speak TLS", "fine bad"),
        ({"imap_host": "nowhere.invalid"}, "There is no server of this name.", "bad"),
        ({"imap_port": 1}, "The server cannot be reached.", "bad"),
    ],
)
def test_a_try_says_step_by_step_what_works_and_what_does_not(admin, support, near, other, told, steps):
    page = admin.post("/desk/settings/mailboxes", data=typed(support, **near | {"check": "yes"} | other)).text

    assert told in words(page)
    assert re.findall(r"trial__step--(\w+)", page) == steps.split()
    assert ('role="alert"' in page) is ("bad" in steps)
    assert "tried again by itself" not in page
    assert PASSWORD not in page
    assert db.session.scalars(db.select(Mailbox)).all() == []


@needs_dovecot
def test_the_folders_of_the_server_are_named_where_one_is_wrong(admin, support, near):
    page = admin.post(
        "/desk/settings/mailboxes", data=typed(support, **near, imap_folder="Nowhere", check="yes")
    )

    assert re.search(r"these are there: .*INBOX", words(page.text))


def held_in(page: str) -> str:
    return html.unescape(re.search(r'name="held"[^>]* value="([^"]*)"', page)[1])


@needs_dovecot
@pytest.mark.parametrize("other", [{"check": "yes"}, {"address": "nobody"}])
def test_a_password_that_was_typed_need_not_be_typed_again(admin, support, near, other, clock):
    page = admin.post("/desk/settings/mailboxes", data=typed(support, **near | other)).text
    held = held_in(page)
    assert PASSWORD not in page
    assert "Typed already." in page

    again = typed(support, **near | {"imap_password": "", "held": held})
    admin.post("/desk/settings/mailboxes", data=again)
    assert only().secrets == {"imap_password": PASSWORD}

    clock.shift(timedelta(hours=1))
    admin.post("/desk/settings/mailboxes", data=again | {"address": "b@example.com"})
    kept = db.session.scalars(db.select(Mailbox).order_by(Mailbox.id)).all()
    assert kept[1].secrets == {}


def test_what_is_held_is_for_the_session_that_typed_it(visit, root, support):
    first, second = visit(root), visit(root)
    page = first.post("/desk/settings/mailboxes", data=typed(support, address="no", smtp_password="geheim"))

    second.post("/desk/settings/mailboxes", data=typed(support, held=held_in(page.text)))
    assert only().secrets == {}


def test_letters_are_fetched_now_where_somebody_asks(admin, support):
    place = {"imap_host": "mail.example.com", "imap_user": "support"}
    admin.post("/desk/settings/mailboxes", data=typed(support, **place))
    kept = f"/desk/settings/mailboxes/{only().id}"
    before = active()
    assert "Fetch now" in admin.get(kept).text

    assert admin.post(f"{kept}/fetching").status_code == 303
    assert active() == {only().id: before[only().id] + 1}


@needs_dovecot
def test_a_try_that_goes_well_ends_the_pause_after_a_fault(admin, support, near):
    admin.post("/desk/settings/mailboxes", data=typed(support, **near))
    kept, version = only(), only().version
    kept_at = f"/desk/settings/mailboxes/{kept.id}"
    note_fault(kept.id, "no-answer")

    page = admin.post(kept_at, data=typed(support, **near, version=version, check="yes")).text
    assert only().version == version + 1
    assert re.search(rf'name="version"[^>]* value="{version + 1}"', page)


def test_mail_servers_are_asked_only_at_ports_that_the_installation_allows(app, admin, support):
    fields = {"smtp_host": "127.0.0.1", "smtp_port": 6379}
    for more in ({}, {"check": "yes"}):
        answer = admin.post("/desk/settings/mailboxes", data=typed(support, **fields, **more))
        assert answer.status_code == 422
        assert "HELPDESK_MAIL_PORTS" in answer.text

    app.config["HELPDESK_MAIL_PORTS"] = (6379,)
    assert admin.post("/desk/settings/mailboxes", data=typed(support, **fields)).status_code == 303
    app.config["HELPDESK_MAIL_PORTS"] = (25,)
    place, version = f"/desk/settings/mailboxes/{only().id}", only().version
    data = typed(support, **fields, name="Other", version=version)
    assert admin.post(place, data=data).status_code == 303


def test_without_a_server_its_port_and_folder_are_not_asked_for(admin, support):
    empty = {"imap_port": "", "imap_folder": "", "smtp_port": ""}
    assert admin.post("/desk/settings/mailboxes", data=typed(support, **empty)).status_code == 303
    assert (only().imap_port, only().imap_folder, only().smtp_port) == (993, "INBOX", 587)

    answer = admin.post(
        "/desk/settings/mailboxes", data=typed(support, address="b@example.com", imap_host="a", **empty)
    )
    assert answer.text.count("This is needed where a server is named.") == 2 * 3


def test_a_password_typed_anew_replaces_one_that_cannot_be_read_any_more(admin, support):
    admin.post("/desk/settings/mailboxes", data=typed(support, smtp_password="one"))
    only().sealed = "of another key"
    db.session.commit()
    place = f"/desk/settings/mailboxes/{only().id}"

    admin.post(place, data=typed(support, name="Other", version=only().version))
    assert (only().name, only().sealed) == ("Other", "of another key")
    admin.post(place, data=typed(support, smtp_password="two", version=only().version))
    assert only().secrets == {"smtp_password": "two"}


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
