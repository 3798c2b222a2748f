"""What stands on a reader's pages: an article with what belongs to it, a topic, and all of them at once."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from flask import current_app, url_for
from markupsafe import Markup
from sqlalchemy import func, select

from helpdesk import __version__
from helpdesk.core.clock import now
from helpdesk.core.db import db, insert_into
from helpdesk.core.markup import Heading, markdown, table_of_contents
from helpdesk.core.text import excerpt
from knowledge_base.models import Article, Viewer, Vote
from knowledge_base.prose import prose

LONGEST_REASON = 500
_MOST_RELATED = 4
_MOST_IN_TOPIC = 200
_MOST_IN_SITEMAP = 20_000
# What people read in a minute: letters of Japanese, words of English.
_LETTERS_A_MINUTE, _WORDS_A_MINUTE = 500, 220
_DESCRIPTION = 150


@dataclass(frozen=True)
class ArticlePage:
    """All that one article's page shows."""

    article: Article
    html: Markup
    contents: list[Heading]
    related: list[Article]
    # The same article in the other languages.
    translations: list[Article]
    description: str
    minutes: int


def page_of(article: Article, viewer: Viewer) -> ArticlePage:
    """An article as it is shown; its list of contents is empty where it has no two headings."""
    headings = [heading for heading in table_of_contents(article.body) if heading.level in (2, 3)]
    text = prose(article.body)
    return ArticlePage(
        article,
        markdown(article.body, article.lang),
        headings if len(headings) > 1 else [],
        related(article, viewer),
        translations(article, viewer),
        opening(article.body),
        _minutes(text, article.lang),
    )


def find(lang: str, slug: str, viewer: Viewer) -> Article:
    """The article, or 404: what the viewer may not read does not exist for them."""
    own = Article.readable_by(viewer).where(Article.lang == lang, Article.slug == slug)
    article: Article = db.one_or_404(own)
    return article


def related(article: Article, viewer: Viewer) -> list[Article]:
    """Others of its topic, those with most tags in common first."""
    if article.category_id is None:
        return []
    of_topic = topic(article.lang, article.category_id, viewer)
    others = [other for other in of_topic if other.id != article.id]
    tags = {*article.tags}
    return sorted(others, key=lambda other: -len(tags.intersection(other.tags)))[:_MOST_RELATED]


def topic(lang: str, category_id: int, viewer: Viewer) -> list[Article]:
    """The articles that lie in a category itself, in order of title."""
    own = Article.readable_by(viewer).where(Article.lang == lang, Article.category_id == category_id)
    return list(db.session.scalars(own.order_by(Article.title).limit(_MOST_IN_TOPIC)))


def translations(article: Article, viewer: Viewer) -> list[Article]:
    if article.external_id is None:
        return []
    own = Article.readable_by(viewer)
    same = own.where(Article.external_id == article.external_id, Article.id != article.id)
    return list(db.session.scalars(same.order_by(Article.lang)))


def everything() -> list[tuple[Article, list[Article]]]:
    """Each public article with all its languages, itself included, the newest first; for the sitemap."""
    newest = Article.public().order_by(Article.updated_at.desc(), Article.id).limit(_MOST_IN_SITEMAP)
    articles = list(db.session.scalars(newest))
    by_key: dict[str, list[Article]] = {}
    for article in articles:
        by_key.setdefault(article.external_id or f"id:{article.id}", []).append(article)
    return [(article, by_key[article.external_id or f"id:{article.id}"]) for article in articles]


def address(article: Article) -> str:
    """The full address of an article, as other sites should write it."""
    site = str(current_app.config["HELPDESK_SITE_URL"])
    return site + url_for("knowledge_base.article", lang=article.lang, slug=article.slug)


def opening(body: str) -> str:
    """The first words of a Markdown text, as one plain line."""
    return excerpt(prose(body), _DESCRIPTION)


def structured(page: ArticlePage) -> dict[str, Any]:
    """What search engines read (schema.org)."""
    article = page.article
    return {
        "@context": "https://schema.org",
        "@type": "Article",
        "headline": article.title,
        "description": page.description,
        "inLanguage": article.lang,
        "datePublished": (article.published_at or article.created_at).isoformat(),
        "dateModified": article.updated_at.isoformat(),
        "mainEntityOfPage": address(article),
        "publisher": {"@type": "Organization", "name": current_app.config["HELPDESK_COMPANY_NAME"]},
    }


def state_of(article: Article, *facts: object) -> tuple[str, datetime]:
    """A mark that changes whenever the article's page does, and when the article last changed.

    facts: what else the page depends on, as the reader's language.
    """
    figures = func.count(Article.id), func.sum(Article.version)
    around = db.session.execute(Article.public().with_only_columns(*figures)).one()
    told = repr((__version__, article.id, article.version, tuple(around), *facts))
    return sha256(told.encode()).hexdigest()[:24], article.updated_at


def vote_of(article: Article, visitor: str | None) -> Vote | None:
    """What the visitor said of the revision that readers have, or None."""
    if visitor is None:
        return None
    own = select(Vote).where(Vote.revision_id == article.revision_id, Vote.visitor == visitor)
    return db.session.scalar(own)


def vote(article: Article, *, visitor: str, is_helpful: bool, reason: str = "") -> None:
    """Judge the revision that readers have. The same visitor's next vote takes the place of this one."""
    key = {"revision_id": article.revision_id, "visitor": visitor}
    said = {"is_helpful": is_helpful, "reason": reason[:LONGEST_REASON], "at": now()}
    told = insert_into(Vote).values(**key, **said)
    db.session.execute(told.on_conflict_do_update(index_elements=[*key], set_=said))


def _minutes(text: str, lang: str) -> int:
    amount = len(text) / _LETTERS_A_MINUTE if lang == "ja" else len(text.split()) / _WORDS_A_MINUTE
    return max(1, round(amount))
