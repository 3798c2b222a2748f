"""Articles beside something that is being written: a request, a chat, an agent's answer."""

from flask import render_template, request

from helpdesk.accounts.models import Role
from helpdesk.accounts.permissions import needs
from helpdesk.core.i18n import language
from helpdesk.core.text import one_line
from knowledge_base.finding.answers import GOOD
from knowledge_base.finding.suggesting import suggestions
from knowledge_base.reading import pages, trail
from knowledge_base.reading.showing import shown
from knowledge_base.search import LONGEST_QUESTION
from knowledge_base.views.blueprint import bp, viewer


@bp.get("/kb/<any(ja, en):lang>/<slug>/beside")
def beside(lang: str, slug: str) -> str:
    """An article's text alone, to be read beside a form: whoever fills that in need not leave it.

    q: what was typed, `of`: how many were suggested, `form`: 1 where the reader may say that it solved it.
    """
    article = pages.find(lang, slug, viewer())
    question = one_line(request.args.get("q", ""))[:LONGEST_QUESTION]
    if question:
        trail.searched(question, lang, request.args.get("of", 1, int), GOOD)
    trail.read(article, trail.place_given())
    return render_template(
        "knowledge_base/_beside.html",
        article=article,
        html=shown(article.body, article.lang, article.id),
        question=question,
        is_form=request.args.get("form") == "1",
    )


@bp.get("/desk/kb/links")
@needs(Role.AGENT)
def links() -> str:
    """Articles that an answer to a customer may link to, for what the agent types: public ones alone."""
    found = suggestions(request.args.get("q", ""), language(), viewer=None)
    return render_template("knowledge_base/_links.html", suggestions=found)
