"""A real Chromium before pages full of hostile words: what ran, or was kept from it, is an error there."""

import pytest

from helpdesk.accounts.models import Agent, Role, Team
from helpdesk.channels.email.arriving.receiving import take
from helpdesk.core.db import db
from helpdesk.lifecycle import presets
from helpdesk.tickets.models import Ticket
from knowledge_base.writing import editing
from tests.conftest import hire
from tests.security.payloads import PAYLOADS
from tests.security.test_hostile import _letter

# All but pictures: one that is not there is an error of the page too.
ALL = "\n\n".join(words for words in PAYLOADS if not words.startswith("!["))
pytestmark = pytest.mark.browser


@pytest.fixture
def root(house) -> Agent:
    presets.ensure_default()
    return hire("Root", Role.ADMIN, Team.default())


@pytest.fixture
def ticket(house, root) -> Ticket:
    """One with all of the words, in each of its places."""
    ticket = db.session.get(Ticket, int(take(_letter(PAYLOADS[0])).ticket))
    ticket.hear(ALL, html=f"<p>{ALL}</p>")
    ticket.note(ALL, by=root)
    ticket.reply(ALL, by=root)
    ticket.tag(PAYLOADS[:20], by=root)
    ticket.customer.change(name=PAYLOADS[12], note=ALL)
    ticket.contact.name = PAYLOADS[13]
    editing.publish(editing.write(PAYLOADS[0], ALL, lang="en", by=root, slug="poison"), by=root)
    db.session.commit()
    return ticket


DESK = ("/desk?view=all", "/desk/tickets/{ticket}", "/desk/customers/{customer}", "/desk/kb", "/desk/kb/1")


@pytest.mark.parametrize("place", DESK)
def test_nothing_runs_at_the_desk(open_page, ticket, root, place):
    page = open_page(place.format(ticket=ticket.id, customer=ticket.customer_id), agent=root)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    page.wait_for_timeout(300)

    assert page.locator("h1, h2").count() > 0
    assert page.evaluate("Object.keys(window).filter(name => name.startsWith('xss'))") == []


@pytest.mark.parametrize(
    "place", ["/kb/en/poison", "/kb/search?q=script", "/", "/requests/new?q=%3Cimg src=x%3E"]
)
def test_nothing_runs_in_the_help_centre(open_page, ticket, place):
    page = open_page(place)
    page.wait_for_timeout(200)

    assert page.locator("main").count() == 1


def test_an_answer_is_swapped_in_as_words(open_page, ticket, root):
    page = open_page(f"/desk/tickets/{ticket.id}", agent=root)
    # Braces would be held back as the place of a forgotten name.
    page.fill("textarea[name=body]", ALL[:3000].replace("{{", "{ {"))
    page.locator("#composer button[type=submit], form button:has-text('Send')").first.click()
    page.wait_for_timeout(600)

    assert page.locator("article.message").count() >= 4
