"""Drafts become rows, many in one statement: a verb for each article would ask the database ten times.

What the verbs of `editing` do for one article is done here for all: a revision, what readers get, the line
in the history, the index, the links.
"""

from collections.abc import Iterable, Sequence
from secrets import token_hex
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, insert, select, update

from helpdesk.accounts.models import Agent
from helpdesk.core import live
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.jobs import task
from knowledge_base.acts import Act, ArticleAct
from knowledge_base.index.feeding import index_changes
from knowledge_base.models import Article, ArticleStatus, Purpose, Revision, Visibility
from knowledge_base.transfer.importing.checking import not_ahead, short_hash
from knowledge_base.transfer.importing.merging import CHUNK, TEXT, Plan
from knowledge_base.transfer.importing.shelving import Shelves
from knowledge_base.transfers import ArticleSource
from knowledge_base.writing.editing import LISTS, Particulars
from knowledge_base.writing.linking import check

# Articles whose links are looked through in one job.
_LINKS_AT_ONCE = 100
# Open editors of more than this are not told one by one.
_MOST_TOLD = 500

_ACTS = {
    ArticleStatus.PUBLISHED: Act.PUBLISHED,
    ArticleStatus.DRAFT: Act.WITHDRAWN,
    ArticleStatus.ARCHIVED: Act.ARCHIVED,
}


class Writer:
    """Writes the plans of one import. by: whose import it is; note: what the history says."""

    def __init__(self, shelves: Shelves, *, by: Agent | None, note: str) -> None:
        self.shelves, self.by_id, self.note = shelves, by.id if by else None, note
        mails = {agent.email: agent.id for agent in db.session.scalars(select(Agent))}
        self.owners = mails

    def make(self, plans: Sequence[Plan]) -> None:
        """Give each new article its row and so its id; all else comes with `write`."""
        for some in _chunks(plans):
            at = now()
            rows = [
                {
                    "external_id": plan.draft.external_id,
                    "lang": plan.draft.lang,
                    "slug": f"new-{token_hex(12)}",
                    "title": "",
                    "body": "",
                    "created_at": at,
                    "updated_at": at,
                }
                for plan in some
            ]
            db.session.execute(insert(Article), rows)
            # By the address, which nobody else has: one question for all of them.
            slugs = [row["slug"] for row in rows]
            made = db.session.execute(select(Article.slug, Article.id).where(Article.slug.in_(slugs)))
            ids = {row.slug: row.id for row in made}
            for plan, slug in zip(some, slugs, strict=True):
                plan.id = ids[slug]

    def write(self, plans: Sequence[Plan], texts: dict[int, str]) -> None:
        """Write what was planned. texts: the body of each as it goes in, by the article's id."""
        for some in _chunks(plans):
            told = [(plan, self._values(plan)) for plan in some]
            numbers = self._revisions(told, texts)
            self._articles(told, texts, numbers)
            self._sources([plan for plan, _values in told], texts)
        self._tell(plans)

    def _values(self, plan: Plan) -> dict[str, Any]:
        """The row of an article as it shall be, but for its text."""
        draft, known = plan.draft, plan.known
        names = ("purpose", "visibility", "position", "review_on", *LISTS)
        stated = {name: draft.values[name] for name in names if name in draft.values}
        if known is None:
            empty = {
                "purpose": Purpose.HOW_TO,
                "visibility": Visibility.PUBLIC,
                "position": 0,
                "review_on": None,
            }
            kept = {**empty, **{name: [] for name in LISTS}, "category_id": None}
        else:
            kept = {name: getattr(known.row, name) for name in (*names, "category_id")}
            stated = {name: value for name, value in stated.items() if name in plan.taken}
        if draft.category is not None and (known is None or "category" in plan.taken):
            shelf = self.shelves.at(draft.category, draft.lang)
            stated["category_id"] = shelf.id if shelf else None
        return {**kept, **stated}

    def _revisions(self, told: list[tuple[Plan, dict[str, Any]]], texts: dict[int, str]) -> dict[int, int]:
        """Write what the articles say from now on; the ids of the new revisions by article."""
        rows = []
        for plan, values in told:
            if plan.known is None or plan.taken - {"status", "files", "position", "review_on"}:
                number = plan.known.row.number + 1 if plan.known else 1
                rows.append(self._revision(plan, values, number, *self._text(plan, texts)))
                if plan.draft.changes and plan.known is None:
                    rows.append(self._revision(plan, values, 2, *plan.draft.changes))
        if not rows:
            return {}
        db.session.execute(insert(Revision), rows)
        own = select(Revision.article_id, Revision.number, Revision.id)
        made = db.session.execute(own.where(Revision.article_id.in_([row["article_id"] for row in rows])))
        ids = {(row.article_id, row.number): row.id for row in made}
        # Of two, readers get the first.
        return {row["article_id"]: ids[row["article_id"], row["number"]] for row in reversed(rows)}

    def _text(self, plan: Plan, texts: dict[int, str]) -> tuple[str, str]:
        known, draft = plan.known, plan.draft
        title = draft.title if known is None or "title" in plan.taken else known.row.newest_title
        body = texts[plan.id] if known is None or "body" in plan.taken else known.row.newest_body
        return title, body

    def _revision(
        self, plan: Plan, values: dict[str, Any], number: int, title: str, body: str
    ) -> dict[str, Any]:
        names = self.shelves.names(values["category_id"], plan.draft.lang)
        lists = {name: values[name] for name in LISTS}
        kinds = {"purpose": values["purpose"], "visibility": values["visibility"]}
        facts = Particulars(category=" / ".join(names), **kinds, **lists).facts
        told = {"title": title, "body": body, "particulars": facts, "note": self.note}
        return {"article_id": plan.id, "number": number, **told, "agent_id": self.by_id, "created_at": now()}

    def _articles(
        self, told: list[tuple[Plan, dict[str, Any]]], texts: dict[int, str], revisions: dict[int, int]
    ) -> None:
        rows, acts = [], []
        for plan, values in told:
            row = {**values, **self._state(plan, texts, revisions.get(plan.id))}
            rows.append({f"to_{name}": value for name, value in row.items()})
            was = plan.known.row.status if plan.known else ArticleStatus.DRAFT
            is_moved = row["status"] is not was
            is_out = row["is_new_text"] and row["status"] is ArticleStatus.PUBLISHED
            if row["status"] in _ACTS and (is_moved or is_out):
                act = {"act": _ACTS[row["status"]], "agent_id": self.by_id, "at": now(), "note": ""}
                acts.append({"article_id": plan.id, "revision_id": row["revision_id"], **act})
        _update_all(rows)
        if acts:
            db.session.execute(insert(ArticleAct), acts)

    def _state(self, plan: Plan, texts: dict[int, str], revision_id: int | None) -> dict[str, Any]:
        """What readers have of an article from now on."""
        draft, known, values = plan.draft, plan.known, plan.draft.values
        if known is None:
            status = draft.status or ArticleStatus.PUBLISHED
            is_out = status is ArticleStatus.PUBLISHED
            title, body = self._text(plan, texts)
            owner_id = self.owners.get(draft.owner)
            at = {
                "created_at": not_ahead(values.get("created_at")),
                "published_at": not_ahead(values.get("published_at"))
                if is_out or "published_at" in values
                else None,
                "updated_at": not_ahead(values.get("updated_at") or values.get("published_at")),
            }
            shown = {"title": title, "body": body, "revision_id": revision_id if is_out else None}
            told = {
                "id": plan.id,
                "slug": plan.slug,
                "status": status,
                "status_by_id": self.by_id,
                **at,
                **shown,
            }
            return {**told, "owner_id": owner_id, "version": 1, "is_new_text": is_out}
        return self._changed(plan, texts, revision_id)

    def _changed(self, plan: Plan, texts: dict[int, str], revision_id: int | None) -> dict[str, Any]:
        assert plan.known is not None
        row, values = plan.known.row, plan.draft.values
        status = values["status"] if "status" in plan.taken else row.status
        is_new_text = status is ArticleStatus.PUBLISHED and bool(
            plan.taken & {"title", "body"} or (row.revision_id is None or row.status is not status)
        )
        shown = {
            name: getattr(row, name) for name in ("revision_id", "published_at", "updated_at", "owner_id")
        }
        if is_new_text and revision_id is None:
            revision_id = _newest_of(plan.id)
        title, body = self._text(plan, texts) if is_new_text or row.revision_id is None else _shown(plan.id)
        if is_new_text:
            at = not_ahead(values.get("updated_at"))
            shown |= {"revision_id": revision_id, "published_at": row.published_at or now(), "updated_at": at}
        told = {"id": plan.id, "slug": row.slug, "status": status, "title": title, "body": body, **shown}
        by_id = self.by_id if status != row.status else row.status_by_id
        more = {"created_at": row.created_at, "status_by_id": by_id, "version": row.version + 1}
        return {**told, **more, "is_new_text": is_new_text}

    def _sources(self, plans: list[Plan], texts: dict[int, str]) -> None:
        """Keep what the source said, for the next import."""
        ids = [plan.id for plan in plans]
        db.session.execute(delete(ArticleSource).where(ArticleSource.article_id.in_(ids)))
        rows = []
        for plan in plans:
            said = {**plan.said, TEXT: short_hash(texts[plan.id])}
            rows.append({"article_id": plan.id, "said": said, "imported_at": now()})
        db.session.execute(insert(ArticleSource), rows)

    def _tell(self, plans: Sequence[Plan]) -> None:
        """One job a language for the index, one after the other for the links; open editors hear of it."""
        for lang in sorted({plan.draft.lang for plan in plans}):
            index_changes.later(key=lang, lang=lang)
        if plans:
            check_links_between.later(first=min(p.id for p in plans), last=max(p.id for p in plans))
        live.announce(*[f"article-{plan.id}" for plan in plans if plan.known][:_MOST_TOLD] or ["articles"])


@task
def check_links_between(first: int, last: int) -> None:
    """Look through the links of the articles with these numbers, some of them in each job."""
    numbered = select(Article).where(Article.id.between(first, last)).order_by(Article.id)
    articles = db.session.scalars(numbered.limit(_LINKS_AT_ONCE)).all()
    for article in articles:
        check(article)
    if len(articles) == _LINKS_AT_ONCE and articles[-1].id < last:
        check_links_between.later(first=articles[-1].id + 1, last=last)


def _update_all(rows: list[dict[str, Any]]) -> None:
    articles = cast(Table, Article.__table__)
    names = [name.removeprefix("to_") for name in rows[0] if name not in ("to_id", "to_is_new_text")]
    told = update(articles).where(articles.c.id == bindparam("to_id"))
    db.session.execute(told.values({name: bindparam(f"to_{name}") for name in names}), rows)


def _newest_of(article_id: int) -> int | None:
    own = select(Revision.id).where(Revision.article_id == article_id)
    return db.session.scalar(own.order_by(Revision.number.desc()).limit(1))


def _shown(article_id: int) -> tuple[str, str]:
    row = db.session.execute(select(Article.title, Article.body).where(Article.id == article_id)).one()
    return row.title, row.body


def _chunks(plans: Sequence[Plan]) -> Iterable[list[Plan]]:
    return ([*plans[n : n + CHUNK]] for n in range(0, len(plans), CHUNK))
