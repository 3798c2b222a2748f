"""What a reader says of the article before them: that it helped, or why it did not."""

from sqlalchemy import select

from helpdesk.core.clock import now
from helpdesk.core.db import db, insert_into
from knowledge_base.models import Article, Vote

LONGEST_REASON = 500
# Why an article did not help, as a reader may press it; `templates/knowledge_base/_vote.html` has the words.
REASONS = ("missing", "unclear", "wrong", "failed")


def vote_of(article: Article, visitor: str | None) -> Vote | None:
    """What the visitor said of the revision that readers have, or None."""
    if visitor is None:
        return None
    own = select(Vote).where(Vote.revision_id == article.revision_id, Vote.visitor == visitor)
    return db.session.scalar(own)


def vote(article: Article, *, visitor: str, is_helpful: bool, why: str = "", reason: str = "") -> None:
    """Judge the revision that readers have. The same visitor's next vote takes the place of this one.

    why: one of `REASONS`, else it counts as none; reason: the reader's own words.
    """
    key = {"revision_id": article.revision_id, "visitor": visitor}
    told = {"why": why if why in REASONS and not is_helpful else "", "reason": reason[:LONGEST_REASON]}
    said = {"is_helpful": is_helpful, **told, "at": now()}
    row = insert_into(Vote).values(**key, **said)
    db.session.execute(row.on_conflict_do_update(index_elements=[*key], set_=said))
