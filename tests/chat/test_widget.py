"""The chat on other people's sites: only where the settings allow it."""

import json
import re

import pytest

from helpdesk.config import BadSettings, load
from tests.chat.conftest import STARTED


def ancestors(answer):
    return answer.headers["Content-Security-Policy"].partition("frame-ancestors ")[2]


def test_the_script_may_be_loaded_from_any_site(visit):
    answer = visit().get("/widget.js")

    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Chat with us" in answer.text
    assert "Set-Cookie" not in answer.headers


def test_the_script_speaks_the_readers_language(visit):
    answer = visit(lang="ja").get("/widget.js")
    words = json.loads(re.search(r"words = (.*);", answer.text)[1])

    assert words["open"] == "チャットで相談"
    assert "Accept-Language" in answer.headers["Vary"]


def test_no_site_but_our_own_may_frame_the_chat(visit):
    assert ancestors(visit().get("/chat?embedded=1")) == "'self'"
    assert ancestors(visit().get("/chat")) == "'none'"
    assert ancestors(visit().get("/requests/new?embedded=1")) == "'none'"


def test_the_settings_name_the_sites_that_may(app, visit):
    app.config["HELPDESK_WIDGET_ORIGINS"] = ("https://www.example.com",)

    assert ancestors(visit().get("/chat?embedded=1")) == "'self' https://www.example.com"
    assert ancestors(visit().post("/chat?embedded=1", data={})) == "'self' https://www.example.com"


def test_origins_are_read_with_spaces_and_commas(monkeypatch):
    monkeypatch.setenv("HELPDESK_WIDGET_ORIGINS", "https://a.example, https://*.b.example:8443")

    assert load().widget_origins == ("https://a.example", "https://*.b.example:8443")


@pytest.mark.parametrize("bad", ["www.example.com", "https://a.example/path", "https://a;script-src *", "*"])
def test_what_is_no_origin_stops_the_start(monkeypatch, bad):
    monkeypatch.setenv("HELPDESK_WIDGET_ORIGINS", bad)

    with pytest.raises(BadSettings, match="HELPDESK_WIDGET_ORIGINS"):
        load()


def test_the_frame_stays_a_frame(visit):
    browser = visit()

    assert "portal-header" not in browser.get("/chat?embedded=1").text
    assert browser.post("/chat?embedded=1", data=STARTED).location == "/chat?embedded=1"
    assert 'action="/chat/messages?embedded=1"' in browser.get("/chat?embedded=1").text


def test_agents_learn_on_which_page_it_was_opened(begin, talked, desk):
    begin(page="https://www.example.com/pricing")
    begin(page="javascript:alert(1)", email="b@example.net")

    page = desk.get("/desk/chats").text
    assert "https://www.example.com/pricing" in page
    assert "javascript" not in page.partition("<main")[2]


def test_in_production_the_frames_cookie_belongs_to_that_site_alone(app):
    app.config["SESSION_COOKIE_SECURE"] = True
    answer = app.test_client().post("/chat?embedded=1", data=STARTED, base_url="https://localhost")
    cookie = answer.headers["Set-Cookie"]

    for word in ("__Host-helpdesk_chat=", "Secure", "HttpOnly", "SameSite=None", "Partitioned"):
        assert word in cookie
