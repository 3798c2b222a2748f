"""The articles of one language by the search engine; imported on the first search, since it is heavy."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from sqlalchemy import String, cast, select

from helpdesk.core.db import db
from helpdesk.core.words import fold
from knowledge_base.finding.answers import NEAR, NONE, Item, Ranking
from knowledge_base.finding.engine import Found
from knowledge_base.finding.fusing import Placed, by_words, fuse
from knowledge_base.finding.highlighting import highlight
from knowledge_base.finding.judging import are_close, is_far, match_of
from knowledge_base.finding.nearest import nearest
from knowledge_base.finding.synonyms import known_synonyms
from knowledge_base.finding.wholes import JOINT
from knowledge_base.index.feeding import engine
from knowledge_base.language.prose import prose
from knowledge_base.language.words import is_japanese, words
from knowledge_base.models import Article, Viewer
from knowledge_base.semantic.nearness import Nearness, nearness
from knowledge_base.semantic.pieces import parts

log = logging.getLogger(__name__)

# What fits the asker's stage comes before its equals; it never hides another article.
STAGE_BOOST = 1.3
# Hits beyond the limit, for those that the asker may not see.
_SPARE = 10
# Hits by words that are put together with those by meaning.
DEEP = 200
# Characters of an article in which a snippet's words are looked for, from its most promising line on.
_PASSAGE = 240


def rank(
    question: str, lang: str, *, viewer: Viewer, stage: str, limit: int, words_only: bool = False
) -> Ranking:
    """The best articles that `viewer` may read. Raises `IndexUnusable`, also for another version's index.

    words_only: leave the vectors alone, whose model takes its time for each question.
    """
    if not words(question):
        return _nearest(question, lang, viewer, limit)
    near, boosts = None if words_only else near_in_meaning(question, lang), boosts_of(lang, stage)
    wanted = limit + _SPARE
    while True:
        placed, found = placed_articles(question, lang, near, boosts, limit=wanted)
        articles = _readable([place.id for place in placed], lang, viewer)
        if len(articles) >= limit or len(placed) < wanted:
            shown = [place for place in placed if place.id in articles]
            if not shown:
                return _nearest(question, lang, viewer, limit)
            match = match_of(question, shown)
            return replace(
                _ranking(shown, articles, limit, match, found.corrections),
                is_far=match == NEAR and is_far(shown, lang),
            )
        wanted *= 4


def placed_articles(
    question: str, lang: str, near: Nearness | None, boosts: Mapping[int, float], *, limit: int
) -> tuple[list[Placed], Found]:
    """The order of all articles, whoever may read them, and what the words alone gave for it."""
    synonyms = known_synonyms()
    if near is None:
        found = engine().search(question, lang, limit=limit, boosts=boosts, synonyms=synonyms)
        return by_words(found.hits), found
    found = engine().search(question, lang, limit=max(limit, DEEP), synonyms=synonyms)
    return fuse(found.hits, near, boosts=boosts, limit=limit), found


def near_in_meaning(question: str, lang: str) -> Nearness | None:
    """What the vectors say; None without a model, and where it fails: then the words answer alone."""
    try:
        return nearness(question, lang)
    except Exception:
        log.exception("the search by meaning failed; words alone answer")
        return None


def boosts_of(lang: str, stage: str) -> dict[int, float]:
    """The factors by which articles come earlier for an asker on that stage."""
    if not stage:
        return {}
    fitting = select(Article.id).where(
        Article.lang == lang, cast(Article.stages, String).contains(f'"{stage}"')
    )
    return dict.fromkeys(db.session.scalars(fitting), STAGE_BOOST)


def _nearest(question: str, lang: str, viewer: Viewer, limit: int) -> Ranking:
    """What looks like the question, where no article has a word of it; never called an answer."""
    # A question in the other language's letters looks like nothing here.
    if is_japanese(question) != (lang == "ja"):
        return Ranking()
    alike = nearest(question, lang, limit=limit + _SPARE)
    articles = _readable([id for id, _share in alike], lang, viewer)
    shown = [Placed(id, share) for id, share in alike if id in articles]
    return _ranking(shown, articles, limit, NEAR if shown else NONE, ())


def _readable(ids: Sequence[int], lang: str, viewer: Viewer) -> dict[int, Article]:
    """Those of the hits that are still published and may be shown."""
    chosen = Article.readable_by(viewer).where(Article.id.in_(ids), Article.lang == lang)
    return {article.id: article for article in db.session.scalars(chosen)}


def _ranking(
    placed: Sequence[Placed],
    articles: Mapping[int, Article],
    limit: int,
    match: str,
    corrections: Sequence[str],
) -> Ranking:
    cosine = max((place.cosine for place in placed if place.cosine is not None), default=None)
    coverage = max((place.coverage for place in placed), default=0.0)

    def shown() -> list[Item]:
        best = placed[:limit]
        return [
            _item(articles[place.id], place, is_close)
            for place, is_close in zip(best, are_close(best), strict=True)
        ]

    return Ranking(shown, match, corrections, cosine, coverage)


def _item(article: Article, place: Placed, is_close: bool) -> Item:
    title = highlight(article.title, place.terms, length=len(article.title))
    snippet = highlight(_passage(article.body, place), place.terms, within=_PASSAGE)
    return Item(article, title, snippet, place.score, is_close)


def _passage(body: str, place: Placed) -> str:
    """The text from the line on that has most of the terms: to cut all of it into words takes too long.

    Without terms in it it is the piece that is nearest in meaning.
    """
    lines = _lines(body)

    def terms_in(index: int) -> int:
        return sum(all(part in lines[index][1] for part in term.split(JOINT)) for term in place.terms)

    start = max(range(len(lines)), key=terms_in, default=0)
    if place.piece and not terms_in(start):
        return " ".join(parts(body)[place.piece :])
    return " ".join(line for line, _folded in lines[start:])


@lru_cache(maxsize=500)
def _lines(body: str) -> tuple[tuple[str, str], ...]:
    """The lines of an article's text, each as it is and folded; the usual answers are kept."""
    return tuple((line, fold(line)) for line in prose(body, between=" · ").splitlines())
