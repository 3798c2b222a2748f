"""An answer becomes the draft of an article: freed of whom it was written to, and tied to its ticket."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from helpdesk.accounts.models import Agent
from helpdesk.core.clock import now
from helpdesk.core.db import db, insert_into
from helpdesk.desk.neutral import Cleaned, cleaned, one_question
from helpdesk.desk.people_of import known_of
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Message, MessageKind
from knowledge_base.belongings import ArticleOrigin, ArticleUse
from knowledge_base.models import Article
from knowledge_base.search import language_of
from knowledge_base.writing import editing

_ANSWER = re.compile(r"^\s*(?:(?:re|fwd?|aw|sv|返信|転送)\s*[:：]\s*)+", re.IGNORECASE)
_MOST_ORIGINS = 50


@dataclass(frozen=True)
class Origin:
    """A ticket that an article was written for, and what was taken out of the reply it was made from."""

    ticket: Any
    reply: Cleaned | None


@dataclass(frozen=True)
class Origins:
    """The tickets of an article that somebody may see, how many more there are, and its use in replies."""

    shown: Sequence[Origin]
    hidden: int
    uses: int


def draft_from(message: Message, *, by: Agent) -> Article:
    """The draft made of one of our replies; the same one, however often it is asked for."""
    made = select(Article).join(ArticleOrigin, ArticleOrigin.article_id == Article.id)
    before = db.session.scalar(made.where(ArticleOrigin.message_id == message.id).limit(1))
    if before is not None:
        return before
    ticket, lang = message.ticket, language_of(message.body)
    known = known_of(ticket)
    title = cleaned(_ANSWER.sub("", ticket.subject), known, lang).text
    asked = one_question(_asked_before(message), known, lang)
    questions = [text for text in (asked,) if text and text != title]
    article = editing.write(
        title or asked or "…",
        cleaned(message.body, known, lang).text,
        lang=lang,
        by=by,
        particulars=editing.Particulars(questions=questions),
    )
    tie(article, ticket, message_id=message.id)
    return article


def tie(article: Article, ticket: Ticket, *, message_id: int | None = None) -> None:
    """Remember that the article is for this ticket too; twice is the same as once."""
    row = insert_into(ArticleOrigin).values(
        article_id=article.id, ticket_id=ticket.id, message_id=message_id, created_at=now()
    )
    db.session.execute(row.on_conflict_do_nothing(index_elements=["article_id", "ticket_id"]))


def origins_of(article: Article, viewer: Agent) -> Origins:
    """What `viewer` may know of where an article came from."""
    own = select(ArticleOrigin.ticket_id, ArticleOrigin.message_id).where(
        ArticleOrigin.article_id == article.id
    )
    rows = db.session.execute(own.order_by(ArticleOrigin.id).limit(_MOST_ORIGINS)).all()
    seen = Ticket.visible_to(viewer).where(Ticket.id.in_([row.ticket_id for row in rows]))
    tickets = {ticket.id: ticket for ticket in db.session.scalars(seen)} if rows else {}
    wanted = [row.message_id for row in rows if row.message_id and row.ticket_id in tickets]
    found = db.session.scalars(select(Message).where(Message.id.in_(wanted))) if wanted else ()
    replies = {message.id: cleaned(message.body, known_of(message.ticket), article.lang) for message in found}
    shown = [
        Origin(tickets[row.ticket_id], replies.get(row.message_id))
        for row in rows
        if row.ticket_id in tickets
    ]
    uses = db.session.scalar(select(func.count(ArticleUse.id)).where(ArticleUse.article_id == article.id))
    return Origins(shown, len(rows) - len(shown), uses or 0)


def articles_of(ticket: Ticket) -> Sequence[Article]:
    """The articles written for a ticket, drafts included."""
    own = select(Article).join(ArticleOrigin, ArticleOrigin.article_id == Article.id)
    return db.session.scalars(own.where(ArticleOrigin.ticket_id == ticket.id).order_by(Article.id)).all()


def _asked_before(message: Message) -> str:
    """What the customer wrote last before a reply."""
    heard = select(Message.body).where(
        Message.ticket_id == message.ticket_id,
        Message.kind == MessageKind.CUSTOMER,
        Message.id < message.id,
        Message.is_automatic.is_(False),
    )
    return db.session.scalar(heard.order_by(Message.id.desc()).limit(1)) or ""
