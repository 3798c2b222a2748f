"""Every page in a real browser: nothing that keeps somebody from reading it, nothing that sticks out.

What a page logs as an error and what it asks of other hosts fails the test in `open_page`.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Page

from helpdesk.accounts.models import Agent, Role, Team
from helpdesk.core import jobs
from helpdesk.core.db import db
from helpdesk.customers.models import Contact
from helpdesk.lifecycle.editing import drafts
from helpdesk.surveys import invitations
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Channel
from knowledge_base.writing import editing
from tests.browsing import axe_findings
from tests.conftest import hire

pytestmark = pytest.mark.browser

LOOKS = [
    {"lang": "ja", "size": "desktop"},
    {"lang": "en", "size": "desktop", "dark": True},
    {"lang": "ja", "size": "phone", "dark": True},
    {"lang": "en", "size": "phone"},
]
FOR_EVERYBODY = ["/", "/kb/search?q=請求書", "/kb/search?q=zzzz", "/kb/ja/reissue", "/requests/new", "/chat"]
FOR_EVERYBODY += ["/kb/ja/categories/1", "/portal/sign-in", "/sign-in"]
FOR_STAFF = ["/desk", "/desk?view=resolved"]
FOR_STAFF += ["/desk/tickets/1", "/desk/tickets/2", "/desk/tickets/new", "/desk/chats"]
FOR_STAFF += ["/desk/customers/1/history", "/desk/kb", "/desk/kb/1"]
FOR_STAFF += ["/desk/kb/categories", "/desk/kb/categories/1"]
FOR_STAFF += ["/desk/reports/satisfaction", "/desk/reports/satisfaction/answers", "/desk/reports/lifecycle"]
FOR_STAFF += ["/desk/settings/quarantine"]
_PATH, _RISK = "/desk/settings/stages/2", "/desk/settings/rules/overlay/at_risk"
FOR_STAFF += [
    "/desk/settings/stages",
    "/desk/settings/stages/1",
    _PATH,
    f"{_PATH}/dry-run",
    f"{_PATH}/stages/8",
]
FOR_STAFF += [f"{_PATH}/stages/8/entry-rule", "/desk/settings/rules", _RISK, f"{_RISK}/holds"]
# So tall that nothing lies behind the phone's dock.
TALL = 2400


@dataclass(frozen=True)
class Company:
    """Grace, who leads, and the address of a survey about what Ada resolved."""

    lead: Agent
    survey: str


@pytest.fixture
def company(house: Flask) -> Company:
    """An article, a question that waits, and one that was answered, resolved and asked about."""
    ada, grace = (
        hire(name, role, Team.default()) for name, role in (("Ada", Role.AGENT), ("Grace", Role.LEAD))
    )
    about = editing.Particulars(category="請求書")
    body = "## 手順\n\n1. 開く\n2. 押す\n\n| 操作 | 番号 |\n|---|---|\n| 再発行 | 同じ |\n\n- [ ] 確認する"
    body += (
        "\n\n## 資料\n\nhttps://vimeo.com/1\n\n> [!TRANSCRIPT]\n> 開きます。\n\n```\n"
        + "curl " * 40
        + "\n```"
    )
    article = editing.write(
        "請求書を再発行する", body, lang="ja", by=grace, slug="reissue", particulars=about
    )
    editing.publish(article, by=grace)
    asked("請求書の宛名", "宛名を変更したいのですが、どこで設定できますか。")
    answered = asked("An invoice that nobody can find", "Where-is-it?" * 20)
    answered.note("Look in the archive first.", by=ada)
    answered.reply("**Here** it is.", by=ada)
    answered.tag(["billing", "至急"], by=ada)
    answered.resolve(by=ada)
    db.session.commit()
    jobs.run_due(limit=1000)
    drafts.begin(by=grace)
    survey = urlsplit(invitations.link_for(answered)).path
    db.session.commit()
    return Company(grace, survey)


def asked(subject: str, words: str) -> Ticket:
    asker = Contact.meet("kei@example.jp", "田中 恵子", language="ja")
    ticket = Ticket.open_for(asker, subject=subject, via=Channel.EMAIL)
    ticket.hear(words)
    ticket.opened()
    return ticket


def faults(page: Page, paths: list[str]) -> dict[str, list[str]]:
    """What is wrong with each of the pages, by its path; empty where nothing is."""
    page.set_viewport_size({"width": page.viewport_size["width"], "height": TALL})
    found = {}
    for path in paths:
        page.goto(path)
        found[path] = axe_findings(page) + too_wide(page)
    return {path: wrong for path, wrong in found.items() if wrong}


def too_wide(page: Page) -> list[str]:
    width, room = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    return [f"{width} pixels stand in {room}"] if width > room else []


@pytest.mark.parametrize("looks", LOOKS, ids=lambda looks: f"{looks['lang']}-{looks['size']}")
def test_customers_can_read_every_page(open_page, company, looks):
    page = open_page("/", **looks)

    assert faults(page, [*FOR_EVERYBODY, f"{company.survey}?score=4"]) == {}


@pytest.mark.parametrize("looks", LOOKS, ids=lambda looks: f"{looks['lang']}-{looks['size']}")
def test_staff_can_read_every_page(open_page, company, looks):
    page = open_page("/desk", agent=company.lead, **looks)

    assert faults(page, FOR_STAFF) == {}
