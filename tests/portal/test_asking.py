"""The request form: from a stranger's words to a ticket, and nothing of others in return."""

import io

import pytest
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from helpdesk.core.db import db
from helpdesk.customers.models import Contact
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Channel
from helpdesk.timeline import Event, Kind
from knowledge_base.models import Article, ArticleStatus
from knowledge_base.steps import HelpStep, Step

ASKED = {"name": "Erin", "email": "erin@example.net", "subject": "Printer", "body": "It prints nothing."}


def newest():
    return db.session.scalar(select(Ticket).order_by(Ticket.id.desc()).limit(1))


def thanked(browser, **given):
    """The page that thanks for a request."""
    page = browser.get(browser.post("/requests", data={**ASKED, **given}).location).text
    return page.partition("<main")[2]


def tickets():
    return db.session.scalar(select(func.count(Ticket.id)))


def article(**given):
    made = Article(lang="en", slug="ink", title="Ink is out", body="Refill.", **given)
    db.session.add(made)
    db.session.commit()
    return made


def test_a_strangers_words_become_a_ticket(visit, facts):
    visit().post("/requests", data=ASKED)
    ticket = newest()

    assert (ticket.subject, ticket.channel, ticket.language) == ("Printer", Channel.FORM, "en")
    assert (ticket.contact.name, ticket.contact.address) == ("Erin", "erin@example.net")
    assert ticket.messages[0].proof == "unverified"
    assert Kind.TICKET_OPENED in facts()


def test_the_thanks_show_the_number_and_sign_nobody_in(visit):
    browser = visit()
    thanks = thanked(browser)

    assert f"Its number is {newest().number}." in thanks
    assert "It prints nothing." not in thanks
    assert browser.get("/requests").status_code == 302


def test_a_known_address_gets_no_other_answer(visit, ticket):
    stranger = thanked(visit(), email="carol@example.com")
    number = newest().number
    known = thanked(visit(), email="carol@example.org")

    assert "Our answer goes to carol@example.org, by 18 Sep 2026" in known
    assert known == stranger.replace(f"is {number}.", f"is {newest().number}.").replace(".com", ".org")
    assert newest().contact.name == "Carol"


def test_the_number_is_told_only_to_the_browser_that_asked(visit):
    visit().post("/requests", data=ASKED)

    assert visit().get("/requests/sent").location == "/requests/new"


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("email", "no address", "not an e-mail address"),
        ("name", "", "Type your name."),
        ("email", "", "Type your e-mail address."),
        ("subject", "", "Type a subject."),
        ("body", " ", "Write something first."),
        ("website", "http://spam.example", "must stay empty"),
    ],
)
def test_what_does_not_fit_comes_back_as_it_was_typed(visit, field, value, reason):
    answer = visit().post("/requests", data={**ASKED, field: value})

    assert answer.status_code == 422
    assert reason in answer.text
    kept = "erin@example.net" if field == "name" else "Erin"
    assert kept in answer.text
    assert tickets() == 0


def test_what_is_missing_is_named_in_the_order_of_the_page(visit):
    answer = visit(lang="ja").post("/requests", data={})
    summary = answer.text.partition('class="errors"')[2].partition("</ul>")[0]
    asked = ["お名前を", "メールアドレスを", "件名を", "本文を"]

    places = [summary.find(f"{what}入力してください。") for what in asked]
    assert places == sorted(places)
    assert places[0] > 0


def test_the_reason_is_in_the_readers_language(visit):
    answer = visit(lang="ja").post("/requests", data={**ASKED, "email": "x"})

    assert "メールアドレスの形になっていません" in answer.text


def test_programs_are_refused_by_name_and_reason(visit):
    files = [(io.BytesIO(b"MZ"), "setup.exe"), (io.BytesIO(b"%PDF-"), "a.pdf")]
    answer = visit().post("/requests", data={**ASKED, "files": files})

    assert answer.status_code == 422
    assert "setup.exe (.exe)" in answer.text
    assert tickets() == 0


def test_files_go_with_the_request(visit):
    visit().post("/requests", data={**ASKED, "files": [(io.BytesIO(b"%PDF-1"), "請求書.pdf")]})

    assert [file.name for file in newest().messages[0].attachments] == ["請求書.pdf"]


def test_too_much_comes_back_with_its_words(app, visit):
    app.config["HELPDESK_MAX_UPLOAD"] = app.config["MAX_CONTENT_LENGTH"] = 2 * 2**20
    large = FileStorage(io.BytesIO(b"0" * 3 * 2**20), "a.txt")
    boundary, content = encode_multipart({**ASKED, "files": large})
    answer = visit().post("/requests", data=content, content_type=f"multipart/form-data; boundary={boundary}")

    assert answer.status_code == 422
    assert "too large together (3 MB). Up to 2 MB" in answer.text
    assert "It prints nothing." in answer.text


def test_the_article_that_did_not_help_is_told(visit):
    read = article(status=ArticleStatus.PUBLISHED)
    browser = visit()

    assert "Ink is out" in browser.get(f"/requests/new?article={read.id}&q=ink").text
    browser.post("/requests", data={**ASKED, "article": str(read.id), "q": "ink"})
    told = db.session.scalar(select(Event.details).where(Event.kind == Kind.TICKET_OPENED))
    assert (told["article"], told["query"]) == ("Ink is out", "ink")


def test_a_draft_is_not_betrayed(visit):
    draft = article()

    assert "Ink is out" not in visit().get(f"/requests/new?article={draft.id}").text


def test_what_they_tried_before_is_on_the_timeline(visit, app, facts):
    browser = visit()
    number = "0123456789abcdef" * 2
    db.session.add(HelpStep(visitor=number, step=Step.SEARCHED, lang="en", query="ink", hits=0))
    browser.set_cookie("helpdesk_visitor", number)
    browser.post("/requests", data=ASKED)

    assert facts().count(Kind.HELP_SEARCHED) == 1


def test_who_is_signed_in_is_not_asked_who_they_are(enter, carol):
    browser = enter(carol)
    there = browser.post("/requests", data={"subject": "Printer", "body": "Nothing comes."})

    assert 'name="email"' not in browser.get("/requests/new").text
    assert there.location == f"/requests/{newest().id}"
    assert newest().contact_id == carol.id
    assert newest().messages[0].proof == "verified"


def test_nobody_can_flood_the_desk(app, visit):
    app.config["HELPDESK_RATE_LIMITS"] = True
    for _ in range(20):
        visit().post("/requests", data=ASKED)

    assert visit().post("/requests", data=ASKED).status_code == 429
    assert tickets() == 20


def test_an_answer_to_a_form_goes_out_by_mail(visit, ada, postbox, work_off):
    visit().post("/requests", data=ASKED)
    newest().reply("Try new ink.", by=ada)
    work_off()

    assert postbox()[-1]["To"] == "Erin <erin@example.net>"


def test_the_form_of_a_stranger_never_becomes_an_agent(visit, ada):
    visit().post("/requests", data={**ASKED, "email": ada.email})

    assert Contact.known_as(ada.email).actor_column == "contact_id"
    assert visit().get("/desk").status_code == 302
