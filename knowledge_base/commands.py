"""`helpdesk kb search`, `kb reindex`, `kb import`: the knowledge base from the command line."""

import json
import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from helpdesk.core.db import db
from helpdesk.core.i18n import LANGUAGES
from knowledge_base.answers import Answer
from knowledge_base.feeding import rebuild_index
from knowledge_base.importing import take
from knowledge_base.search import search
from knowledge_base.tending import state

kb = AppGroup("kb", help="Articles and their search.")

_Language = click.Choice(LANGUAGES)


@kb.command("search")
@click.argument("query")
@click.option("--lang", type=_Language, help="The installation's language where left out.")
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, 50))
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def search_articles(query: str, lang: str | None, limit: int, as_json: bool) -> None:
    """What customers get for a question."""
    found = search(query, lang or current_app.config["HELPDESK_DEFAULT_LANG"], limit=limit)
    db.session.commit()
    click.echo(json.dumps(found.as_json(), ensure_ascii=False) if as_json else _told(found))


@kb.command()
def reindex() -> None:
    """Make the search index of every language anew; questions get answers meanwhile."""
    for lang in LANGUAGES:
        rebuild_index(lang=lang)
        db.session.commit()
    for lang, _is_well, saying in state():
        click.echo(f"{lang}: {saying}")


@kb.command("import")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--lang", type=_Language, help="Of articles that name none.")
def import_articles(path: Path, lang: str | None) -> None:
    """Take in a Markdown folder or JSON lines, all or none; the same id again is an update."""
    done = take(path, lang or "")
    faults = [{"place": fault.place, "message": fault.message} for fault in done.faults]
    counts = {name: done.counts[name] for name in ("created", "updated", "skipped")}
    if faults:
        db.session.rollback()
    else:
        db.session.commit()
    click.echo(json.dumps({**counts, "errors": faults}, ensure_ascii=False))
    sys.exit(1 if faults else 0)


def _told(found: Answer) -> str:
    """The answer for eyes: score, address and title of each, then how well it fits."""
    items = [*found.items, *found.other_language]
    lines = [
        f"{item.score:7.3f}  /kb/{item.article.lang}/{item.article.slug}  {item.article.title}"
        for item in items
    ]
    return "\n".join([*lines, f"{found.match}, {found.took_ms:.0f} ms"])
