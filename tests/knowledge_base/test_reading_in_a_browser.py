"""What only a browser does with an article and with the tree of topics."""

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from helpdesk.accounts.models import Role, Team
from helpdesk.core.db import db
from knowledge_base.categories import Tree
from knowledge_base.steps import HelpStep
from knowledge_base.writing import editing, shelving, uploading
from knowledge_base.writing.editing import Particulars
from tests.conftest import hire
from tests.core.test_pictures import PNG

pytestmark = pytest.mark.browser
LONG = "\n\n".join(["A paragraph of some words."] * 40)
BODY = f"""## First\n\n- [ ] Back up\n- [x] Restart\n\n![Plan](files/plan.png)\n\n{LONG}

## Second\n\n```\nhelpdesk doctor\n```\n\n{LONG}"""


@pytest.fixture
def ada(house):
    return hire("Ada", Role.AGENT, Team.default())


@pytest.fixture
def guide(ada):
    article = editing.write("Guide", BODY, lang="en", by=ada, particulars=Particulars(category="Shelf"))
    uploading.attach(article, "plan.png", PNG, by=ada)
    editing.publish(article, by=ada)
    db.session.commit()
    return article


def test_boxes_stay_ticked_until_they_are_all_unticked(open_page, guide):
    page = open_page("/kb/en/guide")
    page.get_by_label("Back up").check()
    page.reload()

    expect(page.get_by_label("Back up")).to_be_checked()
    expect(page.get_by_text("2 of 2 done")).to_be_visible()
    page.get_by_role("button", name="Untick all").click()
    page.reload()
    expect(page.get_by_label("Restart")).not_to_be_checked()
    expect(page.get_by_text("0 of 2 done")).to_be_visible()


def test_what_counts_the_boxes_of_several_lists_stands_above_them_all(open_page, ada):
    body = "Before.\n\n## Monday\n\n- [ ] Back up\n\n## Tuesday\n\n- [ ] Restart"
    editing.publish(editing.write("Week", body, lang="en", by=ada), by=ada)
    db.session.commit()
    page = open_page("/kb/en/week")

    expect(page.get_by_text("0 of 2 done")).to_be_visible()
    assert page.evaluate("document.querySelector('.tasks').nextElementSibling.id") == "section-monday"


def test_an_address_that_is_copied_does_not_tell_how_one_came(open_page, guide):
    page = open_page("/kb/en/guide?from=1")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#section-second .anchor").press("Enter")
    expect(page.get_by_role("status").filter(has_text="Copied")).to_be_visible()
    address = page.evaluate("location.origin") + "/kb/en/guide#section-second"

    assert page.url == address == page.evaluate("navigator.clipboard.readText()")
    assert [step.place for step in db.session.scalars(select(HelpStep))] == [1]


def test_the_list_of_contents_marks_what_is_read(open_page, guide):
    page = open_page("/kb/en/guide")
    contents = page.get_by_role("navigation", name="On this page")

    expect(contents.locator("[aria-current]")).to_have_text("First")
    page.locator("#section-second").scroll_into_view_if_needed()
    page.evaluate("document.getElementById('section-second').scrollIntoView()")
    expect(contents.locator("[aria-current]")).to_have_text("Second")


def test_a_picture_is_enlarged_and_put_away_by_keys(open_page, guide):
    page = open_page("/kb/en/guide")
    page.get_by_role("link", name="Enlarge the picture: Plan").focus()
    page.keyboard.press("Enter")
    box = page.get_by_role("dialog", name="Plan")
    expect(box).to_be_visible()
    close, around = box.get_by_role("button", name="Close").bounding_box(), box.bounding_box()
    assert min(close["width"], close["height"]) >= 24
    assert close["y"] < box.get_by_role("img").bounding_box()["y"]
    assert around["x"] + around["width"] - close["x"] - close["width"] < 24
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("link", name="Enlarge the picture: Plan")).to_be_focused()


def test_code_is_copied(open_page, guide):
    page = open_page("/kb/en/guide")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy").click()

    expect(page.get_by_role("status").filter(has_text="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "helpdesk doctor\n"


def test_the_judgement_is_fetched_given_and_explained(open_page, guide):
    page = open_page("/kb/en/guide")
    page.get_by_role("button", name="No", exact=True).click()
    expect(page.get_by_text("Thank you. We are sorry that it did not help.")).to_be_focused()
    page.get_by_label("It is hard to understand").check()
    page.get_by_role("button", name="Send").click()

    expect(page.get_by_text("Sent. The people who write our articles read it.")).to_be_focused()
    expect(page.get_by_role("button", name="Send")).to_have_count(0)
    expect(page.get_by_role("link", name="Chat with us")).to_have_attribute(
        "href", f"/chat?article={guide.id}"
    )
    expect(page.get_by_role("link", name="Ask us instead")).to_have_attribute(
        "href", f"/requests/new?article={guide.id}"
    )


def test_topics_are_arranged_by_keys_and_by_hand(open_page, ada):
    for name in ("A", "B", "C"):
        shelving.add("", name)
    db.session.commit()
    page = open_page("/desk/kb/categories", agent=ada)
    page.get_by_role("button", name="Up: C").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".tree__name").nth(1)).to_have_text("C")
    expect(page.get_by_role("button", name="Up: C")).to_be_focused()

    handle, goal = (
        page.locator(".tree__item", has_text=re.compile(f"^\\W*{name}")).locator("[data-handle]").first
        for name in "BA"
    )
    handle.hover()
    page.mouse.down()
    box = goal.bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + box["height"] / 2, steps=5)
    page.mouse.up()
    expect(page.locator(".tree__children .tree__children .tree__name")).to_have_text(["B"])

    db.session.rollback()
    assert [(shelf.depth, shelf.category.name_en) for shelf in Tree.load().all] == [
        (0, "A"),
        (1, "B"),
        (0, "C"),
    ]
