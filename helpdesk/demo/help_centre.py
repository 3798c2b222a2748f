"""What people looked for and read in the help centre of the demo company."""

from datetime import datetime, timedelta
from typing import Any

from helpdesk.demo import content
from helpdesk.demo.lives import Life
from helpdesk.demo.rows import Row
from helpdesk.demo.world import World
from helpdesk.timeline import Kind
from knowledge_base.models import Article, Vote
from knowledge_base.steps import HelpStep, Step

# Of those who write, so many looked for an answer themselves before.
_SEARCHED, _READ = 0.45, 0.65
# Visits that never became a ticket.
_VISITS = 600
_HELPFUL = (0.62, 0.95)


def visit_all(world: World) -> None:
    """Visits without a ticket: searched, read, some voted."""
    topics = [*content.topics().values()]
    for _ in range(_VISITS):
        lang = "ja" if world.rng.random() < 0.8 else "en"
        topic = world.rng.choices(topics, [topic["weight"] for topic in topics])[0]
        at = world.began_at + (world.at - world.began_at) * world.rng.random()
        visitor = _visitor(world)
        _search(world, visitor, topic, lang, at)
        article = world.articles.get((topic["article"], lang))
        if article is not None and world.rng.random() < _READ:
            _read(world, visitor, article, at + timedelta(minutes=1))
            _vote(world, visitor, article, at + timedelta(minutes=world.rng.uniform(2, 6)))


def search_before(world: World, life: Life, ticket: Row, topic: dict[str, Any], at: datetime) -> None:
    """Some look for themselves first; the desk sees what they tried."""
    if world.rng.random() >= _SEARCHED:
        return
    visitor, lang = _visitor(world), life.house.language
    wrote = {"visitor": visitor, "step": Step.WROTE, "lang": "", "query": "", "ticket_id": ticket}
    world.rows.add(HelpStep, **wrote, at=at)
    at -= timedelta(minutes=world.rng.uniform(6, 25))
    query, hits = _search(world, visitor, topic, lang, at)
    contact: Row = ticket["contact_id"]
    told = {"table": "contacts", "contact": contact, "lang": lang}
    world.tell(Kind.HELP_SEARCHED, life, contact, at, query=query, hits=hits, **told)
    article = world.articles.get((topic["article"], lang))
    if article is not None and world.rng.random() < _READ:
        at += timedelta(minutes=2)
        _read(world, visitor, article, at)
        read = {"article_id": article.id, "title": article.title, "slug": article.slug}
        world.tell(Kind.ARTICLE_READ, life, contact, at, **read, **told)


def _search(world: World, visitor: str, topic: dict[str, Any], lang: str, at: datetime) -> tuple[str, int]:
    query = world.rng.choice(topic[f"{lang}_searches"])
    # Where no article answers, a search finds nothing or something far off.
    hits = world.rng.randint(2, 9) if topic["article"] else world.rng.choice((0, 0, 0, 1))
    match = "good" if topic["article"] else "near" if hits else "none"
    found = {"query": query, "hits": hits, "match": match}
    world.rows.add(HelpStep, visitor=visitor, step=Step.SEARCHED, lang=lang, at=at, **found)
    return query, hits


def _read(world: World, visitor: str, article: Article, at: datetime) -> None:
    about = {"lang": article.lang, "query": "", "article_id": article.id, "place": _place(visitor)}
    world.rows.add(HelpStep, visitor=visitor, step=Step.READ, at=at, **about)


def _vote(world: World, visitor: str, article: Article, at: datetime) -> None:
    if at >= world.at or world.rng.random() < 0.5:
        return
    # Some articles are better than others, always the same ones.
    quality = _HELPFUL[0] + (_HELPFUL[1] - _HELPFUL[0]) * (len(article.slug) * 7 % 10) / 10
    is_helpful = world.rng.random() < quality
    world.rows.add(
        Vote, revision_id=article.revision_id, visitor=visitor, is_helpful=is_helpful, reason="", at=at
    )
    world.rows.add(
        HelpStep,
        visitor=visitor,
        step=Step.VOTED,
        lang=article.lang,
        query="",
        article_id=article.id,
        is_helpful=is_helpful,
        at=at,
    )


def _place(visitor: str) -> int:
    """Where the article stood in the list: mostly first. The visitor's number decides, no die is thrown."""
    return 1 if int(visitor[0], 16) < 10 else 2 + int(visitor[1], 16) % 3


def _visitor(world: World) -> str:
    return f"{world.rng.getrandbits(128):032x}"
