"""Who may see and say what: a chat's cookie opens one ticket, and no site speaks for its visitor."""

import pytest

from helpdesk.chat.models import ChatSession
from helpdesk.core.db import db
from helpdesk.core.files import keep
from tests.chat.conftest import STARTED, proof, say


def test_a_claimed_address_shows_nothing_of_its_past(begin, ticket):
    browser = begin(email="carol@example.org", name="Carol")

    assert "Invoice lost" not in browser.get("/chat").text
    assert "I cannot find my invoice." not in browser.get("/chat/lines").text
    assert browser.get("/requests").status_code == 302


def test_one_chat_does_not_open_another(begin):
    first = begin(body="canary of the first")
    second = begin(email="second@example.net")

    assert "canary" not in second.get("/chat").text
    mark = proof(first)
    assert second.post("/chat/messages", data={"body": "x", "proof": mark}).status_code == 400


def test_a_made_up_cookie_opens_nothing(visit, begin):
    begin()
    browser = visit()
    browser.set_cookie("helpdesk_chat", "guess")

    assert "My export" not in browser.get("/chat").text
    for place in ("/chat/lines", "/chat/events"):
        assert browser.get(place).status_code == 404


def test_only_a_hash_of_the_token_is_kept(begin):
    token = begin().get_cookie("helpdesk_chat").value

    assert db.session.query(ChatSession).one().token_hash != token


def test_notes_never_reach_the_window(begin, talked, ada):
    browser = begin()
    talked().note("canary", by=ada)
    talked().tag(["canary"], by=ada)

    assert "canary" not in browser.get("/chat").text
    assert "canary" not in browser.get("/chat/lines").text


def test_files_of_the_thread_are_shown_and_those_of_notes_not(begin, talked, ada):
    browser, kept = begin(), keep(b"%PDF-1", "a.pdf")
    talked().reply("See.", by=ada).attach(kept, "a.pdf")
    talked().note("x", by=ada).attach(kept, "a.pdf")
    db.session.commit()
    public, hidden = (message.attachments[0].id for message in talked().messages[1:])

    with browser.get(f"/chat/files/{public}/a.pdf") as shown:
        assert shown.data == b"%PDF-1"
    assert browser.get(f"/chat/files/{hidden}/a.pdf").status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example.com"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_site_starts_no_chat_in_a_visitors_name(app, visit, talked, headers):
    app.config["WTF_CSRF_ENABLED"] = True

    assert visit().post("/chat", data=STARTED, headers=headers).status_code == 400
    assert talked() is None


def test_a_turn_without_the_mark_of_its_page_is_refused(app, begin, talked):
    browser = begin()
    app.config["WTF_CSRF_ENABLED"] = True

    for place in ("/chat/messages", "/chat/end", "/chat/transcript"):
        assert browser.post(place, data={"body": "x"}).status_code == 400
    assert len(talked().messages) == 1


def test_our_own_page_may_with_every_guard_on(app, begin, talked):
    browser = begin()
    app.config["WTF_CSRF_ENABLED"] = True
    answer = say(browser, "Hello?", headers={"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"})

    assert answer.status_code == 303
    assert talked().messages[-1].body == "Hello?"


def test_what_visitors_write_is_text_not_a_page(begin):
    assert "<script>alert" not in begin(body="<script>alert(1)</script>").get("/chat").text


def test_the_stream_names_this_ticket_alone(app, begin, talked):
    browser = begin()
    with browser.get("/chat/events", buffered=False) as stream:
        listeners = app.extensions["helpdesk.hub"]._listeners

        assert stream.mimetype == "text/event-stream"
        assert [listener.topics for listener in listeners] == [{f"ticket-{talked().id}"}]


def test_turns_are_throttled(app, begin):
    browser = begin()
    mark = proof(browser)
    app.config["HELPDESK_RATE_LIMITS"] = True
    answers = [browser.post("/chat/messages", data={"proof": mark, "body": "x"}) for _ in range(31)]

    assert [answer.status_code for answer in answers[-2:]] == [303, 429]
