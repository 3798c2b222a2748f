"""Secrets that were typed and are not saved yet, sealed into the page of whoever typed them."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from flask import session

from helpdesk.accounts.models import hashed
from helpdesk.core.clock import now
from helpdesk.core.sealed import Unsealable, seal, unseal

# So long a page that was left open still knows what was typed.
LASTS = timedelta(minutes=30)


def held(secrets: Mapping[str, str]) -> str:
    """The secrets as text that only this house can read, and takes back only from this session."""
    typed = {name: value for name, value in secrets.items() if value}
    return seal({**typed, ":by": _whose(), ":until": (now() + LASTS).isoformat()}) if typed else ""


def released(text: str) -> dict[str, str]:
    """What `held` was given; nothing where it is over, somebody else's, or no work of ours."""
    try:
        found = unseal(text)
        is_over = datetime.fromisoformat(found.pop(":until", "")) < now()
    except (Unsealable, ValueError):
        return {}
    return {} if is_over or found.pop(":by", "") != _whose() else found


def _whose() -> str:
    return hashed(str(session.get("_user_id", "")))
