"""A real house on a real port, and a real Chromium before it."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from helpdesk.accounts.models import Agent, AgentSession
from helpdesk.app import create_app
from helpdesk.config import Settings
from helpdesk.core.db import db
from tests import houses

# Chromium talks to no one but the page under test.
QUIET = ("--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run")
QUIET += ("--disable-background-networking", "--disable-component-update", "--disable-sync")
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}


def chromium() -> str | None:
    """The browser to test with, None where there is none."""
    named = os.environ.get("HELPDESK_CHROMIUM")
    return named or shutil.which("chromium") or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def chrome() -> Iterator[Browser]:
    """One Chromium for all tests of a process."""
    program = chromium()
    if program is None:
        pytest.skip("no Chromium here")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*QUIET, "--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def house(prepared_house: Settings, tmp_path: Path) -> Iterator[Flask]:
    """The whole house behind a real port; `house.config["HELPDESK_SITE_URL"]` is its address."""
    with houses.copied(prepared_house, tmp_path / "home") as chosen:
        server = make_server("127.0.0.1", 0, Flask("door"), threaded=True)
        address = f"http://127.0.0.1:{server.server_port}"
        app = create_app(chosen.model_copy(update={"site_url": address}))
        server.app = app
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        with app.app_context():
            yield app
            db.session.remove()
        server.shutdown()
        thread.join()
        db_of(app)


@pytest.fixture
def open_page(chrome: Browser, house: Flask) -> Iterator[Callable[..., Page]]:
    """`open_page("/desk", agent=ada, lang="ja", size="phone")`: a page of a browser of its own.

    Whatever the page logs as an error, and any call to another host, fails the test.
    """
    contexts, faults = [], []
    address = house.config["HELPDESK_SITE_URL"]

    def go(path: str, *, agent: Agent | None = None, dark: bool = False, **looks: str) -> Page:
        lang, (width, height) = looks.get("lang", "en"), SIZES[looks.get("size", "desktop")]
        context = chrome.new_context(
            base_url=address,
            locale={"ja": "ja-JP", "en": "en-GB"}[lang],
            timezone_id="Asia/Tokyo",
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
        )
        contexts.append(context)
        if agent is not None:
            context.add_cookies(
                [{"name": "helpdesk_session", "value": cookie_of(house, agent), "url": address}]
            )
        page = context.new_page()
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        page.on(
            "request",
            lambda asked: None if asked.url.startswith((address, "data:")) else faults.append(asked.url),
        )
        page.goto(path)
        return page

    yield go
    for context in contexts:
        context.close()
    assert not faults, faults


def cookie_of(house: Flask, agent: Agent) -> str:
    """The session cookie of a browser that `agent` is signed in with."""
    token = AgentSession.start(agent, "test")
    db.session.commit()
    serializer = house.session_interface.get_signing_serializer(house)
    return str(serializer.dumps({"_user_id": token, "_fresh": True}))


def axe_findings(page: Page) -> list[str]:
    """What axe has to say against WCAG 2.2 AA on this page."""
    size = page.viewport_size
    # All of it at once: what the bar at the bottom half covers just now is reached by scrolling.
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": height})
    page.evaluate(AXE.read_text())
    found = page.evaluate(
        "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"
    )
    page.set_viewport_size(size)
    return [f"{v['id']}: {[node['target'] for node in v['nodes'][:3]]}" for v in found["violations"]]


def db_of(app: Flask) -> None:
    with app.app_context():
        db.engine.dispose()
