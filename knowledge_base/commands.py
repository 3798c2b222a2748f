"""`helpdesk kb search`, `kb reindex`, `kb import`, `kb export`: the knowledge base from the command line."""

import json
import os
import sys
from functools import partial
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from helpdesk.core.db import db, reading
from helpdesk.core.i18n import LANGUAGES
from knowledge_base.finding.answers import Answer
from knowledge_base.index.feeding import rebuild_index
from knowledge_base.index.tending import state
from knowledge_base.models import ArticleStatus
from knowledge_base.search import search
from knowledge_base.semantic.feeding import embed_all
from knowledge_base.transfer.exporting import Chosen, Folder, export
from knowledge_base.transfer.importing import take
from knowledge_base.transfers import FORMATS

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
    """Make the search index of every language anew; questions get answers meanwhile.

    Where the search by meaning is installed its vectors are made too, for texts that have none yet.
    """
    # Here nobody else waits for a core.
    os.environ.setdefault("OMP_NUM_THREADS", str(os.cpu_count() or 1))
    for lang in LANGUAGES:
        rebuild_index(lang=lang)
        db.session.commit()
        embed_all(lang, partial(_tell_progress, lang))
    for lang, _is_well, saying in state():
        click.echo(f"{lang}: {saying}")


@kb.command("import")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--lang", type=_Language, help="Of articles that name none.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option(
    "--overwrite", is_flag=True, help="Also write over what was changed here since the last import."
)
def import_articles(path: Path, lang: str | None, dry_run: bool, overwrite: bool) -> None:
    """Take in articles, all or none; the same id again is an update.

    PATH is a folder of Markdown pages, JSON lines, the JSON of Zendesk Guide or Freshdesk Solutions, or a
    zip file of any of these.
    """
    done = take(path, lang or "", dry_run=dry_run, overwrite=overwrite)
    if done.faults or dry_run:
        db.session.rollback()
    else:
        db.session.commit()
    click.echo(json.dumps({**done.as_json, "dry_run": dry_run}, ensure_ascii=False))
    sys.exit(1 if done.faults else 0)


@kb.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--format", "form", type=click.Choice(FORMATS), default=FORMATS[0], show_default=True)
@click.option("--lang", type=_Language, help="Only this language.")
@click.option("--status", type=click.Choice([status.value for status in ArticleStatus]), help="Only these.")
@click.option("--owners", is_flag=True, help="With the mail addresses of those who see to the articles.")
def export_articles(folder: Path, form: str, lang: str | None, status: str | None, owners: bool) -> None:
    """Write all articles into an empty folder, as `kb import` takes them in again."""
    if folder.exists() and any(folder.iterdir()):
        raise click.UsageError(f"{folder} is not empty")
    with reading():
        counts = export(Folder(folder), form, Chosen(lang or "", status or "", owners))
    db.session.rollback()
    click.echo(json.dumps(counts))


def _tell_progress(lang: str, done: int, all: int) -> None:
    """On one line of a terminal; in a log a line each time."""
    is_over = done == all or not sys.stderr.isatty()
    click.echo(f"\r{lang}: vectors of {done:,} of {all:,} articles", nl=is_over, err=True)


def _told(found: Answer) -> str:
    """The answer for eyes: score, address and title of each, then how well it fits."""
    items = [*found.items, *found.other_language]
    lines = [
        f"{item.score:7.3f}  /kb/{item.article.lang}/{item.article.slug}  {item.article.title}"
        for item in items
    ]
    return "\n".join([*lines, f"{found.match}, {found.took_ms:.0f} ms"])
