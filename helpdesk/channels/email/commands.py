"""`helpdesk mail`: letters from a pipe, and from IMAP servers."""

import json
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, BinaryIO

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import select

from helpdesk.channels.email.arriving.inbound import Taken
from helpdesk.channels.email.arriving.receiving import Unavailable, read, take
from helpdesk.channels.email.mailboxes import Mailbox
from helpdesk.channels.email.models import RawLetter, RawState
from helpdesk.core.db import db
from helpdesk.core.i18n import in_language

if TYPE_CHECKING:
    from helpdesk.channels.email.servers.watching import Watch

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


@mail.command()
@click.argument("numbers", nargs=-1, type=int)
def retry(numbers: tuple[int, ...]) -> None:
    """Read letters in quarantine again, as after an upgrade: those of these NUMBERS, or all.

    Prints what became of each as one line of JSON.
    """
    waiting = select(RawLetter.id).where(RawLetter.state == RawState.QUARANTINED).order_by(RawLetter.id)
    chosen = waiting.where(RawLetter.id.in_(numbers)) if numbers else waiting
    for number in db.session.scalars(chosen).all():
        click.echo(json.dumps({"letter": number, **read(number).as_dict()}))


@mail.command()
@click.option("--once", is_flag=True, help="Fetch what is there, and end.")
def fetch(once: bool) -> None:
    """Fetch letters from the mailboxes that have an IMAP server, until Ctrl-C or SIGTERM.

    Prints what became of each as one line of JSON. With --once, exit code 75 says that a mailbox could not
    be fetched from; which one and why stands on standard error.
    """
    from helpdesk.channels.email.servers import watching  # noqa: PLC0415  (costly to import)

    app = current_app._get_current_object()  # type: ignore[attr-defined]
    one_at_a_time = threading.Lock()

    def tell(taken: Taken) -> None:
        with one_at_a_time:
            click.echo(json.dumps(taken.as_dict()))

    if not once:
        return _until_told(watching.Watch(app, tell))
    faults = watching.fetch_once(app, tell)
    for mailbox_id, fault in faults.items():
        _complain(mailbox_id, fault)
    sys.exit(os.EX_TEMPFAIL if faults else 0)


def _until_told(watch: "Watch") -> None:
    told = list[int]()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, _frame: told.append(received))
    watching = threading.Thread(target=watch.run, name="watch")
    watching.start()
    while watching.is_alive():
        watching.join(0.2)
        if told:
            watch.stop()


def _complain(mailbox_id: int, fault: str) -> None:
    from helpdesk.channels.email.servers.faults import explained  # noqa: PLC0415  (only where something is wrong)

    address = db.session.get_one(Mailbox, mailbox_id).address
    with in_language("en"):
        click.echo(f"helpdesk: {address}: {' '.join(explained(fault))}", err=True)
