"""Writing articles: each save is a revision, readers get one only when it is published, nothing is lost.

Every verb leaves the index behind on purpose and asks, in the same transaction, for the job that follows.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from secrets import token_hex
from typing import Any

from helpdesk.accounts.models import Agent
from helpdesk.core import live
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.text import one_line, without_controls
from knowledge_base.acts import LONGEST_NOTE, Act, note
from knowledge_base.categories import at_path, path_of
from knowledge_base.index.feeding import index_changes
from knowledge_base.models import Article, ArticleStatus, Purpose, Revision, Visibility
from knowledge_base.writing.addressing import free_slug
from knowledge_base.writing.linking import check_links, check_links_to

LONGEST_TITLE = 200
LONGEST_BODY = 200_000
# The particulars that are lists of words.
LISTS = ("tags", "stages", "questions", "audience")


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
    # Keys of the stages on which a reader must stand, where only a segment may read it.
    audience: Sequence[str] = ()

    @classmethod
    def of(cls, article: Article) -> "Particulars":
        return cls(
            path_of(article.shelf, article.lang),
            article.purpose,
            article.visibility,
            tuple(article.tags),
            tuple(article.stages),
            tuple(article.questions),
            tuple(article.audience),
        )

    @property
    def facts(self) -> dict[str, Any]:
        """As a revision keeps them."""
        kept = asdict(self)
        lists = {name: list(kept[name]) for name in LISTS}
        return {**kept, **lists, "purpose": self.purpose.value, "visibility": self.visibility.value}

    def put_on(self, article: Article) -> None:
        article.shelf = at_path(self.category, article.lang)
        article.purpose, article.visibility = self.purpose, self.visibility
        for name in LISTS:
            setattr(article, name, _lines(getattr(self, name)))


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
    article.slug = free_slug(article, slug or title)
    _save(article, title, body, particulars, by=by, why="")
    return article


def revise(
    article: Article,
    title: str,
    body: str,
    *,
    by: Agent | None,
    base: int | None = None,
    particulars: Particulars | None = None,
    why: str = "",
) -> Revision:
    """Save what the editor wrote; what changes nothing makes no revision. Readers get it with `publish`.

    base: the number of the revision that the editor started from, None to write over whatever is there.
    why: what the history says about it.
    Raises `Overtaken` where it is no longer the newest.
    """
    db.session.refresh(article, ["revisions"])
    if base is not None and base != article.newest.number:
        raise Overtaken(article.newest)
    particulars = particulars or Particulars.of(article)
    _save(article, title, body, particulars, by=by, why=why)
    return article.newest


def publish(article: Article, *, by: Agent | None, revision: Revision | None = None) -> None:
    """Give readers a revision, the newest where none is named. Publishing the same one twice is as once.

    Whoever was asked to look at it is asked no more, and what was planned is over.
    """
    chosen = revision or article.newest
    is_same = article.is_published and (article.title, article.body) == (chosen.title, chosen.body)
    if is_same and article.reviewer_id is None and article.publish_at is None:
        return
    if not is_same:
        article.title, article.body, article.revision_id = chosen.title, chosen.body, chosen.id
        article.published_at = article.published_at or now()
        article.updated_at = now()
    note(article, Act.PUBLISHED, by=by, revision=chosen)
    _put(article, ArticleStatus.PUBLISHED, by)


def withdraw(article: Article, *, by: Agent | None) -> None:
    """Take it from readers at once; it is a draft again."""
    note(article, Act.WITHDRAWN, by=by)
    _put(article, ArticleStatus.DRAFT, by)


def archive(article: Article, *, by: Agent | None) -> None:
    """Take it from readers at once and put it away, with all it ever said."""
    note(article, Act.ARCHIVED, by=by)
    _put(article, ArticleStatus.ARCHIVED, by)


def restore(revision: Revision, *, by: Agent | None) -> Revision:
    """Say again what a revision said, as a new revision; those between stay in the history."""
    article = revision.article
    return revise(article, revision.title, revision.body, by=by)


def touched(article: Article) -> None:
    """Let the index, those who link here and open editors learn that something about it changed."""
    db.session.flush()
    index_changes.later(key=article.lang, lang=article.lang)
    live.announce(f"article-{article.id}")


def _save(
    article: Article, title: str, body: str, particulars: Particulars, *, by: Agent | None, why: str
) -> None:
    title, body = one_line(title)[:LONGEST_TITLE], without_controls(body)[:LONGEST_BODY].strip("\n")
    particulars.put_on(article)
    facts = Particulars.of(article).facts
    last = article.revisions[-1] if article.revisions else None
    if last and (last.title, last.body, last.particulars) == (title, body, facts):
        return
    number = last.number + 1 if last else 1
    told = {"particulars": facts, "agent_id": by.id if by else None, "note": one_line(why)[:LONGEST_NOTE]}
    article.revisions.append(Revision(number=number, title=title, body=body, **told))
    if article.revision_id is None:
        article.title, article.body = title, body
    touched(article)
    check_links.later(key=str(article.id), id=article.id)


def _put(article: Article, status: ArticleStatus, by: Agent | None) -> None:
    article.status, article.status_by_id = status, by.id if by else None
    article.reviewer_id = article.publish_at = article.scheduled_revision_id = None
    touched(article)
    check_links_to.later(key=str(article.id), id=article.id)


def _lines(words: Sequence[str]) -> list[str]:
    """Single lines, none empty, none twice."""
    return list(dict.fromkeys(filter(None, map(one_line, words))))
