"""What readers see, say, and leave behind; and what they must never see."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.i18n import company_name
from helpdesk.core.mail_words import rendered
from helpdesk.lifecycle import places
from helpdesk.timeline import Event, Kind
from knowledge_base.categories import at_path
from knowledge_base.models import Visibility, Vote
from knowledge_base.reading import trail
from knowledge_base.steps import HelpStep, Step
from knowledge_base.writing import editing
from tests.conftest import HTMX

VOTES = "/kb/en/find-a-lost-invoice/votes"


def steps(*kinds):
    return db.session.scalar(select(func.count(HelpStep.id)).where(HelpStep.step.in_(kinds)))


def test_an_article_is_shown_with_its_markup(reader, article):
    page = reader.get("/kb/en/find-a-lost-invoice")

    assert "<strong>Billing</strong>" in page.text
    assert '<link rel="canonical" href="http://localhost/kb/en/find-a-lost-invoice">' in page.text


def test_hostile_markdown_is_harmless(reader, written):
    written(
        "Bad",
        "<script>alert(1)</script> [x](javascript:alert(1)) <img src=x onerror=alert(1)>\n\n# </script>",
    )
    page = reader.get("/kb/en/bad").text

    assert "<script>alert" not in page
    assert 'href="javascript' not in page
    assert "<img src=x" not in page


def test_what_search_engines_read_cannot_end_its_script(reader, written):
    written("</script><b>Bad", "</script><b>")

    assert "</script><b>" not in reader.get("/kb/en/script-b-bad").text


@pytest.mark.parametrize(("put_away", "status"), [(editing.withdraw, 404), (editing.archive, 410)])
def test_what_is_not_published_is_gone_everywhere(reader, article, ada, put_away, status):
    put_away(article, by=ada)
    page = reader.get("/kb/en/find-a-lost-invoice")

    assert page.status_code == status
    assert "Billing" not in page.text
    assert reader.get(f"/kb/en/categories/{article.category_id}").status_code == 404
    assert reader.post(VOTES, data={"helpful": "yes"}).status_code == 404
    assert "find-a-lost" not in reader.get("/sitemap.xml").text


def test_a_draft_is_never_public(reader, written):
    written("Secret plan", category="Plans", is_public=False)

    assert reader.get("/kb/en/secret-plan").status_code == 404
    assert "Secret" not in reader.get("/kb/suggestions?q=secret&lang=en").text


def test_what_is_for_our_team_is_404_for_others(reader, desk, written):
    written("How we refund", visibility=Visibility.STAFF)

    assert reader.get("/kb/en/how-we-refund").status_code == 404
    assert desk.get("/kb/en/how-we-refund").status_code == 200


def test_languages_of_one_article_know_each_other(reader, written):
    written("Invoice", external_id="invoice")
    written("請求書", lang="ja", external_id="invoice", slug="invoice")

    assert 'hreflang="ja" href="http://localhost/kb/ja/invoice"' in reader.get("/kb/en/invoice").text
    assert reader.get("/sitemap.xml").text.count('hreflang="ja"') == 2


def test_headings_become_a_list_of_contents(reader, written):
    written("Guide", "## First\n\ntext\n\n## Second\n\ntext")

    assert '<a href="#section-second">Second</a>' in reader.get("/kb/en/guide").text


def test_a_category_shows_what_lies_in_those_below_it(reader, written):
    written("Pay by card", category="Billing / Paying")
    written("Secret plan", category="Billing / Paying", is_public=False)
    page = reader.get(f"/kb/en/categories/{at_path('Billing', 'en').id}").text

    assert '<a href="/kb/en/pay-by-card">Pay by card</a>' in page
    assert "Secret" not in page


@pytest.mark.parametrize(("lang", "name"), [("en", "Spring Systems"), ("ja", "春野システムズ")])
def test_pages_letters_and_feeds_name_the_company_in_their_language(app, visit, written, lang, name):
    app.config.update(HELPDESK_COMPANY_NAME="春野システムズ", HELPDESK_COMPANY_NAME_EN="Spring Systems")
    written("One", lang=lang, slug="one")
    other = "ja" if lang == "en" else "en"
    told = [visit(lang=lang).get("/").text, visit(lang=other).get(f"/kb/{lang}/one").text]
    told += [visit(lang=other).get(f"/kb/{lang}/feed.xml").text]
    told += [rendered("portal/sign_in", lang, name="Carol", link="http://localhost/x", minutes=30).text]
    foreign = {"Spring Systems", "春野システムズ"} - {name}

    assert [name in text for text in told] == [True] * 4
    assert not [text for text in told if foreign & {each for each in foreign if each in text}]


def test_one_name_of_the_company_is_enough_for_both_languages(app):
    app.config.update(HELPDESK_COMPANY_NAME="Spring", HELPDESK_COMPANY_NAME_EN="")

    assert [company_name(lang) for lang in ("ja", "en")] == ["Spring", "Spring"]


def test_a_stranger_keeps_the_page_until_it_changes(reader, article, ada):
    reader.get("/kb/en/find-a-lost-invoice")
    mark = reader.get("/kb/en/find-a-lost-invoice").headers["ETag"]
    again = reader.get("/kb/en/find-a-lost-invoice", headers={"If-None-Match": mark})
    editing.revise(article, "Find it", "New.", by=ada)
    editing.publish(article, by=ada)
    changed = reader.get("/kb/en/find-a-lost-invoice", headers={"If-None-Match": mark})

    assert (again.status_code, changed.status_code) == (304, 200)
    assert again.headers["Cache-Control"] == "public, max-age=0, must-revalidate"


def test_what_caches_share_is_the_same_for_every_stranger(visit, article):
    pages = [visit(lang=lang).get("/kb/en/find-a-lost-invoice") for lang in ("en", "ja")]

    assert pages[0].text == pages[1].text
    assert "csrf" not in pages[0].text.lower()
    assert [page.headers.getlist("Set-Cookie") for page in pages] == [[], []]


def test_the_page_of_a_customer_is_theirs_and_that_of_our_team_nobodys(enter, desk, carol, article):
    mine = enter(carol).get("/kb/en/find-a-lost-invoice")

    assert mine.headers["Cache-Control"] == "private, no-cache"
    assert desk.get("/kb/en/find-a-lost-invoice").headers["Cache-Control"] == "no-store"


def test_an_article_costs_the_same_however_many_there_are(reader, written, statements):
    def cost():
        with statements() as said:
            reader.get("/kb/en/one")
        return len(said)

    written("One", "See [it](files/a.pdf).", category="Shelf", tags=["x"], external_id="one")
    few = cost()
    for n in range(12):
        written(f"Other {n}", category="Shelf", tags=["x"])
    assert cost() == few <= 8


def test_voting_twice_is_one_vote_and_the_last_word_counts(reader, article):
    reader.post(VOTES, data={"helpful": "yes"})
    reader.post(VOTES, data={"helpful": "no", "reason": "Outdated."})

    vote = db.session.scalars(select(Vote)).one()
    assert (vote.is_helpful, vote.reason) == (False, "Outdated.")


def test_a_vote_that_comes_again_is_one_step_on_the_way(reader, article):
    for helpful in ("yes", "yes", "no", "no"):
        reader.post(VOTES, data={"helpful": helpful})

    assert steps(Step.VOTED) == 2


def test_two_browsers_have_two_votes(visit, article):
    for _ in range(2):
        visit().post(VOTES, data={"helpful": "yes"})

    assert db.session.scalar(select(func.count(Vote.id))) == 2


def test_a_vote_without_script_leads_back_to_the_article(reader, article):
    answer = reader.post(VOTES, data={"helpful": "no"})

    assert answer.location == "/kb/en/find-a-lost-invoice/votes#article-vote"
    assert f"/requests/new?article={article.id}" in reader.get(answer.location).text


@pytest.mark.parametrize(
    ("sent", "status", "votes"),
    [
        ({}, 303, 1),
        ({"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}, 303, 1),
        ({"Origin": "https://evil.example"}, 400, 0),
        ({"Sec-Fetch-Site": "cross-site"}, 400, 0),
    ],
)
def test_the_page_for_every_stranger_asks_yes_or_no_itself_and_only_ours_does(
    app, reader, article, sent, status, votes
):
    app.config["WTF_CSRF_ENABLED"] = True
    form = (
        reader.get("/kb/en/find-a-lost-invoice")
        .text.partition(f'action="{VOTES}"')[2]
        .partition("</form>")[0]
    )
    answer = reader.post(VOTES, data={"helpful": "yes"}, headers=sent)

    assert form.count('name="helpful" value="yes"') == form.count('name="helpful" value="no"') == 1
    assert answer.status_code == status
    assert db.session.scalar(select(func.count(Vote.id))) == votes


def test_a_vote_with_script_swaps_its_section(reader, article):
    assert (
        reader.post(VOTES, data={"helpful": "yes"}, headers=HTMX)
        .text.lstrip()
        .startswith('<section class="vote"')
    )


def test_a_vote_that_says_nothing_is_refused(reader, article):
    assert reader.post(VOTES, data={"helpful": "maybe"}).status_code == 400


def test_a_new_revision_is_judged_anew(reader, article, ada):
    reader.post(VOTES, data={"helpful": "no"})
    editing.revise(article, article.title, "Better.", by=ada)
    editing.publish(article, by=ada)

    assert "Did this solve it?" in reader.get(VOTES).text


def test_why_it_did_not_help_is_kept_and_what_was_never_asked_is_not(reader, article):
    kept = []
    for why in ("failed", "<script>"):
        reader.post(VOTES, data={"helpful": "no", "why": why})
        kept.append(db.session.scalars(select(Vote.why)).one())

    assert kept == ["failed", ""]


def test_reading_leaves_one_step(reader, article):
    for _ in range(3):
        reader.get("/kb/en/find-a-lost-invoice")
        reader.get(VOTES, headers=HTMX)

    assert steps(Step.READ) == 1


@pytest.mark.parametrize("agent", ["Googlebot/2.1", "curl/8", ""])
def test_programs_leave_no_step_and_get_no_cookie(reader, article, agent):
    page = reader.get("/kb/en/find-a-lost-invoice", headers={"User-Agent": agent})

    assert steps(*Step) == 0
    assert trail.COOKIE not in str(page.headers.getlist("Set-Cookie"))


def test_looking_without_reading_leaves_no_step(reader, desk, article):
    reader.head("/kb/en/find-a-lost-invoice")
    reader.get("/kb/en/find-a-lost-invoice", headers={"Sec-Purpose": "prefetch"})
    desk.get("/kb/en/find-a-lost-invoice")

    assert steps(*Step) == 0


def test_a_searching_is_one_step_however_often_it_is_asked(reader, article):
    for question in ("in", "invo", "invoice", "invoice"):
        reader.get(f"/kb/search?lang=en&q={question}", headers=HTMX)

    assert [(step.query, step.hits) for step in db.session.scalars(select(HelpStep))] == [("invoice", 1)]


def test_names_of_people_are_not_kept_with_a_question(reader, article):
    reader.get("/kb/search?lang=en&q=invoice of carol@example.org, 090-1234-5678")

    assert db.session.scalars(select(HelpStep.query)).one() == "invoice of …, …"


def test_what_was_tried_is_told_once_to_the_customer(reader, article, carol):
    reader.get("/kb/search?lang=en&q=invoice")
    reader.get("/kb/en/find-a-lost-invoice")
    reader.post(VOTES, data={"helpful": "no"})
    visitor = db.session.scalars(select(HelpStep.visitor)).first()
    for _ in range(2):
        trail.tell(carol, visitor, now() - timedelta(days=1))

    steps = select(Event.kind).where(
        Event.customer_id == carol.customer_id, Event.idempotency_key.is_not(None)
    )
    assert db.session.scalars(steps).all() == [Kind.HELP_SEARCHED, Kind.ARTICLE_READ, Kind.ARTICLE_VOTED]


def test_what_was_read_leads_back_to_the_article(reader, article, carol):
    reader.get(VOTES, headers=HTMX)
    visitor = db.session.scalars(select(HelpStep.visitor)).first()
    (read,) = trail.tell(carol, visitor, now() - timedelta(days=1))

    assert places.article(read.details) == "/kb/en/find-a-lost-invoice"


def test_nothing_is_told_of_other_visitors(reader, article, carol):
    reader.get("/kb/en/find-a-lost-invoice")

    assert trail.tell(carol, "", now() - timedelta(days=1)) == []
    assert trail.tell(carol, "0" * 32, now() - timedelta(days=1)) == []
