"""Addresses of articles: made of the title, changed by editors; an old one leads to the article for ever."""

import re
import unicodedata

from sqlalchemy import delete, select

from helpdesk.accounts.models import Agent
from helpdesk.core.db import db, insert_into
from knowledge_base.acts import Act, note
from knowledge_base.belongings import ArticleMove
from knowledge_base.models import Article

LONGEST_SLUG = 80

_UNSPACED = re.compile("[\u3005-\u30ff\u3400-\u9fff\uac00-\ud7af]")


class AddressTaken(Exception):
    """The address is another article's, or was once and still leads there; `article` is that one."""

    def __init__(self, article: Article) -> None:
        super().__init__(f"the address is article {article.id}'s")
        self.article = article


def slug_of(text: str) -> str:
    """The text as a part of an address: small letters, digits and hyphens; empty for Japanese."""
    if _UNSPACED.search(text):
        return ""
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", letters))[:LONGEST_SLUG].strip("-")


def free_slug(article: Article, wanted: str) -> str:
    """An address for a new article; one that is or was another's gets a number."""
    slug = slug_of(wanted) or f"a-{article.id}"
    taken: set[str] = set()
    # In this order: what moves away in the same moment is seen in the one or in the other.
    for table in (Article, ArticleMove):
        near = select(table.slug).where(table.lang == article.lang, table.slug.startswith(slug))
        taken |= {*db.session.scalars(near)}
    if slug not in taken:
        return slug
    return next(free for n in range(2, len(taken) + 3) if (free := f"{slug}-{n}") not in taken)


def move(article: Article, slug: str, *, by: Agent | None) -> str:
    """Give the article another address; the one it had leads to it from now on. Returns the old one.

    A move points to the article, never to an address, so there are no chains and no loops.
    Raises `AddressTaken`, and `ValueError` where nothing of `slug` can stand in an address.
    """
    slug, old = slug_of(slug), article.slug
    if not slug:
        raise ValueError("no address can be made of that")
    if slug == old:
        return old
    _refuse_taken(article, slug)
    own = (ArticleMove.lang == article.lang, ArticleMove.slug == slug, ArticleMove.article_id == article.id)
    db.session.execute(delete(ArticleMove).where(*own))
    kept = insert_into(ArticleMove).values(lang=article.lang, slug=old, article_id=article.id)
    here = {"article_id": article.id}
    db.session.execute(kept.on_conflict_do_update(index_elements=["lang", "slug"], set_=here))
    article.slug = slug
    note(article, Act.MOVED, by=by, words=f"{old} → {slug}")
    return old


def _refuse_taken(article: Article, slug: str) -> None:
    of_others = select(Article).where(Article.lang == article.lang, Article.id != article.id)
    holder = db.session.scalar(of_others.where(Article.slug == slug))
    if holder is None:
        led = select(ArticleMove.article_id).where(ArticleMove.lang == article.lang, ArticleMove.slug == slug)
        holder = db.session.scalar(of_others.where(Article.id.in_(led)))
    if holder is not None:
        raise AddressTaken(holder)
