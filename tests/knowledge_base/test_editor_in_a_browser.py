"""The editor in a real browser: its buttons, images, the text it keeps, and what a phone shows."""

import base64
import re

import pytest

from helpdesk.accounts.models import Role, Team
from helpdesk.core.db import db
from knowledge_base.writing import editing
from tests.browsing import axe_findings
from tests.conftest import hire

pytestmark = pytest.mark.browser

# One red dot.
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg=="
)


@pytest.fixture
def grace(house):
    return hire("Grace", Role.LEAD, Team.default())


@pytest.fixture
def written(house, grace):
    article = editing.write("請求書を探す", "本文です。", lang="ja", by=grace)
    editing.publish(article, by=grace)
    db.session.commit()
    return article


def test_the_buttons_write_markdown_and_the_preview_follows(open_page, grace, written):
    page = open_page(f"/desk/kb/{written.id}", agent=grace)
    page.locator("#body").press("Control+End")
    page.get_by_role("button", name="Table").click()
    page.get_by_role("button", name="Callout: note").click()

    page.locator("#article-preview table").wait_for()
    page.locator("#article-preview .callout").wait_for()
    assert "本文です。\n\n| Column 1 | Column 2 |" in page.locator("#body").input_value()


def test_an_image_is_taken_in_asked_what_it_shows_and_put_into_the_text(open_page, grace, written):
    page = open_page(f"/desk/kb/{written.id}", agent=grace)
    page.locator("#file").set_input_files({"name": "dot.png", "mimeType": "image/png", "buffer": PNG})
    page.locator("#alt-words").fill("A red dot")
    page.get_by_role("button", name="Insert").click()

    page.locator("#article-preview img[alt='A red dot']").wait_for()
    assert "![A red dot](files/dot.png)" in page.locator("#body").input_value()
    assert page.locator("#article-preview img").evaluate("image => image.complete && image.naturalWidth") == 1


def test_the_first_image_of_a_new_article_gives_it_a_place(open_page, grace, house):
    page = open_page("/desk/kb/new", agent=grace)
    page.locator("#body").fill("Begun.")
    page.locator("#file").set_input_files({"name": "dot.png", "mimeType": "image/png", "buffer": PNG})
    page.locator("#alt-words").fill("A red dot")
    page.get_by_role("button", name="Insert").click()
    page.wait_for_url(re.compile(r"/desk/kb/\d+$"))
    page.get_by_label("Title", exact=True).fill("With an image")
    page.get_by_role("button", name="Save", exact=True).click()

    page.get_by_role("heading", name="With an image").wait_for()
    assert "![A red dot](files/dot.png)" in page.locator("#body").input_value()


def wait_for_draft(page):
    for _try in range(50):
        if page.evaluate("Object.keys(localStorage).some(key => key.startsWith('draft:article-'))"):
            return
        page.wait_for_timeout(100)
    raise AssertionError("nothing was kept")


def test_text_that_was_not_saved_is_kept_and_taken_up_again(open_page, grace, written):
    page = open_page(f"/desk/kb/{written.id}", agent=grace)
    page.locator("#body").fill("Hours of work.")
    wait_for_draft(page)
    page.reload()
    before = page.locator("#body").input_value()
    page.get_by_role("button", name="Take it up again").click()
    after = page.locator("#body").input_value()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Saved.", exact=True).wait_for()

    assert (before, after) == ("本文です。", "Hours of work.")
    assert not page.locator("#kept-draft").is_visible()


def test_a_draft_from_before_somebody_saved_writes_over_nothing(open_page, grace, written):
    page = open_page(f"/desk/kb/{written.id}", agent=grace)
    page.locator("#body").fill("Mine.")
    wait_for_draft(page)
    editing.revise(written, written.title, "Theirs.", by=None)
    db.session.commit()
    page.reload()
    page.get_by_role("button", name="Take it up again").click()

    # Sent with the revision it was written upon, it meets the other text there and is put together with it.
    assert page.locator("[name=base]").input_value() == "1"
    assert page.locator("#body").input_value() == "Mine."


def test_a_phone_shows_one_pane_at_a_time(open_page, grace, written):
    page = open_page(f"/desk/kb/{written.id}", agent=grace, size="phone")
    before = page.locator("#body").is_visible(), page.locator("#editor-preview").is_visible()
    page.get_by_role("button", name="Preview").click()

    assert before == (True, False)
    assert (page.locator("#body").is_visible(), page.locator("#editor-preview").is_visible()) == (False, True)
    assert page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("size", ["desktop", "phone"])
@pytest.mark.parametrize(
    "place", ["/desk/kb", "/desk/kb/{id}", "/desk/kb/{id}/revisions", "/desk/kb/new?from={id}"]
)
def test_the_desk_of_articles_has_no_barriers(open_page, grace, written, place, size):
    page = open_page(place.format(id=written.id), agent=grace, size=size, lang="ja")

    assert axe_findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
