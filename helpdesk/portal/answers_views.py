"""Before somebody writes to us: questions that are answered already, and the end where one was theirs."""

from flask import Response, abort, redirect, render_template, request, url_for
from flask import session as browser
from werkzeug.wrappers import Response as BaseResponse

from helpdesk.core.db import db
from helpdesk.core.i18n import language
from helpdesk.core.web import go
from helpdesk.portal.asking import article_of

# The one blueprint of this room: the app takes it from here, all pages included.
from helpdesk.portal.sign_in_views import bp as bp
from knowledge_base.finding.suggesting import suggestions
from knowledge_base.reading import trail, voting
from knowledge_base.views.blueprint import viewer

SUGGESTED = 4


@bp.get("/requests/articles")
def articles() -> str:
    """Questions that may answer what is being typed; empty where none does."""
    typed = next(filter(None, map(request.args.get, ("q", "subject", "body"))), "")
    found = suggestions(typed, language(), SUGGESTED, viewer=viewer())
    # A frame on another site holds neither the session that a judgement needs nor the page that follows.
    is_form = request.args.get("in") != "frame"
    return render_template("portal/_articles.html", suggestions=found, question=typed[:500], is_form=is_form)


@bp.post("/requests/solution")
def solve() -> BaseResponse:
    """One of them was the answer: it counts as a helpful reading, and nothing is sent."""
    article = article_of(request.form.get("article"))
    if article is None:
        abort(404)
    voting.vote(article, visitor=trail.visitor(), is_helpful=True)
    trail.voted(article, True)
    db.session.commit()
    browser["solved_by"] = article.id
    return go(url_for(".solved"))


@bp.get("/requests/solution")
def solved() -> str | BaseResponse:
    """Thanks; only for whoever just said so."""
    number = browser.get("solved_by")
    if number is None:
        return redirect(url_for(".new_request"))
    return render_template("portal/solved.html", article=article_of(str(number)))


@bp.after_request
def remember(response: Response) -> Response:
    """Give a visitor who said something their cookie."""
    return trail.remember(response)
