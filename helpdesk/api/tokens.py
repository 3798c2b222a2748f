"""Who asks: the agent whose token a program holds. Cookies count for nothing here."""

from datetime import timedelta
from typing import cast

from flask import current_app, g, request
from sqlalchemy import update

from helpdesk.accounts.models import Agent, ApiToken, Attempt, Role
from helpdesk.api.problems import Problem
from helpdesk.core.clock import now
from helpdesk.core.db import aside, db, is_reading

# The time of the last use is written at most this often.
USED_EVERY = timedelta(minutes=10)
# So many wrong tokens from one address of the net, within this time.
TRIES, TRIES_WITHIN = 30, timedelta(minutes=15)


def caller() -> Agent:
    """The agent whose token came with the request; only behind a route that asks for one."""
    return cast(Agent, g.api_token.agent)


def optional_caller() -> Agent | None:
    """The same where a token is optional; None for everybody else."""
    return caller() if g.get("api_token") else None


def token_id() -> int:
    return cast(int, g.api_token.id)


def identify(scope: str | None, role: Role) -> None:
    """Let the request in, or say why not. scope: None needs no token, but refuses a wrong one."""
    given = _given()
    if given is None:
        if scope is not None:
            raise _unknown()
        return
    g.api_token = token = _known(given)
    wanted = scope or "read"
    if not token.allows(wanted):
        challenge = f'Bearer error="insufficient_scope", scope="{wanted}"'
        detail = f"The scope {wanted} is needed."
        raise Problem(403, "scope", detail, headers={"WWW-Authenticate": challenge})
    if not token.agent.may(role):
        raise Problem(403, "role", f"The role {role.value} is needed.")
    _note_use(token)


def _given() -> str | None:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() or " " if kind else None


def _known(given: str) -> ApiToken:
    is_bearer = request.headers["Authorization"].partition(" ")[0].lower() == "bearer"
    token = ApiToken.of(given) if is_bearer else None
    if token is not None:
        return token
    bucket = f"api-from:{request.remote_addr}"
    is_limited = current_app.config["HELPDESK_RATE_LIMITS"]
    if is_limited and Attempt.too_many(bucket, limit=TRIES, within=TRIES_WITHIN):
        wait = str(int(TRIES_WITHIN.total_seconds()))
        raise Problem(429, "throttled", headers={"Retry-After": wait})
    db.session.rollback()  # a write of one's own would wait for the request's
    with aside() as own:
        own.add(Attempt(bucket=bucket))
    raise _unknown(', error="invalid_token"')


def _unknown(reason: str = "") -> Problem:
    return Problem(401, "unauthorised", headers={"WWW-Authenticate": f'Bearer realm="api"{reason}'})


def _note_use(token: ApiToken) -> None:
    if token.used_at is not None and token.used_at > now() - USED_EVERY:
        return
    if not is_reading():
        token.used_at = now()
        return
    with aside() as own:
        own.execute(update(ApiToken).where(ApiToken.id == token.id).values(used_at=now()))
