"""What the help centre of the demo company holds: shelves, articles with a past and plans, files, words."""

import re
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from sqlalchemy import select

from helpdesk.accounts.models import Agent
from helpdesk.core.db import db
from helpdesk.core.i18n import local
from helpdesk.demo import content, office
from helpdesk.demo.content import ArticleText
from helpdesk.demo.world import World
from knowledge_base.acts import ArticleAct
from knowledge_base.categories import PATH, Category
from knowledge_base.models import Article, Purpose, Visibility
from knowledge_base.vocabulary import LearnedQuestion, SynonymGroup
from knowledge_base.writing import addressing, editing, life, translating, uploading

_ATTACHED = re.compile(r"\]\(files/([\w.-]+)\)")
# So many of the articles were never revised.
_UNTOUCHED = 0.3
# Days from one text of an article to the next, and from now until one looks at it again.
_REVISED_AFTER, _LOOKED_AT = (20, 250), (20, 330)


@dataclass(frozen=True)
class _Staff:
    """Who writes, and who looks after the articles of each shelf."""

    by_login: dict[str, Agent]
    # Login by the path of the shelf, in either language.
    owners: dict[str, str]
    # Where an article stands on its shelf, by its key.
    places: dict[str, int]

    def owner(self, text: ArticleText) -> Agent:
        return self.by_login[text.about.get("owner") or self.owners[text.about["category"]]]


def stock(world: World) -> None:
    """Put up the shelves and fill them; most articles were revised since they were first written."""
    agents = db.session.scalars(select(Agent).order_by(Agent.id))
    shelves = content.help_centre()["shelf"]
    places = {key: place for shelf in shelves for place, key in enumerate(shelf["articles"], 1)}
    staff = _Staff({agent.email.partition("@")[0]: agent for agent in agents}, _put_up_shelves(), places)
    behind = {text.about["key"] for text in content.articles() if text.about.get("is_behind")}
    for text in content.articles():
        article = _write(world, text, staff, has_past=text.about["key"] in behind)
        world.articles[text.about["key"], text.about["lang"]] = article
    _date_acts()
    _teach(world)
    db.session.flush()


def _date_acts() -> None:
    """What was done with a text was done when it was written, the rest with the newest."""
    for act in db.session.scalars(select(ArticleAct)):
        article = db.session.get_one(Article, act.article_id)
        act.at = act.revision.created_at if act.revision else article.updated_at


def _put_up_shelves() -> dict[str, str]:
    """The shelves in their order; returns who looks after each, by its path."""
    made: dict[str, Category] = {}
    owners = {}
    for position, shelf in enumerate(content.help_centre()["shelf"]):
        above, _, name_ja = shelf["ja"].rpartition(PATH)
        name_en = shelf["en"].rpartition(PATH)[2]
        parent_id = made[above].id if above else None
        category = Category(parent_id=parent_id, position=position, name_ja=name_ja, name_en=name_en)
        db.session.add(category)
        db.session.flush()
        made[shelf["ja"]] = category
        owners[shelf["ja"]] = owners[shelf["en"]] = shelf["owner"]
    return owners


def _write(world: World, text: ArticleText, staff: _Staff, *, has_past: bool) -> Article:
    """First without its last part, most of them; the whole of it some months later."""
    about, owner = text.about, staff.owner(text)
    # Its own chance: one article more or less changes no other's story.
    rng = Random(f"{about['key']} {about['lang']}")  # noqa: S311  (a story, not a secret)
    first = _first_text(text, rng, has_past=has_past)
    article = _begin(text, first, owner)
    if about.get("status", "published") in ("published", "archived"):
        editing.publish(article, by=owner)
    if first != text.body:
        by, why = (
            rng.choice([*staff.by_login.values()]),
            rng.choice(content.help_centre()["why"][article.lang]),
        )
        editing.revise(article, article.title, text.body, by=by, why=why)
        editing.publish(article, by=by)
    source = world.articles.get((about["key"], "ja"))
    if source is not None:
        translating.tie(article, source, source.revisions[0 if about.get("is_behind") else -1])
    article.position = staff.places[about["key"]]
    _date(world, article, about, rng, source)
    _look_after(world, article, about, owner, rng)
    _plan(world, article, about, staff)
    return article


def _first_text(text: ArticleText, rng: Random, *, has_past: bool) -> str:
    parts = text.body.split("\n## ")
    is_whole = "days_ago" in text.about or "is_behind" in text.about or len(parts) < 3
    if is_whole or (not has_past and rng.random() < _UNTOUCHED):
        return text.body
    return "\n## ".join(parts[:-1])


def _begin(text: ArticleText, body: str, by: Agent) -> Article:
    """The article with its files, at its present address; those that it had lead there."""
    about = text.about
    addresses: list[str] = [*about.get("moved_from", []), about["slug"]]
    article = editing.write(
        about["title"],
        body,
        lang=about["lang"],
        by=by,
        slug=addresses[0],
        external_id=about["key"],
        particulars=_particulars(about),
    )
    for slug in addresses[1:]:
        addressing.move(article, slug, by=by)
    for name in dict.fromkeys(_ATTACHED.findall(text.body)):
        uploading.attach(article, name, content.file(name), by=by)
    return article


def _particulars(about: dict[str, Any]) -> editing.Particulars:
    return editing.Particulars(
        category=about["category"],
        purpose=Purpose(about["purpose"]),
        visibility=Visibility(about.get("visibility", "public")),
        tags=about["tags"],
        stages=about["stages"],
        questions=about["questions"],
        audience=about.get("audience", ()),
    )


def _date(world: World, article: Article, about: dict[str, Any], rng: Random, source: Article | None) -> None:
    """Let all of it have happened in the past; a translation follows its source, if it is not behind."""
    if "days_ago" in about:
        at = world.at - timedelta(days=about["days_ago"])
    elif source is None:
        at = world.began_at + timedelta(days=rng.uniform(1, 200))
    else:
        told = source.created_at if about.get("is_behind") else source.updated_at
        at = told + timedelta(days=rng.uniform(2, 12))
    # Nobody wrote anything in the last two days.
    latest = world.at - timedelta(days=2)
    for revision in article.revisions:
        revision.created_at = article.updated_at = at = min(office.next_open(at), latest)
        at += timedelta(days=rng.uniform(*_REVISED_AFTER))
    article.created_at = article.revisions[0].created_at
    if article.published_at is not None:
        article.published_at = article.created_at


def _look_after(world: World, article: Article, about: dict[str, Any], owner: Agent, rng: Random) -> None:
    """Everything has an owner; what readers have is to be looked at again some day, now and then overdue."""
    article.owner = owner
    if article.is_published:
        days = about.get("review_in", rng.randint(*_LOOKED_AT))
        article.review_on = local(world.at).date() + timedelta(days=days)


def _plan(world: World, article: Article, about: dict[str, Any], staff: _Staff) -> None:
    """What is yet to come, or over."""
    owner = article.owner or staff.by_login["mizuno"]
    match about.get("status"):
        case "review":
            words = content.help_centre()["review"][article.lang]
            life.ask_review(article, staff.by_login[about["reviewer"]], by=owner, words=words)
        case "scheduled":
            day = world.at + timedelta(days=about["publish_in"])
            life.plan(article, office.next_open(day.replace(minute=0)), by=owner)
        case "archived":
            editing.archive(article, by=owner)


def _teach(world: World) -> None:
    """The company's own words, and what readers' questions have taught."""
    by = db.session.scalars(select(Agent).order_by(Agent.id)).first()
    for group in content.help_centre()["synonyms"]:
        db.session.add(SynonymGroup(**group, agent_id=by.id if by else None, updated_at=world.at))
    for learned in content.help_centre()["learned"]:
        told = dict(learned)
        article = world.articles[told.pop("article"), told.pop("lang")]
        db.session.add(LearnedQuestion(article_id=article.id, at=world.at - timedelta(days=20), **told))
