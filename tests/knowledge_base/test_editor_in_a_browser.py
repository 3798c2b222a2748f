"""The editor in a real browser: its buttons, images, the text it keeps, and what a phone shows."""

import base64
import re

import pytest

from helpdesk.accounts.models import Role, Team
from helpdesk.core.db import db
from knowledge_base.writing import editing, uploading
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


def test_a_file_that_is_there_is_put_in_again(open_page, grace, written):
    kept = uploading.attach(written, "dot.png", PNG, by=grace)
    db.session.commit()
    assert kept.file.is_shown
    db.session.rollback()
    page = open_page(f"/desk/kb/{written.id}", agent=grace)
    page.locator("#body").press("Control+End")
    page.get_by_role("button", name="Insert: dot.png").click()
    page.locator("#alt-words").fill("A [red] dot")
    page.get_by_role("dialog").get_by_role("button", name="Insert").click()
    page.locator("#article-preview img[alt='A [red] dot']").wait_for()

    assert page.locator("#body").input_value() == "本文です。\n\n![A \\[red\\] dot](files/dot.png)\n"


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


def drafts_of(page):
    return page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('draft:article-'))")


@pytest.mark.parametrize("body", ["Saved text.", "Saved text.\n\n\n"])
def test_a_new_article_that_was_saved_is_not_offered_again(open_page, grace, house, body):
    page = open_page("/desk/kb/new", agent=grace)
    page.get_by_label("Title", exact=True).fill("New")
    page.locator("#body").fill(body)
    wait_for_draft(page)
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Saved.", exact=True).wait_for()
    beside = page.locator("#kept-draft").is_visible()
    page.goto("/desk/kb/new")

    assert (beside, page.locator("#kept-draft").is_visible(), drafts_of(page)) == (False, False, [])


def test_a_conflict_that_was_settled_leaves_no_draft(open_page, grace, written):
    page = open_page(f"/desk/kb/{written.id}", agent=grace)
    page.locator("#questions").fill("Mine?")
    wait_for_draft(page)
    # As another browser would have it: a text that is neither what is saved now nor what will be.
    page.evaluate(
        "([key]) => localStorage.setItem(key, localStorage.getItem(key).replace('Mine?', 'Another?'))",
        drafts_of(page),
    )
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Saved.", exact=True).wait_for()

    assert (page.locator("#kept-draft").is_visible(), drafts_of(page)) == (False, [])


def test_what_stands_beside_the_text_is_kept_too_and_leaving_asks(open_page, grace, written):
    page = open_page(f"/desk/kb/{written.id}", agent=grace)
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.locator("#questions").fill("Where are my invoices?")
    page.get_by_label("What changed, and why").fill("Questions added.")
    page.get_by_label("Who may read it").select_option("staff")
    wait_for_draft(page)
    editor = page.url
    page.goto("/desk/kb")
    page.goto(editor)
    page.get_by_role("button", name="Take it up again").click()

    assert asked == ["beforeunload"]
    assert page.locator("#questions").input_value() == "Where are my invoices?"
    assert page.get_by_label("What changed, and why").input_value() == "Questions added."
    assert page.get_by_label("Who may read it").input_value() == "staff"


def test_what_a_button_put_in_is_undone_by_a_key(open_page, grace, written):
    page = open_page(f"/desk/kb/{written.id}", agent=grace)
    page.locator("#body").press("Control+End")
    page.get_by_role("button", name="Table").click()
    with_table = page.locator("#body").input_value()
    page.keyboard.press("Control+z")

    assert "| --- |" in with_table
    assert page.locator("#body").input_value() == "本文です。"


@pytest.mark.parametrize(
    ("before", "keys", "after"),
    [
        ("- a", ["Enter", "b", "Enter", "Enter", "c"], "- a\n- b\nc"),
        ("9. a", ["Enter", "b"], "9. a\n10. b"),
        ("  - [x] a", ["Enter", "b"], "  - [x] a\n  - [ ] b"),
        ("- a", ["Enter", "Control+z"], "- a"),
        ("a", ["Enter", "b"], "a\nb"),
        ("a", ["Control+a", "Control+b"], "**a**"),
        ("a", ["Control+a", "Control+i", "Control+z"], "a"),
        ("a", ["Control+a", "Control+k", "x"], "[a](x)"),
    ],
)
def test_keys_write_markdown(open_page, grace, written, before, keys, after):
    page = open_page(f"/desk/kb/{written.id}", agent=grace)
    page.locator("#body").fill(before)
    page.locator("#body").press("Control+End")
    for key in keys:
        page.keyboard.press(key)

    assert page.locator("#body").input_value() == after


def test_a_key_saves_from_any_field(open_page, grace, written):
    page = open_page(f"/desk/kb/{written.id}", agent=grace)
    page.locator("#questions").fill("Asked?")
    page.keyboard.press("Control+s")
    page.get_by_text("Saved.", exact=True).wait_for()

    assert page.locator("#questions").input_value() == "Asked?"


def test_changes_of_many_come_with_the_first_tick(open_page, grace, written):
    page = open_page("/desk/kb", agent=grace)
    bar = page.get_by_role("group", name="Change the chosen ones")
    before = bar.is_visible()
    page.get_by_label("Choose all on this page").check()

    assert (before, bar.is_visible()) == (False, True)
    assert bar.get_by_text("1 chosen").is_visible()
