"""Articles and tickets of the demo company: replies that name one, drafts written for what was asked."""

from collections.abc import Iterator
from random import Random

from flask import current_app

from helpdesk.demo import content
from helpdesk.demo.rows import Row
from helpdesk.demo.world import World
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread import Message, MessageKind
from knowledge_base.belongings import ArticleOrigin, ArticleUse

# Of the first replies about something that an article answers, so many name it.
_CITED = 0.3
# A draft remembers so many of the tickets that it was written for.
_ORIGINS = 3


def cite(world: World) -> None:
    """Let replies send people to the article that answers them, where it was there already."""
    articles = {topic["label_ja"]: topic["article"] for topic in content.topics().values()}
    # Its own chance: the rest of the story stays as it is.
    rng = Random(world.at.toordinal())  # noqa: S311  (a story, not a secret)
    for message in _first_replies(world):
        ticket: Row = message["ticket_id"]
        article = world.articles.get((articles[ticket["topic"]], ticket["language"]))
        if article is None or article.created_at > message["created_at"] or rng.random() >= _CITED:
            continue
        address = f"{current_app.config['HELPDESK_SITE_URL']}/kb/{article.lang}/{article.slug}"
        sentence = content.help_centre()["cited"][article.lang]
        *before, last = message["body"].split("\n\n")
        message["body"] = "\n\n".join([*before, f"{sentence}\n{address}", last])
        used = {"ticket_id": ticket, "agent_id": message["agent_id"], "at": message["created_at"]}
        world.rows.add(ArticleUse, article_id=article.id, message_id=message, **used)


def remember_origins(world: World) -> None:
    """Tie drafts that were written for what people asked to the newest of those tickets."""
    for text in content.articles():
        if "written_for" not in text.about:
            continue
        article = world.articles[text.about["key"], text.about["lang"]]
        topic = content.topics()[text.about["written_for"]]["label_ja"]
        told = [row for row in world.rows.of(Ticket) if row["topic"] == topic]
        asked = [row for row in told if row["opened_at"] < article.created_at]
        for ticket in sorted(asked, key=lambda row: row["opened_at"])[-_ORIGINS:]:
            at = article.created_at
            world.rows.add(ArticleOrigin, article_id=article.id, ticket_id=ticket, created_at=at)


def _first_replies(world: World) -> Iterator[Row]:
    """Of each ticket the first long answer; thanks and goodbyes name nothing."""
    told: set[Row] = set()
    for message in world.rows.of(Message):
        ticket = message["ticket_id"]
        if message["kind"] is MessageKind.AGENT and ticket not in told and message["body"].count("\n\n") > 2:
            told.add(ticket)
            yield message
