"""Hostile words through every door, looked for on every page that shows them."""

import base64
from email.message import EmailMessage
from urllib.parse import quote

import pytest
from sqlalchemy import select

from helpdesk.channels.email.arriving.receiving import take
from helpdesk.core.db import db
from helpdesk.core.mail import Letter
from helpdesk.core.spreadsheets import csv_bytes
from helpdesk.customers.models import Contact
from helpdesk.customers.sessions import ContactSession
from helpdesk.surveys.models import Survey
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Message
from knowledge_base.writing import editing
from knowledge_base.writing.editing import Particulars
from tests.security.pages import faults
from tests.security.payloads import PAYLOADS

ALL = "\n\n".join(PAYLOADS)
# Where what is asked comes back.
ECHOES = (
    "/kb/search?q={}",
    "/kb/suggestions?q={}",
    "/requests/new?q={}&article={}",
    "/requests/articles?q={}",
    "/chat?page={}&embedded={}",
    "/sign-in?next={}",
    "/portal/sign-in?next={}",
    "/desk?view={}&from={}&tag={}&stage={}",
    "/desk/search?q={}",
    "/desk/customers?q={}&stage={}&sort={}",
    "/desk/kb?q={}&status={}",
    "/desk/kb/new?title={}",
    "/desk/kb/suggestions?q={}&lang={}",
    "/desk/reports/satisfaction?from={}&by={}&stage={}",
    "/desk/reports/lifecycle?stage={}",
    "/kb/en/{}",
    "/portal/links/{}",
)
FORMS = (
    "/requests",
    "/chat",
    "/sign-in",
    "/portal/sign-in",
    "/desk/tickets",
    "/desk/kb",
    "/desk/settings/tokens",
)
FIELDS = (
    "subject",
    "body",
    "name",
    "email",
    "address",
    "title",
    "q",
    "article",
    "website",
    "next",
    "page",
    "slug",
)


@pytest.fixture
def poisoned(town, app, ada):
    """A letter for each of the words, which agents then use everywhere else."""
    ada.name, ada.signature = PAYLOADS[0], ALL
    taken = [take(_letter(words)) for words in PAYLOADS]
    tickets = [db.session.get(Ticket, int(each.ticket)) for each in taken]
    for ticket, words in zip(tickets, PAYLOADS, strict=True):
        ticket.contact.name = ticket.contact.department = ticket.customer.note = words
        ticket.customer.change(name=words, kana=words)
        ticket.note(words, by=ada)
        ticket.reply(words, by=ada)
        ticket.tag([words, "b"], by=ada)
        ticket.change(topic=words, by=ada)
        ticket.resolve(by=ada)
    db.session.commit()
    _answer_surveys(tickets)
    told = Particulars(category=ALL[:80], tags=PAYLOADS[:9], questions=PAYLOADS)
    article = editing.write(PAYLOADS[0], ALL, lang="en", by=ada, particulars=told, slug="poison")
    editing.publish(article, by=ada)
    db.session.commit()
    return [ticket.id for ticket in tickets]


def test_no_agents_page_runs_them(poisoned, come, town):
    browser = come("root")
    pages = ["/desk?view=all", "/desk?view=resolved", "/desk/chats", "/desk/customers", "/desk/kb", "/desk"]
    pages += [
        "/desk/search?q=script",
        "/desk/reports/satisfaction?by=topic",
        "/desk/reports/satisfaction/answers",
    ]
    pages += ["/desk/settings", "/desk/reports/lifecycle", "/desk/settings/quarantine", "/kb/en/poison"]
    for number in poisoned:
        customer = db.session.get(Ticket, number).customer_id
        pages += [
            f"/desk/tickets/{number}",
            f"/desk/customers/{customer}",
            f"/desk/customers/{customer}/history",
        ]

    assert _running(browser, pages) == {}
    assert "xss" in browser.get(f"/desk/tickets/{poisoned[0]}").text


def test_no_frame_runs_them(poisoned, come):
    framed = db.session.scalars(select(Message).where(Message.html.is_not(None))).all()
    browser = come("root")
    pages = [f"/desk/tickets/{message.ticket_id}/messages/{message.id}/html" for message in framed]
    found = _running(browser, pages)

    assert len(pages) >= len(PAYLOADS)
    assert {each.count("<base>") for each in found.values()} <= {1}
    assert {fault for each in found.values() for fault in each if not _is_plain_style(fault)} == set()


def test_no_customers_page_runs_them(poisoned, visit, come):
    pages = [
        "/",
        "/kb/en/poison",
        "/kb/search?q=script",
        "/sitemap.xml",
        "/kb/en/categories/" + quote(ALL[:80]),
    ]

    assert _running(visit(), pages) == {}
    for number in poisoned[::6]:
        browser = _as_contact(visit, db.session.get(Ticket, number).contact)
        assert _running(browser, ["/requests", f"/requests/{number}", "/"]) == {}


def test_no_letter_of_ours_runs_them(poisoned, work_off, clock):
    work_off()
    letters = db.session.scalars(select(Letter)).all()
    found = {letter.id: faults(letter.html) for letter in letters if letter.html}

    assert len(found) >= len(PAYLOADS)
    assert {fault for each in found.values() for fault in each if "style" not in fault} == set()


@pytest.mark.parametrize("place", ECHOES)
def test_what_is_asked_comes_back_as_words(come, town, place):
    browser = come("ada" if place.startswith("/desk") else "nobody")
    browser = come("grace") if "/reports" in place else browser
    asked = [place.replace("{}", quote(words, safe="")) for words in PAYLOADS]

    assert _running(browser, asked) == {}


@pytest.mark.parametrize("place", FORMS)
def test_what_is_typed_wrongly_comes_back_as_words(come, town, place):
    browser = come("ada" if place.startswith("/desk") else "nobody")
    answers = [browser.post(place, data=dict.fromkeys(FIELDS, words)) for words in PAYLOADS]

    assert [found for answer in answers if (found := faults(answer.text))] == []


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\0=1", "  =1", "＝1", "－1", "＠a", "＋1"],
)
def test_no_table_holds_a_formula(cell):
    written = csv_bytes([[cell, 5, -3]]).decode("utf-8-sig")

    assert written.startswith("\"'")
    assert "\0" not in written
    assert written.rstrip().endswith(",5,-3")


def test_no_name_is_a_formula_in_a_report(come, town, ada):
    ada.name = '=HYPERLINK("https://evil.example")'
    survey = db.session.scalar(select(Survey))
    survey.answer(csat=5)
    survey.agent_id = ada.id
    db.session.commit()
    table = come("root").get("/desk/reports/satisfaction.csv?by=agent").text

    assert "\"'=HYPERLINK" in table


@pytest.mark.parametrize(
    "words", ["Eve\r\nBcc: all@example.org", "Eve\nX-A: 1\n\nbody", "Eve\x0bBcc: a", "E\u2028B: c"]
)
def test_no_name_and_no_subject_writes_headers(visit, work_off, postbox, ada, words):
    visit().post("/requests", data={"name": words, "email": "eve@e.example", "subject": words, "body": "x"})
    ticket = db.session.scalar(select(Ticket).order_by(Ticket.id.desc()))
    ticket.contact.name = words
    ticket.reply("Yes.", by=ada)
    Letter.write(recipient="eve@e.example", subject=words, text="x")
    work_off()

    assert len(postbox()) == 2
    for letter in postbox():
        assert not {"bcc", "x-a", "b"} & {name.lower() for name in letter}


@pytest.mark.parametrize(
    "recipient", ["a@b.c, d@e.f", "a@b.c\r\nBcc: d@e.f", "a@b.c>\r\nRCPT TO:<d@e.f", "nobody"]
)
def test_no_recipient_is_two(app, work_off, postbox, recipient):
    Letter.write(recipient=recipient, subject="x", text="x")
    work_off()

    assert all(len(letter["To"].addresses) == 1 and "Bcc" not in letter for letter in postbox())


def test_names_of_files_are_no_paths(visit, app, ada, tmp_path):
    names = [
        "../../evil.txt",
        "..\\..\\evil.txt",
        "/etc/cron.d/evil",
        "C:\\evil.txt",
        "a\0b.txt",
        "...",
        "con.txt",
    ]
    before = {path for path in tmp_path.rglob("*") if "home" not in path.parts}
    for name in names:
        take(_letter("x", file=name))
    kept = {path.name for path in (tmp_path / "home" / "files").rglob("*") if path.is_file()}

    assert {path for path in tmp_path.rglob("*") if "home" not in path.parts} == before
    assert all(len(name) == 64 for name in kept)
    shown = [file.name for message in db.session.scalars(select(Message)) for file in message.attachments]
    assert not [name for name in shown if {"/", "\\", "\0"} & {*name} or name.startswith(".")]


@pytest.mark.parametrize(
    "path", ["..%2f..%2fpyproject.toml", "../helpdesk/config.py", "%2e%2e/x", "..\\x", "%00"]
)
def test_nothing_is_served_from_elsewhere(visit, path):
    assert visit().get(f"/static/{path}").status_code == 404


def _letter(words: str, file: str | None = None) -> bytes:
    """Its name, subject, text, HTML and file all say `words`."""
    coded = "=?utf-8?b?" + base64.b64encode(words.encode()).decode() + "?="
    letter = EmailMessage()
    letter["To"] = "support@helpdesk.example.com"
    letter.set_content(words)
    letter.add_alternative(f"<p>{words}</p><p title='{words}'>{words}", subtype="html")
    letter.add_attachment(words.encode(), maintype="text", subtype="plain", filename=file or words[:60])
    number = PAYLOADS.index(words) if words in PAYLOADS else 0
    head = f"From: {coded} <eve{number}@evil{number}.example>\r\nSubject: {coded}\r\n"
    return head.encode() + letter.as_bytes()


def _answer_surveys(tickets: list[Ticket]) -> None:
    for ticket, words in zip(tickets, PAYLOADS, strict=True):
        survey = db.session.scalar(select(Survey).where(Survey.ticket_id == ticket.id))
        survey.answer(csat=1, comment=words)
    db.session.commit()


def _running(browser, pages: list[str]) -> dict[str, list[str]]:
    """The pages in which something could run, and what."""
    found = {}
    for page in pages:
        answer = browser.get(page)
        assert answer.status_code < 500, page
        if answer.status_code == 200 and (could := faults(answer.text)):
            found[page] = could
    return found


def _is_plain_style(fault: str) -> bool:
    """The frame's page has a style and a base of its own, and may have colours of its stranger's."""
    return fault in ("<style>", "<base>") or fault.endswith(" style")


def _as_contact(visit, contact: Contact):
    browser = visit()
    token = ContactSession.start(contact, "test")
    db.session.commit()
    with browser.session_transaction() as session:
        session["contact"] = token
    return browser
