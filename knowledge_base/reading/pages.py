"""What stands on a reader's pages: an article with all that belongs to it, and where an address leads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for
from markupsafe import Markup
from sqlalchemy import Select, select

from helpdesk.core.db import db
from helpdesk.core.i18n import LANGUAGES
from helpdesk.core.markup import Heading
from helpdesk.core.text import excerpt
from knowledge_base.belongings import ArticleMove
from knowledge_base.categories import Category, Tree
from knowledge_base.language.prose import prose
from knowledge_base.models import Article, ArticleStatus, Viewer, Visibility
from knowledge_base.reading.related import Around, around
from knowledge_base.reading.showing import contents_of, shown

# What people read in a minute: letters of Japanese, words of English.
_LETTERS_A_MINUTE, _WORDS_A_MINUTE = 500, 220
_DESCRIPTION = 150


@dataclass(frozen=True)
class ArticlePage:
    """All that one article's page shows."""

    article: Article
    # The categories it lies in, from the top down.
    path: Sequence[Category]
    html: Markup
    contents: Sequence[Heading]
    around: Around
    # The same article in the other languages.
    translations: Sequence[Article]
    description: str
    minutes: int


@dataclass(frozen=True)
class Found:
    """Where an address leads: to its article, or for ever elsewhere, or for now to another language."""

    article: Article
    has_moved: bool = False
    # The article exists, but not in the language that was asked for.
    is_foreign: bool = False


def page_of(article: Article, viewer: Viewer) -> ArticlePage:
    """An article as it is shown to `viewer`; its list of contents is empty where it has no two headings."""
    return ArticlePage(
        article,
        Tree.load().ancestors(article.shelf) if article.shelf else [],
        shown(article.body, article.lang, article.id),
        contents_of(article.body),
        around(article, viewer),
        translations(article, viewer),
        opening(article.body),
        _minutes(prose(article.body), article.lang),
    )


def find(lang: str, slug: str, viewer: Viewer) -> Article:
    """The article, or 404: what the viewer may not read does not exist for them."""
    article: Article = db.one_or_404(_at(lang, slug, viewer))
    return article


def numbered(number: str | None, viewer: Viewer) -> Article | None:
    """The article of this number, as an address or a form gives it, where `viewer` may read it, or None."""
    if not number or not number.isdecimal() or len(number) > 18:
        return None
    return db.session.scalar(Article.readable_by(viewer).where(Article.id == int(number)))


def whither(lang: str, slug: str, viewer: Viewer) -> Found | None:
    """What an address means that is nobody's today: one that moved, is misspelt or of another language."""
    spelt = slug.strip().lower()
    if spelt != slug and (article := db.session.scalar(_at(lang, spelt, viewer))):
        return Found(article, has_moved=True)
    moved = Article.readable_by(viewer).join(ArticleMove, ArticleMove.article_id == Article.id)
    came_from = moved.where(ArticleMove.lang == lang, ArticleMove.slug == spelt)
    if article := db.session.scalar(came_from):
        return Found(article, has_moved=True)
    for other in LANGUAGES:
        if other != lang and (article := db.session.scalar(_at(other, spelt, viewer))):
            own = next((each for each in translations(article, viewer) if each.lang == lang), None)
            return Found(own or article, is_foreign=own is None)
    return None


def was_public(lang: str, slug: str) -> Article | None:
    """The article that everybody could read at this address until it was put away, or None."""
    own = select(Article).where(Article.lang == lang, Article.slug == slug.strip().lower())
    gone = own.where(Article.status == ArticleStatus.ARCHIVED, Article.visibility == Visibility.PUBLIC)
    return db.session.scalar(gone.where(Article.published_at.is_not(None)))


def translations(article: Article, viewer: Viewer) -> list[Article]:
    """The same article in other languages, as far as `viewer` may read them."""
    if article.external_id is None:
        return []
    own = Article.readable_by(viewer)
    same = own.where(Article.external_id == article.external_id, Article.id != article.id)
    return list(db.session.scalars(same.order_by(Article.lang)))


def address(article: Article) -> str:
    """The full address of an article, as other sites should write it."""
    return site_address("knowledge_base.article", lang=article.lang, slug=article.slug)


def for_all(languages: Sequence[Article]) -> Article:
    """Of one article's languages the one for those who read none of them: English, else the first."""
    return next((each for each in languages if each.lang == "en"), languages[0])


def site_address(endpoint: str, **values: Any) -> str:
    """The full address of a page, whichever name of the machine it was asked by."""
    return str(current_app.config["HELPDESK_SITE_URL"]) + url_for(endpoint, **values)


def opening(body: str) -> str:
    """The first words of a Markdown text, as one plain line."""
    return excerpt(prose(body), _DESCRIPTION)


def _at(lang: str, slug: str, viewer: Viewer) -> Select[Article]:
    return Article.readable_by(viewer).where(Article.lang == lang, Article.slug == slug)


def _minutes(text: str, lang: str) -> int:
    amount = len(text) / _LETTERS_A_MINUTE if lang == "ja" else len(text.split()) / _WORDS_A_MINUTE
    return max(1, round(amount))
