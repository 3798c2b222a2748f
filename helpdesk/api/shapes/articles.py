"""Articles as programs see them."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from helpdesk.api.shapes.common import Language, Out, Query
from knowledge_base.models import Article, ArticleStatus, Purpose, Viewer, Visibility
from knowledge_base.reading.pages import address, translations
from knowledge_base.reading.showing import shown
from knowledge_base.search import MOST_ITEMS


class SearchQuery(Query):
    """What to search, in which language; that of the request's Accept-Language where left out."""

    # Of a longer one the beginning counts.
    q: str
    lang: Language | None = None
    limit: Annotated[int, Field(ge=1, le=MOST_ITEMS)] = 10


class ItemOut(Out):
    """An article found. snippet: HTML, escaped, what was asked in <mark>."""

    id: int
    external_id: str | None
    slug: str
    lang: str
    title: str
    snippet: str
    score: float


class AnswerOut(Out):
    """What a question gets. match: good, near (no real answer) or none."""

    items: list[ItemOut]
    match: str
    other_language: list[ItemOut]
    took_ms: float
    next: str | None = None


class TranslationOut(Out):
    """The same article in another language."""

    id: int
    lang: str
    slug: str


class ArticleOut(Out):
    """One article. body: Markdown as written; html: cleaned, as readers see it."""

    id: int
    external_id: str | None
    lang: str
    slug: str
    url: str
    title: str
    body: str
    html: str
    category: str
    tags: list[str]
    purpose: Purpose
    status: ArticleStatus
    visibility: Visibility
    published_at: datetime | None
    updated_at: datetime
    translations: list[TranslationOut]

    @classmethod
    def of(cls, article: Article, viewer: Viewer) -> "ArticleOut":
        plain = ("id", "external_id", "lang", "slug", "title", "body", "category", "tags", "purpose")
        states = ("status", "visibility", "published_at", "updated_at")
        return cls(
            **{name: getattr(article, name) for name in (*plain, *states)},
            url=address(article),
            html=str(shown(article.body, article.lang, article.id, with_site=True)),
            translations=[
                TranslationOut(id=other.id, lang=other.lang, slug=other.slug)
                for other in translations(article, viewer)
            ],
        )
