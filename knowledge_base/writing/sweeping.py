"""One change of many articles at once, and what came of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import selectinload

from helpdesk.accounts.models import Agent
from helpdesk.core.db import db
from knowledge_base.categories import Category, path_of
from knowledge_base.models import Article, ArticleStatus
from knowledge_base.writing import editing, life
from knowledge_base.writing.editing import Particulars

MOST = 200


@dataclass(frozen=True)
class Swept:
    """How many articles were changed, and how many were so already."""

    changed: int
    same: int


def put_on_shelf(articles: Sequence[Article], category: Category | None, *, by: Agent) -> Swept:
    """Lay them into a category, or out of theirs; each gets a revision that says so."""

    def lay(article: Article) -> bool:
        if article.category_id == (category.id if category else None):
            return False
        newest, path = article.newest, path_of(category, article.lang)
        said = replace(Particulars.of(article), category=path)
        editing.revise(article, newest.title, newest.body, by=by, particulars=said)
        return True

    return _each(articles, lay)


def give(articles: Sequence[Article], owner: Agent | None, *, by: Agent) -> Swept:
    """Let one person see to all of them, or nobody."""

    def hand_over(article: Article) -> bool:
        has_changed = article.owner is not owner
        life.own(article, owner, by=by)
        return has_changed

    return _each(articles, hand_over)


def archive(articles: Sequence[Article], *, by: Agent) -> Swept:
    """Take all of them from readers and put them away."""

    def put_away(article: Article) -> bool:
        if article.status is ArticleStatus.ARCHIVED:
            return False
        editing.archive(article, by=by)
        return True

    return _each(articles, put_away)


def chosen(agent: Agent, ids: Sequence[int]) -> list[Article]:
    """The articles of these numbers that the agent may change, `MOST` at the most."""
    own = Article.visible_to(agent).where(Article.id.in_(ids[:MOST])).order_by(Article.id)
    return list(db.session.scalars(own.options(selectinload(Article.revisions))))


def _each(articles: Sequence[Article], change: Callable[[Article], bool]) -> Swept:
    changed = sum(change(article) for article in articles)
    return Swept(changed, len(articles) - changed)
