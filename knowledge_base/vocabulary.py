"""What the search knows beside the articles: words that mean the same, questions learnt from readers."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.clock import now
from helpdesk.core.db import Model


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
