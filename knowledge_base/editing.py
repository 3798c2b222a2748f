"""Writing articles: each save is a revision, readers get one only when it is published, nothing is lost.

Every verb leaves the index behind on purpose and asks, in the same transaction, for the job that follows.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from secrets import token_hex
from typing import Any

from sqlalchemy import select

from helpdesk.accounts.models import Agent
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.text import one_line, without_controls
from knowledge_base.categories import at_path, path_of
from knowledge_base.feeding import index_changes
from knowledge_base.models import Article, ArticleStatus, Purpose, Revision, Visibility

LONGEST_TITLE = 200
LONGEST_BODY = 200_000
_LONGEST_SLUG = 80

_UNSPACED = re.compile("[\u3005-\u30ff\u3400-\u9fff\uac00-\ud7af]")


class Overtaken(Exception):
    """Somebody saved the article after the editor had opened it; `newest` is what they wrote."""

    def __init__(self, newest: Revision) -> None:
        super().__init__(f"article {newest.article_id} is at revision {newest.number}")
        self.newest = newest


@dataclass(frozen=True)
class Particulars:
    """What is said about an article beside its text; readers and search see it at once."""

    # The path of its category in its language: "Billing / Invoices".
    category: str = ""
    purpose: Purpose = Purpose.HOW_TO
    visibility: Visibility = Visibility.PUBLIC
    tags: Sequence[str] = ()
    # Keys of the stages it is written for.
    stages: Sequence[str] = ()
    # What customers would type.
    questions: Sequence[str] = ()

    @classmethod
    def of(cls, article: Article) -> "Particulars":
        return cls(
            path_of(article.shelf, article.lang),
            article.purpose,
            article.visibility,
            tuple(article.tags),
            tuple(article.stages),
            tuple(article.questions),
        )

    @property
    def facts(self) -> dict[str, Any]:
        """As a revision keeps them."""
        kept = asdict(self)
        lists = {name: list(kept[name]) for name in ("tags", "stages", "questions")}
        return {**kept, **lists, "purpose": self.purpose.value, "visibility": self.visibility.value}

    def put_on(self, article: Article) -> None:
        article.shelf = at_path(self.category, article.lang)
        article.purpose, article.visibility = self.purpose, self.visibility
        article.tags, article.stages, article.questions = map(
            _lines, (self.tags, self.stages, self.questions)
        )


def write(
    title: str,
    body: str,
    *,
    lang: str,
    by: Agent | None = None,
    slug: str = "",
    external_id: str | None = None,
    particulars: Particulars = Particulars(),
) -> Article:
    """A new draft. Its address is the slug, else made of the title; it stays when the title changes.

    external_id: the same in all languages of one article. A taken slug gets a number.
    """
    # The address may hold the article's id, which the database gives.
    article = Article(lang=lang, slug=f"new-{token_hex(8)}", title="", body="", external_id=external_id)
    db.session.add(article)
    db.session.flush()
    article.slug = _free_slug(article, slug or title)
    _save(article, title, body, particulars, by=by)
    return article


def revise(
    article: Article,
    title: str,
    body: str,
    *,
    by: Agent | None,
    base: int | None = None,
    particulars: Particulars | None = None,
) -> Revision:
    """Save what the editor wrote; what changes nothing makes no revision. Readers get it with `publish`.

    base: the number of the revision that the editor started from, None to write over whatever is there.
    Raises `Overtaken` where it is no longer the newest.
    """
    db.session.refresh(article, ["revisions"])
    if base is not None and base != article.newest.number:
        raise Overtaken(article.newest)
    particulars = particulars or Particulars.of(article)
    _save(article, title, body, particulars, by=by)
    return article.newest


def publish(article: Article, *, by: Agent | None) -> None:
    """Give readers the newest revision. Publishing the same one twice is the same as once."""
    if article.is_published and not article.has_unpublished_changes:
        return
    newest = article.newest
    article.title, article.body, article.revision_id = newest.title, newest.body, newest.id
    article.published_at = article.published_at or now()
    article.updated_at = now()
    _put(article, ArticleStatus.PUBLISHED, by)


def withdraw(article: Article, *, by: Agent | None) -> None:
    """Take it from readers at once; it is a draft again."""
    _put(article, ArticleStatus.DRAFT, by)


def archive(article: Article, *, by: Agent | None) -> None:
    """Take it from readers at once and put it away, with all it ever said."""
    _put(article, ArticleStatus.ARCHIVED, by)


def restore(revision: Revision, *, by: Agent | None) -> Revision:
    """Say again what a revision said, as a new revision; those between stay in the history."""
    article = revision.article
    return revise(article, revision.title, revision.body, by=by)


def _save(article: Article, title: str, body: str, particulars: Particulars, *, by: Agent | None) -> None:
    title, body = one_line(title)[:LONGEST_TITLE], without_controls(body)[:LONGEST_BODY].strip("\n")
    particulars.put_on(article)
    facts = Particulars.of(article).facts
    last = article.revisions[-1] if article.revisions else None
    if last and (last.title, last.body, last.particulars) == (title, body, facts):
        return
    number = last.number + 1 if last else 1
    article.revisions.append(
        Revision(number=number, title=title, body=body, particulars=facts, agent_id=by.id if by else None)
    )
    if article.revision_id is None:
        article.title, article.body = title, body
    _ask_for_indexing(article)


def _put(article: Article, status: ArticleStatus, by: Agent | None) -> None:
    article.status, article.status_by_id = status, by.id if by else None
    _ask_for_indexing(article)


def _ask_for_indexing(article: Article) -> None:
    db.session.flush()
    index_changes.later(key=article.lang, lang=article.lang)


def _lines(words: Sequence[str]) -> list[str]:
    """Single lines, none empty, none twice."""
    return list(dict.fromkeys(filter(None, map(one_line, words))))


def _free_slug(article: Article, wanted: str) -> str:
    slug = slug_of(wanted) or f"a-{article.id}"
    near = select(Article.slug).where(Article.lang == article.lang, Article.slug.startswith(slug))
    taken = {*db.session.scalars(near)}
    if slug not in taken:
        return slug
    return next(free for n in range(2, len(taken) + 3) if (free := f"{slug}-{n}") not in taken)


def slug_of(text: str) -> str:
    """The text as a part of an address: small letters, digits and hyphens; empty for Japanese."""
    if _UNSPACED.search(text):
        return ""
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", letters))[:_LONGEST_SLUG].strip("-")
