"""Through whose server a letter leaves."""

from helpdesk.channels.email.mailboxes import Mailbox, SignIn
from helpdesk.core.db import db
from helpdesk.core.smtp import Server


def server_of(mailbox_id: int) -> Server | None:
    """The mailbox's own server; None where it has none, and letters leave as the settings say.

    No transaction is open while another server is asked for access, nor afterwards. Raises as `smtp_of`.
    """
    mailbox = db.session.get(Mailbox, mailbox_id)
    if mailbox is not None:
        db.session.expunge(mailbox)
    db.session.rollback()
    if mailbox is None or not mailbox.smtp_host:
        return None
    server = smtp_of(mailbox)
    db.session.commit()
    return server


def smtp_of(mailbox: Mailbox) -> Server:
    """Where and as whom it sends. Raises `OSError`: no access token is to be had, no secret readable."""
    place = (mailbox.smtp_host, mailbox.smtp_port, mailbox.smtp_tls.value, mailbox.smtp_user)
    if mailbox.smtp_user and mailbox.sign_in is SignIn.OAUTH2:
        from helpdesk.channels.email.servers.oauth import access_token  # noqa: PLC0415  (few mailboxes need it)

        return Server(*place, access_token=access_token(mailbox))
    return Server(*place, password=mailbox.secrets.get("smtp_password", ""))
