"""Articles as an export tells them: named as in JSON lines, nothing that is empty, in a lasting order."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, func, select

from helpdesk.accounts.models import Agent
from helpdesk.core.db import db
from helpdesk.core.files import StoredFile
from knowledge_base.belongings import ArticleFile, ArticleMove
from knowledge_base.categories import PATH, Category, Tree
from knowledge_base.models import Article, ArticleStatus, Revision
from knowledge_base.writing.addressing import slug_of
from knowledge_base.writing.editing import LISTS

# Articles read at once.
_CHUNK = 200


@dataclass(frozen=True)
class Chosen:
    """Which articles, empty for all; owners: with the mail addresses of those who see to them."""

    lang: str = ""
    status: str = ""
    owners: bool = False

    @property
    def articles(self) -> Select[Article]:
        all = select(Article)
        if self.lang:
            all = all.where(Article.lang == self.lang)
        return all.where(Article.status == ArticleStatus(self.status)) if self.status else all


@dataclass(frozen=True)
class Whole:
    """An article with all that belongs to it."""

    article: Article
    # The newest text, where readers do not have it yet.
    ahead: Revision | None
    newest: Revision
    aliases: list[str]
    files: list[tuple[str, StoredFile]]
    owner: str


class Shelves:
    """The categories in their order, with a folder for each."""

    def __init__(self) -> None:
        self.tree = Tree.load()
        self.folders: dict[int, str] = {}
        taken: set[str] = set()
        for shelf in self.tree.all:
            category = shelf.category
            above = self.folders[category.parent_id] + "/" if category.parent_id else ""
            own = slug_of(category.name_en or category.name_ja)
            wanted = above + (own or f"category-{category.position}")
            name, number = wanted, 2
            while name in taken:
                name, number = f"{wanted}-{number}", number + 1
            taken.add(name)
            self.folders[category.id] = name

    def names(self, category_id: int | None, lang: str) -> list[str]:
        if category_id is None:
            return []
        return [each.name(lang) for each in self.tree.ancestors(self.tree.by_id[category_id])]

    @property
    def all(self) -> list[Category]:
        return [shelf.category for shelf in self.tree.all]


def all_of(chosen: Chosen) -> Iterator[Whole]:
    """The articles in an order that stays: by id of elsewhere, then by address."""
    order = func.coalesce(Article.external_id, ""), Article.lang, Article.slug
    ids = list(db.session.scalars(chosen.articles.with_only_columns(Article.id).order_by(*order)))
    for n in range(0, len(ids), _CHUNK):
        some = ids[n : n + _CHUNK]
        articles = {each.id: each for each in db.session.scalars(select(Article).where(Article.id.in_(some)))}
        more = _belongings(some, chosen)
        for id in some:
            yield _whole(articles[id], *(kept.get(id) for kept in more))
        db.session.expunge_all()


def _belongings(ids: list[int], chosen: Chosen) -> tuple[dict[int, Any], ...]:
    """Newest revisions, former addresses, files and owners of some articles."""
    last = select(func.max(Revision.id)).where(Revision.article_id.in_(ids)).group_by(Revision.article_id)
    newest = {
        each.article_id: each for each in db.session.scalars(select(Revision).where(Revision.id.in_(last)))
    }
    aliases: dict[int, list[str]] = {}
    moves = select(ArticleMove).where(ArticleMove.article_id.in_(ids)).order_by(ArticleMove.slug)
    for move in db.session.scalars(moves):
        aliases.setdefault(move.article_id, []).append(move.slug)
    files: dict[int, list[tuple[str, StoredFile]]] = {}
    own = select(ArticleFile, StoredFile).join(StoredFile, StoredFile.id == ArticleFile.file_id)
    for file, stored in db.session.execute(
        own.where(ArticleFile.article_id.in_(ids)).order_by(ArticleFile.name)
    ):
        files.setdefault(file.article_id, []).append((file.name, stored))
    owners: dict[int, str] = {}
    if chosen.owners:
        named = select(Article.id, Agent.email).join(Agent, Agent.id == Article.owner_id)
        owners = {row.id: row.email for row in db.session.execute(named.where(Article.id.in_(ids)))}
    return newest, aliases, files, owners


def _whole(
    article: Article,
    newest: Revision | None,
    aliases: list[str] | None,
    files: list[tuple[str, StoredFile]] | None,
    owner: str | None,
) -> Whole:
    assert newest is not None
    is_ahead = article.is_published and (article.title, article.body) != (newest.title, newest.body)
    return Whole(article, newest if is_ahead else None, newest, aliases or [], files or [], owner or "")


def record_of(whole: Whole, shelves: Shelves) -> dict[str, Any]:
    """What is said of an article, under the names of JSON lines; the text last, nothing that is empty."""
    article = whole.article
    said = article if article.is_published else whole.newest
    names = shelves.names(article.category_id, article.lang)
    told = {
        "external_id": article.external_id,
        "lang": article.lang,
        "slug": article.slug,
        "title": said.title,
        "category": names if any(PATH in name for name in names) else PATH.join(names),
        "status": article.status.value,
        "visibility": article.visibility.value,
        "purpose": article.purpose.value,
        "position": article.position,
        **{name: list(getattr(article, name)) for name in LISTS},
        "aliases": whole.aliases,
        "created_at": _moment(article.created_at),
        "published_at": _moment(article.published_at),
        "updated_at": _moment(article.updated_at),
        "review_on": article.review_on.isoformat() if article.review_on else None,
        "owner": whole.owner,
    }
    kept: dict[str, Any] = {name: value for name, value in told.items() if value not in (None, "", [])}
    if whole.ahead:
        kept["changes"] = {"title": whole.ahead.title, "body": whole.ahead.body}
    return {**kept, "body": said.body}


def _moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at else None
