"""What machines fetch: the map of all pages, what they may visit, and feeds of what is new."""

from collections.abc import Sequence
from datetime import datetime

from flask import Response, abort, current_app, render_template, url_for
from flask_babel import gettext as _

from helpdesk.core.i18n import company_name, in_language
from knowledge_base.categories import Tree
from knowledge_base.models import Article
from knowledge_base.reading import announcing
from knowledge_base.reading.pages import site_address
from knowledge_base.reading.showing import shown
from knowledge_base.views.blueprint import bp
from knowledge_base.views.keeping import kept

_LANG = "/kb/<any(ja, en):lang>"
# What is not for search engines: it is private, or the same again, or endless.
_CLOSED = (
    "/desk",
    "/api/",
    "/portal/",
    "/requests",
    "/surveys/",
    "/kb/search",
    "/kb/suggestions",
    "/language/",
)


@bp.get("/robots.txt")
def robots() -> Response:
    lines = ["User-agent: *", *(f"Disallow: {place}" for place in _CLOSED), "Disallow: /*/votes$", ""]
    text = "\n".join([*lines, f"Sitemap: {site_address('knowledge_base.sitemap')}", ""])
    return kept(Response(text, mimetype="text/plain"))


@bp.get("/sitemap.xml")
def sitemap() -> Response:
    """All public pages; where they are too many for one file, the list of the files."""
    files = announcing.sitemaps()
    if len(files) == 1:
        return sitemap_part(1)
    return _xml("knowledge_base/sitemaps.xml", "application/xml", files=files)


@bp.get("/sitemap-<int:number>.xml")
def sitemap_part(number: int) -> Response:
    if number not in {known for known, _newest in announcing.sitemaps()}:
        abort(404)
    entries = announcing.sitemap(number)
    categories = announcing.categories() if number == 1 else []
    return _xml("knowledge_base/sitemap.xml", "application/xml", entries=entries, categories=categories)


@bp.get(_LANG + "/feed.xml")
def feed(lang: str) -> Response:
    """The public articles of a language, changed last first (Atom)."""
    return _feed(lang, announcing.newest(lang), url_for(".feed", lang=lang), url_for("portal.home"))


@bp.get(_LANG + "/categories/<int:id>/feed.xml")
def category_feed(lang: str, id: int) -> Response:
    """The same of one category and those in it; 404 where nothing public lies in it."""
    tree = Tree.load()
    category = tree.by_id.get(id)
    articles = announcing.newest(lang, sorted(tree.ids_below(category))) if category else []
    if category is None or not articles:
        abort(404)
    own, page = (url_for(f".{name}", lang=lang, id=id) for name in ("category_feed", "category"))
    return _feed(lang, articles, own, page, category.name(lang))


def _feed(lang: str, articles: Sequence[Article], own: str, page: str, name: str = "") -> Response:
    site = str(current_app.config["HELPDESK_SITE_URL"])
    with in_language(lang):
        title = " · ".join(filter(None, [name, _("Help centre"), company_name(lang)]))
    entries = [
        (article, shown(article.body, lang, article.id, with_site=True), article.category)
        for article in articles
    ]
    newest = max((article.updated_at for article in articles), default=None)
    told = {"title": title, "own": site + own, "page": site + page, "newest": newest, "entries": entries}
    told["company_name"] = company_name(lang)
    return _xml("knowledge_base/feed.xml", "application/atom+xml", newest, lang=lang, site=site, **told)


def _xml(template: str, mimetype: str, changed_at: datetime | None = None, **context: object) -> Response:
    return kept(Response(render_template(template, **context), mimetype=mimetype), changed_at)
