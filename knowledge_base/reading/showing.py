"""An article's text as its readers see it: with its files found and its headings named."""

from collections.abc import Sequence
from functools import lru_cache

from flask import current_app, url_for
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from helpdesk.core.db import db
from helpdesk.core.markup import Heading, markdown, table_of_contents
from helpdesk.core.page_dressing import FileShown, OwnPage
from helpdesk.core.pictures import size_of_file
from knowledge_base.belongings import ArticleFile


def shown(body: str, lang: str, article_id: int | None = None, *, with_site: bool = False) -> Markup:
    """A text of `lang` as HTML; article_id: whose files it names, None for a text that has none yet.

    with_site: whole addresses, for a page that is read elsewhere.
    """
    if article_id is None:
        return _html(body, lang, "", ())
    site = str(current_app.config["HELPDESK_SITE_URL"]) if with_site else ""
    # The address of a file less its name.
    folder = site + url_for("knowledge_base.file", article_id=article_id, name="-").removesuffix("-")
    return _html(body, lang, folder, _files(article_id, site) if "files/" in body else ())


@lru_cache(maxsize=256)
def contents_of(body: str) -> Sequence[Heading]:
    """The headings that a list of contents names; none where there are no two."""
    headings = tuple(heading for heading in table_of_contents(body) if heading.level in (2, 3))
    return headings if len(headings) > 1 else ()


def _files(article_id: int, site: str) -> tuple[tuple[str, FileShown], ...]:
    own = select(ArticleFile).where(ArticleFile.article_id == article_id).order_by(ArticleFile.name)
    return tuple(
        (file.name, _shown_file(file, site))
        for file in db.session.scalars(own.options(joinedload(ArticleFile.file)))
    )


def _shown_file(file: ArticleFile, site: str) -> FileShown:
    address = site + url_for("knowledge_base.file", article_id=file.article_id, name=file.name)
    width, height = (size_of_file(file.file.path) if file.file.is_shown else None) or (None, None)
    return FileShown(address, file.file.size, width, height)


@lru_cache(maxsize=256)
def _html(body: str, lang: str, folder: str, files: tuple[tuple[str, FileShown], ...]) -> Markup:
    """The same text is dressed once: of all that a page costs it is the most."""
    return markdown(body, lang, OwnPage(folder, dict(files)))
