"""Typing in a real browser: keys, Japanese composition, the last answer, and a form that keeps its words."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from helpdesk.accounts.models import Role, Team
from helpdesk.core import jobs
from helpdesk.core.db import db
from helpdesk.customers.models import Contact
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Channel
from knowledge_base.models import Visibility, Vote
from knowledge_base.vocabulary import SynonymGroup
from knowledge_base.writing import editing
from tests.browsing import axe_findings
from tests.conftest import hire

pytestmark = pytest.mark.browser

BOX = "input[name=q]"


@pytest.fixture
def articles(house):
    """Two about passwords, one about cancelling, in Japanese, and one that only the team may read."""
    told = (
        ("パスワードを忘れたとき", ["サインインできない", "パスワードの再設定"]),
        ("パスワードを変更する", []),
        ("有料プランを解約する", []),
    )
    found = []
    for title, questions in told:
        particulars = editing.Particulars(questions=questions)
        article = editing.write(
            title, "## 手順\n\n設定を開きます。[くわしく](/kb/ja/x)", lang="ja", particulars=particulars
        )
        editing.publish(article, by=None)
        found.append(article)
    db.session.commit()
    return found


def asked_for(page: Page) -> list[str]:
    """The suggestions that are asked for from now on, as the server gets them."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "suggestions?" in request.url else None)
    return asked


def compose(page: Page, *steps: str) -> None:
    """Type through an input method: each step is what stands in the field underlined."""
    session = page.context.new_cdp_session(page)
    for text in steps:
        session.send(
            "Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)}
        )
        page.wait_for_timeout(60)


def test_arrows_choose_enter_opens_and_escape_keeps_the_text(open_page, articles):
    page = open_page("/", lang="ja")
    box, options = page.locator(BOX), page.locator("#suggestions [role=option]")
    box.press_sequentially("pasuwa")
    expect(options).to_have_count(2)
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(page.locator("[data-tells=suggestions]")).to_have_text("2件の候補があります")

    box.press("ArrowDown")
    assert box.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    expect(options.first).to_have_attribute("aria-selected", "true")
    assert axe_findings(page) == []
    box.press("ArrowUp")
    assert box.get_attribute("aria-activedescendant") is None

    box.press("Escape")
    expect(page.locator("#suggestions")).to_be_hidden()
    assert (box.input_value(), box.get_attribute("aria-expanded")) == ("pasuwa", "false")

    box.press("ArrowDown")
    box.press("ArrowDown")
    chosen = page.locator("#suggestions [aria-selected=true]").get_attribute("href")
    box.press("Enter")
    page.wait_for_url("**" + chosen)


def test_enter_searches_where_nothing_is_chosen_and_tab_leaves(open_page, articles):
    page = open_page("/", lang="ja")
    page.locator(BOX).press_sequentially("解約")
    expect(page.locator("#suggestions [role=option]")).to_have_count(1)
    page.locator(BOX).press("Tab")
    expect(page.locator("#suggestions")).to_be_hidden()

    page.locator(BOX).press("Enter")
    page.wait_for_url("**/kb/search?q=*")


def test_nothing_is_asked_shown_or_sent_while_composing(open_page, articles):
    page = open_page("/", lang="ja")
    asked = asked_for(page)
    page.locator(BOX).focus()
    compose(page, "ｐ", "ぱ", "ぱｓ", "ぱす", "パス")
    page.wait_for_timeout(500)
    assert asked == []

    # The Enter that takes the conversion, as browsers tell of it: it must neither choose nor send.
    page.evaluate(
        """() => {
          const box = document.activeElement;
          const taken = {key: "Enter", keyCode: 229, isComposing: true, bubbles: true};
          box.dispatchEvent(new KeyboardEvent("keydown", taken));
          box.form.requestSubmit();
        }"""
    )
    assert page.url.endswith("/")
    page.context.new_cdp_session(page).send("Input.insertText", {"text": "パスワード"})

    expect(page.locator("#suggestions [role=option]")).to_have_count(2)
    assert len(asked) == 1
    assert page.locator(BOX).input_value() == "パスワード"


def test_a_list_stays_while_the_next_word_is_composed(open_page, articles):
    page = open_page("/", lang="ja")
    page.locator(BOX).press_sequentially("パスワード")
    options = page.locator("#suggestions [role=option]")
    expect(options).to_have_count(2)
    compose(page, "を", "をｗ", "をわ")

    assert options.count() == 2
    page.keyboard.press("ArrowDown")
    assert page.locator(BOX).get_attribute("aria-activedescendant") is None


def test_the_last_answer_counts(open_page, articles):
    page = open_page("/", lang="ja")

    def slowly(route):
        if "%E8" not in route.request.url:
            page.wait_for_timeout(700)
        route.continue_()

    page.route("**/kb/suggestions?*", slowly)
    page.locator(BOX).fill("パスワード")
    page.wait_for_timeout(250)
    page.locator(BOX).fill("解約")
    page.wait_for_timeout(1200)

    assert page.locator("#suggestions [role=option]").all_inner_texts() == ["有料プランを解約する"]


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_the_list_moves_nothing_and_fits(open_page, articles, size):
    page = open_page("/", lang="ja", size=size)
    before = page.locator("main h2, footer").first.bounding_box()
    page.locator(BOX).press_sequentially("pasuwa")
    expect(page.locator("#suggestions")).to_be_visible()

    assert page.locator("main h2, footer").first.bounding_box() == before
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_answer_is_read_beside_the_form_and_ends_it(open_page, articles):
    page = open_page("/requests/new", lang="ja", size="phone")
    page.locator("#body").fill("いつものパスワードが使えません。")
    page.locator("#subject").press_sequentially("パスワード")
    answers = page.locator("#request-answers .answer")
    expect(answers).to_have_count(2)
    answers.first.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(answers.first.locator(".answer__text")).to_contain_text("設定を開きます")
    assert axe_findings(page) == []

    with page.context.expect_page() as opened:
        answers.first.get_by_text("くわしく").click()
    opened.value.close()
    assert page.locator("#body").input_value() == "いつものパスワードが使えません。"

    answers.first.get_by_role("button", name="まだ解決しません").click()
    expect(answers.first.locator(".answer__text")).to_be_hidden()
    answers.first.locator("summary").click()
    answers.first.get_by_role("button", name="解決しました").click()
    page.wait_for_url("**/requests/solution")
    expect(page.locator("h1")).to_have_text("解決できてよかったです")
    db.session.rollback()
    assert db.session.scalars(select(Vote.is_helpful)).all() == [True]
    assert db.session.scalar(select(func.count(Ticket.id))) == 0


def test_one_list_stands_below_the_field_that_was_edited_last(open_page, articles):
    page = open_page("/requests/new", lang="ja")
    answers = page.locator(".field + #request-answers .answer")
    for field, typed, count in (
        ("subject", "パスワード", 2),
        ("body", "かいやく", 1),
        ("subject", "パスワー", 2),
        ("subject", "パスワード", 2),
    ):
        page.locator(f"#{field}").fill(typed)
        expect(answers).to_have_count(count)
        expect(page.locator(f".field:has(#{field}) + #request-answers")).to_have_count(1)
    expect(page.get_by_role("region")).to_have_count(1)


@pytest.mark.parametrize("address", ["/chat", "/chat?embedded=1"])
def test_the_chat_suggests_before_a_person_comes(open_page, articles, address):
    page = open_page(address, lang="ja", size="phone")
    page.locator("#body").press_sequentially("かいやく")
    answer = page.locator("#chat-answers .answer")
    expect(answer).to_have_count(1)
    answer.locator("summary").click()

    expect(answer.locator(".answer__text")).to_contain_text("設定を開きます")
    is_framed = "embedded" in address
    assert answer.get_by_role("button", name="解決しました").count() == (0 if is_framed else 1)
    person = page.get_by_role("button", name="人に相談する")
    person.scroll_into_view_if_needed()
    expect(person).to_be_in_viewport(ratio=0.9)
    if not is_framed:
        answer.get_by_role("button", name="まだ解決しません").click()
        expect(answer.locator(".answer__text")).to_be_hidden()
        answer.locator("summary").click()
        answer.get_by_role("button", name="解決しました").click()
        page.wait_for_url("**/requests/solution")


@pytest.mark.parametrize("size", ["desktop", "phone"])
@pytest.mark.parametrize("address", ["/kb/ja/{slug}", "/requests/new"])
def test_one_can_search_from_every_page(open_page, articles, address, size):
    address = address.format(slug=articles[2].slug)
    db.session.rollback()
    page = open_page(address, lang="ja", size=size)
    box = page.get_by_role("search").locator(BOX)
    expect(box).to_have_count(1)
    box.press_sequentially("パスワード")
    expect(page.locator("#suggestions [role=option]")).to_have_count(2)

    assert axe_findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    # Beside a form that is being filled in, what is found has a tab of its own.
    with page.context.expect_page() if address == "/requests/new" else page.expect_navigation() as found:
        box.press("Enter")
    shown = found.value if address == "/requests/new" else page
    expect(shown.locator(".results")).to_be_visible()
    shown.wait_for_load_state()


def test_the_large_box_keeps_its_words_beside_its_button(open_page, articles):
    page = open_page("/", lang="ja", size="phone")
    box, button = (page.locator(each).bounding_box() for each in (BOX, ".search > .button"))

    assert box["x"] + box["width"] <= button["x"]
    assert page.locator(BOX).evaluate("box => box.scrollWidth <= box.clientWidth")


def test_an_agent_puts_an_article_into_the_answer_by_keys(open_page, house, articles):
    ada = hire("Ada", Role.AGENT, Team.default())
    inside = editing.Particulars(visibility=Visibility.STAFF)
    editing.publish(editing.write("パスワードを変える規程", "社外秘", lang="ja", particulars=inside), by=ada)
    ticket = Ticket.open_for(
        Contact.meet("kei@example.jp", "Kei", language="ja"), subject="?", via=Channel.EMAIL
    )
    ticket.hear("パスワードがわかりません")
    ticket.opened()
    db.session.commit()

    page = open_page(f"/desk/tickets/{ticket.id}", agent=ada, lang="ja")
    page.locator("#reply-body").fill("こちらをご覧ください。")
    page.locator(".composer__articles > summary").click()
    field = page.locator("[aria-controls=composer-articles]")
    expect(field).to_be_focused()
    field.press_sequentially("パスワードを変")
    expect(page.locator("#composer-articles [role=option]")).to_have_count(1)
    field.press("Enter")

    address = house.config["HELPDESK_SITE_URL"]
    link = f"[パスワードを変更する]({address}/kb/ja/{articles[1].slug})"
    expect(page.locator("#reply-body")).to_have_value(f"こちらをご覧ください。\n{link}\n")
    expect(page.locator("#reply-body")).to_be_focused()
    expect(page.locator(".composer__articles > .menu__list")).to_be_hidden()


def test_without_a_script_the_box_searches(chrome, house, articles):
    page = chrome.new_context(
        java_script_enabled=False, base_url=house.config["HELPDESK_SITE_URL"]
    ).new_page()
    page.goto("/")
    page.locator(BOX).fill("パスワード")
    page.locator(BOX).press("Enter")

    expect(page.locator(".result").first).to_contain_text("パスワード")
    page.context.close()


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_the_editors_pages_keep_nobody_out_and_fit(open_page, articles, size):
    ada = hire("Ada", Role.AGENT, Team.default())
    db.session.add(SynonymGroup(expressions=["合言葉", "パスワード"], agent_id=ada.id))
    db.session.commit()
    jobs.run_due(limit=100)
    for address in (
        "/desk/kb/words?try=合言葉",
        "/desk/kb/explain?q=パスワード&beside=trial",
        "/kb/search?q=合言葉",
    ):
        page = open_page(address, agent=ada, lang="ja", size=size)
        # So tall that nothing lies behind the phone's dock.
        page.set_viewport_size({"width": page.viewport_size["width"], "height": 3000})
        assert axe_findings(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
