"""`helpdesk mail`: letters from a pipe."""

import json
import os
import sys
from typing import BinaryIO

import click
from flask.cli import AppGroup

from helpdesk.channels.email.receiving import Unavailable, take

mail = AppGroup("mail", help="Letters in and out.")


@mail.command()
@click.argument("letter", type=click.File("rb"), default="-")
def receive(letter: BinaryIO) -> None:
    """Take one letter (RFC 5322) from a file, or from the pipe of a mail server.

    Prints what became of it as one line of JSON. Exit code 75 asks the mail server to try again later.
    """
    try:
        taken = take(letter.read())
    except Unavailable as fault:
        # Not the statement: its values are the letter, and this lands in the mail server's log.
        click.echo(f"helpdesk: not now: {getattr(fault, 'orig', fault)}", err=True)
        sys.exit(os.EX_TEMPFAIL)
    click.echo(json.dumps(taken.as_dict()))
