"""Links into the wide world: each host asked politely, and never an address of our own network."""

import http.client
import socket
import ssl
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from flask import current_app
from sqlalchemy import or_, select

from helpdesk import __version__
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.jobs import task
from helpdesk.core.outside import is_open
from knowledge_base.belongings import ArticleLink
from knowledge_base.models import Article, ArticleStatus
from knowledge_base.writing.linking import is_outside

FOLLOWED_EVERY = timedelta(days=7)
# What did not answer may answer tomorrow.
FAULTY_EVERY = timedelta(days=1)
# One job asks so many addresses of one host, with a rest between; longer would outlive its lease.
_MOST_OF_ONE_HOST = 8
_MOST_AT_ONCE = 400
_REST_SECONDS = 1.0
_LONGEST_JOB_SECONDS = 150
_PATIENCE_SECONDS = 6
_MOST_REDIRECTS = 5
# They refuse programs, not people; the page may well be there.
_UNCLEAR = {401, 403, 405, 406, 429, 451, 999}


class Unreachable(Exception):
    """Nothing can be asked there; `fault` is the reason as a key of our words."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


def follow_due() -> None:
    """Ask for the following of links that nobody followed for a week: a job a host."""
    if not current_app.config["HELPDESK_CHECK_LINKS"]:
        return
    is_due = or_(
        ArticleLink.checked_at.is_(None),
        ArticleLink.checked_at < now() - FOLLOWED_EVERY,
        (ArticleLink.fault != "") & (ArticleLink.checked_at < now() - FAULTY_EVERY),
    )
    in_use = select(Article.id).where(Article.status != ArticleStatus.ARCHIVED)
    due = select(ArticleLink.address).where(
        is_due, ArticleLink.address.startswith("http"), ArticleLink.article_id.in_(in_use)
    )
    hosts: dict[str, list[str]] = defaultdict(list)
    for address in db.session.scalars(
        due.order_by(ArticleLink.checked_at, ArticleLink.id).limit(_MOST_AT_ONCE)
    ):
        if is_outside(address):
            hosts[urlsplit(address).hostname or ""].append(address)
    for host, addresses in hosts.items():
        follow.later(key=host, addresses=list(dict.fromkeys(addresses))[:_MOST_OF_ONE_HOST])


@task
def follow(addresses: list[str]) -> None:
    """Follow addresses of one host, one after the other, and note what is wrong with them."""
    # The database is let go of: on SQLite nobody else could write while a slow host is asked.
    db.session.rollback()
    found: dict[str, str] = {}
    ends = time.monotonic() + _LONGEST_JOB_SECONDS
    for address in addresses:
        if time.monotonic() > ends:  # the rest is still due in an hour
            break
        if found:
            time.sleep(_REST_SECONDS)
        found[address] = fault_of(address)
    for link in db.session.scalars(select(ArticleLink).where(ArticleLink.address.in_(found))):
        link.fault, link.checked_at = found[link.address], now()


def fault_of(address: str) -> str:
    """What is wrong with an address of somebody else's, as a key of our words; empty where it answers."""
    try:
        status = _ask("HEAD", address)
        if status >= 400:
            status = _ask("GET", address)
    except Unreachable as failure:
        return failure.fault
    except (OSError, http.client.HTTPException, ValueError):
        return "unreachable"
    if status < 400 or status in _UNCLEAR:
        return ""
    return "not-there" if status in (404, 410) else "failing"


def _ask(method: str, address: str) -> int:
    """The status behind all redirects; each of them is looked at like the first address."""
    for _redirect in range(_MOST_REDIRECTS):
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Unreachable("unreachable")
        status, place = _ask_once(method, parts)
        if status not in (301, 302, 303, 307, 308) or not place:
            return status
        address = urljoin(address, place)
    raise Unreachable("going-round")


def _ask_once(method: str, parts: SplitResult) -> tuple[int, str]:
    host, is_safe = str(parts.hostname), parts.scheme == "https"
    port = parts.port or (443 if is_safe else 80)
    connection = http.client.HTTPConnection(host, port, timeout=_PATIENCE_SECONDS)
    # What was looked at is what is asked: the name is not resolved a second time.
    line = socket.create_connection((_public_address(host, port), port), _PATIENCE_SECONDS)
    connection.sock = (
        ssl.create_default_context().wrap_socket(line, server_hostname=host) if is_safe else line
    )
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._") + (f"?{parts.query}" if parts.query else "")
    headers = {"User-Agent": f"Helpdesk/{__version__} (link check)", "Accept": "*/*", "Connection": "close"}
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.getheader("Location") or ""
    finally:
        connection.close()
        line.close()


def _public_address(host: str, port: int) -> str:
    """One of the host's addresses. Raises `Unreachable` where any of them is not of the open internet."""
    try:
        found: Sequence[tuple[object, ...]] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable("no-host") from error
    addresses = [str(each[4][0]) for each in found]  # type: ignore[index]
    if not current_app.config["HELPDESK_CHECK_PRIVATE_LINKS"] and not all(map(is_open, addresses)):
        raise Unreachable("private")
    return addresses[0]
