"""What machines read of the help centre: the facts of a page, all addresses, and what is new."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func

from helpdesk.core.db import db
from helpdesk.core.i18n import company_name, in_language
from knowledge_base.categories import Tree
from knowledge_base.language.prose import prose
from knowledge_base.models import Article, Purpose
from knowledge_base.reading.pages import ArticlePage, address, site_address

# So many addresses stand in one file; more than that are several files.
IN_SITEMAP = 10_000
IN_FEED = 30
_QUESTION = re.compile(r"[?？]$|(?:です|ます|ません|ました|でしょう|ない|の)か[。]?$")
_STEP = re.compile(r"^\d{1,3}[.)] +(\S.*)$", re.MULTILINE)
_LONGEST_ANSWER = 5_000


def structured(page: ArticlePage) -> dict[str, Any]:
    """What search engines read of an article (schema.org): what it is, and where it stands."""
    with in_language(page.article.lang):
        home = str(_("Help centre"))
    return {"@context": "https://schema.org", "@graph": [_itself(page), _way(page, home)]}


def sitemap(number: int) -> list[tuple[Article, list[Article]]]:
    """Each public article of the file of this number, from 1 on, with all its languages, itself included."""
    # Those that translate each other stand together.
    ordered = Article.public().order_by(Article.external_id, Article.id)
    part = list(db.session.scalars(ordered.offset((number - 1) * IN_SITEMAP).limit(IN_SITEMAP)))
    by_key: dict[str, list[Article]] = {}
    for article in _with_translations(part):
        by_key.setdefault(article.external_id or f"id:{article.id}", []).append(article)
    return [(article, by_key[article.external_id or f"id:{article.id}"]) for article in part]


def sitemaps() -> list[tuple[int, datetime | None]]:
    """The numbers of all files, and when anything public was changed last; one file at least."""
    figures = Article.public().with_only_columns(func.count(Article.id), func.max(Article.updated_at))
    count, newest = db.session.execute(figures).one()
    return [(number, newest) for number in range(1, max(1, -(-count // IN_SITEMAP)) + 1)]


def categories() -> list[tuple[str, int, list[str]]]:
    """Each category in which something public lies: its language, its id, and all languages it has."""
    tree = Tree.load()
    found = Article.public().where(Article.category_id.is_not(None))
    rows = db.session.execute(found.with_only_columns(Article.category_id, Article.lang).distinct())
    spoken: dict[int, set[str]] = {}
    for id, lang in rows:
        for category in tree.ancestors(tree.by_id[id]) if id else ():
            spoken.setdefault(category.id, set()).add(lang)
    return [(lang, id, sorted(langs)) for id, langs in sorted(spoken.items()) for lang in sorted(langs)]


def newest(lang: str, category_ids: Sequence[int] | None = None) -> list[Article]:
    """The public articles of a language, or of some categories of it; changed last comes first."""
    own = Article.public().where(Article.lang == lang)
    if category_ids is not None:
        own = own.where(Article.category_id.in_(category_ids))
    return list(db.session.scalars(own.order_by(Article.updated_at.desc(), Article.id.desc()).limit(IN_FEED)))


def _with_translations(part: list[Article]) -> list[Article]:
    """The articles, and of the first and the last of them what the files beside this one have."""
    edges = {each.external_id for each in (part[:1] + part[-1:]) if each.external_id is not None}
    known = {article.id for article in part}
    beside = db.session.scalars(Article.public().where(Article.external_id.in_(edges)))
    return sorted([*part, *(each for each in beside if each.id not in known)], key=lambda each: each.lang)


def _itself(page: ArticlePage) -> dict[str, Any]:
    article = page.article
    told = {
        "name": article.title,
        "headline": article.title,
        "description": page.description,
        "inLanguage": article.lang,
        "url": address(article),
        "datePublished": (article.published_at or article.created_at).isoformat(),
        "dateModified": article.updated_at.isoformat(),
        "publisher": {"@type": "Organization", "name": company_name(article.lang)},
    }
    steps = _steps(article.body) if article.purpose is Purpose.HOW_TO else []
    if _QUESTION.search(article.title):
        answer = {"@type": "Answer", "text": prose(article.body)[:_LONGEST_ANSWER]}
        question = {"@type": "Question", "name": article.title, "acceptedAnswer": answer}
        return {"@type": "FAQPage", **told, "mainEntity": [question]}
    if len(steps) > 1:
        return {"@type": "HowTo", **told, "step": [{"@type": "HowToStep", "text": step} for step in steps]}
    return {"@type": "Article", **told, "mainEntityOfPage": address(article)}


def _steps(body: str) -> list[str]:
    """What the text says to do, where it says it in numbers."""
    return [prose(step) for step in _STEP.findall(body)]


def _way(page: ArticlePage, home: str) -> dict[str, Any]:
    lang = page.article.lang
    shelves = [
        (each.name(lang), site_address("knowledge_base.category", lang=lang, id=each.id))
        for each in page.path
    ]
    places = [(home, site_address("portal.home")), *shelves, (page.article.title, address(page.article))]
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": number, "name": name, "item": place}
            for number, (name, place) in enumerate(places, 1)
        ],
    }
