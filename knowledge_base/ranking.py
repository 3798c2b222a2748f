"""The articles of one language by the search engine; imported on the first search, since it is heavy."""

from collections.abc import Sequence

from sqlalchemy import String, cast, select

from helpdesk.core.db import db
from helpdesk.core.words import fold
from knowledge_base.answers import Item, Ranking
from knowledge_base.engine import Found, match_of
from knowledge_base.feeding import engine
from knowledge_base.highlighting import highlight
from knowledge_base.models import Article, Viewer
from knowledge_base.prose import prose
from knowledge_base.scoring import Hit

# What fits the asker's stage comes before its equals; it never hides another article.
STAGE_BOOST = 1.3
# Hits beyond the limit, for those that the asker may not see.
_SPARE = 10
# Characters of an article in which a snippet's words are looked for, from its most promising line on.
_PASSAGE = 240


def rank(question: str, lang: str, *, viewer: Viewer, stage: str, limit: int) -> Ranking:
    """The best articles that `viewer` may read. Raises `IndexUnusable`, also for another version's index."""
    boosts = _boosts(lang, stage)
    wanted = limit + _SPARE
    while True:
        found = engine().search(question, lang, limit=wanted, boosts=boosts)
        articles = _readable(found.hits, lang, viewer)
        if len(articles) >= limit or len(found.hits) < wanted:
            return _ranking(found, articles, limit)
        wanted *= 4


def _boosts(lang: str, stage: str) -> dict[int, float]:
    if not stage:
        return {}
    fitting = select(Article.id).where(
        Article.lang == lang, cast(Article.stages, String).contains(f'"{stage}"')
    )
    return dict.fromkeys(db.session.scalars(fitting), STAGE_BOOST)


def _readable(hits: Sequence[Hit], lang: str, viewer: Viewer) -> dict[int, Article]:
    """Those of the hits that are still published and may be shown."""
    ids = [hit.id for hit in hits]
    chosen = Article.readable_by(viewer).where(Article.id.in_(ids), Article.lang == lang)
    return {article.id: article for article in db.session.scalars(chosen)}


def _ranking(found: Found, articles: dict[int, Article], limit: int) -> Ranking:
    hits = [hit for hit in found.hits if hit.id in articles][:limit]
    items = [_item(articles[hit.id], hit) for hit in hits]
    return Ranking(items, match_of(hits).value, found.corrections)


def _item(article: Article, hit: Hit) -> Item:
    title = highlight(article.title, hit.terms, length=len(article.title))
    return Item(article, title, highlight(_passage(article.body, hit.terms), hit.terms), hit.score)


def _passage(body: str, terms: Sequence[str]) -> str:
    """The text from the line on that has most of the terms: to cut all of it into words takes too long."""
    lines = prose(body).splitlines()

    def terms_in(line: str) -> int:
        folded = fold(line)
        return sum(term in folded for term in terms)

    start = max(range(len(lines)), key=lambda index: terms_in(lines[index]), default=0)
    return " ".join(lines[start:])[:_PASSAGE]
