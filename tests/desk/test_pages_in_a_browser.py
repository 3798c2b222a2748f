"""Search, customers and settings in a real browser: for everybody, small and large, light and dark."""

import re

import pytest
from playwright.sync_api import expect

from helpdesk.accounts.models import Role, Team
from helpdesk.core.db import db
from helpdesk.customers.models import Contact
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Channel
from tests.browsing import axe_findings
from tests.conftest import hire

pytestmark = pytest.mark.browser

PAGES = [
    "/desk/search?q=請求書",
    "/desk/search",
    "/desk/customers",
    "/desk/customers/1",
    "/desk/customers/1/edit",
]
PAGES += ["/desk/settings", "/desk/settings/people/new", "/desk/settings/people/1", "/desk/settings/teams"]
PAGES += ["/desk/settings/account", "/desk/settings/tokens"]


@pytest.fixture
def root(house):
    """Root, and 田中 恵子 with a question and its answer."""
    admin = hire("Root", Role.ADMIN, Team.default())
    ticket = Ticket.open_for(Contact.meet("kei@example.jp", "田中 恵子"), subject="宛名", via=Channel.FORM)
    ticket.hear("請求書の宛名を変更したいです。")
    ticket.opened()
    ticket.reply("変更できます。", by=admin)
    db.session.commit()
    return admin


def is_too_wide(page):
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


@pytest.mark.parametrize("looks", [{"lang": "ja"}, {"lang": "en", "size": "phone", "dark": True}], ids=str)
def test_every_page_can_be_read_by_everybody(open_page, root, looks):
    page, faults = open_page("/desk", agent=root, **looks), {}
    # So tall that nothing scrolls below the phone's dock.
    page.set_viewport_size({"width": page.viewport_size["width"], "height": 3000})
    for path in PAGES:
        page.goto(path)
        found = axe_findings(page)
        if found or is_too_wide(page):
            faults[path] = found

    assert faults == {}


def test_a_search_is_walked_by_keys(open_page, root):
    page = open_page("/desk", agent=root)
    page.keyboard.press("/")
    page.keyboard.type("請求書")
    page.keyboard.press("Enter")
    expect(page.locator("mark").first).to_have_text("請求書")
    page.locator("h1").click()
    page.keyboard.press("j")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile("/desk/tickets/1$"))
