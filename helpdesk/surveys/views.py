"""The page behind a survey's link. Opening it stores nothing: only a person's press does."""

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import update

from helpdesk.core.db import aside, db
from helpdesk.core.web import Answer
from helpdesk.surveys.forms import EffortForm, SatisfactionForm
from helpdesk.surveys.invitations import link_for
from helpdesk.surveys.models import CSAT_SCALE, Survey

bp = Blueprint("surveys", __name__, url_prefix="/surveys")
# So that the pages where a matter ends can offer the question.
bp.add_app_template_global(link_for, "survey_link")


@bp.after_request
def keep_to_ourselves(response: Response) -> Response:
    """No copy in any cache, no trace of the address on other sites or in search engines."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@bp.get("/<token>")
def show(token: str) -> Answer:
    """The question with the score preset that the letter's link names; after an answer, the rest."""
    survey = _survey(token)
    if survey is None:
        return render_template("surveys/unknown.html"), 404
    _count_opening(survey)
    if not survey.is_changeable:
        return _closed(survey)
    if survey.answered_at is None or "score" in request.args:
        return _question(token, SatisfactionForm(data={"csat": _preset(survey)}))
    return _thanks(token, survey, EffortForm(data={"ces": survey.ces, "comment": survey.comment}))


@bp.post("/<token>")
def answer(token: str) -> Answer:
    """Store one press: the score, or what follows it."""
    survey = _survey(token)
    if survey is None:
        return render_template("surveys/unknown.html"), 404
    if not survey.is_changeable:
        return _closed(survey)
    return _take_score(token, survey) if "csat" in request.form else _take_rest(token, survey)


def _take_score(token: str, survey: Survey) -> Answer:
    form = SatisfactionForm()
    if not form.validate():
        return _question(token, form), 422
    # Asked by a program, all may come at once.
    rest = EffortForm()
    if not rest.validate():
        return _thanks(token, survey, rest), 422
    survey.answer(csat=form.csat.data, ces=rest.ces.data, comment=rest.comment.data or None)
    db.session.commit()
    return redirect(url_for(".show", token=token), code=303)


def _take_rest(token: str, survey: Survey) -> Answer:
    form = EffortForm()
    if survey.csat is None:
        return _question(token, SatisfactionForm()), 422
    if not form.validate():
        return _thanks(token, survey, form), 422
    survey.answer(ces=form.ces.data, comment=form.comment.data)
    db.session.commit()
    flash(_("Saved. Thank you for taking the time."))
    return redirect(url_for(".show", token=token), code=303)


def _survey(token: str) -> Survey | None:
    """The survey of the link, its page in the language we asked in; None for a link that we never sent."""
    survey = Survey.of_token(token)
    if survey is not None:
        g.contact_language = survey.language
    return survey


def _count_opening(survey: Survey) -> None:
    """People look, and scanners open every link: the report says how often, and counts no answer."""
    with aside() as session:
        session.execute(update(Survey).where(Survey.id == survey.id).values(opens=Survey.opens + 1))


def _preset(survey: Survey) -> int | None:
    wanted = request.args.get("score", type=int)
    return wanted if wanted in CSAT_SCALE else survey.csat


def _question(token: str, form: SatisfactionForm) -> str:
    return render_template("surveys/question.html", form=form, token=token)


def _thanks(token: str, survey: Survey, form: EffortForm) -> str:
    return render_template("surveys/thanks.html", form=form, survey=survey, token=token)


def _closed(survey: Survey) -> tuple[str, int]:
    return render_template("surveys/closed.html", survey=survey), 200 if survey.answered_at else 410
