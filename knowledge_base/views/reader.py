"""What customers ask with: the search, and questions that fit what is being typed. Nobody signs in."""

from dataclasses import replace

from flask import render_template, request

from helpdesk.core.i18n import LANGUAGES, language
from knowledge_base.finding.answers import GOOD, NONE, Answer
from knowledge_base.finding.suggesting import suggestions as suggest
from knowledge_base.reading import trail
from knowledge_base.reading.often_read import often_read
from knowledge_base.search import LONGEST_QUESTION, search_on_page
from knowledge_base.search import search as find
from knowledge_base.views.blueprint import bp, viewer

# Of articles that only come near, a few.
_MOST_FOUND, _MOST_NEAR = 10, 5


@bp.get("/kb/search")
def search() -> str:
    """q: the question; lang: of the articles, where it was chosen; all: 1 leaves nothing out."""
    question, chosen = _question(), request.args.get("lang", "")
    chosen = chosen if chosen in LANGUAGES else ""
    lang, found = _answer(question, chosen)
    shown = found if request.args.get("all") == "1" else _worth_reading(found)
    if question:
        trail.searched(question, lang, len(shown.items), shown.match)
    # Whoever found nothing gets a person first, then what others read.
    has_nothing = question and not shown.items and not shown.other_language
    return render_template(
        "knowledge_base/search.html",
        question=question,
        lang=lang,
        chosen=chosen or None,
        found=shown,
        left_out=len(found.items) - len(shown.items),
        popular=often_read(lang, viewer()) if has_nothing else [],
    )


def _answer(question: str, chosen: str) -> tuple[str, Answer]:
    """The language of the answer, and it: in the one chosen, else in the one that fits question and page."""
    if chosen:
        lang, answer = chosen, find(question, chosen, viewer=viewer(), limit=_MOST_FOUND)
    else:
        lang, answer = search_on_page(question, language(), viewer=viewer(), limit=_MOST_FOUND)
    return lang, answer if answer.match == GOOD else replace(answer, items=answer.items[:_MOST_NEAR])


def _worth_reading(answer: Answer) -> Answer:
    """Without articles that are far behind the best; without any where none has to do with the question."""
    if answer.is_far:
        return replace(answer, items=(), other_language=(), match=NONE)
    if answer.match != GOOD:
        return answer
    return replace(answer, items=[item for item in answer.items if item.is_close])


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
