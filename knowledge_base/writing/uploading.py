"""Images and files of articles: taken in by the editor, named so that the text can name them."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from sqlalchemy import Select, delete, exists, select

from helpdesk.accounts.models import Agent
from helpdesk.core import files
from helpdesk.core.clock import now
from helpdesk.core.db import db, reading
from helpdesk.core.discarding import discard
from helpdesk.core.text import clean_filename, one_line
from knowledge_base.belongings import ArticleFile
from knowledge_base.models import Article, Revision
from knowledge_base.writing.linking import FILES

# As long as a text that was typed and not saved may still lie in somebody's browser.
UNUSED_KEPT_FOR = timedelta(days=30)
_COLUMNS = (ArticleFile.id, ArticleFile.article_id, ArticleFile.name, ArticleFile.file_id)
_WHOLE = re.compile(r"/kb/files/(\d{1,18})/")
# What would end an address in Markdown.
_ENDING = re.compile(r"[\s()<>\[\]#&+%]+")


class EmptyFile(files.FileRefused):
    """There is nothing in the file."""


def attach(article: Article, name: str, content: bytes, *, by: Agent | None) -> ArticleFile:
    """Keep a file with an article; the same bytes again are the same file.

    Raises `FileRefused`, which names the file, for a program; `EmptyFile` for nothing.
    """
    files.check_name(name)
    if not content:
        raise EmptyFile(name)
    stored = files.keep(content, name)
    own = select(ArticleFile).where(ArticleFile.article_id == article.id)
    known = db.session.scalar(own.where(ArticleFile.file_id == stored.id))
    if known is not None:
        return known
    wanted = _ENDING.sub("-", clean_filename(name)).strip("-") or "file"
    kept = ArticleFile(
        article_id=article.id, file_id=stored.id, name=_free(article, wanted), agent_id=by.id if by else None
    )
    kept.file = stored
    db.session.add(kept)
    db.session.flush()
    return kept


def written(file: ArticleFile, words: str = "") -> str:
    """The file as Markdown: an image shown with `words` for those who cannot see it, anything else linked."""
    said = re.sub(r"([\[\]\\])", r"\\\1", one_line(words)) or file.name.rpartition(".")[0]
    return f"{'!' if file.file.is_shown else ''}[{said}]({FILES}{file.name})"


def files_of(article: Article) -> list[ArticleFile]:
    """All files of an article, the newest first."""
    own = select(ArticleFile).where(ArticleFile.article_id == article.id)
    return list(db.session.scalars(own.order_by(ArticleFile.id.desc()).limit(200)))


def drop(file: ArticleFile) -> bool:
    """Take a file away that no text of its article names, nor ever did; whether it could be."""
    named = select(Revision.id).where(
        Revision.article_id == file.article_id, Revision.body.contains(file.name, autoescape=True)
    )
    if db.session.scalar(named.limit(1)) is not None or _named_elsewhere({file.article_id}):
        return False
    if _is_quoted(file):
        return False
    stored = file.file_id
    db.session.delete(file)
    db.session.flush()
    discard([stored])
    return True


def drop_unused() -> None:
    """Drop files that stand in no text of any article, nor ever did: whoever uploaded them gave up."""
    # On SQLite nobody else could write while texts are read.
    with reading():
        found = db.session.execute(_unused().with_only_columns(*_COLUMNS)).all()
        elsewhere = _named_elsewhere({row.article_id for row in found})
        found = [row for row in found if row.article_id not in elsewhere and not _is_quoted(row)]
        db.session.rollback()
    for row in found:
        # Asked again: somebody may have used it meanwhile.
        still = _unused().where(ArticleFile.id == row.id).with_only_columns(ArticleFile.id)
        gone = delete(ArticleFile).where(ArticleFile.id.in_(still))
        db.session.execute(gone.execution_options(synchronize_session=False))
    discard(row.file_id for row in found)


def _unused() -> Select[ArticleFile]:
    """Those of long ago that no revision of their own article names."""
    named = Revision.body.contains(ArticleFile.name)
    own = exists().where(Revision.article_id == ArticleFile.article_id, named)
    return select(ArticleFile).where(ArticleFile.created_at < now() - UNUSED_KEPT_FOR, ~own)


def _named_elsewhere(article_ids: set[int]) -> set[int]:
    """Articles of which a text names a file by its whole address; all their files stay."""
    if not article_ids:
        return set()
    bodies = db.session.scalars(select(Revision.body).where(Revision.body.contains("/kb/files/")))
    return {int(id) for body in bodies for id in _WHOLE.findall(body)} & article_ids


def _is_quoted(row: Any) -> bool:
    """Whether a text of its article names the file with its letters quoted, as browsers copy addresses."""
    quoted = quote(row.name)
    own = exists().where(
        Revision.article_id == row.article_id, Revision.body.contains(quoted, autoescape=True)
    )
    return quoted != row.name and bool(db.session.scalar(select(own)))


def _free(article: Article, wanted: str) -> str:
    """The name, with a number where another file of the article has it."""
    taken = {*db.session.scalars(select(ArticleFile.name).where(ArticleFile.article_id == article.id))}
    stem, dot, ending = wanted.rpartition(".")
    stem, ending = (stem, dot + ending) if stem else (wanted, "")
    numbered = (f"{stem}-{number}{ending}" for number in range(2, len(taken) + 3))
    return wanted if wanted not in taken else next(name for name in numbered if name not in taken)
