"""The same article in two languages: which text the one was made of, and whether that has moved on since."""

from dataclasses import dataclass
from secrets import token_hex

from sqlalchemy import select

from helpdesk.accounts.models import Agent
from helpdesk.core.db import db
from helpdesk.core.i18n import LANGUAGES
from knowledge_base.acts import Act, note
from knowledge_base.models import Article, Revision
from knowledge_base.writing import editing


@dataclass(frozen=True)
class Source:
    """What an article is translated from. told: the text it was made of; present: the source's text now."""

    article: Article
    told: Revision
    present: Revision

    @property
    def has_moved(self) -> bool:
        return (self.told.title, self.told.body) != (self.present.title, self.present.body)


def other_language(lang: str) -> str:
    return next(each for each in LANGUAGES if each != lang)


def translations(article: Article) -> list[Article]:
    """The same article in the other languages, whatever their state."""
    if article.external_id is None:
        return []
    same = select(Article).where(Article.external_id == article.external_id, Article.id != article.id)
    return list(db.session.scalars(same.order_by(Article.lang)))


def present(source: Article) -> Revision:
    """What is translated: what readers have, of an unpublished article the newest."""
    shown = db.session.get(Revision, source.revision_id) if source.revision_id else None
    return shown or source.newest


def source_of(article: Article) -> Source | None:
    """What it was translated from, None where it was not."""
    told = db.session.get(Revision, article.source_revision_id) if article.source_revision_id else None
    if told is None or told.article_id == article.id:
        return None
    # Begun with a text that readers did not have yet: that one it is, until they get a newer.
    newer = present(told.article)
    return Source(told.article, told, newer if newer.number > told.number else told)


def tie(article: Article, source: Article, revision: Revision) -> None:
    """Say that `article` translates `source` as it was in `revision`; both get one id where they have none.

    Raises `IntegrityError` on the next flush where the source has another translation already.
    """
    if source.external_id is None:
        source.external_id = f"kb-{token_hex(8)}"
        db.session.flush()
    article.external_id, article.source_revision_id = source.external_id, revision.id
    editing.touched(article)


def catch_up(article: Article, *, by: Agent) -> None:
    """Say that the translation tells what its source tells now."""
    source = source_of(article)
    if source is None or source.told.id == source.present.id:
        return
    article.source_revision_id = source.present.id
    note(article, Act.CAUGHT_UP, by=by, revision=source.present)
    editing.touched(article)
