"""Sending, taking back, planning and looking twice, as an agent does it: in a real Chromium."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from helpdesk.accounts.models import Agent, Role, Team
from helpdesk.core import jobs
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.customers.models import Contact
from helpdesk.tickets import planning
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.planned import PlannedReply
from helpdesk.tickets.planning import Answer
from helpdesk.tickets.thread import Channel
from tests.browsing import SIZES, axe_findings, cookie_of
from tests.conftest import hire

pytestmark = pytest.mark.browser

LOOKS = [
    {"lang": "ja", "size": "desktop", "dark": True},
    {"lang": "en", "size": "phone"},
]
CARD = ".planned__card"


@pytest.fixture
def agents(house: Flask) -> tuple[Agent, Agent]:
    house.config["HELPDESK_UNDO_SEND"] = 60
    ada, grace = (hire(name, Role.AGENT, Team.default()) for name in ("Ada", "Grace"))
    return ada, grace


@pytest.fixture
def number(house: Flask) -> int:
    """A ticket of 田中 恵子, whose letter names 佐々木 健 in Cc."""
    asker = Contact.meet("kei@example.jp", "田中 恵子", language="ja")
    ticket = Ticket.open_for(asker, subject="請求書の再発行", via=Channel.EMAIL)
    ticket.hear("再発行をお願いします。", recipients={"to": [], "cc": ['"佐々木 健" <ken@example.jp>']})
    ticket.opened()
    db.session.commit()
    return ticket.id


def rest() -> None:
    """Hold nothing of the database while the browser is at work."""
    db.session.rollback()


def write(page: Page, text: str) -> None:
    page.locator("#reply-body").fill(text)
    page.keyboard.press("Control+Enter")


def too_wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def test_an_answer_is_held_taken_back_by_key_and_said(house, agents, number, open_page) -> None:
    ada, grace = agents
    page = open_page(f"/desk/tickets/{number}", agent=ada)
    hers = open_page(f"/desk/tickets/{number}", agent=grace)
    rest()
    write(page, "お調べします。")
    expect(page.locator(CARD)).to_contain_text(re.compile(r"Goes out in 5\d s"))
    expect(page.locator("#composer-says")).to_contain_text("Z takes it back")
    expect(hers.locator(CARD)).to_contain_text("お調べします。")
    expect(hers.locator(f"{CARD} button")).to_have_count(0)

    # The box is empty, so the usual key for "undo" takes the answer back into it.
    page.locator("#reply-body").press("Control+z")
    expect(page.locator("#reply-body")).to_have_value("お調べします。")
    expect(page.locator(CARD)).to_have_count(0)
    expect(hers.locator(CARD)).to_have_count(0)

    write(page, "お調べしました。")
    expect(page.locator(CARD)).to_be_visible()
    page.locator("#reply-body").blur()
    page.keyboard.press("z")
    expect(page.locator("#reply-body")).to_have_value("お調べしました。")
    expect(page.locator("#reply-body")).to_be_focused()

    house.config["HELPDESK_UNDO_SEND"] = 1
    page.keyboard.press("Control+Enter")
    expect(page.locator(CARD)).to_contain_text("Going out")
    jobs.run_due(limit=1000)
    rest()
    expect(page.locator(".thread .message--agent")).to_contain_text("お調べしました。")
    expect(page.locator(CARD)).to_have_count(0)
    expect(hers.locator(".thread .message--agent")).to_contain_text("お調べしました。")


def test_somebody_is_added_by_enter_and_an_answer_planned_by_hand(agents, number, open_page) -> None:
    page = open_page(f"/desk/tickets/{number}", agent=agents[0], size="phone")
    rest()
    page.locator("#reply-body").fill("後日ご連絡します。")
    page.get_by_label("佐々木 健").check()
    page.locator(".composer__adding summary").press("Enter")
    page.locator("#reply-add").fill("lea@example.jp")
    page.locator("#reply-add").press("Enter")
    expect(page.get_by_label("lea@example.jp")).to_be_checked()
    expect(page.get_by_label("佐々木 健")).to_be_checked()

    page.locator(".composer__later summary").press("Enter")
    page.get_by_label("Day and time").fill(f"{now() + timedelta(days=3):%Y-%m-%d}T09:30")
    page.get_by_label("Day and time").press("Enter")
    expect(page.locator(CARD)).to_contain_text("09:30")
    expect(page.locator(CARD)).to_contain_text("Cc 佐々木 健")
    expect(page.locator(CARD)).to_contain_text("Cc lea@example.jp")
    page.get_by_role("button", name="Edit").click()
    expect(page.locator("#reply-body")).to_have_value("後日ご連絡します。")
    expect(page.get_by_label("lea@example.jp")).to_be_checked()


@pytest.mark.parametrize("looks", LOOKS, ids=lambda looks: f"{looks['lang']}-{looks['size']}")
def test_every_card_can_be_read(agents, number, open_page, looks) -> None:
    ada, grace = agents
    ticket = db.session.get_one(Ticket, number)
    tomorrow = now() + timedelta(days=1)
    planning.send(ticket, Answer("まだです。"), by=grace, at=tomorrow)
    ticket.hear("どうなりましたか。")
    planning.send(ticket, Answer("明日です。", copies=["ken@example.jp"], resolves=True), by=ada, at=tomorrow)
    planning.send(ticket, Answer("今です。"), by=ada)
    db.session.commit()
    states = [each.state.value for each in db.session.query(PlannedReply)]
    page = open_page(f"/desk/tickets/{number}", agent=ada, **looks)
    rest()

    assert states == ["overtaken", "waiting", "waiting"]
    expect(page.locator(CARD)).to_have_count(3)
    assert axe_findings(page) == []
    assert not too_wide(page)


@pytest.mark.parametrize("looks", LOOKS, ids=lambda looks: f"{looks['lang']}-{looks['size']}")
def test_the_second_look_is_small_and_one_press_long(house, chrome, agents, number, looks) -> None:
    """In a browser of its own: a refused form is an error to its console."""
    width, height = SIZES[looks["size"]]
    address = house.config["HELPDESK_SITE_URL"]
    context = chrome.new_context(
        base_url=address,
        locale=looks["lang"],
        viewport={"width": width, "height": height},
        color_scheme="dark" if looks.get("dark") else "light",
    )
    cookie = {"name": "helpdesk_session", "value": cookie_of(house, agents[0]), "url": address}
    context.add_cookies([cookie])
    page = context.new_page()
    page.goto(f"/desk/tickets/{number}")
    rest()
    write(page, "佐藤様\n\n見積書を添付いたします。○○の件もご確認ください。")
    expect(page.locator(".composer__guards li")).to_have_count(3)
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert axe_findings(page) == []
    assert not too_wide(page)

    page.locator("[name=anyway]").press("Enter")
    expect(page.locator(CARD)).to_contain_text("佐藤様")
    context.close()


def test_what_was_taken_unheard_is_one_answer_after_a_reload_too(agents, number, open_page) -> None:
    page = open_page(f"/desk/tickets/{number}", agent=agents[0])
    rest()
    # The answer is taken, but the browser never hears of it.
    page.route("**/replies", lambda route: route.fetch(), times=1)
    write(page, "お送りします。")
    expect(page.locator(CARD)).to_have_count(1)
    page.reload()
    expect(page.locator("#reply-body")).to_have_value("お送りします。")
    page.locator("#reply-body").press("Control+Enter")
    expect(page.locator("#reply-body")).to_have_value("")

    assert len(db.session.scalars(select(PlannedReply)).all()) == 1
    # Another answer is another one, though its words are the same.
    rest()
    write(page, "お送りします。")
    expect(page.locator(CARD)).to_have_count(2)


@pytest.mark.parametrize("size", SIZES)
def test_a_long_answer_on_its_way_ends_above_the_box(agents, number, open_page, size) -> None:
    page = open_page(f"/desk/tickets/{number}", agent=agents[0], size=size)
    rest()
    write(page, "\n\n".join(["ご案内いたします。"] * 5))
    expect(page.locator(CARD)).to_be_visible()
    box = page.locator("#composer")
    page.wait_for_timeout(500)

    card = page.locator(CARD).bounding_box()
    assert card["y"] + card["height"] <= min(box.bounding_box()["y"], SIZES[size][1])
