"""What to write next: questions that found nothing, and topics of tickets that no article covers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import log
from typing import TYPE_CHECKING, Any

from flask import url_for
from sqlalchemy import Select, case, func, select

from helpdesk.accounts.models import Agent
from helpdesk.core.db import db
from helpdesk.reports.self_service_choice import Choice
from helpdesk.reports.self_service_steps import DECIDED_AFTER, Search, Walked, as_moment, walk
from helpdesk.tickets.models import Ticket
from knowledge_base.models import Article, ArticleStatus
from knowledge_base.reading.trail import masked
from knowledge_base.search import language_of
from knowledge_base.steps import HelpStep, Step

if TYPE_CHECKING:
    from knowledge_base.finding.similar import Group

# Of the questions and topics so many are looked at, the most frequent first.
_MOST_TEXTS, _MOST_TOPICS = 1_000, 400
# Subjects of a topic that are read to see whether an article covers it.
_SUBJECTS = 12
# An article covers a text that has so much of what it says, rare words counting more.
_COVERED_FROM = 0.5
_MOST_ARTICLES = 5_000
_QUESTIONS_OFFERED = 5
KINDS = ("none", "near", "unchosen", "asked")


@dataclass
class Asked:
    """Searches that ask for the same, and how many of them ended how."""

    group: "Group[Any]"
    lang: str
    count: int = 0
    none: int = 0
    near: int = 0
    # There were results, and none was chosen.
    unchosen: int = 0
    asked: int = 0
    last: datetime | None = None

    @property
    def text(self) -> str:
        return self.group.text

    @property
    def new_article(self) -> str:
        """Where an article for it is begun."""
        return _new_article(self.text, self.lang, self.group.texts)


@dataclass
class Topic:
    """Tickets about the same that no article covers, as far as the reader may see them."""

    name: str
    lang: str
    count: int
    last: datetime
    # As tickets name it, in all its spellings.
    names: Sequence[str]
    subjects: Sequence[str] = field(default_factory=list)

    @property
    def new_article(self) -> str:
        return _new_article(self.name, self.lang, self.subjects)


def questions(choice: Choice, walked: Walked | None = None) -> list[Asked]:
    """What was searched in the days chosen, the same questions together, the most frequent first.

    walked: where it is at hand.
    """
    # The dictionary is loaded by the first who asks, not by every start.
    from knowledge_base.finding.similar import grouped  # noqa: PLC0415

    by_text: dict[tuple[str, str], list[Search]] = defaultdict(list)
    for search in (walked or walk(choice)).searches:
        by_text[search.query, search.lang].append(search)
    often = sorted(by_text.items(), key=lambda item: (-len(item[1]), item[0]))[:_MOST_TEXTS]
    found = []
    for lang in dict.fromkeys(lang for (_query, lang), _searches in often):
        groups = grouped((query, searches) for (query, own), searches in often if own == lang)
        found += [_sum(group, lang) for group in groups]
    return sorted(found, key=lambda asked: (-asked.count, asked.text))


def most(asked: Iterable[Asked], kind: str, limit: int | None = None) -> list[Asked]:
    """Those that ended so (of `KINDS`), the most frequent first."""
    ended = [each for each in asked if getattr(each, kind)]
    return sorted(ended, key=lambda each: (-getattr(each, kind), each.text))[:limit]


def tickets_after(texts: Sequence[str], lang: str, choice: Choice, viewer: Agent) -> Select[Any]:
    """The tickets that were opened within a day after these questions, as far as `viewer` may see them."""
    asked, wrote = HelpStep.__table__.alias(), HelpStep.__table__.alias()
    window = choice.window
    ids = (
        select(wrote.c.ticket_id)
        .join(asked, asked.c.visitor == wrote.c.visitor)
        .where(asked.c.step == Step.SEARCHED, asked.c.query.in_(texts), asked.c.lang == lang)
        .where(asked.c.at >= window.start, asked.c.at < window.end)
        .where(wrote.c.step == Step.WROTE, wrote.c.at >= asked.c.at)
        .where(wrote.c.at < window.end + DECIDED_AFTER)
    )
    return Ticket.visible_to(viewer).where(Ticket.id.in_(ids))


def topics(choice: Choice, viewer: Agent) -> list[Topic]:
    """Topics (where a ticket has none, its subject) of at least two tickets that no article covers."""
    return [topic for topic in _topics(choice, viewer) if topic.count > 1]


def tickets_of(names: Sequence[str], choice: Choice, viewer: Agent) -> Select[Any]:
    """The tickets of a topic in the days chosen, as far as `viewer` may see them."""
    return _tickets(choice, viewer).where(_name().in_(names))


def _topics(choice: Choice, viewer: Agent) -> list[Topic]:
    from knowledge_base.finding.similar import grouped  # noqa: PLC0415  (as in `questions`)

    name, count = _name().label("name"), func.count()
    counted = _tickets(choice, viewer).with_only_columns(name, count, func.max(Ticket.opened_at))
    rows = db.session.execute(counted.group_by(name).order_by(count.desc(), name).limit(_MOST_TOPICS)).all()
    groups = grouped((row[0], row[1:]) for row in rows)
    subjects = _subjects(choice, viewer)
    cover = {lang: Cover(lang) for lang in {language_of(group.text) for group in groups}}
    found = []
    for group in groups:
        lang = language_of(group.text)
        written = [text for each in group.texts for text in subjects.get(each, ())]
        covered = [cover[lang].of(text) for text in written if language_of(text) == lang]
        is_covered = cover[lang].of(group.text) or 2 * sum(covered) > len(covered) > 0
        if not is_covered:
            members = [belonging for _text, belonging in group.members]
            count_of, last = sum(each[0] for each in members), max(each[1] for each in members)
            asked = [text for text in dict.fromkeys(map(masked, written)) if language_of(text) == lang]
            found.append(Topic(group.text, lang, count_of, last, group.texts, asked))
    return sorted(found, key=lambda topic: (-topic.count, topic.name))


class Cover:
    """What the published articles of a language say of themselves: titles, questions, tags."""

    def __init__(self, lang: str) -> None:
        from knowledge_base.finding.similar import terms_of  # noqa: PLC0415  (as in `questions`)

        self._terms_of = terms_of
        columns = (Article.title, Article.questions, Article.tags)
        published = select(*columns).where(Article.lang == lang, Article.status == ArticleStatus.PUBLISHED)
        rows = db.session.execute(published.order_by(Article.id.desc()).limit(_MOST_ARTICLES))
        self._articles = [terms_of("\n".join([row.title, *row.questions, *row.tags])) for row in rows]
        self._having: dict[str, list[int]] = {}
        for place, terms in enumerate(self._articles):
            for term in terms:
                self._having.setdefault(term, []).append(place)

    def of(self, text: str) -> bool:
        """Whether one article has most of the text's words."""
        weights = {term: self._weight(term) for term in self._terms_of(text)}
        shares: dict[int, float] = {}
        for term, weight in weights.items():
            for place in self._having.get(term, ()):
                shares[place] = shares.get(place, 0.0) + weight
        return max(shares.values(), default=0.0) >= _COVERED_FROM * sum(weights.values())

    def _weight(self, term: str) -> float:
        count, having = len(self._articles), len(self._having.get(term, ()))
        return log(1 + (count - having + 0.5) / (having + 0.5))


def _name() -> Any:
    return case((Ticket.topic != "", Ticket.topic), else_=Ticket.subject)


def _tickets(choice: Choice, viewer: Agent) -> Select[Any]:
    window = choice.window
    opened = Ticket.visible_to(viewer).where(Ticket.opened_at >= window.start, Ticket.opened_at < window.end)
    return opened.where(Ticket.language == choice.lang) if choice.lang else opened


def _subjects(choice: Choice, viewer: Agent) -> Mapping[str, list[str]]:
    """Of each topic the newest subjects."""
    name = _name().label("name")
    place = func.row_number().over(partition_by=name, order_by=Ticket.id.desc()).label("place")
    tickets = _tickets(choice, viewer).where(Ticket.topic != "")
    numbered = tickets.with_only_columns(name, Ticket.subject, place).subquery()
    few = select(numbered.c.name, numbered.c.subject).where(numbered.c.place <= _SUBJECTS)
    found: dict[str, list[str]] = {}
    for topic, subject in db.session.execute(few.order_by(numbered.c.name, numbered.c.place)):
        found.setdefault(topic, []).append(subject)
    return found


def _sum(group: "Group[list[Search]]", lang: str) -> Asked:
    searches = [search for _text, found in group.members for search in found]
    return Asked(
        group,
        lang,
        len(searches),
        none=sum(search.match == "none" for search in searches),
        near=sum(search.match == "near" for search in searches),
        unchosen=sum(search.match != "none" and search.place is None for search in searches),
        asked=sum(search.asked for search in searches),
        last=as_moment(max(search.at for search in searches)),
    )


def _new_article(title: str, lang: str, asked: Sequence[str]) -> str:
    offered = list(dict.fromkeys(map(masked, asked)))[:_QUESTIONS_OFFERED]
    return url_for("knowledge_base.new", title=masked(title), lang=lang, question=offered)
