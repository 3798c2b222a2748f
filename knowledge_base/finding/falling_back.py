"""The articles of one language from the database alone, while there is no index: slower, but never away."""

from collections.abc import Collection

from helpdesk.core.db import db
from helpdesk.core.words import fold, grams, parse, snippet
from knowledge_base.finding.answers import GOOD, NEAR, NONE, Item, Ranking
from knowledge_base.language.prose import prose
from knowledge_base.models import Article, Viewer

# More articles than this are not looked through: the newest are.
_MOST_ARTICLES = 5_000
# The share of a question's pieces that an article must have to be shown, and to be called an answer.
_SHOWN, _GOOD = 0.4, 0.7
_TITLE_WEIGHT = 2.0


def rank(question: str, lang: str, *, viewer: Viewer, limit: int) -> Ranking:
    """The articles that have most of the question's words and pairs of letters."""
    found = {*grams(question)}
    # The last letter alone is in every text.
    pieces = {piece for piece in found if len(piece) > 1} or found
    if not pieces:
        return Ranking()
    chosen = Article.readable_by(viewer).where(Article.lang == lang).order_by(Article.id.desc())
    scored = [
        (*_score(article, pieces), article) for article in db.session.scalars(chosen.limit(_MOST_ARTICLES))
    ]
    shown = [(share, score, article) for share, score, article in scored if share >= _SHOWN]
    best = sorted(shown, key=lambda row: (-row[1], row[2].id))[:limit]
    match = NONE if not best else GOOD if best[0][0] >= _GOOD else NEAR
    return Ranking(lambda: [_item(article, question, score) for _share, score, article in best], match)


def _score(article: Article, pieces: Collection[str]) -> tuple[float, float]:
    """The share of the pieces that the article has, and the same with those in its title counted more."""
    title, text = fold(article.title), fold("\n".join([*article.questions, *article.tags, article.body]))
    in_title = sum(piece in title for piece in pieces)
    anywhere = sum(piece in title or piece in text for piece in pieces)
    return anywhere / len(pieces), (anywhere + _TITLE_WEIGHT * in_title) / len(pieces)


def _item(article: Article, question: str, score: float) -> Item:
    query = parse(question)
    title = snippet(article.title, query, length=len(article.title))
    return Item(article, title, snippet(prose(article.body, between=" · "), query, length=120), score)
