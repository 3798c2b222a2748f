"""Through whose server a letter leaves."""

from helpdesk.channels.email.mailboxes import Mailbox, SignIn
from helpdesk.core.db import db
from helpdesk.core.smtp import Server


def server_of(mailbox_id: int | None) -> Server | None:
    """The mailbox's own server; None where it has none, and letters leave as the settings say."""
    mailbox = db.session.get(Mailbox, mailbox_id) if mailbox_id else None
    return smtp_of(mailbox) if mailbox and mailbox.smtp_host else None


def smtp_of(mailbox: Mailbox) -> Server:
    """Where and as whom it sends. Raises `Unsealable`, and `OSError` where no access token is to be had."""
    secrets = mailbox.secrets
    place = (mailbox.smtp_host, mailbox.smtp_port, mailbox.smtp_tls.value, mailbox.smtp_user)
    if mailbox.smtp_user and mailbox.sign_in is SignIn.OAUTH2:
        from helpdesk.channels.email.oauth import access_token  # noqa: PLC0415  (few mailboxes need it)

        return Server(*place, access_token=access_token(mailbox))
    return Server(*place, password=secrets.get("smtp_password", ""))
