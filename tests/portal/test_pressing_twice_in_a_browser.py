"""Who presses twice, or once more because no answer came, asks once."""

import pytest
from sqlalchemy import func, select

from helpdesk.core.db import db
from helpdesk.tickets.models import Ticket

pytestmark = pytest.mark.browser
ASKED = {"name": "Erin", "email": "erin@example.net", "subject": "Export", "body": "It is empty."}


@pytest.fixture
def page(chrome, house):
    """The request form, filled in."""
    context = chrome.new_context(base_url=house.config["HELPDESK_SITE_URL"])
    page = context.new_page()
    page.goto("/requests/new")
    for name, words in ASKED.items():
        page.locator(f"#{name}").fill(words)
    yield page
    context.close()


def asked():
    db.session.rollback()
    return db.session.scalar(select(func.count(Ticket.id)))


def test_a_double_press_sends_one_request(page):
    sent = []
    page.on("request", lambda asked: sent.append(asked) if asked.method == "POST" else None)
    page.locator("main form button.button--primary").dblclick()
    page.wait_for_url("**/requests/sent")

    assert (len(sent), asked()) == (1, 1)


def test_who_presses_again_since_no_answer_came_is_told_the_same(page):
    lost = []

    def lose(route):
        lost.append(route.fetch(max_redirects=0).status)
        route.abort()

    page.route("**/requests", lose, times=1)
    page.evaluate(
        "const form = document.querySelector('main form[enctype]');"
        "fetch(form.action, {method: 'post', body: new FormData(form)}).catch(() => 0)"
    )
    page.wait_for_timeout(300)
    page.locator("main form button.button--primary").click()
    page.wait_for_url("**/requests/sent")

    assert (lost, asked()) == ([303], 1)
