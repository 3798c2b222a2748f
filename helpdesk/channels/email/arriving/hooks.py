"""The door for servers that post letters: each mailbox may have an address that only they know."""

import hmac
import secrets

from sqlalchemy import select

from helpdesk.channels.email.mailboxes import Mailbox
from helpdesk.core.db import db
from helpdesk.core.signing import mark


def renew(mailbox: Mailbox) -> str:
    """Give the mailbox a new token; what was before is worth nothing. Kept as a keyed hash only."""
    token = secrets.token_urlsafe(24)
    mailbox.hook_mac = mark("mail-hook", token)
    return token


def mailbox_of(token: str) -> Mailbox | None:
    """The active mailbox that this token may post to."""
    given = mark("mail-hook", token)
    found = db.session.scalar(select(Mailbox).where(Mailbox.hook_mac == given, Mailbox.is_active))
    return found if found is not None and hmac.compare_digest(found.hook_mac or "", given) else None
