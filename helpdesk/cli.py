"""The `helpdesk` command: gathers what each room offers on the command line."""

import sys

import click
from flask.cli import FlaskGroup

from helpdesk import __version__
from helpdesk.accounts.commands import init, token, user
from helpdesk.app import create_app
from helpdesk.channels.email.commands import mail
from helpdesk.config import BadSettings
from helpdesk.demo.commands import demo, seed
from helpdesk.exchange.commands import import_group
from helpdesk.lifecycle.commands import lifecycle
from helpdesk.running.commands import backup, doctor, restore, serve, web, worker
from knowledge_base.commands import kb

COMMANDS = (
    *(init, user, token, mail, lifecycle, kb, import_group),
    *(serve, web, worker, doctor, backup, restore, demo, seed),
)


@click.group(cls=FlaskGroup, create_app=create_app, add_default_commands=False, add_version_option=False)
@click.version_option(__version__, prog_name="helpdesk")
def cli() -> None:
    """Customer support that knows where each customer stands."""


for command in COMMANDS:
    cli.add_command(command)


def main() -> None:
    """Run the command; a bad setting ends it with its name, not with a traceback."""
    try:
        cli.main(prog_name="helpdesk")
    except BadSettings as error:
        click.echo(f"helpdesk: {error}", err=True)
        sys.exit(2)
