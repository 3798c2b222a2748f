"""What the editor's form does to an article, and what it proposes where somebody else was faster."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from helpdesk.accounts.models import Agent
from helpdesk.core.db import db
from helpdesk.core.i18n import zone
from knowledge_base.categories import path_of
from knowledge_base.models import Article, Revision
from knowledge_base.writing import addressing, editing, life, linking, uploading
from knowledge_base.writing.comparing import Line, differences
from knowledge_base.writing.forms import ArticleForm
from knowledge_base.writing.merging import Clash, merge, merge_facts


class Missing(ValueError):
    """The pressed button needs a field that is empty; `field` is its name."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


@dataclass
class Proposal:
    """Both texts together. theirs: what the other one changed; clashes: what both changed, each their way."""

    by: Agent | None
    number: int
    theirs: list[Line]
    title: str = ""
    clashes: list[tuple[Clash, list[Line]]] = field(default_factory=list)
    # The names of particulars, as the form has them, that both set differently.
    facts: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not (self.clashes or self.facts)


def filled(article: Article) -> dict[str, Any]:
    """What the form shows of an article: the newest revision's text."""
    newest = article.newest
    owner, review_on = str(article.owner_id or ""), article.review_on
    return {
        "base": newest.number,
        "title": newest.title,
        "body": newest.body,
        "lang": article.lang,
        "slug": article.slug,
        "slug_was": article.slug,
        "category": path_of(article.shelf, article.lang),
        "purpose": article.purpose.value,
        "visibility": article.visibility.value,
        "tags": ", ".join(article.tags),
        "questions": "\n".join(article.questions),
        "stages": article.stages,
        "audience": article.audience,
        "owner": owner,
        "owner_was": owner,
        "review_on": review_on,
        "review_on_was": review_on,
    }


def save(article: Article, form: ArticleForm, *, by: Agent) -> Revision:
    """Write what the form says. What its editor left alone stays as it is now, whoever changed it meanwhile.

    Raises `Overtaken`, `AddressTaken`, `FileRefused`.
    """
    title, body = form.text
    if form.file.data:
        file = form.file.data
        kept = uploading.attach(article, file.filename or "", file.read(), by=by)
        body = f"{body.rstrip()}\n\n{uploading.written(kept, form.alt.data or '')}\n"
    said, base = form.particulars(), form.base.data or 0
    revision = editing.revise(
        article, title, body, by=by, base=base, particulars=said, why=form.note.data or ""
    )
    tend(article, form, by=by)
    linking.check(article)
    return revision


def tend(article: Article, form: ArticleForm, *, by: Agent) -> None:
    """Set owner, review date and address where the editor changed them."""
    if form.owner.data != (form.owner_was.data or ""):
        life.own(article, db.session.get(Agent, int(form.owner.data)) if form.owner.data else None, by=by)
    if form.review_on.data != form.review_on_was.data:
        life.look_again(article, form.review_on.data)
    if form.slug.data and form.slug.data != form.slug_was.data:
        addressing.move(article, form.slug.data, by=by)
        editing.touched(article)
        linking.check_links_to.later(key=str(article.id), id=article.id)


def follow_up(article: Article, form: ArticleForm, then: str, *, by: Agent) -> None:
    """Do with the saved text what the pressed button says. Raises `Missing`, and `TooLate`."""
    needed = {"review": form.reviewer, "plan": form.publish_at}.get(then)
    if needed is not None and not needed.data:
        raise Missing(needed.name)
    if then == "publish":
        editing.publish(article, by=by)
    elif then == "review":
        reviewer = db.session.get_one(Agent, int(form.reviewer.data))
        life.ask_review(article, reviewer, by=by, words=form.review_note.data or "")
    elif then == "plan" and form.publish_at.data:
        life.plan(article, form.publish_at.data.replace(tzinfo=zone()), by=by)


def propose(article: Article, form: ArticleForm) -> Proposal:
    """Fill the form with both texts put together, and say what the other one did.

    Nothing is saved: a person looks at it, and saving again starts from the newest revision.
    """
    newest = article.newest
    base = _revision(article, form.base.data or 0) or newest
    title, body = form.text
    merged = merge(base.body, body, newest.body)
    mine = {"title": title, **form.particulars().facts}
    was, theirs = ({"title": each.title, **each.particulars} for each in (base, newest))
    facts, names = merge_facts(was, mine, theirs)
    _put(form, {**facts, "body": merged.text, "base": newest.number})
    clashes = [(clash, differences(clash.theirs, clash.mine)) for clash in merged.clashes]
    seen = differences(base.body, newest.body)
    changed = newest.title if newest.title != base.title else ""
    return Proposal(newest.agent, newest.number, seen, changed, clashes, names)


def _put(form: ArticleForm, said: dict[str, Any]) -> None:
    """Show in the form what was put together."""
    shown = {**said, "tags": ", ".join(said["tags"]), "questions": "\n".join(said["questions"])}
    category = shown.pop("category")
    for name, value in shown.items():
        form[name].process_data(value)
        form[name].raw_data = None
    if category in {path for path, _name in form.shelves}:
        form.category.process_data(category)
        form.new_category.process_data("")
    else:
        form.new_category.process_data(category)


def _revision(article: Article, number: int) -> Revision | None:
    own = select(Revision).where(Revision.article_id == article.id, Revision.number == number)
    return db.session.scalar(own)
