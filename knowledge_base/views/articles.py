"""An article before its reader, the addresses that lead to it, its files, and what the reader says of it."""

from flask import abort, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse

from helpdesk.accounts.models import Agent
from helpdesk.core.db import db, reading
from helpdesk.core.files import serve
from helpdesk.core.text import without_controls
from helpdesk.core.web import Answer, answer, is_partial, refuse_other_sites
from helpdesk.customers.signing_in import current_contact
from knowledge_base.belongings import ArticleFile
from knowledge_base.models import Article
from knowledge_base.reading import announcing, learning, pages, trail, voting
from knowledge_base.reading.related import around
from knowledge_base.views.blueprint import bp, viewer
from knowledge_base.views.keeping import SHARED, is_shared, page

_ARTICLE = "/kb/<any(ja, en):lang>/<slug>"


@bp.get(_ARTICLE)
def article(lang: str, slug: str) -> Answer:
    """One article. Everybody's browser keeps it and asks each time whether it still holds."""
    try:
        article = pages.find(lang, slug, viewer())
    except NotFound:
        return _elsewhere(lang, slug)
    # A page that caches share gives no cookie: a new visitor is met by `vote_form`, which no cache keeps.
    if not is_shared() or trail.known_visitor() or "from" in request.args:
        trail.read(article, trail.place_given())
    shown = pages.page_of(article, viewer())
    structured = announcing.structured(shown) if article.is_public else None
    return page(
        "knowledge_base/article.html",
        lang=lang,
        changed_at=article.updated_at,
        page=shown,
        article=article,
        structured=structured,
        otherwise=_in_other_language(shown),
    )


@bp.get(_ARTICLE + "/votes")
def vote_form(lang: str, slug: str) -> str:
    """Whether it helped, as this visitor may answer it: fetched by the page, or a page itself."""
    article = pages.find(lang, slug, viewer())
    trail.read(article, trail.place_given())
    vote = voting.vote_of(article, trail.known_visitor())
    return render_template(_vote_template(), article=article, vote=vote)


@bp.post(_ARTICLE + "/votes")
def vote(lang: str, slug: str) -> str | BaseResponse:
    """Yes or no, and for a no why; the visitor's last word counts. It needs no token: see `app.py`."""
    refuse_other_sites()
    article = pages.find(lang, slug, current_contact())
    helpful, why = request.form.get("helpful"), request.form.get("why", "")
    if helpful not in ("yes", "no"):
        abort(400)
    reason = without_controls(request.form.get("reason", "")).strip()
    voting.vote(article, visitor=trail.visitor(), is_helpful=helpful == "yes", why=why, reason=reason)
    learning.voted(article, trail.visitor(), helpful == "yes")
    trail.voted(article, helpful == "yes")
    db.session.commit()
    with reading():
        own = voting.vote_of(article, trail.visitor())
        place = url_for(".vote_form", lang=lang, slug=slug) + "#article-vote"
        return answer("knowledge_base/_vote.html", otherwise=place, article=article, vote=own)


@bp.get("/kb/files/<int:article_id>/<name>")
def file(article_id: int, name: str) -> BaseResponse:
    """A picture or a file of an article, for whoever may read that; of a draft, for our team."""
    seen = viewer()
    articles = Article.visible_to(seen) if isinstance(seen, Agent) else Article.readable_by(seen)
    ids = articles.where(Article.id == article_id).with_only_columns(Article.id)
    own = select(ArticleFile).where(ArticleFile.article_id.in_(ids), ArticleFile.name == name)
    file: ArticleFile = db.one_or_404(own.options(joinedload(ArticleFile.file)))
    shown = serve(file.file, file.name)
    shown.set_etag(file.file.sha256)
    if is_shared():
        shown.headers["Cache-Control"] = SHARED
    return shown.make_conditional(request)


def _elsewhere(lang: str, slug: str) -> Answer:
    """What stands at an address that is no article's today."""
    found = pages.whither(lang, slug, viewer())
    if found is not None and found.is_foreign:
        return page(
            "knowledge_base/other_language.html", lang=lang, status=404, article=found.article, wanted=lang
        )
    if found is not None:
        place = url_for(".article", lang=found.article.lang, slug=found.article.slug)
        return redirect(place, code=301 if found.has_moved else 302)
    if gone := pages.was_public(lang, slug):
        related = around(gone, viewer()).related
        return page("knowledge_base/gone.html", lang=lang, status=410, related=related)
    raise NotFound


def _in_other_language(shown: pages.ArticlePage) -> str:
    """Where the reader goes on who takes the other language: the translation, else what we have instead."""
    other = "en" if shown.article.lang == "ja" else "ja"
    translated = next((each for each in shown.translations if each.lang == other), None)
    return url_for(".article", lang=other, slug=(translated or shown.article).slug)


def _vote_template() -> str:
    return "knowledge_base/_vote.html" if is_partial() else "knowledge_base/vote.html"
