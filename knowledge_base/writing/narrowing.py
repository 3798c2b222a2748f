"""Which articles the list of the desk shows, and in which order: read from an address."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, exists, func, or_, select
from sqlalchemy.orm import aliased

from helpdesk.accounts.models import Agent
from helpdesk.core.i18n import LANGUAGES
from knowledge_base.acts import Act, ArticleAct
from knowledge_base.belongings import ArticleLink
from knowledge_base.categories import Category, Tree
from knowledge_base.models import Article, ArticleStatus, Purpose, Revision, Vote

_MOST_WORDS = 8
_LONGEST_WORD = 200


@dataclass(frozen=True)
class Wanted:
    """Which articles are wanted; empty is all of them, and what makes no sense narrows nothing."""

    status: str = ""
    lang: str = ""
    q: str = ""
    # A category's id; what lies below it is meant too.
    category: str = ""
    # "me", "none", "left" or an agent's id.
    owner: str = ""
    purpose: str = ""
    stage: str = ""
    tag: str = ""
    stale: str = ""
    # "me", "any", or "back": sent back to who asked for it.
    review: str = ""
    # "missing" or "behind".
    translation: str = ""
    links: str = ""
    order: str = "changed"

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> "Wanted":
        """Read it from the query of an address."""
        said = {each.name: asked.get(each.name, "").strip()[:_LONGEST_WORD] for each in fields(cls)}
        return cls(**{**said, "order": said["order"] if said["order"] in ORDERS else "changed"})

    def __bool__(self) -> bool:
        """Whether anything is left out."""
        return any(value for name, value in vars(self).items() if name != "order")

    def as_query(self, **other: str | None) -> dict[str, str]:
        """The same as it stands in an address, with some of it changed; empty fields are left out."""
        said = {**vars(self), "order": "" if self.order == "changed" else self.order, **other}
        return {name: value for name, value in said.items() if value}


@dataclass(frozen=True)
class Order:
    """What the list is sorted by; articles with the same key by their number."""

    key: Any
    is_down: bool = False
    # Reads a key from an address.
    read: Any = str

    def by(self, *, is_back: bool) -> Sequence[ColumnElement[Any]]:
        """For the database; is_back: the page before one, read backwards."""
        down = self.is_down is not is_back
        return [each.desc() if down else each.asc() for each in (self.key, Article.id)]

    def beyond(self, mark: str, *, is_back: bool) -> Sequence[ColumnElement[bool]]:
        """What lies behind a line's mark; all where there is no mark, or none of ours."""
        id, _tilde, told = mark.partition("~")
        try:
            key, number = self.read(told), int(id[:18])
        except ValueError:
            return ()
        is_later = (
            Article.__table__.c.id < number
            if self.is_down is not is_back
            else Article.__table__.c.id > number
        )
        is_further = self.key < key if self.is_down is not is_back else self.key > key
        return (or_(is_further, and_(self.key == key, is_later)),)


def _moment(told: str) -> datetime:
    at = datetime.fromisoformat(told)
    if at.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return at


def unhelpful() -> ColumnElement[int]:
    """How many readers said that the text they have did not help."""
    said = select(func.count(Vote.id)).where(
        Vote.revision_id == Article.revision_id, Vote.is_helpful.is_(False)
    )
    return said.correlate(Article).scalar_subquery()


# Dates and what may be missing are compared as text, so that a missing one has a place too.
ORDERS: dict[str, Order] = {
    "changed": Order(Revision.created_at, is_down=True, read=_moment),
    "title": Order(Revision.title),
    "unhelpful": Order(unhelpful(), is_down=True, read=int),
    "review": Order(func.coalesce(cast(Article.review_on, String), "9999")),
}


def conditions(wanted: Wanted, agent: Agent, today: date) -> list[ColumnElement[bool]]:
    """Each chosen field as a condition on `Article`."""
    found = [*_words(wanted.q), *_owned(wanted.owner, agent), *_state(wanted, agent, today)]
    if wanted.category.isascii() and wanted.category.isdigit():
        found.append(Article.category_id.in_(_below(int(wanted.category[:18]))))
    elif wanted.category == "none":
        found.append(Article.category_id.is_(None))
    if wanted.lang in LANGUAGES:
        found.append(Article.lang == wanted.lang)
    if wanted.purpose in _values(Purpose):
        found.append(Article.purpose == Purpose(wanted.purpose))
    for column, word in ((Article.tags, wanted.tag), (Article.stages, wanted.stage)):
        if word:
            # As JSON writes it, so that a tag is found and not a part of one.
            found.append(cast(column, String).contains(json.dumps(word), autoescape=True))
    return found


def is_behind() -> ColumnElement[bool]:
    """Whether the article translates a text that its source has left behind."""
    told, source, shown = aliased(Revision), aliased(Article), aliased(Revision)
    newer = (
        select(told.id)
        .join(source, source.id == told.article_id)
        .join(shown, shown.id == source.revision_id)
        .where(told.id == Article.source_revision_id, shown.number > told.number)
        .where(or_(shown.title != told.title, shown.body != told.body))
    )
    return exists(newer.correlate(Article))


def _state(wanted: Wanted, agent: Agent, today: date) -> list[ColumnElement[bool]]:
    chosen: list[ColumnElement[bool]] = []
    is_kept = Article.status != ArticleStatus.ARCHIVED
    if wanted.status in _values(ArticleStatus):
        chosen.append(Article.status == ArticleStatus(wanted.status))
    if wanted.stale:
        chosen += [Article.review_on <= today, is_kept]
    if wanted.review == "back":
        chosen += [_is_back(agent), is_kept]
    elif wanted.review:
        is_asked = (
            Article.reviewer_id == agent.id if wanted.review == "me" else Article.reviewer_id.is_not(None)
        )
        chosen.append(is_asked)
    if wanted.links:
        chosen += [exists().where(ArticleLink.article_id == Article.id, ArticleLink.fault != ""), is_kept]
    if wanted.translation == "missing":
        other = aliased(Article)
        same = select(other.id).where(other.external_id == Article.external_id, other.lang != Article.lang)
        chosen += [~exists(same.correlate(Article)), is_kept]
    elif wanted.translation:
        chosen += [is_behind(), is_kept]
    return chosen


def _is_back(agent: Agent) -> ColumnElement[bool]:
    """Whether the newest text was sent back to this agent, and nothing came after that."""
    back, later, asked = aliased(ArticleAct), aliased(ArticleAct), aliased(ArticleAct)
    newest = select(func.max(Revision.id)).where(Revision.article_id == Article.id).correlate(Article)
    settled = select(later.id).where(
        later.article_id == back.article_id,
        later.id > back.id,
        later.act.in_((Act.PUBLISHED, Act.REVIEW_ASKED)),
    )
    sent = select(back.id).where(
        back.article_id == Article.id, back.act == Act.SENT_BACK, back.revision_id == newest.scalar_subquery()
    )
    mine = select(asked.id).where(
        asked.article_id == Article.id, asked.act == Act.REVIEW_ASKED, asked.agent_id == agent.id
    )
    return and_(
        exists(sent.where(~exists(settled.correlate(back))).correlate(Article)),
        exists(mine.correlate(Article)),
    )


def _owned(owner: str, agent: Agent) -> list[ColumnElement[bool]]:
    if owner == "me":
        return [Article.owner_id == agent.id]
    if owner == "none":
        return [Article.owner_id.is_(None)]
    if owner == "left":
        return [Article.owner_id.in_(select(Agent.id).where(Agent.deactivated_at.is_not(None)))]
    return [Article.owner_id == int(owner[:18])] if owner.isascii() and owner.isdigit() else []


def _words(text: str) -> list[ColumnElement[bool]]:
    """Each of the words stands in the title, the text or the topic."""
    texts = (Article.title, Article.body)
    return [
        or_(
            *(each.icontains(word, autoescape=True) for each in texts),
            Article.category_id.in_(_named(word)),
            Article.id.in_(_written(word)),
        )
        for word in text.split()[:_MOST_WORDS]
    ]


def _named(word: str) -> Any:
    names = (name.icontains(word, autoescape=True) for name in (Category.name_ja, Category.name_en))
    return select(Category.id).where(or_(*names))


def _written(word: str) -> Any:
    """Articles whose newest text has the word, which readers may not have yet."""
    last = select(func.max(Revision.id)).group_by(Revision.article_id)
    has_word = or_(
        Revision.title.icontains(word, autoescape=True), Revision.body.icontains(word, autoescape=True)
    )
    return select(Revision.article_id).where(Revision.id.in_(last), has_word)


def _below(category_id: int) -> set[int]:
    tree = Tree.load()
    category = tree.by_id.get(category_id)
    return tree.ids_below(category) if category else set()


def _values(kind: type[Enum]) -> list[str]:
    return [member.value for member in kind]
