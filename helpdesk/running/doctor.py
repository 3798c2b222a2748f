"""Looks the house over and names each fault with its remedy."""

import shutil
import smtplib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import func, select, text

from helpdesk import monitoring
from helpdesk.channels.email.arriving import self_testing
from helpdesk.channels.email.mailboxes import Mailbox
from helpdesk.channels.email.models import RawLetter, RawState
from helpdesk.channels.email.servers.faults import explained
from helpdesk.config import Settings
from helpdesk.core import jobs, migrating
from helpdesk.core.clock import now
from helpdesk.core.db import db, reading
from helpdesk.core.i18n import in_language
from helpdesk.core.jobs import Job
from helpdesk.core.mail import Letter

# Below this the database may soon be unable to write, in bytes.
LEAST_DISK = 500 * 2**20
# Work that is due for longer than this means that nobody works it off.
LATE = timedelta(minutes=10)
# Tickets that a line names.
NAMED = 5


@dataclass(frozen=True)
class Finding:
    """One thing looked at; `remedy` is empty where all is well, and stands without `is_fault` as advice."""

    what: str
    saying: str
    remedy: str = ""
    is_fault: bool = False

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def examine() -> list[Finding]:
    """Every finding, in the order a person would look; what cannot be seen is a fault of its own."""
    looks = (*_HOUSE, _mailboxes, _self_tests, _mail, _quarantine, _disk)
    with reading():
        return [finding for look in looks for finding in _looked_at(look)]


def _looked_at(look: Callable[[], Iterator[Finding]]) -> list[Finding]:
    what = look.__name__.strip("_").replace("_", " ")
    try:
        return list(look())
    except Exception as error:
        db.session.rollback()
        return [Finding(what, f"could not be looked at: {error}", "mend the faults above first", True)]


def _settings() -> Iterator[Finding]:
    settings: Settings = current_app.extensions["helpdesk.settings"]
    yield Finding("settings", f"home {settings.home}, {settings.timezone}, {settings.default_lang}")
    if not settings.is_production:
        yield Finding(
            "site address", "plain http", "set HELPDESK_SITE_URL=https://… where customers reach it"
        )


def _database() -> Iterator[Finding]:
    db.session.execute(text("SELECT 1"))
    if db.engine.dialect.name == "sqlite":
        broken = [row[0] for row in db.session.execute(text("PRAGMA quick_check")) if row[0] != "ok"]
        if broken:
            yield Finding(
                "database", f"damaged: {broken[0]}", "restore the last backup: helpdesk restore FILE", True
            )
            return
    yield Finding("database", db.engine.dialect.name)


def _migrations() -> Iterator[Finding]:
    current, head = migrating.current(), migrating.head()
    if current != head:
        yield Finding(
            "migrations", f"at {current}, this release has {head}", "run: helpdesk init --email …", True
        )
    else:
        yield Finding("migrations", f"at {current}")


def _search_index() -> Iterator[Finding]:
    for name, is_well, saying in current_app.extensions.get("helpdesk.index_state", list)():
        remedy = "" if is_well else "run: helpdesk kb reindex"
        yield Finding(f"search index {name}", saying, remedy, not is_well)


def _worker() -> Iterator[Finding]:
    if monitoring.is_worker_alive():
        yield Finding("worker", "alive")
    else:
        yield Finding("worker", "no sign of life", "start one: helpdesk worker, or helpdesk serve", True)


def _queue() -> Iterator[Finding]:
    late = select(func.count()).where(Job.failed_at.is_(None), Job.due_at < now() - LATE)
    count = db.session.scalar(late) or 0
    if count:
        yield Finding("queue", f"{count} jobs late by {LATE} or more", "start more workers", True)
    for job in jobs.failed()[:20]:
        last_line = (job.error or "").strip().splitlines()[-1:]
        yield Finding(
            "queue", f"job {job.id} {job.task} was given up: {' '.join(last_line)}", "see the log", True
        )
    if not count:
        yield Finding("queue", "nothing is late")


_HOUSE = (_settings, _database, _migrations, _search_index, _worker, _queue)


def _mailboxes() -> Iterator[Finding]:
    """Those whose letters are fetched."""
    for box in Mailbox.every():
        if not box.is_active or not box.imap_host:
            continue
        what = f"mailbox {box.address}"
        last = f"last looked at {box.fetched_at:%Y-%m-%d %H:%M} UTC" if box.fetched_at else "never looked at"
        if box.fault_since is not None:
            with in_language("en"):
                saying, remedy = explained(box.fault)
            yield Finding(what, f"{saying} Since {box.fault_since:%Y-%m-%d %H:%M} UTC; {last}", remedy, True)
        elif (box.fetched_at or box.created_at) < now() - LATE:
            yield Finding(what, last, "start a worker: helpdesk worker, or helpdesk serve", True)
        else:
            yield Finding(what, last)


def _self_tests() -> Iterator[Finding]:
    """What the mailboxes' letters to themselves came back with."""
    for test in self_testing.newest_of(box for box in Mailbox.every() if box.is_active):
        results = ", ".join(
            f"{method} {result or 'not looked at'}" for method, result in test.results.items()
        )
        saying = test.error or results or f"sent {test.sent_at:%Y-%m-%d %H:%M} UTC, not back yet"
        with in_language("en"):
            yield Finding(f"self-test of {test.address}", saying, " ".join(self_testing.advice(test)))


def _mail() -> Iterator[Finding]:
    missed = db.session.scalar(select(func.count()).where(Letter.missed)) or 0
    if missed:
        theirs = select(Letter.ticket_id).where(Letter.missed, Letter.ticket_id.is_not(None)).distinct()
        newest = db.session.scalars(theirs.order_by(Letter.ticket_id.desc()).limit(NAMED)).all()
        where = f"tickets {', '.join(map(str, newest))}" if newest else "no ticket has them"
        yield Finding("letters", f"{missed} did not reach everybody; {where}", "see what their tickets say")
    server = urlsplit(current_app.config["HELPDESK_SMTP_URL"])
    if not server.hostname:
        yield Finding("mail server", "none: letters are laid in <home>/letters", "set HELPDESK_SMTP_URL")
        return
    kind = smtplib.SMTP_SSL if server.scheme == "smtps" else smtplib.SMTP
    try:
        with kind(server.hostname, server.port or 0, timeout=10) as smtp:
            smtp.noop()
    except OSError as error:
        yield Finding(
            "mail server", f"{server.hostname}: {error}", "check HELPDESK_SMTP_URL and the server", True
        )
    else:
        yield Finding("mail server", f"{server.hostname} answers")


def _quarantine() -> Iterator[Finding]:
    kept = select(func.count()).where(RawLetter.state == RawState.QUARANTINED)
    count = db.session.scalar(kept) or 0
    remedy = "look at /desk/settings/quarantine" if count else ""
    yield Finding("quarantine", f"{count} letters", remedy)


def _disk() -> Iterator[Finding]:
    home = current_app.config["HELPDESK_HOME"]
    free = shutil.disk_usage(home).free
    is_short = free < LEAST_DISK
    yield Finding("disk", f"{free // 2**20} MB free", "make room" if is_short else "", is_short)
