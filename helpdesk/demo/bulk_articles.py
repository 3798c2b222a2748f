"""Help articles for bulk data."""

from random import Random

from sqlalchemy import func, select, update

from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.demo import phrases
from helpdesk.demo.rows import Rows
from knowledge_base.models import Article, ArticleStatus, Purpose, Revision, Visibility

_ENGLISH = 0.25


def articles(rng: Random, count: int) -> Rows:
    """So many published articles of one revision each."""
    rows, at = Rows(), now()
    first = (db.session.scalar(select(func.max(Article.id))) or 0) + 1
    for number in range(first, first + count):
        lang = "en" if rng.random() < _ENGLISH else "ja"
        title, body = phrases.article(rng, lang)
        made = rows.add(
            Article,
            external_id=f"seed-{number}",
            lang=lang,
            slug=f"seed-{number}",
            title=title,
            body=body,
            status=ArticleStatus.PUBLISHED,
            visibility=Visibility.PUBLIC,
            purpose=Purpose.HOW_TO,
            published_at=at,
            updated_at=at,
            created_at=at,
        )
        rows.add(Revision, article_id=made, number=1, title=title, body=body, created_at=at)
    return rows


def show_newest_revisions() -> None:
    """Articles and revisions point at each other, so the second pointer is set when both are there."""
    newest = select(func.max(Revision.id)).where(Revision.article_id == Article.id).scalar_subquery()
    shown = Article.status == ArticleStatus.PUBLISHED
    unset = update(Article).where(Article.revision_id.is_(None), shown).values(revision_id=newest)
    db.session.execute(unset.execution_options(synchronize_session=False))
    db.session.commit()
