"""What came in from elsewhere and went out: imports, exports, and what an import last said of an article."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Select, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.accounts.models import Agent
from helpdesk.core.clock import now
from helpdesk.core.db import Model, db
from helpdesk.core.files import StoredFile
from knowledge_base.models import Article

# In which articles go out.
FORMATS = ("markdown", "jsonl")


class Direction(enum.Enum):
    IMPORT = "import"
    EXPORT = "export"


class Progress(enum.Enum):
    # A worker reads the file, or writes one; nothing of the articles changes.
    WORKING = "working"
    # Looked through: it waits for somebody to take it.
    READY = "ready"
    TAKING = "taking"
    DONE = "done"
    # Nothing was written; `result` says why.
    FAILED = "failed"


class Transfer(Model):
    """An import or an export that somebody asked for at the desk."""

    __tablename__ = "kb_transfers"

    direction: Mapped[Direction]
    progress: Mapped[Progress] = mapped_column(default=Progress.WORKING)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    # What was handed in, or what an export made; None until it is made.
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_files.id"))
    name: Mapped[str]
    # What was asked for: the language, the format and so on.
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # Counts, faults and samples.
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)
    finished_at: Mapped[datetime | None]

    agent: Mapped[Agent | None] = relationship()
    file: Mapped[StoredFile | None] = relationship()

    @property
    def topic(self) -> str:
        """What open pages listen to."""
        return f"kb-transfer-{self.id}"

    @property
    def is_waiting(self) -> bool:
        """Whether a worker is at it, or will be."""
        return self.progress in (Progress.WORKING, Progress.TAKING)

    @classmethod
    def newest_first(cls) -> Select["Transfer"]:
        return select(cls).order_by(cls.id.desc())


class ArticleSource(Model):
    """What the last import said of an article: so the next knows what changed there, and what here."""

    __tablename__ = "article_sources"

    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), unique=True)
    # A short hash of each thing that was said.
    said: Mapped[dict[str, Any]] = mapped_column(default=dict)
    imported_at: Mapped[datetime] = mapped_column(default=now)

    article: Mapped[Article] = relationship()


def said_of(article_ids: list[int]) -> dict[int, dict[str, Any]]:
    """What the last imports said of these articles, by their ids."""
    known = select(ArticleSource.article_id, ArticleSource.said)
    rows = db.session.execute(known.where(ArticleSource.article_id.in_(article_ids)))
    return {row.article_id: row.said for row in rows}
