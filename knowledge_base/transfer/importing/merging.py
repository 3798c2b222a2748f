"""What an import changes: each thing that changed there and not here, as one merges two versions of a text.

Compared is what the source says now, what it said at the last import, and what stands here. What changed
there and here alike is a conflict; then the article is left as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import Row, func, or_, select

from helpdesk.core.db import db
from knowledge_base.models import Article, Revision
from knowledge_base.transfer.importing.checking import Draft, short_hash
from knowledge_base.transfer.importing.shelving import Shelves
from knowledge_base.transfers import said_of

# Rows asked for at once.
CHUNK = 400

# Compared by the text as it came; kept beside it is the text as it went in.
TEXT = "text"


@dataclass
class Plan:
    """What becomes of one draft. known: the article that it is, None for a new one."""

    draft: Draft
    known: "Known | None" = None
    # Short hashes of what the source says.
    said: dict[str, str] = field(default_factory=dict)
    # The names of what is taken over.
    taken: set[str] = field(default_factory=set)
    conflicts: set[str] = field(default_factory=set)
    slug: str = ""
    id: int = 0


@dataclass
class Known:
    """An article as it stands here: its row, and its newest revision."""

    row: Row[Any]
    base: dict[str, str]
    category: tuple[str, ...]

    def hash_of(self, name: str) -> str:
        if name == "category":
            return short_hash(list(self.category))
        if name in ("title", "body"):
            return short_hash(getattr(self.row, f"newest_{name}"))
        value = getattr(self.row, name)
        return short_hash(getattr(value, "value", value))

    @property
    def was_edited(self) -> bool:
        """Whether one of our team wrote what stands here."""
        return self.row.agent_id is not None


def known_of(drafts: Sequence[Draft], shelves: Shelves) -> dict[int, Known]:
    """The articles that drafts are, by the drafts' places. By id and language; without an id by address."""
    places = {(draft.external_id, draft.lang): n for n, draft in enumerate(drafts) if draft.external_id}
    slugs = {
        (draft.slug, draft.lang): n for n, draft in enumerate(drafts) if not draft.external_id and draft.slug
    }
    found: dict[int, Known] = {}
    wanted = [*dict.fromkeys(id for id, _lang in places)], [*dict.fromkeys(slug for slug, _lang in slugs)]
    for ids, addresses in _chunks(*wanted):
        rows = _rows(ids, addresses)
        bases = said_of([row.id for row in rows])
        for row in rows:
            place = places.get((row.external_id, row.lang))
            if place is None and row.external_id is None:
                place = slugs.get((row.slug, row.lang))
            if place is not None:
                known = Known(row, bases.get(row.id, {}), shelves.names(row.category_id, row.lang))
                found[place] = known
    return found


def merge(plan: Plan, text: str, *, overwrite: bool) -> None:
    """Decide what of a draft is taken over. text: its body as it would go in."""
    known = plan.known
    if known is None:
        return
    final = {**plan.said, "body": short_hash(text)}
    for name, theirs in plan.said.items():
        if known.base.get(name) == theirs and not overwrite:
            continue
        if name == "files":
            plan.taken |= {name} if known.base.get(name) != theirs else set()
            continue
        ours = known.hash_of(name)
        if ours == final[name]:
            continue
        was = known.base.get(TEXT if name == "body" else name)
        changed_here = known.was_edited if was is None else ours != was
        (plan.conflicts if changed_here and not overwrite else plan.taken).add(name)


def _rows(ids: list[str], slugs: list[str]) -> Sequence[Row[Any]]:
    own = or_(Article.external_id.in_(ids), Article.external_id.is_(None) & Article.slug.in_(slugs))
    last = select(func.max(Revision.number)).where(Revision.article_id == Article.id).correlate(Article)
    columns = [each for each in Article.__table__.c if each.name not in ("title", "body")]
    newest = (Revision.title.label("newest_title"), Revision.body.label("newest_body"))
    asked = select(*columns, *newest, Revision.number.label("number"), Revision.agent_id.label("agent_id"))
    joined = asked.join_from(Article, Revision, Revision.article_id == Article.id)
    found = db.session.execute(joined.where(own, Revision.number == last.scalar_subquery()))
    return cast(Sequence[Row[Any]], found.all())


def _chunks(ids: list[str], slugs: list[str]) -> list[tuple[list[str], list[str]]]:
    longest = max(len(ids), len(slugs))
    return [(ids[n : n + CHUNK], slugs[n : n + CHUNK]) for n in range(0, longest, CHUNK)]
