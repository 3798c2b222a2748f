"""What customers ask with: the search, and questions that fit what is being typed. Nobody signs in."""

from dataclasses import replace

from flask import render_template, request

from helpdesk.core.i18n import LANGUAGES, language
from knowledge_base.finding.answers import GOOD, NONE, Answer
from knowledge_base.finding.suggesting import suggestions as suggest
from knowledge_base.reading import trail
from knowledge_base.reading.often_read import often_read
from knowledge_base.search import LONGEST_QUESTION, language_of
from knowledge_base.search import search as find
from knowledge_base.views.blueprint import bp, viewer

# Of articles that only come near, a few.
_MOST_FOUND, _MOST_NEAR = 10, 5


@bp.get("/kb/search")
def search() -> str:
    question, chosen = _question(), request.args.get("lang", "")
    lang, found = _answer(question, chosen if chosen in LANGUAGES else "")
    if question:
        trail.searched(question, lang, len(found.items), found.match)
    # Whoever found nothing gets a person first, then what others read.
    has_nothing = question and not found.items and not found.other_language
    return render_template(
        "knowledge_base/search.html",
        question=question,
        lang=lang,
        chosen=chosen if chosen in LANGUAGES else None,
        found=found,
        popular=often_read(lang, viewer()) if has_nothing else [],
    )


def _answer(question: str, chosen: str) -> tuple[str, Answer]:
    """The language of the answer, and it: in the one chosen, else the question's own, else the page's."""
    found = None
    for lang in [chosen] if chosen else dict.fromkeys((language_of(question), language())):
        found = lang, find(question, lang, viewer=viewer(), limit=_MOST_FOUND)
        if found[1].match == GOOD:
            return found
    lang, answer = found or (language(), Answer((), NONE, (), (), 0.0))
    return lang, replace(answer, items=answer.items[:_MOST_NEAR])


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
