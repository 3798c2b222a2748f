"""The same walk as people take it: a real Chromium, a real mail server, real waiting."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from helpdesk.accounts.models import Agent, Role, Team
from helpdesk.channels.email.commands import mail
from helpdesk.core import jobs
from helpdesk.core.db import db
from tests.conftest import PASSWORD, hire
from tests.mail_server import MailServer, running

LETTER = Path(__file__).parent / "letters" / "order_of_the_walk.eml"

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


@pytest.fixture
def letters(house: Flask) -> Iterator[MailServer]:
    """Where the house's letters arrive; its surveys leave at once."""
    with running() as (server, address):
        house.config.update(
            HELPDESK_SMTP_URL=address, HELPDESK_SURVEY_DELAY=timedelta(0), HELPDESK_SURVEY_QUIET_HOURS=""
        )
        yield server


@pytest.fixture
def arrived(house: Flask, letters: MailServer) -> str:
    """The number of the ticket that the letter became, with Ada and Grace at work."""
    for name, role in (("Ada", Role.AGENT), ("Grace", Role.LEAD)):
        hire(name, role, Team.default())
    run = house.test_cli_runner().invoke(mail, ["receive", str(LETTER)])
    jobs.run_due(limit=1000)
    return re.search(r'"ticket": "(\d+)"', run.output).group(1)


def sign_in(page: Page, name: str) -> None:
    page.get_by_label("メールアドレス").fill(f"{name}@helpdesk.example.com")
    page.get_by_label("パスワード").fill(PASSWORD)
    page.get_by_role("button", name="サインイン").click()


def test_letter_answer_survey_report(
    arrived: str, letters: MailServer, open_page: Callable[..., Page]
) -> None:
    desk = open_page("/desk?view=unassigned", lang="ja")
    sign_in(desk, "ada")
    desk.goto("/desk?view=unassigned")
    desk.get_by_role("link", name=re.compile("請求書")).first.click()
    expect(desk.get_by_text("請求書_9月.pdf")).to_be_visible()
    expect(desk.locator(".strip")).to_contain_text("見込み")

    desk.locator("#reply-body").fill("再発行した請求書をお送りします。")
    desk.get_by_role("button", name="送信して解決").click()
    expect(desk.locator(".thread")).to_contain_text("再発行した請求書をお送りします。")
    expect(desk.locator("#ticket-header")).to_contain_text("解決")
    jobs.run_due(limit=1000)
    jobs.run_due(limit=1000)
    answer, invitation = letters.letters
    assert "再発行した請求書をお送りします。" in answer.get_body(("plain",)).get_content()

    path = re.search(r"/surveys/[\w-]+", invitation.get_body(("plain",)).get_content()).group()
    customer = open_page(path, lang="ja")
    customer.locator("label", has_text="5").first.click()
    customer.get_by_role("button").last.click()
    customer.locator("textarea").fill("早くて助かりました")
    customer.locator("label", has_text="7").first.click()
    customer.get_by_role("button").last.click()
    db.session.rollback()

    lead = open_page("/desk/reports/satisfaction", lang="ja")
    sign_in(lead, "grace")
    lead.goto("/desk/reports/satisfaction/answers")
    expect(lead.get_by_text("早くて助かりました")).to_be_visible()
    lead.locator(f'a[href="/desk/tickets/{arrived}"]').first.click()
    expect(lead).to_have_url(re.compile(f"/desk/tickets/{arrived}"))


def test_agent_role_is_not_enough_for_the_report(
    arrived: str, house: Flask, open_page: Callable[..., Page]
) -> None:
    ada = Agent.by_email("ada@helpdesk.example.com")
    page = open_page("/desk", agent=ada)

    assert page.request.get("/desk/reports/satisfaction").status == 403
