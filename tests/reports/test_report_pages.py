"""The lead's pages: what they show, take away, and to whom."""

import csv
import re
from datetime import timedelta
from io import StringIO

import pytest

from helpdesk.core.clock import now

PAGE = "/desk/reports/satisfaction"
ALL = [PAGE, f"{PAGE}/answers", f"{PAGE}.csv"]


@pytest.mark.parametrize("address", ALL)
def test_agents_may_not_see_it(desk, address):
    assert desk.get(address).status_code == 403


@pytest.mark.parametrize("address", ALL)
def test_strangers_sign_in_first(visit, address):
    assert visit().get(address).status_code == 302


@pytest.mark.parametrize("address", ALL)
def test_mallory_sees_none_of_our_answers(visit, mallory, answered, address):
    for _ in range(6):
        answered(5, comment="Splendid.", topic="billing")
    page = visit(mallory).get(f"{address}?by=topic").text

    assert not [word for word in ("Splendid", "billing", "Carol", "100.0") if word in page]


@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize("by", ["stage", "team", "agent", "channel", "topic", "month", "week"])
def test_every_cut_opens_in_both_languages(visit, grace, answered, by, lang):
    answered(5, ces=6)

    assert visit(grace, lang=lang).get(f"{PAGE}?by={by}").status_code == 200


def test_the_page_shows_value_interval_number_and_response(visit, grace, answered):
    for place in range(120):
        answered(5 if place < 94 else 2)
    answered()
    page = visit(grace).get(PAGE).text

    assert [figure in page for figure in ("78.3%", "70.1% – 84.8%", "n = 120", "120 of 121")] == [True] * 4


def test_four_answers_are_too_few_to_show(visit, grace, answered):
    for _ in range(4):
        answered(5)
    page = visit(grace).get(PAGE).text

    assert "too few" in page
    assert page.count("tile__value--few") == 2
    assert "100.0% (n" not in page


def test_the_rows_behind_a_figure_are_as_many_as_it_says(visit, grace, answered, ada):
    for place in range(60):
        answered(4, at=now() - timedelta(minutes=place), agent=ada if place % 2 else grace)
    answered(4, at=now() - timedelta(days=200))
    page = visit(grace).get(f"{PAGE}/answers?agent={ada.id}").text

    assert "30 answers" in page
    assert page.count('class="answer"') == 30


def test_a_long_list_goes_on_where_it_stopped(visit, grace, answered):
    for place in range(60):
        answered(4, at=now() - timedelta(minutes=place // 3))
    browser = visit(grace)
    first = browser.get(f"{PAGE}/answers").text
    older = re.search(r'rel="next" href="([^"]+)"', first)[1].replace("&amp;", "&")
    second = browser.get(older).text

    shown = [set(re.findall(r'href="/desk/tickets/(\d+)"', page)) for page in (first, second)]
    assert (len(shown[0]), len(shown[1]), shown[0] & shown[1]) == (50, 10, set())


def test_a_comment_is_shown_as_text(visit, grace, answered):
    answered(1, comment="<script>alert(1)</script>")

    for page in (visit(grace).get(PAGE).text, visit(grace).get(f"{PAGE}/answers").text):
        assert "&lt;script&gt;alert" in page
        assert "<script>alert" not in page


def test_a_ticket_that_moved_away_is_named_but_not_linked(visit, grace, answered, mallory, ada):
    survey = answered(1, comment="Hm.")
    survey.ticket.change(by=ada, team=mallory.teams[0])
    page = visit(grace).get(f"{PAGE}/answers").text

    assert f"#{survey.ticket_id}" in page
    assert f"/desk/tickets/{survey.ticket_id}" not in page


def test_the_spreadsheet_says_what_the_page_says(visit, grace, answered):
    for place in range(120):
        answered(5 if place < 94 else 2)
    answer = visit(grace).get(f"{PAGE}.csv?by=agent")
    table = list(csv.DictReader(StringIO(answer.data.decode("utf-8-sig"))))

    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert [(row["Agent"], row["CSAT %"], row["CSAT answers"]) for row in table] == [
        ("Ada", "78.3", "120"),
        ("All", "78.3", "120"),
    ]


def test_hidden_figures_stay_hidden_in_the_spreadsheet(visit, grace, answered):
    answered(5)
    table = list(csv.DictReader(StringIO(visit(grace).get(f"{PAGE}.csv").data.decode("utf-8-sig"))))

    assert [(row["CSAT %"], row["CSAT answers"]) for row in table] == [("", "1"), ("", "1")]


def test_a_topic_is_no_formula(visit, grace, answered):
    answered(5, topic="=HYPERLINK(1)")

    assert b'"\'=HYPERLINK(1)"' in visit(grace).get(f"{PAGE}.csv?by=topic").data


def test_japanese_windows_gets_its_own_encoding(visit, grace, answered):
    answered(5, topic="請求書")
    answer = visit(grace, lang="ja").get(f"{PAGE}.csv?by=topic&encoding=cp932")

    assert "請求書" in answer.data.decode("cp932")
    assert visit(grace).get(f"{PAGE}.csv?encoding=klingon").status_code == 400


@pytest.mark.parametrize("address", ALL)
def test_a_choice_that_cannot_be_is_refused(visit, grace, address):
    assert visit(grace).get(f"{address}?team=x").status_code == 400


def test_no_style_is_written_into_the_page(visit, grace, answered):
    for _ in range(30):
        answered(4)
    page = visit(grace).get(PAGE).text

    assert 'style="' not in page
    assert "<style" not in page
