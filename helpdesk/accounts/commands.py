"""`helpdesk init`, `helpdesk user`, `helpdesk token`: accounts from the command line."""

import os
import sys

import click
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import select

from helpdesk.accounts.models import Agent, ApiToken, Role, Team
from helpdesk.accounts.people import hire
from helpdesk.core.db import db
from helpdesk.core.migrating import upgrade

user = AppGroup("user", help="People who work here.")
token = AppGroup("token", help="Keys for programs.")


@click.command()
@click.option("--email", required=True, help="Address of the first admin.")
@click.option("--name", default="", help="Their name; the address's beginning where left out.")
@with_appcontext
def init(email: str, name: str) -> None:
    """Bring the tables up to date and create the first admin. Safe to repeat."""
    upgrade()
    if Agent.by_email(email) is None:
        given = os.environ.get("HELPDESK_ADMIN_PASSWORD", "")
        _hire(email, name, Role.ADMIN, Team.default(), password=given)
    db.session.commit()


@user.command("add")
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in Role]), default=Role.AGENT.value)
@click.option("--team", default="", help="Made where there is none of this name; else the default team.")
@click.option("--name", default="")
def add_user(email: str, role: str, team: str, name: str) -> None:
    """Add an agent, a lead or an admin."""
    if Agent.by_email(email) is not None:
        raise click.ClickException(f"{email} works here already")
    _hire(email, name, Role(role), _team(team))
    db.session.commit()


@token.command("create")
@click.option("--user", "email", required=True, help="The agent it acts as.")
@click.option(
    "--scope", "scopes", multiple=True, type=click.Choice(["read", "write"]), help="Both where left out."
)
@click.option("--name", default="command line")
def create_token(email: str, scopes: tuple[str, ...], name: str) -> None:
    """Print a new API token on the last line; it cannot be read again."""
    agent = Agent.by_email(email)
    if agent is None:
        raise click.ClickException(f"nobody works here as {email}")
    made = ApiToken.issue(agent, name, list(scopes))
    db.session.commit()
    click.echo(made)


def _hire(email: str, name: str, role: Role, team: Team, *, password: str = "") -> None:
    given = password or _ask_password()
    agent, secret = hire(email, name or email.partition("@")[0], role, [team], password=given)
    click.echo(f"{role.value} {agent.email} added")
    if not given:
        click.echo(f"one-time password: {secret}")


def _ask_password() -> str:
    if not sys.stdin.isatty():
        return ""
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))


def _team(name: str) -> Team:
    if not name:
        return Team.default()
    team = db.session.scalar(select(Team).where(Team.name == name)) or Team(name=name)
    db.session.add(team)
    return team
