"""OAuth 2 for mailboxes: a kept refresh token becomes an access token that lasts an hour or so."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update

from helpdesk.channels.email.mailboxes import Mailbox
from helpdesk.channels.email.servers.faults import MailFault
from helpdesk.core.clock import now
from helpdesk.core.db import db
from helpdesk.core.outside import NotAsked, post_form
from helpdesk.core.sealed import Unsealable, seal

# What a provider says (RFC 6749, OpenID Connect), and what that means here.
_SAID = {
    "invalid_grant": "oauth-ended",
    "interaction_required": "oauth-ended",
    "login_required": "oauth-ended",
    "consent_required": "oauth-ended",
    "invalid_client": "oauth-client",
    "unauthorized_client": "oauth-client",
    "invalid_scope": "oauth-scope",
    "temporarily_unavailable": "oauth-busy",
    "server_error": "oauth-busy",
    "rate_limit_exceeded": "oauth-busy",
}
# Where the server does not say how long a token lasts, and how long before its end it is not used any more.
_LASTS, _SPARED = timedelta(minutes=10), timedelta(minutes=2)


@dataclass(frozen=True)
class _Token:
    value: str
    until: datetime


# Of this process; two that ask at once both get one.
_known: dict[tuple[str, ...], _Token] = {}


def access_token(mailbox: Mailbox) -> str:
    """A token that is valid now. Raises `MailFault` (an `OSError`) where none is to be had.

    It asks another server, so call it with no transaction open. A refresh token that the server gives in
    place of the old one is written in the caller's transaction.
    """
    try:
        secrets = mailbox.secrets
    except Unsealable as error:
        raise MailFault("unsealable") from error
    token = _known.get(_key(mailbox, secrets))
    if token is None or token.until <= now():
        answer = _ask(mailbox.oauth_token_url, _question(mailbox, secrets))
        token = _Token(str(answer["access_token"]), now() + _lasting(answer))
        # The next time it is asked for with the successor.
        successor = str(answer.get("refresh_token") or secrets.get("refresh_token", ""))
        for each in (secrets, secrets | {"refresh_token": successor}):
            _known[_key(mailbox, each)] = token
        _keep_refresh_token(mailbox, secrets, successor)
    return token.value


def forget(token: str) -> None:
    """A mail server refused it: ask for another one the next time."""
    for key, known in list(_known.items()):
        if known.value == token:
            _known.pop(key, None)


def keep_successor(mailbox: Mailbox, before: str, after: str) -> None:
    """Keep what a try was given in place of the mailbox's own refresh token; in the caller's transaction."""
    with suppress(Unsealable):
        secrets = mailbox.secrets
        if before and secrets.get("refresh_token") == before:
            _keep_refresh_token(mailbox, secrets, after)


def _key(mailbox: Mailbox, secrets: dict[str, str]) -> tuple[str, ...]:
    return mailbox.oauth_token_url, *_question(mailbox, secrets).values()


def _question(mailbox: Mailbox, secrets: dict[str, str]) -> dict[str, str]:
    """What is posted. Without a refresh token the program signs in for itself, as Microsoft lets it."""
    fields = {
        "grant_type": "refresh_token" if secrets.get("refresh_token") else "client_credentials",
        "client_id": mailbox.oauth_client_id,
        "client_secret": secrets.get("client_secret", ""),
        "refresh_token": secrets.get("refresh_token", ""),
        "scope": mailbox.oauth_scope,
    }
    return {name: value for name, value in fields.items() if value}


def _ask(url: str, fields: dict[str, str]) -> dict[str, Any]:
    try:
        status, answer = post_form(url, fields)
    except (NotAsked, OSError) as error:
        raise MailFault("oauth-no-answer", error) from error
    if status != 200 or not answer.get("access_token"):
        raise _refusal(status, answer)
    return answer


def _refusal(status: int, answer: dict[str, Any]) -> MailFault:
    said = " ".join(str(answer[name]) for name in ("error", "error_description") if answer.get(name))
    # What follows is for Microsoft's own people.
    said = said.partition("Trace ID:")[0]
    is_busy = status == 429 or status >= 500
    known = "oauth-busy" if is_busy else _SAID.get(str(answer.get("error", "")), "oauth-refused")
    return MailFault(known, said or f"HTTP {status}")


def _lasting(answer: dict[str, Any]) -> timedelta:
    try:
        lasts = timedelta(seconds=min(float(answer.get("expires_in", "")), 86_400))
    except (TypeError, ValueError):
        lasts = _LASTS
    return max(lasts - _SPARED, timedelta(0))


def _keep_refresh_token(mailbox: Mailbox, secrets: dict[str, str], successor: str) -> None:
    """Some servers change it with each use; unless somebody typed another one meanwhile, it is kept.

    A mailbox that is only tried out has it for whoever tries.
    """
    if successor == secrets.get("refresh_token", ""):
        return
    sealed = seal(secrets | {"refresh_token": successor})
    if mailbox.id is None:
        mailbox.sealed = sealed
        return
    unchanged = Mailbox.id == mailbox.id, Mailbox.sealed == mailbox.sealed
    changed = update(Mailbox).where(*unchanged).values(sealed=sealed)
    db.session.execute(changed.execution_options(synchronize_session=False))
