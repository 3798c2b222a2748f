"""What the search knows beside the articles: words that mean the same, questions learnt from readers."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ForeignKey, Index, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.clock import now
from helpdesk.core.db import Model, db


class SynonymGroup(Model):
    """Expressions that mean the same here: one of them in a question brings in the others."""

    __tablename__ = "synonym_groups"

    expressions: Mapped[list[str]]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    updated_at: Mapped[datetime] = mapped_column(default=now, index=True)


class LearnedQuestion(Model):
    """A question whose askers said, or an agent showed, that an article answers it."""

    __tablename__ = "learned_questions"
    __table_args__ = (Index("uq_learned_questions_article_id_query", "article_id", "query", unique=True),)

    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"))
    # Names and numbers taken out.
    query: Mapped[str]
    # Readers who said that it solved it, less those who said that it did not.
    votes: Mapped[int] = mapped_column(default=0)
    # Agents who answered a ticket of this question with the article.
    links: Mapped[int] = mapped_column(default=0)
    # An editor said that the two do not belong together.
    is_refused: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime] = mapped_column(default=now)


# An agent's link counts at once; of readers two must agree.
_LINKS, _VOTES = 1, 2
# More ids than this are asked for in several statements.
_MANY = 500


def proven(article_ids: Collection[int]) -> dict[int, list[str]]:
    """The learnt questions of each article that the search may trust, oldest first."""
    found: dict[int, list[str]] = {}
    ids = [*article_ids]
    has_proof = or_(LearnedQuestion.links >= _LINKS, LearnedQuestion.votes >= _VOTES)
    trusted = select(LearnedQuestion.article_id, LearnedQuestion.query).where(
        has_proof, LearnedQuestion.is_refused.is_(False)
    )
    for start in range(0, len(ids), _MANY):
        chosen = trusted.where(LearnedQuestion.article_id.in_(ids[start : start + _MANY]))
        for article_id, query in db.session.execute(chosen.order_by(LearnedQuestion.id)):
            found.setdefault(article_id, []).append(query)
    return found
