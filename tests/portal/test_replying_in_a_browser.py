"""A customer answers on their request's page, and sees that it was sent."""

import pytest
from playwright.sync_api import expect

from helpdesk.core.db import db
from helpdesk.customers.models import Contact
from helpdesk.customers.sessions import ContactSession
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Channel

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_the_page_opens_at_the_reply_and_says_that_it_was_sent(open_page, house, size):
    carol = Contact.meet("carol@example.org", "Carol", language="ja")
    ticket = Ticket.open_for(carol, subject="Printer", via=Channel.FORM)
    for _turn in range(8):
        ticket.hear("It prints nothing.\n\n" * 4)
    ticket.opened()
    held = {"contact": ContactSession.start(carol, "test")}
    db.session.commit()
    address = f"/requests/{ticket.id}"
    db.session.rollback()
    page = open_page("/", lang="ja", size=size)
    cookie = house.session_interface.get_signing_serializer(house).dumps(held)
    page.context.add_cookies(
        [{"name": "helpdesk_session", "value": cookie, "url": house.config["HELPDESK_SITE_URL"]}]
    )
    page.goto(address)
    page.locator("#body").fill("まだ動きません。")
    page.get_by_role("button", name="送信").click()

    expect(page.get_by_text("ご返信を送信しました。")).to_be_in_viewport(ratio=0.9)
    expect(page.locator(".message").last).to_contain_text("まだ動きません。")
    expect(page.locator(".message").last).to_be_in_viewport()
