"""The page behind the link: what stores, what does not, and who gets in."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from helpdesk.core.db import db
from helpdesk.surveys.models import AnswerRefused, AnswerVersion, Survey
from helpdesk.timeline import Kind


def answers() -> list[int]:
    return list(db.session.scalars(select(Survey.csat).where(Survey.csat.is_not(None)).order_by(Survey.id)))


def test_opening_the_link_stores_nothing_but_that_it_was_opened(invitation, visit, survey, facts):
    for method in ("get", "head", "get"):
        getattr(visit(), method)(f"{invitation.link}?score=1")

    assert (answers(), survey.opens) == ([], 3)
    assert Kind.SURVEY_ANSWERED not in facts()


def test_the_link_presets_its_number(invitation, visit):
    page = visit().get(f"{invitation.link}?score=4").text

    assert page.count("checked") == 1
    assert 'checked id="csat-3"' in page
    assert "checked" not in visit().get(f"{invitation.link}?score=99").text


def test_one_press_stores_the_number(invitation, visit, survey, carol, facts):
    pressed = visit().post(invitation.link, data={"csat": 4})

    assert (pressed.status_code, pressed.location) == (303, invitation.link)
    assert answers() == [4]
    assert facts().count(Kind.SURVEY_ANSWERED) == 1


def test_effort_and_words_follow_on_the_thanks_page(invitation, visit, survey):
    browser = visit()
    browser.post(invitation.link, data={"csat": 4})
    assert "made it easy" in browser.get(invitation.link).text

    browser.post(invitation.link, data={"ces": 6, "comment": " Quick.\0 "})
    assert (survey.csat, survey.ces, survey.comment) == (4, 6, "Quick.")
    assert "Quick." in browser.get(invitation.link).text


def test_a_changed_mind_is_one_answer_in_two_versions(invitation, visit, clock):
    visit().post(invitation.link, data={"csat": 5})
    clock.shift(timedelta(hours=20))
    visit().post(invitation.link, data={"csat": 2})

    assert answers() == [2]
    assert list(db.session.scalars(select(AnswerVersion.csat).order_by(AnswerVersion.id))) == [5, 2]


def test_pressing_twice_is_the_same_as_once(invitation, visit, facts):
    for _press in range(2):
        visit().post(invitation.link, data={"csat": 5})

    assert db.session.scalar(select(func.count(AnswerVersion.id))) == 1
    assert facts().count(Kind.SURVEY_ANSWERED) == 1


def test_a_changed_number_keeps_effort_and_words(invitation, visit, survey):
    visit().post(invitation.link, data={"csat": 5})
    visit().post(invitation.link, data={"ces": 6, "comment": "Quick."})
    visit().post(invitation.link, data={"csat": 2})

    assert (survey.csat, survey.ces, survey.comment) == (2, 6, "Quick.")


def test_each_resolution_has_its_own_answer(invitation, survey, resolved, carol, ada, an_hour_later):
    survey.answer(csat=5)
    resolved.hear("It came back.", by=carol)
    resolved.resolve(by=ada)
    an_hour_later()
    db.session.scalars(select(Survey).where(Survey.cycle == 2)).one().answer(csat=3)

    assert answers() == [5, 3]


def test_after_a_week_an_answer_is_final(invitation, visit, survey, clock):
    survey.answer(csat=5)
    clock.shift(timedelta(days=7))

    assert "can no longer be changed" in visit().post(invitation.link, data={"csat": 1}).text
    assert answers() == [5]
    with pytest.raises(AnswerRefused):
        survey.answer(csat=1)


def test_after_four_weeks_the_question_is_closed(invitation, visit, clock):
    clock.shift(timedelta(days=28))

    assert visit().get(invitation.link).status_code == 410
    assert visit().post(invitation.link, data={"csat": 5}).status_code == 410
    assert answers() == []


def test_a_reopened_request_says_so_kindly(invitation, visit, resolved, carol):
    resolved.hear("Still broken.", by=carol)
    page = visit().get(invitation.link)

    assert page.status_code == 410
    assert "taken up again" in page.text


@pytest.mark.parametrize("token", ["x", "a" * 26, "%00", "é"])
def test_a_forged_link_opens_nothing(invitation, visit, token):
    browser = visit()

    assert browser.get(f"/surveys/{token}").status_code == 404
    assert browser.post(f"/surveys/{token}", data={"csat": 5}).status_code == 404
    assert answers() == []


@pytest.mark.parametrize("csat", ["0", "6", "", "five", "4.5", "-1"])
def test_a_number_off_the_scale_is_refused(invitation, visit, csat):
    page = visit().post(invitation.link, data={"csat": csat})

    assert page.status_code == 422
    assert answers() == []


def test_a_very_long_comment_is_given_back_to_shorten(invitation, visit, survey):
    survey.answer(csat=4)
    page = visit().post(invitation.link, data={"ces": "7", "comment": "長" * 6000})

    assert page.status_code == 422
    assert "長" * 6000 in page.text
    assert survey.ces is None


def test_a_comment_is_text_and_nothing_else(invitation, visit, survey):
    survey.answer(csat=4, comment="<script>alert(1)</script>")

    assert "<script>alert" not in visit().get(invitation.link).text


def test_the_page_leaves_no_trace_elsewhere(invitation, visit):
    page = visit().get(invitation.link)

    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page.headers["X-Robots-Tag"]
    assert "invoice" not in page.text


def test_the_page_speaks_the_language_we_asked_in(invitation, visit, carol):
    carol.language = "ja"

    assert 'lang="ja"' in visit(lang="en").get(invitation.link).text


def test_the_customer_never_sees_a_stage(invitation, visit):
    page = visit().get(invitation.link).text.lower()

    assert not [word for word in ("stage", "health", "onboard", "at risk") if word in page]


def test_a_press_needs_no_cookie(app, invitation, visit):
    browser = visit()
    app.config["WTF_CSRF_ENABLED"] = True

    assert browser.post(invitation.link, data={"csat": 5}).status_code == 303
