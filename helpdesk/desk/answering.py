"""What an answer tells the knowledge base: which articles it sent somebody to, and for which question."""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from urllib.parse import unquote, urlsplit

from flask import current_app
from sqlalchemy import and_, or_, select

from helpdesk.core.db import db, insert_into
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Message
from helpdesk.timeline import Event
from knowledge_base.belongings import ArticleMove, ArticleUse
from knowledge_base.models import Article
from knowledge_base.reading import learning
from knowledge_base.search import language_of
from knowledge_base.steps import HelpStep, Step

_ADDRESS = re.compile(r"(?P<site>https?://[^\s/<>()]{1,200})?/kb/(?P<lang>ja|en)/(?P<slug>[\w%-]{1,300})")
_MOST_LINKS = 20
# What the customer searched so long before they wrote belongs to the ticket.
_SEARCHED_WITHIN = timedelta(hours=24)
_MOST_SEARCHES = 10


def note_articles(ticket: Ticket, event: Event) -> None:
    """Keep which articles an answer names, and learn that they answer what was asked; a reaction."""
    message = db.session.get_one(Message, event.details["message_id"])
    articles = _articles(message.body)
    if not articles:
        return
    from helpdesk.desk.neutral import one_question  # noqa: PLC0415  (many patterns for a rare answer)
    from helpdesk.desk.people_of import known_of  # noqa: PLC0415

    # Only an answer with an article pays for looking up what was asked.
    questions = [*_searches(ticket)]
    subject = one_question(ticket.subject, known_of(ticket), language_of(ticket.subject))
    for article in articles:
        use = {"article_id": article.id, "message_id": message.id, "ticket_id": ticket.id}
        told = insert_into(ArticleUse).values(**use, agent_id=message.agent_id, at=message.created_at)
        told = told.on_conflict_do_nothing(index_elements=["article_id", "message_id"])
        if db.session.scalar(told.returning(ArticleUse.id)) is not None:
            asked = [text for text in (*questions, subject) if language_of(text) == article.lang]
            learning.linked(article, asked)


def _articles(text: str) -> Sequence[Article]:
    """The articles of ours whose address stands in a text, former addresses included."""
    places = list(dict.fromkeys(_places(text)))[:_MOST_LINKS]
    if not places:
        return []
    moved = select(ArticleMove.article_id).where(
        or_(*(and_(ArticleMove.lang == lang, ArticleMove.slug == slug) for lang, slug in places))
    )
    named = or_(*(and_(Article.lang == lang, Article.slug == slug) for lang, slug in places))
    return db.session.scalars(select(Article).where(or_(named, Article.id.in_(moved)))).all()


def _places(text: str) -> Iterator[tuple[str, str]]:
    own = urlsplit(str(current_app.config["HELPDESK_SITE_URL"])).netloc
    for found in _ADDRESS.finditer(text):
        if found["site"] is None or urlsplit(found["site"]).netloc == own:
            yield found["lang"], unquote(found["slug"])


def _searches(ticket: Ticket) -> Sequence[str]:
    """What the browser that wrote the ticket had searched before."""
    wrote = db.session.scalar(
        select(HelpStep).where(HelpStep.ticket_id == ticket.id, HelpStep.step == Step.WROTE).limit(1)
    )
    if wrote is None:
        return []
    own = select(HelpStep.query).where(HelpStep.visitor == wrote.visitor, HelpStep.step == Step.SEARCHED)
    recent = own.where(HelpStep.at <= wrote.at, HelpStep.at > wrote.at - _SEARCHED_WITHIN)
    return db.session.scalars(recent.order_by(HelpStep.at.desc()).limit(_MOST_SEARCHES)).all()
