"""The search that readers get: what it finds, what it hides, and that it never fails."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from helpdesk.core.db import db
from helpdesk.core.jobs import Job
from knowledge_base.finding.suggesting import suggestions
from knowledge_base.index import feeding, tending
from knowledge_base.models import Visibility
from knowledge_base.search import search, search_on_page
from knowledge_base.stores import WordStore
from knowledge_base.writing import editing


@pytest.fixture(params=["whoosh", "database"], autouse=True)
def store(app, request):
    """Where the words are kept; readers must not see a difference."""
    app.config["HELPDESK_KB_ENGINE"] = request.param


@pytest.fixture
def indexed(written, work_off):
    """Some articles in both languages, with their index."""
    articles = {
        "password": written(
            "パスワードを忘れたとき", "再設定のメールを送ります。", lang="ja", questions=["ログインできない"]
        ),
        "invoice": written(
            "請求書を再発行する", "複製して**再発行**を押します。", lang="ja", category="請求"
        ),
        "cancel": written("Cancel your plan", "Open Settings, then Contract.", questions=["how do I quit"]),
        "refund": written("Refunds", "We pay back within a month.", stages=["adoption"]),
    }
    work_off()
    return articles


def titles(question, lang="ja", **asker):
    return [item.article.title for item in search(question, lang, **asker).items]


@pytest.fixture
def lost(app, indexed):
    """The index is gone."""
    shutil.rmtree(Path(app.config["HELPDESK_HOME"]) / "index", ignore_errors=True)
    db.session.execute(delete(WordStore))
    db.session.commit()


@pytest.mark.parametrize(
    "question", ["ﾊﾟｽﾜｰﾄﾞ", "ぱすわーど わすれた", "パスワードを忘れた場合はどうすればいいですか"]
)
def test_japanese_is_found_however_it_is_written(indexed, question):
    assert titles(question)[0] == "パスワードを忘れたとき"


def test_english_is_found_with_a_slip(indexed):
    assert titles("cancle my plan", "en") == ["Cancel your plan"]


def test_what_is_shown_is_escaped_and_marked(written, work_off):
    written("<b>Invoice</b>", "Look at <i>invoices</i> here.")
    work_off()
    item = search("invoice", "en").items[0]

    assert item.title == "&lt;b&gt;<mark>Invoice</mark>&lt;/b&gt;"
    assert "<mark>invoices</mark>" in item.snippet
    assert "<i>" not in item.snippet


def test_the_answer_for_programs_has_the_promised_names(indexed):
    answer = search("請求書", "ja").as_json()

    assert set(answer) == {"items", "match", "other_language", "took_ms"}
    names = {"id", "external_id", "slug", "lang", "title", "snippet", "score"}
    assert set(answer["items"][0]) == names
    assert answer["match"] == "good"


def test_the_other_language_helps_where_the_own_has_nothing(indexed):
    answer = search("how do I quit", "ja")

    assert [item.article.title for item in answer.other_language] == ["Cancel your plan"]
    assert answer.match == "none"


def test_what_is_withdrawn_is_gone_though_the_index_is_behind(indexed, ada):
    editing.withdraw(indexed["invoice"], by=ada)

    assert "請求書を再発行する" not in titles("請求書 再発行")
    assert indexed["invoice"].id in feeding.engine().ids("ja")
    assert suggestions("請求書", "ja") == []


def test_the_index_follows(indexed, ada, work_off):
    editing.withdraw(indexed["invoice"], by=ada)
    work_off()

    assert indexed["invoice"].id not in feeding.engine().ids("ja")
    told = [(lang, is_well, saying.split(";")[0]) for lang, is_well, saying in tending.state()]
    assert told == [("ja", True, "1 articles"), ("en", True, "2 articles")]


def test_a_draft_is_not_found_by_anyone(indexed, written, work_off, ada):
    written("Secret invoice", is_public=False)
    work_off()

    assert titles("secret invoice", "en", viewer=ada) == []


def test_what_is_for_our_team_is_found_by_it_alone(indexed, written, work_off, ada):
    written("Secret handbook", visibility=Visibility.STAFF)
    work_off()

    assert titles("secret handbook", "en") == []
    assert titles("secret handbook", "en", viewer=ada) == ["Secret handbook"]


def test_many_hidden_hits_do_not_crowd_out_the_visible_one(written, work_off):
    for number in range(15):
        written(f"Invoice invoice {number}", "invoice", visibility=Visibility.STAFF)
    written("About bills", "Once an invoice is sent, wait.")
    work_off()

    assert titles("invoice", "en", limit=1) == ["About bills"]


def test_a_stage_changes_the_order_and_hides_nothing(written, work_off):
    written("Invoice", "Invoice help.")
    written("Invoice", "Invoice help.", stages=["adoption"])
    work_off()
    without = [item.article.id for item in search("invoice", "en").items]
    within = [item.article.id for item in search("invoice", "en", stage="adoption").items]

    assert within == [*reversed(without)]


def test_a_lost_index_is_answered_from_the_database_and_made_anew(reader, lost, work_off):
    page = reader.get("/kb/search?lang=ja&q=パスワードを忘れた")
    asked = [task for task in db.session.scalars(select(Job.task)) if "rebuild" in task]
    work_off()

    assert "忘れた" in page.text
    assert len(asked) == 1
    assert tending.state()[0][1]


def test_the_database_hides_the_same(lost, indexed, ada):
    editing.withdraw(indexed["password"], by=ada)

    assert titles("パスワードを忘れた") == []


def test_a_lost_index_is_told_to_the_doctor(lost):
    assert [is_well for _lang, is_well, _saying in tending.state()] == [False, False]


@pytest.mark.parametrize(
    "question",
    ["", " ", '"', "a" * 10_000, "* OR ?", "\0\x01", "🙂", "(((", "請" * 5_000, "\u202eabc", "title:x AND"],
)
def test_no_question_breaks_the_page(reader, indexed, question):
    assert reader.get("/kb/search", query_string={"q": question, "lang": "ja"}).status_code == 200


def test_nothing_found_leads_to_a_person_with_the_words_kept(reader, indexed):
    page = reader.get("/kb/search?lang=en&q=zebra+crossing")

    assert "/requests/new?q=zebra+crossing" in page.text


@pytest.mark.parametrize(
    ("question", "page", "lang", "title"),
    [
        ("pasuwaado", "ja", "ja", "パスワードを忘れたとき"),
        ("how can I quit my plan", "ja", "en", "Cancel your plan"),
        ("再発行したい", "en", "ja", "請求書を再発行する"),
        ("quit", "en", "en", "Cancel your plan"),
    ],
)
def test_a_page_answers_in_the_language_that_is_asked_for(indexed, question, page, lang, title):
    answered, answer = search_on_page(question, page)

    assert (answered, answer.items[0].article.title) == (lang, title)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [("ろぐいん", "ログインできない"), ("再発行", "請求書を再発行する"), ("ﾛｸﾞｲﾝ", "ログインできない")],
)
def test_written_questions_are_suggested_while_typing(indexed, typed, shown):
    assert [each.text for each in suggestions(typed, "ja")][:1] == [shown]


def test_the_suggested_question_leads_to_its_article(reader, indexed):
    page = reader.get("/kb/suggestions?lang=en&q=how do")

    assert 'href="/kb/en/cancel-your-plan?from=1"' in page.text
    assert "I quit" in page.text


def test_one_letter_suggests_nothing(indexed):
    assert suggestions("せ", "ja") == []


def test_the_agent_gets_a_link_to_insert(desk, indexed):
    page = desk.get("/desk/kb/suggestions", query_string={"q": "請求書を再発行してください"})

    assert (
        f'data-inserts="[請求書を再発行する](http://localhost/kb/ja/a-{indexed["invoice"].id})"' in page.text
    )
