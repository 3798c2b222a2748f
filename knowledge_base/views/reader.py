"""What customers see: search, articles, topics, their judgement. Anybody may read, nobody signs in."""

from flask import Response, abort, render_template, request, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from helpdesk.core.db import db, reading
from helpdesk.core.i18n import LANGUAGES, language
from helpdesk.core.text import without_controls
from helpdesk.core.web import answer
from helpdesk.customers.signing_in import current_contact
from knowledge_base import reading as pages
from knowledge_base import trail
from knowledge_base.categories import Category
from knowledge_base.models import Article
from knowledge_base.search import LONGEST_QUESTION
from knowledge_base.search import search as find
from knowledge_base.suggesting import suggestions as suggest
from knowledge_base.views.blueprint import bp, viewer

_MOST_FOUND = 10
_NEAREST = 5

_ARTICLE = "/kb/<any(ja, en):lang>/<slug>"


@bp.get("/kb/search")
def search() -> str:
    question, lang = _question(), _wanted_language()
    found = find(question, lang, viewer=viewer(), limit=_MOST_FOUND)
    if question:
        trail.searched(question, lang, len(found.items), found.match)
    nearest = suggest(question, lang, _NEAREST, viewer=viewer()) if question and not found.items else []
    return render_template(
        "knowledge_base/search.html", question=question, lang=lang, found=found, nearest=nearest
    )


@bp.get("/kb/suggestions")
def typed() -> str:
    """Written questions that fit what is being typed."""
    lang = _wanted_language()
    return render_template(
        "knowledge_base/_typed.html", suggestions=suggest(_question(), lang, viewer=viewer()), lang=lang
    )


@bp.get(_ARTICLE)
def article(lang: str, slug: str) -> Response:
    """One article. A stranger's browser keeps it and asks each time whether it still holds."""
    article = pages.find(lang, slug, viewer())
    trail.read(article, trail.place_given())
    vote = pages.vote_of(article, trail.known_visitor())
    shown = Response(mimetype="text/html")
    if viewer() is None and "_flashes" not in session:
        _let_keep(shown, article, vote and vote.at)
    if shown.status_code != 304:
        page = pages.page_of(article, viewer())
        structured = pages.structured(page)
        shown.set_data(
            render_template(
                "knowledge_base/article.html", page=page, structured=structured, article=article, vote=vote
            )
        )
    return shown


@bp.post(_ARTICLE + "/votes")
def vote(lang: str, slug: str) -> str | BaseResponse:
    """Yes or no, and for a no its reason; the visitor's last word counts."""
    article = pages.find(lang, slug, current_contact())
    helpful = request.form.get("helpful")
    if helpful not in ("yes", "no"):
        abort(400)
    reason = without_controls(request.form.get("reason", "")).strip()
    pages.vote(article, visitor=trail.visitor(), is_helpful=helpful == "yes", reason=reason)
    trail.voted(article, helpful == "yes")
    db.session.commit()
    with reading():
        own = pages.vote_of(article, trail.visitor())
        place = url_for(".article", lang=lang, slug=slug) + "#article-vote"
        return answer("knowledge_base/_vote.html", otherwise=place, article=article, vote=own)


@bp.get("/kb/<any(ja, en):lang>/categories/<int:id>")
def category(lang: str, id: int) -> str:
    category = db.get_or_404(Category, id)
    articles = pages.topic(lang, id, viewer())
    if not articles:
        abort(404)
    name = category.name(lang)
    return render_template("knowledge_base/category.html", lang=lang, category=name, articles=articles)


@bp.get("/sitemap.xml")
def sitemap() -> Response:
    text = render_template("knowledge_base/sitemap.xml", entries=pages.everything())
    return Response(text, mimetype="application/xml", headers={"Cache-Control": "public, max-age=3600"})


def _question() -> str:
    return request.args.get("q", "")[:LONGEST_QUESTION].strip()


def _wanted_language() -> str:
    wanted = request.args.get("lang", "")
    return wanted if wanted in LANGUAGES else language()


def _let_keep(shown: Response, article: Article, voted_at: object) -> None:
    """Give it a mark by which this browser may ask whether it changed; 304 where it asks and it did not.

    The page holds the browser's own token against forged forms, so the mark depends on it.
    """
    mark, changed_at = pages.state_of(article, language(), session.get("csrf_token"), voted_at)
    shown.set_etag(mark, weak=True)
    shown.last_modified = changed_at
    shown.headers["Cache-Control"] = "private, no-cache"
    shown.make_conditional(request)
