"""What readers said of each text of an article."""

from dataclasses import dataclass, field

from sqlalchemy import select

from helpdesk.core.db import db
from knowledge_base.models import Article, Revision, Vote

_MOST_VOTES = 5_000


@dataclass
class Judged:
    """How many readers of a revision said something, how many that it helped, and what they missed."""

    votes: int = 0
    helpful: int = 0
    reasons: list[Vote] = field(default_factory=list)


def by_revision(article: Article) -> dict[int, Judged]:
    """What was said of each revision, by its id; the newest words first, revisions nobody judged left out."""
    said = (
        select(Vote).join(Revision, Vote.revision_id == Revision.id).where(Revision.article_id == article.id)
    )
    found: dict[int, Judged] = {}
    for vote in db.session.scalars(said.order_by(Vote.at.desc()).limit(_MOST_VOTES)):
        judged = found.setdefault(vote.revision_id, Judged())
        judged.votes += 1
        judged.helpful += vote.is_helpful
        if vote.reason:
            judged.reasons.append(vote)
    return found
