"""How a customer is known from one request to the next."""

import secrets
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from flask import current_app, g, redirect, request, session, url_for
from sqlalchemy import delete, update

from helpdesk.accounts.models import Attempt, hashed
from helpdesk.core.clock import now
from helpdesk.core.db import aside, db
from helpdesk.customers.models import Contact, normal_address
from helpdesk.customers.sessions import ContactSession, SignInLink

# Signs of life are written at most this often.
SEEN_EVERY = timedelta(hours=6)
# Where the browser's own session keeps its token, and the secret that binds a letter's link to it.
TOKEN, SECRET = "contact", "sign_in_browser"
# Whoever knew the forms' token before somebody signed in, or out, does not know it after.
CSRF = "csrf_token"


def current_contact() -> Contact | None:
    """The customer who is signed in on this browser, or None."""
    if "contact" not in g:
        g.contact = _contact_of(session.get(TOKEN, ""))
    contact: Contact | None = g.contact
    return contact


def contact_only(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let only signed-in customers in, as `contact`, the view's first argument; others sign in first."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        contact = current_contact()
        if contact is None:
            back = request.full_path.rstrip("?") if request.method == "GET" else None
            return redirect(url_for("portal.sign_in", next=back))
        return view(contact, *args, **kwargs)

    return guarded


def start_session(contact: Contact) -> None:
    """Sign `contact` in on this browser, under a new session of theirs."""
    for known in (SECRET, CSRF):
        session.pop(known, None)
    session.permanent = True
    session[TOKEN] = ContactSession.start(contact, request.user_agent.string)
    g.contact = contact


def end_session() -> None:
    """Sign this browser out; its token is worth nothing afterwards."""
    token = session.pop(TOKEN, "")
    session.pop(CSRF, None)
    db.session.execute(delete(ContactSession).where(ContactSession.token_hash == hashed(token)))
    g.contact = None


def browser_secret() -> str:
    """The secret of this browser, made when it first asks for a link."""
    if SECRET not in session:
        session[SECRET] = secrets.token_urlsafe(16)
    return str(session[SECRET])


def is_throttled(purpose: str, address: str = "", *, limit: int, within: timedelta) -> bool:
    """Whether too many tries at `purpose` came for this mail address, or from this address of the net.

    Otherwise this one is counted. Kept in rows: all processes count together, and a restart forgets nothing.
    """
    if not current_app.config["HELPDESK_RATE_LIMITS"]:
        return False
    buckets = [f"{purpose}-from:{request.remote_addr}"]
    buckets += [f"{purpose}:{normal_address(address)}"] if address else []
    if any(Attempt.too_many(bucket, limit=limit, within=within) for bucket in buckets):
        return True
    Attempt.note(*buckets)
    return False


def forget() -> None:
    """Drop the sessions that are over, and the links that open no more."""
    ContactSession.forget()
    SignInLink.forget()


def _contact_of(token: str) -> Contact | None:
    found = ContactSession.of(token) if token else None
    if found is None:
        return None
    # Not beside the write of a form: it would wait for that.
    if found.seen_at < now() - SEEN_EVERY and request.method == "GET":
        with aside() as own:
            own.execute(update(ContactSession).where(ContactSession.id == found.id).values(seen_at=now()))
    return found.contact
