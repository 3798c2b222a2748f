"""The way of a visitor through the help centre, so that nobody has to say again what they tried.

A visitor is a random number in a cookie of ours, nobody's name; the cookie lasts `_KEPT_FOR`, the steps
`STEPS_KEPT_FOR`. Only when they write to us from the same browser do the steps become part of their
customer's timeline. Programs, browsers that look ahead and our own team leave no steps.
"""

import logging
import re
import secrets
from datetime import datetime, timedelta
from typing import Any

from flask import Response, current_app, g, request
from flask_login import current_user
from sqlalchemy import delete, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, joinedload

from helpdesk.core.clock import now
from helpdesk.core.db import aside, db
from helpdesk.customers.models import Contact
from helpdesk.timeline import Event, Kind, note_past
from knowledge_base.models import Article
from knowledge_base.steps import HelpStep, Step

log = logging.getLogger(__name__)

COOKIE = "helpdesk_visitor"
_KEPT_FOR = timedelta(days=30)
# Thirteen months and a little: so long the reports look back.
STEPS_KEPT_FOR = timedelta(days=400)
# A question that grows within this time is one question, and an article opened again is one reading.
_ONE_SEARCH_FOR = timedelta(minutes=2)
_ONE_READING_FOR = timedelta(minutes=30)
_LONGEST_QUERY = 200
# What they did in the help centre this long before they wrote belongs to it.
_TRIED_FOR = timedelta(hours=24)

_VISITOR = re.compile(r"[0-9a-f]{32}")
_PROGRAM = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|preview|fetch|monitor|curl/|wget/|python-", re.IGNORECASE
)
# What may name a person is not kept with a question.
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_LONG_NUMBER = re.compile(r"\d(?:[\d ()-]{5,}\d)")


def known_visitor() -> str | None:
    """The number that the browser in front of us brought along, or None for a new one."""
    given = request.cookies.get(COOKIE, "")
    return given if _VISITOR.fullmatch(given) else None


def visitor() -> str:
    """The number of the browser in front of us; a new one gets its cookie with the answer."""
    if "helpdesk_visitor" not in g:
        g.helpdesk_visitor = known_visitor() or secrets.token_hex(16)
    return str(g.helpdesk_visitor)


def remember(response: Response) -> Response:
    """Give the visitor of this request their cookie; for `after_request`."""
    if "helpdesk_visitor" in g and request.cookies.get(COOKIE) != g.helpdesk_visitor:
        is_secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
        response.set_cookie(
            COOKIE, g.helpdesk_visitor, max_age=_KEPT_FOR, httponly=True, samesite="Lax", secure=is_secure
        )
    return response


def masked(text: str) -> str:
    """A text without what may name a person: addresses and long numbers."""
    return _LONG_NUMBER.sub("…", _ADDRESS.sub("…", text))


def searched(question: str, lang: str, hits: int, match: str = "") -> None:
    """Note a question, how many answers it had and how well the best fitted (good, near, none).

    One that is still being typed is one step.
    """
    if _is_reader():
        found = {"query": masked(question)[:_LONGEST_QUERY], "hits": hits, "match": match}
        _note(HelpStep(visitor=visitor(), step=Step.SEARCHED, lang=lang, at=now(), **found))


def read(article: Article, place: int | None = None) -> None:
    """Note that the visitor opened an article; place: where it stood in the list, from 1 on."""
    if _is_reader():
        about = {"lang": article.lang, "article_id": article.id, "place": place}
        _note(HelpStep(visitor=visitor(), step=Step.READ, at=now(), **about))


def place_given() -> int | None:
    """The place in a list that the address in front of us names (`?from=3`), None without one."""
    given = request.args.get("from", "")
    is_place = given.isascii() and given.isdecimal() and len(given) < 3 and int(given) > 0
    return int(given) if is_place else None


def asked() -> None:
    """Note that the visitor came to where one writes to us: the form, or the chat."""
    if _is_reader():
        _note(HelpStep(visitor=visitor(), step=Step.ASKED, lang="", at=now()))


def wrote(ticket_id: int) -> None:
    """Note, in the transaction of the ticket, that what the visitor wrote became it."""
    number = known_visitor()
    if number is not None and not current_user.is_authenticated:
        db.session.add(HelpStep(visitor=number, step=Step.WROTE, ticket_id=ticket_id, at=now()))


def voted(article: Article, is_helpful: bool) -> None:
    """Note a judgement, in the transaction of the vote; said again, it is still one."""
    mine = select(HelpStep.is_helpful).where(HelpStep.visitor == visitor(), HelpStep.step == Step.VOTED)
    mine = mine.where(HelpStep.article_id == article.id, HelpStep.at > now() - _ONE_READING_FOR)
    if db.session.scalar(mine.order_by(HelpStep.id.desc()).limit(1)) is is_helpful:
        return
    step = HelpStep(visitor=visitor(), step=Step.VOTED, lang=article.lang, article_id=article.id, at=now())
    step.is_helpful = is_helpful
    db.session.add(step)


def steps(visitor: str, since: datetime) -> list[HelpStep]:
    """What the visitor did from `since` on, oldest first."""
    own = select(HelpStep).where(HelpStep.visitor == visitor, HelpStep.at >= since)
    return list(
        db.session.scalars(own.options(joinedload(HelpStep.article)).order_by(HelpStep.at, HelpStep.id))
    )


def tell_what_was_tried(contact: Contact) -> None:
    """Whoever writes from this browser did in the last day what its visitor did."""
    tell(contact, known_visitor() or "", now() - _TRIED_FOR)


def tell(contact: Contact, visitor: str, since: datetime) -> list[Event]:
    """Put the visitor's steps on the timeline of the contact's customer; each once, however often told."""
    taken = {f"help-step:{step.id}": step for step in steps(visitor, since) if step.step in _KINDS}
    told = select(Event.idempotency_key).where(Event.idempotency_key.in_(taken))
    known = {*db.session.scalars(told)}
    return [_tell(contact, step, key) for key, step in taken.items() if key not in known]


_KINDS = {Step.SEARCHED: Kind.HELP_SEARCHED, Step.READ: Kind.ARTICLE_READ, Step.VOTED: Kind.ARTICLE_VOTED}


def _tell(contact: Contact, step: HelpStep, key: str) -> Event:
    details: dict[str, Any] = {"lang": step.lang}
    if step.step is Step.SEARCHED:
        details |= {"query": step.query, "hits": step.hits}
    if step.article is not None:
        details |= {"article_id": step.article_id, "slug": step.article.slug, "title": step.article.title}
    if step.is_helpful is not None:
        details["is_helpful"] = step.is_helpful
    return note_past(_KINDS[step.step], contact, at=step.at, by=contact, idempotency_key=key, **details)


def _note(step: HelpStep) -> None:
    """Write a step aside; a failure never costs the page."""
    try:
        with aside() as session:
            if not _continues(session, step):
                session.add(step)
    except SQLAlchemyError:
        log.warning("a step of a visitor was not noted", exc_info=True)


def _is_reader() -> bool:
    """Whether a person from outside looks: no program, no browser looking ahead, none of us."""
    agent = request.headers.get("User-Agent", "")
    is_ahead = "prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", ""))
    is_program = not agent or _PROGRAM.search(agent)
    return request.method == "GET" and not (is_program or is_ahead or current_user.is_authenticated)


def _continues(session: Session, step: HelpStep) -> bool:
    """Whether the step only goes on with the visitor's last one; a question grown longer takes its place."""
    own = (
        select(HelpStep)
        .where(HelpStep.visitor == step.visitor)
        .order_by(HelpStep.at.desc(), HelpStep.id.desc())
    )
    last = session.scalar(own.limit(1))
    if step.step is Step.READ:
        same = own.where(HelpStep.step == Step.READ, HelpStep.at > step.at - _ONE_READING_FOR).limit(1)
        before = session.scalar(same)
        # Chosen anew from a list, it is a choice of its own.
        is_chosen = step.place is not None and last is not before
        return before is not None and before.article_id == step.article_id and not is_chosen
    if last is None or last.step is not step.step or last.lang != step.lang:
        return False
    if step.step is Step.ASKED:
        return last.at > step.at - _ONE_READING_FOR
    if last.at <= step.at - _ONE_SEARCH_FOR or not _grows(last.query, step.query):
        return False
    last.query, last.hits, last.match, last.at = step.query, step.hits, step.match, step.at
    return True


def _grows(before: str, after: str) -> bool:
    return after.startswith(before) or before.startswith(after)


def forget() -> None:
    """Drop what visitors did longer ago than any report looks back."""
    db.session.execute(delete(HelpStep).where(HelpStep.at < now() - STEPS_KEPT_FOR))
