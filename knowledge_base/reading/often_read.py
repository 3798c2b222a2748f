"""What readers open most: for the first page, and for whoever found nothing."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select

from helpdesk.core.clock import now
from helpdesk.core.db import db
from knowledge_base.models import Article, Viewer
from knowledge_base.steps import HelpStep, Step

_LOOK_BACK_FOR = timedelta(days=90)


def often_read(lang: str, viewer: Viewer, limit: int = 6) -> Sequence[Article]:
    """What was read most of late; where nobody has read yet, what was published last."""
    recent = HelpStep.step == Step.READ, HelpStep.at > now() - _LOOK_BACK_FOR
    counted = select(HelpStep.article_id, func.count().label("times")).where(*recent)
    times = counted.group_by(HelpStep.article_id).subquery()
    own = Article.readable_by(viewer).where(Article.lang == lang)
    known = own.outerjoin(times, times.c.article_id == Article.id)
    often = func.coalesce(times.c.times, 0).desc()
    newest = Article.published_at.desc(), Article.id.desc()
    return db.session.scalars(known.order_by(often, *newest).limit(limit)).all()
