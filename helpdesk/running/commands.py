"""`helpdesk demo`, `serve`, `web`, `worker`, `doctor`, `backup`, `restore`."""

import json
import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from helpdesk.app import create_app
from helpdesk.config import load
from helpdesk.running.backing_up import CannotBackUp, back_up
from helpdesk.running.backing_up import restore as take_back
from helpdesk.running.doctor import examine
from helpdesk.running.logs import set_up
from helpdesk.running.serving import serve as keep_running
from helpdesk.running.worker import run_until_told


@click.command()
@click.option("--bind", default="127.0.0.1:8000", show_default=True)
@click.option("--workers", default=2, show_default=True, help="Web processes.")
@click.option("--threads", default=64, show_default=True, help="Requests and open pages each may hold.")
def serve(bind: str, workers: int, threads: int) -> None:
    """Production on one machine: web and worker, restarted when they die, stopped together."""
    keep_running(bind, workers, threads)


@click.command()
@click.option("--bind", default="127.0.0.1:8000", show_default=True)
@click.option("--workers", default=2, show_default=True)
@click.option("--threads", default=64, show_default=True)
def web(bind: str, workers: int, threads: int) -> None:
    """Pages alone; any number may run."""
    from helpdesk.running import web as server  # noqa: PLC0415  (gunicorn does not import on Windows)

    settings = load()
    bound = settings if settings.site_url else load(site_url=f"http://{bind}")

    def make_app() -> object:
        app = create_app(bound)
        set_up(app, bound.log_format)
        return app

    server.run(make_app, bind, workers, threads)


@click.command()
@with_appcontext
def worker() -> None:
    """Background work alone; any number may run."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    set_up(app, app.config["HELPDESK_LOG_FORMAT"])
    run_until_told(app)


@click.command()
@click.option("--json", "as_json", is_flag=True)
@with_appcontext
def doctor(as_json: bool) -> None:
    """Look the house over; exit 1 names each fault and its remedy."""
    findings = examine()
    if as_json:
        click.echo(json.dumps([finding.as_dict() for finding in findings], ensure_ascii=False))
    else:
        for finding in findings:
            mark = "✗" if finding.is_fault else ("!" if finding.remedy else "✓")
            click.echo(f"{mark} {finding.what}: {finding.saying}")
            if finding.remedy:
                click.echo(f"    {finding.remedy}")
    sys.exit(1 if any(finding.is_fault for finding in findings) else 0)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def backup(file: Path) -> None:
    """Write database, files and settings (without secrets) to one archive."""
    try:
        click.echo(json.dumps(back_up(file)))
    except CannotBackUp as error:
        raise click.ClickException(str(error)) from error


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace what is there.")
@with_appcontext
def restore(file: Path, force: bool) -> None:
    """Take an archive back into an empty home; nothing old is sent."""
    try:
        click.echo(json.dumps(take_back(file, force=force)))
    except CannotBackUp as error:
        raise click.ClickException(str(error)) from error
