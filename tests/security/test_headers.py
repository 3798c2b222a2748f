"""What every answer carries: a policy that runs nothing of others, and what caches may keep."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from helpdesk.app import create_app
from helpdesk.core.db import db
from tests.conftest import PASSWORD, Browser
from tests.security.pages import faults
from tests.security.rights import lines

TEMPLATES = Path(__file__).parents[2] / "templates"
PROGRAM = {"HX-Request": "true"}


@pytest.mark.parametrize("who", ["nobody", "carol", "mallory", "ada", "root"])
def test_every_answer_is_guarded(come, town, who):
    browser = come(who)
    answers = [(line[2], browser.get(line[2])) for line in lines(town, "GET")]

    assert [(place, fault) for place, answer in answers for fault in unguarded(answer)] == []


@pytest.mark.parametrize("who", ["nobody", "carol", "ada", "root"])
def test_no_page_has_anything_inline(come, town, who):
    browser, frame = come(who), "tickets.frame"
    pages = [(line[2], browser.get(line[2])) for line in lines(town, "GET") if line[1] != frame]
    html = [(place, page.text) for place, page in pages if page.mimetype == "text/html"]
    for _place, page in pages:
        page.close()

    assert len(html) > 20
    assert [(place, found) for place, text in html if (found := faults(text))] == []


@pytest.mark.parametrize("who", ["carol", "ada", "root"])
def test_what_is_private_stays_in_no_cache(come, town, who):
    browser = come(who)
    own = [line for line in lines(town, "GET") if line[3][0] in (302, 404, 401)]
    kept = {line[2]: closed(browser.get(line[2])).headers["Cache-Control"] for line in own}
    shared = {place: said for place, said in kept.items() if "no-store" not in said and "private" not in said}

    assert shared == {}


def test_failures_are_guarded_too(app, come, town, monkeypatch):
    browser = come("ada")
    monkeypatch.setattr("helpdesk.desk.views.boxes.read", lambda *_: 1 / 0)
    app.config["WTF_CSRF_ENABLED"] = True
    answers = {
        404: browser.get("/nowhere"),
        405: browser.post("/kb/search", headers={"X-CSRFToken": "x"}),
        400: browser.post("/language"),
        403: browser.get("/desk/settings"),
        500: browser.get("/desk"),
    }

    assert {code: answer.status_code for code, answer in answers.items() if code not in (405,)} == {
        code: code for code in answers if code != 405
    }
    assert [fault for answer in answers.values() for fault in unguarded(answer) + faults(answer.text)] == []


def test_parts_of_pages_are_guarded_too(come, town):
    browser = come("ada")
    parts = [
        browser.post(f"/desk/tickets/{town.ticket}/notes", data={"body": "x"}, headers=PROGRAM),
        browser.post(f"/desk/tickets/{town.ticket}/replies", data={"body": ""}, headers=PROGRAM),
        browser.post(f"/desk/tickets/{town.ticket}/tags", data={"tags": "a"}, headers=PROGRAM),
        browser.get("/kb/suggestions?q=inv", headers=PROGRAM),
    ]

    assert [fault for part in parts for fault in unguarded(part) + faults(part.text)] == []


def test_files_of_strangers_cannot_run(come, town):
    ours = come("ada").get(f"/desk/tickets/{town.ticket}/files/{town.attachment}/a.png")
    theirs = come("carol").get(f"/requests/{town.ticket}/files/{town.attachment}/a.png")

    for answer in map(closed, (ours, theirs)):
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert "private" in answer.headers["Cache-Control"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_strangers_html_is_caged(come, town):
    page = come("ada").get(f"/desk/tickets/{town.ticket}/messages/{town.message}/html")
    policy = page.headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert not {"allow-scripts", "allow-same-origin", "allow-forms", "script-src"} & {*policy.split()}


def test_only_named_sites_show_the_chat_in_a_frame(app, come, town):
    browser = come("nobody")
    app.config["HELPDESK_WIDGET_ORIGINS"] = ("https://shop.example",)

    framed = browser.get("/chat?embedded=1").headers["Content-Security-Policy"]
    assert framed.endswith("frame-ancestors 'self' https://shop.example")
    for place in ("/chat", "/", "/portal/sign-in?embedded=1", "/desk?embedded=1"):
        assert "frame-ancestors 'none'" in browser.get(place).headers["Content-Security-Policy"]


@pytest.fixture
def production(app: Flask, ada) -> Iterator[Flask]:
    """The same house, reached over https."""
    settings = app.extensions["helpdesk.settings"].model_copy(update={"site_url": "https://help.example"})
    made = create_app(settings)
    made.config["WTF_CSRF_ENABLED"] = False
    made.test_client_class = Browser
    yield made
    with made.app_context():
        db.engine.dispose()


def test_cookies_over_https_are_ours_alone(production, ada, town):
    browser = production.test_client()
    browser.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0"
    over = {"base_url": "https://help.example"}
    form = {"email": ada.email, "password": PASSWORD}
    chat = {"name": "Erin", "email": "erin@example.net", "body": "Hello"}
    answers = [
        browser.get("/kb/search?q=invoice", **over),
        browser.post("/sign-in", data=form, **over),
        browser.post("/language", data={"language": "ja"}, **over),
        browser.post("/chat", data=chat, **over),
        browser.post("/chat?embedded=1", data=chat, **over),
    ]
    cookies = [cookie for answer in answers for cookie in answer.headers.getlist("Set-Cookie")]

    assert {cookie.partition("=")[0] for cookie in cookies} >= {"__Host-helpdesk", "__Host-helpdesk_chat"}
    for cookie in cookies:
        said = {part.strip().partition("=")[0].lower() for part in cookie.split(";")[1:]}
        assert said >= {"secure", "httponly", "samesite", "path"}, cookie
        assert "domain" not in said
    assert all("Strict-Transport-Security" in answer.headers for answer in answers)


def test_a_frame_on_another_site_has_its_chat_to_itself(production, town):
    browser = production.test_client()
    chat = {"name": "Erin", "email": "erin@example.net", "body": "Hello"}
    given = browser.post("/chat?embedded=1", data=chat, base_url="https://help.example").headers["Set-Cookie"]

    assert "SameSite=None" in given
    assert "Partitioned" in given


@pytest.mark.parametrize("file", sorted(TEMPLATES.rglob("*.html")), ids=lambda file: file.name)
def test_no_template_says_that_strangers_words_are_safe(file):
    """Only what the one cleaner made is shown as it is: Python hands it over as Markup."""
    text = file.read_text()
    is_letter = file.relative_to(TEMPLATES).parts[0] == "mail"

    assert "autoescape false" not in text
    assert is_letter or "| safe" not in text.replace("|safe", "| safe")


def closed(answer):
    """The answer, its file or stream let go of."""
    answer.close()
    return answer


def unguarded(answer) -> list[str]:
    """What an answer lacks."""
    headers = answer.headers
    policy = headers.get("Content-Security-Policy", "")
    wanted = {
        "policy": "default-src 'none'" in policy,
        "unsafe": "unsafe-eval" not in policy and ("unsafe-inline" not in policy or "sandbox" in policy),
        "sniffing": headers.get("X-Content-Type-Options") == "nosniff",
        "referrer": headers.get("Referrer-Policy") in ("same-origin", "no-referrer"),
        "cache": bool(headers.get("Cache-Control")),
        "program": "Server" not in headers or "Python" not in headers["Server"],
    }
    answer.close()
    return [name for name, is_there in wanted.items() if not is_there]
