"""Images and files of articles: taken in by the editor, named so that the text can name them."""

import re

from sqlalchemy import select

from helpdesk.accounts.models import Agent
from helpdesk.core import files
from helpdesk.core.db import db
from helpdesk.core.text import clean_filename, one_line
from knowledge_base.belongings import ArticleFile
from knowledge_base.models import Article
from knowledge_base.writing.linking import FILES

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


def _free(article: Article, wanted: str) -> str:
    """The name, with a number where another file of the article has it."""
    taken = {*db.session.scalars(select(ArticleFile.name).where(ArticleFile.article_id == article.id))}
    stem, dot, ending = wanted.rpartition(".")
    stem, ending = (stem, dot + ending) if stem else (wanted, "")
    numbered = (f"{stem}-{number}{ending}" for number in range(2, len(taken) + 3))
    return wanted if wanted not in taken else next(name for name in numbered if name not in taken)
