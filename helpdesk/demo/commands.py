"""`helpdesk demo` and `helpdesk seed`: a company to look at, and bulk data to measure with."""

import json
import socket
from datetime import timedelta
from typing import Any

import click
from flask.cli import with_appcontext

from helpdesk.config import Settings, load
from helpdesk.demo import content
from helpdesk.demo.running import prepare, run
from helpdesk.demo.seeding import Wanted, seed_all

_HOST = "127.0.0.1"


@click.command()
@click.option("--port", default=8000, show_default=True, help="0 takes any that is free.")
@click.option("--fresh", is_flag=True, help="Begin anew: forget the demo company that is there.")
def demo(port: int, fresh: bool) -> None:
    """A company to look at: pages and background work in one process, with eighteen months of history."""
    listener = _listen(port)
    settings = _settings(listener.getsockname()[1])
    click.echo(f"Preparing the demo company in {settings.home.resolve()} …")
    app = prepare(settings, fresh=fresh)
    run(app, listener)


@click.command()
@click.option("--customers", default=1_000, show_default=True)
@click.option("--tickets", default=10_000, show_default=True)
@click.option("--articles", default=0, show_default=True)
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same texts.")
@click.option("--reindex", is_flag=True, help="Build the search index of what was added, too.")
@with_appcontext
def seed(customers: int, tickets: int, articles: int, seed: int, reindex: bool) -> None:
    """Bulk data for measuring: four messages a ticket, in Japanese and English."""
    wanted = Wanted(customers, tickets, articles, seed)
    click.echo(json.dumps(seed_all(wanted, reindex=reindex)))


def _listen(port: int) -> socket.socket:
    """Take the port before anything else is done, so that a taken one costs no time."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((_HOST, port))
    except OSError as error:
        listener.close()
        raise click.ClickException(
            f"port {port} is in use: stop what runs there, or choose another with --port"
        ) from error
    listener.listen(128)
    return listener


def _settings(port: int) -> Settings:
    """The demo's own settings where the environment says nothing."""
    company, support = content.company()["company"], content.company()["support"]
    ours: dict[str, Any] = {
        "site_url": f"http://{_HOST}:{port}",
        "company_name": company["name_short_ja"],
        "company_name_en": company["name_short_en"],
        "mail_from": f"{support['from_name_ja']} <{support['address']}>",
        "survey_delay": timedelta(minutes=1),
        "survey_quiet_hours": "",
    }
    given = load().model_fields_set
    return load(**{name: value for name, value in ours.items() if name not in given})
