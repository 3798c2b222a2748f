"""The life of an article beside its text: somebody looks at it, it is planned, owned, and stays true."""

import calendar
from datetime import date, datetime

from sqlalchemy import select

from helpdesk.accounts.models import Agent
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.i18n import local
from helpdesk.core.jobs import task
from knowledge_base.acts import Act, last, note
from knowledge_base.models import Article, ArticleStatus, Revision
from knowledge_base.writing import editing

# For how many months one may say that an article is still true.
MONTHS = (3, 6, 12)


class TooLate(ValueError):
    """A moment that is over cannot be planned."""


def ask_review(article: Article, reviewer: Agent, *, by: Agent, words: str = "") -> None:
    """Ask somebody to look at the newest revision before readers get it."""
    article.reviewer = reviewer
    if not article.is_published:
        article.status, article.status_by_id = ArticleStatus.REVIEW, by.id
    said = f"{reviewer.name}: {words}" if words.strip() else reviewer.name
    note(article, Act.REVIEW_ASKED, by=by, words=said, revision=article.newest)
    editing.touched(article)


def send_back(article: Article, *, by: Agent, words: str) -> None:
    """Say what is missing; an unpublished article is a draft again, a published one stays as it is."""
    article.reviewer = None
    if article.status is ArticleStatus.REVIEW:
        article.status, article.status_by_id = ArticleStatus.DRAFT, by.id
    note(article, Act.SENT_BACK, by=by, words=words, revision=article.newest)
    editing.touched(article)


def plan(article: Article, at: datetime, *, by: Agent) -> None:
    """Let readers get the newest revision at a moment; what is written after this stays behind.

    Raises `TooLate` for a moment that is over.
    """
    if at <= now():
        raise TooLate
    article.publish_at, article.scheduled_revision_id = at, article.newest.id
    note(article, Act.SCHEDULED, by=by, words=at.isoformat(), revision=article.newest)
    editing.touched(article)


def unplan(article: Article, *, by: Agent) -> None:
    """Publish it by itself no more."""
    if article.publish_at is None:
        return
    article.publish_at = article.scheduled_revision_id = None
    note(article, Act.UNSCHEDULED, by=by)
    editing.touched(article)


def publish_due() -> None:
    """Ask for the publishing of all whose moment has come, however long ago; each in its own job."""
    due = select(Article.id).where(Article.publish_at <= now()).order_by(Article.publish_at)
    for id in db.session.scalars(due):
        publish_planned.later(key=str(id), id=id)


@task
def publish_planned(id: int) -> None:
    """Give readers the revision that was planned, in the name of who planned it; once."""
    article = db.session.get(Article, id, with_for_update={"of": Article})
    if article is None or article.publish_at is None or article.publish_at > now():
        return
    planned = db.session.get(Revision, article.scheduled_revision_id or 0)
    asked = last(article, Act.SCHEDULED)
    editing.publish(article, by=asked.agent if asked else None, revision=planned)


def own(article: Article, owner: Agent | None, *, by: Agent) -> None:
    """Let somebody see to it that the article stays true."""
    if owner is article.owner:
        return
    article.owner = owner
    note(article, Act.OWNED, by=by, words=owner.name if owner else "")
    editing.touched(article)


def look_again(article: Article, on: date | None) -> None:
    """Set from when on the article must be looked through again."""
    article.review_on = on
    editing.touched(article)


def confirm(article: Article, months: int, *, by: Agent) -> None:
    """Say that it is still true, and when to look again: so many months from today, the text untouched."""
    article.review_on = months_from(local(now()).date(), months)
    note(article, Act.CONFIRMED, by=by, words=article.review_on.isoformat(), revision=article.newest)
    editing.touched(article)


def months_from(start: date, months: int) -> date:
    """The same day so many months later, or that month's last day: 30 November and three is 28 February."""
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))
