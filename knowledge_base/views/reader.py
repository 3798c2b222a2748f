"""What customers ask with: the search, and questions that fit what is being typed. Nobody signs in."""

from flask import render_template, request

from helpdesk.core.i18n import LANGUAGES, language
from knowledge_base import trail
from knowledge_base.often_read import often_read
from knowledge_base.search import LONGEST_QUESTION
from knowledge_base.search import search as find
from knowledge_base.suggesting import suggestions as suggest
from knowledge_base.views.blueprint import bp, viewer

_MOST_FOUND = 10


@bp.get("/kb/search")
def search() -> str:
    question, lang = _question(), _wanted_language()
    found = find(question, lang, viewer=viewer(), limit=_MOST_FOUND)
    if question:
        trail.searched(question, lang, len(found.items), found.match)
    # Whoever found nothing gets a person first, then what others read.
    has_nothing = question and not found.items and not found.other_language
    popular = often_read(lang, viewer()) if has_nothing else []
    return render_template(
        "knowledge_base/search.html", question=question, lang=lang, found=found, popular=popular
    )


@bp.get("/kb/suggestions")
def typed() -> str:
    """Written questions that fit what is being typed."""
    lang = _wanted_language()
    return render_template(
        "knowledge_base/_typed.html", suggestions=suggest(_question(), lang, viewer=viewer()), lang=lang
    )


def _question() -> str:
    return request.args.get("q", "")[:LONGEST_QUESTION].strip()


def _wanted_language() -> str:
    wanted = request.args.get("lang", "")
    return wanted if wanted in LANGUAGES else language()
