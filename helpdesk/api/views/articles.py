"""Articles: what anybody may read needs no token."""

from flask_babel import lazy_gettext as _

from helpdesk.api.routes import route
from helpdesk.api.shapes.articles import AnswerOut, ArticleOut, SearchQuery
from helpdesk.api.tokens import optional_caller
from helpdesk.core.db import db
from helpdesk.core.i18n import language
from knowledge_base.models import Article
from knowledge_base.search import search as find


@route("/v1/kb/search", "GET", _("Search articles"), query=SearchQuery, out=AnswerOut, scope=None)
def search(query: SearchQuery) -> AnswerOut:
    lang = query.lang or language()
    found = find(query.q, lang, viewer=optional_caller(), limit=query.limit)
    return AnswerOut(**found.as_json())


@route("/v1/kb/articles/<int:id>", "GET", _("Read an article"), out=ArticleOut, scope=None)
def show(id: int) -> ArticleOut:
    viewer = optional_caller()
    return ArticleOut.of(db.one_or_404(Article.readable_by(viewer).where(Article.id == id)), viewer)
