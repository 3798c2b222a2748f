"""Trying a mailbox before it is trusted: what works, what does not, and what to do about it."""

import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from flask_babel import gettext as _
from imapclient.exceptions import IMAPClientError

from helpdesk.channels.email.mailboxes import Mailbox, SignIn, Tls
from helpdesk.channels.email.servers.connecting import Account, faults, signed_in
from helpdesk.channels.email.servers.faults import MailFault, explained
from helpdesk.channels.email.servers.oauth import access_token
from helpdesk.channels.email.servers.sending import smtp_of
from helpdesk.core.sealed import Unsealable
from helpdesk.core.smtp import try_out

# Ports on which mail is spoken: nobody looks around a network with this page.
PORTS = frozenset((25, 143, 465, 587, 993, 2525))
_MOST_FOLDERS = 30


@dataclass(frozen=True)
class Finding:
    """What came of one try, in the reader's words."""

    what: str
    is_fine: bool
    remedy: str = ""


def check(mailbox: Mailbox) -> list[Finding]:
    """Reach its servers as it would be used; with no transaction open, since servers take their time."""
    tries = (
        (mailbox.imap_host, mailbox.imap_port, _("Fetching letters works."), _fetch),
        (mailbox.smtp_host, mailbox.smtp_port, _("Sending letters works."), _send),
    )
    findings = [_found(fine, port, partial(way, mailbox)) for host, port, fine, way in tries if host]
    return findings or [Finding(_("No server is named, so there is nothing to try."), True)]


def _found(fine: str, port: int, attempt: Callable[[], None]) -> Finding:
    if port not in PORTS:
        named = ", ".join(map(str, sorted(PORTS)))
        return Finding(_("Port %(port)s is not tried: mail uses %(ports)s.", port=port, ports=named), False)
    try:
        attempt()
    except MailFault as fault:
        what, remedy = explained(str(fault))
        return Finding(what, False, remedy)
    return Finding(fine, True)


def _fetch(mailbox: Mailbox) -> None:
    account = Account.of(mailbox)
    token = access_token(mailbox) if account.is_oauth else ""
    with signed_in(account, token) as client:
        try:
            client.select_folder(account.folder, readonly=True)
        except IMAPClientError as error:
            names = [name for _flags, _delimiter, name in client.list_folders()][:_MOST_FOLDERS]
            raise MailFault("no-folder", ", ".join(names)) from error


def _send(mailbox: Mailbox) -> None:
    if mailbox.smtp_user and mailbox.sign_in is SignIn.PASSWORD and not _password(mailbox):
        raise MailFault("sign-in", _("no password is kept"))
    with faults("refused", silent="no-answer"):
        try:
            try_out(smtp_of(mailbox))
        except smtplib.SMTPAuthenticationError as error:
            raise MailFault("sign-in", _said(error.smtp_error)) from error
        except smtplib.SMTPNotSupportedError as error:
            raise MailFault("no-tls" if mailbox.smtp_tls is Tls.STARTTLS else "no-way-in", error) from error
        except smtplib.SMTPResponseException as error:
            raise MailFault("refused", _said(error.smtp_error)) from error
        except smtplib.SMTPServerDisconnected as error:
            raise MailFault("cut", error) from error


def _password(mailbox: Mailbox) -> str:
    try:
        return mailbox.secrets.get("smtp_password", "")
    except Unsealable as error:
        raise MailFault("unsealable") from error


def _said(words: bytes | str) -> str:
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else words
