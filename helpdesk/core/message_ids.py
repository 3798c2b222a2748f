"""Message-IDs of our letters: known again when they come back, and none that we did not write."""

import secrets
from base64 import b32encode

from helpdesk.core.signing import is_marked, mark

_PURPOSE = "message-id"


def signed_id(ticket_id: int | None = None, domain: str = "localhost") -> str:
    """A new Message-ID; as a reference it shows that its sender has seen our letter about this ticket.

    domain: of the address it leaves from, as filters expect it. It proves nothing: the mark does.
    """
    subject = f"{ticket_id or 0}.{b32encode(secrets.token_bytes(10)).decode().lower()}"
    return f"<{subject}.{mark(_PURPOSE, subject)}@{domain}>"


def is_ours(message_id: str) -> bool:
    """Whether `signed_id` made it, for whatever ticket."""
    subject, _, given = message_id.strip("<>").partition("@")[0].rpartition(".")
    return bool(subject) and is_marked(_PURPOSE, subject, given)


def ticket_of(message_id: str) -> int | None:
    """The ticket that a letter of ours was about; None for letters of others, and for those about none."""
    return (int(message_id.strip("<>").partition(".")[0]) or None) if is_ours(message_id) else None
