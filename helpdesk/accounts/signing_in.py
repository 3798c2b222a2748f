"""Passwords, tries and sessions: how an agent is known from one request to the next."""

from datetime import timedelta
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import Flask, current_app, g, request, session
from flask_login import LoginManager, login_user, logout_user
from sqlalchemy import delete, update

from helpdesk.accounts.models import Agent, AgentSession, Attempt, hashed
from helpdesk.core.clock import now
from helpdesk.core.db import aside, db, reading

# So many wrong passwords per account and per address of the net, within this time.
TRIES, TRIES_WITHIN = 10, timedelta(minutes=15)
# Signs of life are written at most this often.
SEEN_EVERY = timedelta(minutes=10)

login_manager = LoginManager()
login_manager.login_view = "accounts.sign_in"
# 19 MiB, two passes: 80 ms on the machine it was chosen on.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def init_app(app: Flask) -> None:
    login_manager.init_app(app)
    login_manager.user_loader(_agent_of)


def password_hash(password: str) -> str:
    return _hasher.hash(password)


def is_throttled(email: str) -> bool:
    """Whether this account, or this address of the net, tried too often; rows, so restarts forget nothing."""
    if not current_app.config["HELPDESK_RATE_LIMITS"]:
        return False
    return any(Attempt.too_many(bucket, limit=TRIES, within=TRIES_WITHIN) for bucket in _buckets(email))


def try_password(email: str, password: str) -> Agent | None:
    """The agent of this address and password, or None; a stranger costs the same time as a wrong password."""
    with reading():  # hashing takes its time; no writer should wait for it
        agent = Agent.by_email(email)
        known = agent.password_hash if agent else _nobodys_hash()
        db.session.rollback()
    is_right = _verify(known, password)
    if agent is None or not is_right or not agent.is_active:
        Attempt.note(*_buckets(email))
        return None
    if _hasher.check_needs_rehash(agent.password_hash):
        agent.password_hash = password_hash(password)
    return agent


def start_session(agent: Agent) -> None:
    """Sign `agent` in on this browser, under a new session."""
    session.clear()
    session.permanent = True
    agent.session_token = AgentSession.start(agent, request.user_agent.string)
    login_user(agent)


def end_session() -> None:
    """Sign this browser out; its token is worth nothing afterwards."""
    token = session.get("_user_id", "")
    db.session.execute(delete(AgentSession).where(AgentSession.token_hash == hashed(token)))
    logout_user()
    session.clear()


def end_sessions(agent: Agent, *, but: int | None = None) -> None:
    """Sign `agent` out of every browser, except the one of session `but`."""
    theirs = delete(AgentSession).where(AgentSession.agent_id == agent.id)
    db.session.execute(theirs if but is None else theirs.where(AgentSession.id != but))


def forget() -> None:
    """Drop the sessions that are over, and the tries that are counted no more."""
    AgentSession.forget()
    Attempt.forget()


def _agent_of(token: str) -> Agent | None:
    found = AgentSession.of(token)
    if found is None:
        return None
    g.agent_session_id = found.id
    if found.seen_at < now() - SEEN_EVERY:
        _note_seen(found.id)
    found.agent.session_token = token
    return found.agent


def _note_seen(session_id: int) -> None:
    if request.method != "GET":  # a write of one's own would wait for the request's
        return
    with aside() as own:
        own.execute(update(AgentSession).where(AgentSession.id == session_id).values(seen_at=now()))


def _buckets(email: str) -> tuple[str, str]:
    return f"sign-in:{email.strip().lower()}", f"sign-in-from:{request.remote_addr}"


def _verify(known: str, password: str) -> bool:
    try:
        return _hasher.verify(known, password)
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return _hasher.hash("nobody has this password")
