"""What only a browser does with the field for files."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("lang", "face"), [("en", "Choose files"), ("ja", "ファイルを選択")])
def test_files_are_chosen_by_keys_in_the_language_of_the_page_and_named(open_page, lang, face):
    page = open_page("/requests/new", lang=lang)
    files = [{"name": name, "mimeType": "text/plain", "buffer": b"x"} for name in ("a.txt", "b.txt")]
    page.on("filechooser", lambda chooser: chooser.set_files(files))
    field = page.locator("input[type=file]")
    expect(page.get_by_text(face)).to_be_visible()
    page.locator("textarea").focus()
    page.keyboard.press("Tab")
    expect(field).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_text("a.txt, b.txt")).to_be_visible()


def test_without_a_script_the_browsers_own_control_is_seen(chrome, house):
    context = chrome.new_context(base_url=house.config["HELPDESK_SITE_URL"], java_script_enabled=False)
    page = context.new_page()
    page.goto("/requests/new")

    expect(page.get_by_text("No file chosen")).to_be_hidden()
    assert page.locator("input[type=file]").evaluate("each => getComputedStyle(each).opacity") == "1"
    context.close()
