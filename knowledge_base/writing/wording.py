"""Words that mean the same, as editors write them, and what they change in a search."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from helpdesk.accounts.models import Agent
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.text import one_line
from helpdesk.core.words import fold
from knowledge_base.models import Article
from knowledge_base.search import LONGEST_QUESTION, language_of
from knowledge_base.vocabulary import SynonymGroup

if TYPE_CHECKING:
    from knowledge_base.finding.asking import Synonyms

MOST_GROUPS, MOST_EXPRESSIONS, LONGEST_EXPRESSION = 1_000, 20, 60
# Articles shown on each side of a trial.
_TRIED = 5
_PARTED = re.compile("[,、，;；\n\t]")


class Unfit(ValueError):
    """A group that cannot be kept: `reason` is few, many, long, wordless or full; `line` what it is about.

    Of a whole list also: empty, unreadable, garbled.
    """

    def __init__(self, reason: str, line: str) -> None:
        super().__init__(f"{reason}: {line}")
        self.reason, self.line = reason, line


@dataclass(frozen=True)
class Trial:
    """One question asked twice. added: what the words bring in, by the expression that was found."""

    question: str
    lang: str
    added: dict[str, list[str]]
    before: Sequence[Article]
    after: Sequence[Article]

    @property
    def is_changed(self) -> bool:
        return [article.id for article in self.before] != [article.id for article in self.after]


def expressions_of(line: str) -> list[str]:
    """One group as it is typed, parted by commas; none twice however it is spelled. Raises `Unfit`."""
    # The dictionary costs start-up time: paid by whoever writes words, not by every start.
    from knowledge_base.language.words import words  # noqa: PLC0415

    told = {fold(text): text for text in reversed([one_line(part) for part in _PARTED.split(line)]) if text}
    found = list(told.values())[::-1]
    if len(found) < 2:
        raise Unfit("few", line)
    if len(found) > MOST_EXPRESSIONS:
        raise Unfit("many", line)
    for text in found:
        if len(text) > LONGEST_EXPRESSION:
            raise Unfit("long", text)
        if not words(text):
            raise Unfit("wordless", text)
    return found


def groups(wanted: str = "") -> list[SynonymGroup]:
    """The editors' groups that have the wanted letters, those that changed last first; they are few."""
    newest = select(SynonymGroup).order_by(SynonymGroup.updated_at.desc(), SynonymGroup.id.desc())
    found = db.session.scalars(newest.limit(MOST_GROUPS))
    return [group for group in found if _has(group.expressions, wanted)]


def shipped(wanted: str = "") -> list[Sequence[str]]:
    """The groups that come with the product."""
    from knowledge_base.finding.asking import shipped_groups  # noqa: PLC0415  (as above)

    return [group for group in shipped_groups() if _has(group, wanted)]


def add(lines: Iterable[str], *, by: Agent) -> list[SynonymGroup]:
    """A group for each line that is not empty. Raises `Unfit`, and then none is kept."""
    read = [expressions_of(line) for line in lines if line.strip()]
    if not read:
        raise Unfit("few", "")
    if (db.session.scalar(select(func.count(SynonymGroup.id))) or 0) + len(read) > MOST_GROUPS:
        raise Unfit("full", "")
    made = [SynonymGroup(expressions=group, agent_id=by.id, updated_at=now()) for group in read]
    db.session.add_all(made)
    return made


def change(group: SynonymGroup, line: str, *, by: Agent) -> None:
    """Say the group anew. Raises `Unfit`."""
    group.expressions = expressions_of(line)
    group.agent_id, group.updated_at = by.id, now()


def tried(question: str) -> Trial:
    """The question with the shipped words alone, and with the editors' own as well.

    Raises `IndexUnusable` while there is no index.
    """
    from knowledge_base.finding.asking import Synonyms, shipped_groups  # noqa: PLC0415  (as above)

    question = one_line(question)[:LONGEST_QUESTION]
    lang, own = language_of(question), [group.expressions for group in groups()]
    everything = [*shipped_groups(), *own]
    before, after = (_found(question, lang, Synonyms(each)) for each in (shipped_groups(), everything))
    return Trial(question, lang, _added(question, everything), before, after)


def _found(question: str, lang: str, synonyms: "Synonyms") -> list[Article]:
    from knowledge_base.index.feeding import engine  # noqa: PLC0415  (as above)

    ids = [hit.id for hit in engine().search(question, lang, limit=_TRIED, synonyms=synonyms).hits]
    own = select(Article).where(Article.id.in_(ids))
    chosen = {article.id: article for article in db.session.scalars(own)}
    return [chosen[id] for id in ids if id in chosen]


def _added(question: str, groups: Iterable[Sequence[str]]) -> dict[str, list[str]]:
    from knowledge_base.language.words import words  # noqa: PLC0415  (as above)

    asked = [word.term for word in words(question)]
    added: dict[str, list[str]] = {}
    for group in groups:
        for text in group:
            terms = [word.term for word in words(text)]
            if terms and any(asked[at : at + len(terms)] == terms for at in range(len(asked))):
                added[text] = [*added.get(text, ()), *(other for other in group if other != text)]
                break
    return added


def _has(expressions: Iterable[str], wanted: str) -> bool:
    return all(any(part in fold(text) for text in expressions) for part in fold(wanted).split())
