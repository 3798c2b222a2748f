"""The demo as one process: a home with the company in it, a web server, a worker, and a clean end."""

import logging
import os
import shutil
import signal
import socket
import sys
import threading
from collections.abc import Callable
from time import monotonic, sleep

import click
from flask import Flask
from sqlalchemy import select
from werkzeug.serving import WSGIRequestHandler, make_server

from helpdesk.accounts.models import Agent
from helpdesk.app import create_app
from helpdesk.config import Settings
from helpdesk.core import migrating, streaming
from helpdesk.core.db import db
from helpdesk.customers.models import Customer
from helpdesk.demo import content, today
from helpdesk.demo.company import build, is_empty
from helpdesk.demo.world import PASSWORD
from helpdesk.lifecycle import stages
from helpdesk.running.logs import set_up
from helpdesk.running.worker import Worker
from knowledge_base.index import tending

# What the house makes in its home and --fresh takes away; the key stays.
_MADE = ("helpdesk.db", "helpdesk.db-wal", "helpdesk.db-shm", "files", "letters", "index")
# After that a job still at work is left to its lease, in seconds.
_PATIENCE = 0.8


def prepare(settings: Settings, *, fresh: bool) -> Flask:
    """The app on a home that holds the demo company; made where nobody has worked in it yet."""
    app = create_app(settings)
    set_up(app, settings.log_format)
    logging.getLogger().setLevel(logging.WARNING)
    with app.app_context():
        if fresh:
            _forget(settings)
        migrating.upgrade()
        if is_empty():
            build()
            _review_all()
            db.session.commit()
        db.session.remove()
    return app


def run(app: Flask, listener: socket.socket) -> None:
    """Serve and work until Ctrl-C or SIGTERM; ends within two seconds, open pages included."""
    host, port = listener.getsockname()[:2]
    server = make_server(host, port, app, threaded=True, request_handler=_Quiet, fd=listener.detach())
    worker, told = Worker(app), list[int]()
    for number in (signal.SIGINT, signal.SIGTERM):
        # A list, not an event: a second signal within the first's handler would wait for the event's lock.
        signal.signal(number, lambda received, _frame: told.append(received))
    serving = _start("pages", server.serve_forever)
    working = _start("work", worker.run)
    tending.warm(app)
    with app.app_context():
        _welcome(app)
    while not told:
        sleep(0.1)
    streaming.stop()
    worker.stop()
    server.shutdown()
    server.server_close()
    deadline = monotonic() + _PATIENCE
    for thread in (serving, working):
        thread.join(max(0.0, deadline - monotonic()))
    _leave(is_done=not working.is_alive())


class _Quiet(WSGIRequestHandler):
    """Says nothing of each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        return None


def _start(name: str, target: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=target, name=name, daemon=True)
    thread.start()
    return thread


def _leave(*, is_done: bool) -> None:
    click.echo("Stopped.")
    if not is_done:
        # A thread pool would be waited for, however long its job takes; the lease brings the job back.
        sys.stdout.flush()
        os._exit(0)


def _review_all() -> None:
    """Let the rules look at everyone, quietly: health is known a moment later."""
    for customer_id in db.session.scalars(select(Customer.id)):
        stages.review.later(key=str(customer_id), customer_id=customer_id, quiet=True)


def _forget(settings: Settings) -> None:
    """Take away the demo company, and nothing else: a home where others work is left alone."""
    if migrating.current() is not None and not _is_demo():
        raise click.ClickException(
            f"{settings.home} is no demo: people work there. Choose another HELPDESK_HOME"
        )
    if settings.is_sqlite:
        db.session.remove()
        db.engine.dispose()
    elif migrating.current() is not None:
        db.session.remove()
        migrating.downgrade("base")
    for name in _MADE:
        if name.startswith("helpdesk.db") and not settings.is_sqlite:
            continue
        path = settings.home / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _is_demo() -> bool:
    """Whether all who work here are people of the demo company, or nobody does."""
    ours = {entry["email"] for entry in content.people()["agent"]}
    return all(email in ours for email in db.session.scalars(select(Agent.email)))


def _welcome(app: Flask) -> None:
    """Where to look, and as whom to sign in."""
    site = app.config["HELPDESK_SITE_URL"]
    people = {entry["role"]: entry["email"] for entry in reversed(content.people()["agent"])}
    signs = (("agent", today.AGENT), ("lead", people["lead"]), ("admin", people["admin"]))
    known = [(role, email) for role, email in signs if Agent.by_email(email)]
    click.echo(f"\n  Desk          {site}/sign-in")
    click.echo(f"  Help centre   {site}/\n")
    for role, email in known:
        click.echo(f"  {role:<13} {email}")
    if known:
        click.echo(f"  password      {PASSWORD}\n")
    _welcome_customer(site)
    if not app.config["HELPDESK_SMTP_URL"]:
        click.echo(f"  letters       {app.config['HELPDESK_HOME']}/letters")
    click.echo("\n  Ctrl-C stops it.")


def _welcome_customer(site: str) -> None:
    customer = today.waiting_customer()
    if customer is not None:
        click.echo(f"  customer      {customer}")
        click.echo(f"                asks for a link at {site}/portal/sign-in; it comes as a letter")
