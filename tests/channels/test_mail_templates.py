"""A mailbox in words of its own: nothing but listed fields, shown before it is said."""

import html
import re

import pytest

from helpdesk.accounts.models import Team
from helpdesk.channels.email.arriving.receiving import take
from helpdesk.channels.email.mailboxes import Mailbox, MailTemplate
from helpdesk.core.db import db
from tests.channels.post import SUPPORT, eml

BORDER = "mx.example.com"
PROVED = f"{BORDER}; dmarc=pass header.from=example.org"


@pytest.fixture
def mailbox(app) -> Mailbox:
    app.config["HELPDESK_AUTHSERV_ID"] = BORDER
    made = Mailbox(name="Harunoki", address=SUPPORT, acknowledges=True, team=Team.default(), signature="Us")
    db.session.add(made)
    db.session.commit()
    return made


@pytest.fixture
def admin(visit, root):
    return visit(root)


def place(mailbox, purpose="reply", lang="en") -> str:
    return f"/desk/settings/mailboxes/{mailbox.id}/templates/{purpose}/{lang}"


def kept() -> list[tuple[str, str, str, str]]:
    return [(t.purpose, t.language, t.subject, t.body) for t in db.session.scalars(db.select(MailTemplate))]


def seen(admin, at: str) -> str:
    """The mark that the page carries, of the words that stand there."""
    return re.search(r'name="seen"[^>]* value="(\w+)"', admin.get(at).text)[1]


def keep(admin, at: str, subject: str, body: str):
    return admin.post(at, data={"subject": subject, "body": body, "seen": seen(admin, at)})


def test_two_people_who_word_one_place_lose_nothing(admin, mailbox):
    at = place(mailbox)
    mark = seen(admin, at)
    admin.post(at, data={"subject": "", "body": "First {{ answer }}", "seen": mark})
    for body in ("Second {{ answer }}", ""):
        answer = admin.post(at, data={"subject": "", "body": body, "seen": mark})
        assert answer.status_code == 409
        assert kept() == [("reply", "en", "", "First {{ answer }}")]
        assert html.escape("First {{ answer }}") in answer.text
    mine = admin.post(at, data={"subject": "", "body": "Second {{ answer }}", "seen": mark}).text
    assert mine.count("Second {{ answer }}") >= 2  # beside theirs, and in the form

    again = re.search(r'name="seen"[^>]* value="(\w+)"', mine)[1]
    assert (
        admin.post(at, data={"subject": "", "body": "Second {{ answer }}", "seen": again}).status_code == 303
    )
    assert kept() == [("reply", "en", "", "Second {{ answer }}")]


def test_a_preview_forgets_not_what_it_was_based_on(admin, mailbox):
    mark = seen(admin, place(mailbox))
    keep(admin, place(mailbox), "", "First {{ answer }}")
    page = admin.post(f"{place(mailbox)}/preview", data={"subject": "", "body": "{{ answer }}", "seen": mark})

    assert re.search(rf'name="seen"[^>]* value="{mark}"', page.text)


def test_words_are_kept_changed_and_given_back(admin, mailbox):
    keep(admin, place(mailbox), "", "{{ answer }}")
    keep(admin, place(mailbox), "[{{ number }}]", "Hi\n\n{{answer}}")
    assert kept() == [("reply", "en", "[{{ number }}]", "Hi\n\n{{answer}}")]
    assert admin.get(place(mailbox).rpartition("/reply")[0]).text.count("Own words") == 1
    assert "Hi\n\n{{answer}}" in admin.get(place(mailbox)).text

    assert keep(admin, place(mailbox), "", " ").status_code == 303
    assert kept() == []


@pytest.mark.parametrize(
    ("subject", "body", "fault"),
    [
        ("", "{{ answer }} {{ config }}", "{{ config }}"),
        ("", "{{ answer }} {{ answer.__class__.__mro__ }}", "{{ answer.__class__.__mro__ }}"),
        ("", "{{ answer }} {{7*7}}", "{{ 7*7 }}"),
        ("", "{{ answer }} {{ cycler.__init__.__globals__ }}", "There is no field"),
        ("{{ answer }}", "{{ answer }}", "A subject knows no field"),
        ("", "Hello", "the text needs {{ answer }}"),
        ("Only this", "", "goes with a text"),
    ],
)
def test_what_is_not_listed_is_refused_by_name(admin, mailbox, subject, body, fault):
    for path in (place(mailbox), f"{place(mailbox)}/preview"):
        page = admin.post(path, data={"subject": subject, "body": body})
        assert page.status_code == 422
        assert fault in page.text
    assert kept() == []


@pytest.mark.parametrize(
    "body", ["{% include 'x' %} {{ answer }}", "<script>x()</script>{{ answer }}", "{# #}{{ answer }}"]
)
def test_a_preview_runs_nothing(admin, mailbox, body):
    page = admin.post(f"{place(mailbox)}/preview", data={"body": body})
    assert page.status_code == 200
    assert "<script>x()" not in page.text
    assert "We have sent the invoice again." in page.text
    assert kept() == []


@pytest.mark.parametrize("purpose", ["reply", "acknowledgement"])
@pytest.mark.parametrize(("lang", "name"), [("ja", "見本様"), ("en", "Carol Example")])
def test_the_preview_speaks_as_the_letter_does(admin, mailbox, purpose, lang, name):
    body = "{{ salutation }}\n\n**{{ number }}** {{ signature }}" + (
        "{{ answer }}" if purpose == "reply" else ""
    )
    page = admin.post(f"{place(mailbox, purpose, lang)}/preview", data={"body": body}).text
    assert "<strong>1234</strong> Us" in page
    assert name in page
    assert name in admin.get(place(mailbox, purpose, lang)).text


@pytest.mark.parametrize("there", ["survey/en", "reply/fr"])
def test_there_are_four_places(admin, mailbox, there):
    assert admin.get(f"/desk/settings/mailboxes/{mailbox.id}/templates/{there}").status_code == 404


def acknowledged(mailbox, work_off, postbox, **headers):
    own = {
        "subject": "Got it: {{ subject }}",
        "body": "{{ salutation }}\n\n*Thanks.* {{ subject }} {{ number }}\n\n{{ signature }}",
    }
    db.session.add(MailTemplate(mailbox_id=mailbox.id, purpose="acknowledgement", language="en", **own))
    take(eml("Body of theirs", **headers))
    work_off()
    (letter,) = postbox()
    html = letter.get_body(("html",)).get_content()
    return letter["Subject"], letter.get_body(("plain",)).get_content().replace("\r\n", "\n"), html


def test_the_word_that_a_letter_came_is_the_mailboxs_own(mailbox, work_off, postbox):
    hostile = "{{ signature }} [x](http://evil.example)"
    subject, text, html = acknowledged(
        mailbox, work_off, postbox, subject=hostile, authentication_results=PROVED
    )
    assert subject == f"Got it: {hostile}"
    assert text.startswith(f"Carol\n\nThanks. {hostile} ")
    assert "<em>Thanks.</em>" in html
    assert "<a " not in html.split("<hr")[0]


def test_whoever_is_not_proved_hears_nothing_of_theirs(mailbox, work_off, postbox):
    subject, text, html = acknowledged(
        mailbox, work_off, postbox, subject="Cheap pills", sender="Pills <victim@example.org>"
    )
    assert subject == "Got it:"
    assert text.startswith("Thanks.")
    assert not any(word in part for part in (subject, text, html) for word in ("ills", "theirs"))
