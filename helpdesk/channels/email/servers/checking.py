"""Trying a mailbox before it is trusted: step by step what works, what does not, and what to do about it."""

import smtplib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from flask_babel import gettext as _
from flask_babel import ngettext
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, IMAPClientReadOnlyError

from helpdesk.channels.email.mailboxes import AfterFetching, Mailbox, SignIn, Tls
from helpdesk.channels.email.servers.connecting import Account, connected, faults, sign_in
from helpdesk.channels.email.servers.faults import MailFault, explained
from helpdesk.channels.email.servers.oauth import access_token
from helpdesk.channels.email.servers.sending import smtp_of
from helpdesk.core.sealed import Unsealable
from helpdesk.core.smtp import Server, try_out

_MOST_FOLDERS = 30


@dataclass(frozen=True)
class Step:
    """What came of one step, in the reader's words, and what to do about it."""

    what: str
    came: Literal["fine", "warn", "bad"] = "fine"
    remedy: str = ""


@dataclass(frozen=True)
class Trial:
    """One server, tried as it would be used: the steps as far as they came."""

    title: str
    steps: list[Step]

    @property
    def is_fine(self) -> bool:
        return all(step.came != "bad" for step in self.steps)


def check(mailbox: Mailbox) -> list[Trial]:
    """Reach its servers as it would use them; with no transaction open, since servers take their time.

    Empty where no server is named.
    """
    trials = []
    if mailbox.imap_host:
        place = f"{mailbox.imap_host}:{mailbox.imap_port}"
        trials.append(Trial(_("Incoming letters"), _steps(place, _fetching(mailbox, place))))
    if mailbox.smtp_host:
        place = f"{mailbox.smtp_host}:{mailbox.smtp_port}"
        trials.append(Trial(_("Outgoing letters"), _steps(place, _sending(mailbox, place))))
    return trials


def _steps(place: str, attempt: Iterator[Step]) -> list[Step]:
    steps = []
    try:
        for step in attempt:
            steps.append(step)
    except MailFault as fault:
        if not steps and fault.key in ("certificate", "no-tls"):
            steps.append(_reached(place))
        what, remedy = explained(str(fault), is_watched=False)
        steps.append(Step(what, "bad", remedy))
    return steps


def _reached(place: str) -> Step:
    return Step(_("%(place)s answers.", place=place))


def _secured(tls: Tls) -> Step:
    if tls is Tls.NONE:
        remedy = _("Passwords and letters can be read on the way. Use this inside your own network only.")
        return Step(_("The connection is not encrypted."), "warn", remedy)
    return Step(_("The connection is encrypted, and the certificate is right."))


def _fetching(mailbox: Mailbox, place: str) -> Iterator[Step]:
    account = Account.of(mailbox)
    with connected(account) as client:
        yield _reached(place)
        yield _secured(account.tls)
        sign_in(client, account, access_token(mailbox) if account.is_oauth else "")
        yield Step(_("Signed in as %(user)s.", user=account.user))
        with faults():
            yield _folder(client, account)
            if mailbox.after_fetching is AfterFetching.MOVED and mailbox.done_folder:
                yield _done_folder(client, mailbox.done_folder)


def _folder(client: IMAPClient, account: Account) -> Step:
    folder = account.folder
    try:
        client.select_folder(folder, readonly=account.after is AfterFetching.LEFT)
    except IMAPClientReadOnlyError:
        what, remedy = explained("not-marked", is_watched=False)
        return Step(what, "bad", remedy)
    except IMAPClientError as error:
        names = _folders(client)
        if folder in names:
            raise MailFault("no-folder", error) from error
        missing = _("There is no folder “%(folder)s” on the server.", folder=folder)
        return Step(missing, "bad", _chosen_from(names))
    count = len(client.search("UNSEEN"))
    return Step(
        ngettext(
            "The folder “%(folder)s” is there. %(num)s unread letter waits in it.",
            "The folder “%(folder)s” is there. %(num)s unread letters wait in it.",
            count,
            folder=folder,
        )
    )


def _done_folder(client: IMAPClient, folder: str) -> Step:
    if client.folder_exists(folder):
        return Step(_("The folder “%(folder)s” for fetched letters is there.", folder=folder))
    coming = _("There is no folder “%(folder)s” yet: it is made when letters are fetched.", folder=folder)
    return Step(coming, "warn", _chosen_from(_folders(client)))


def _folders(client: IMAPClient) -> list[str]:
    return [str(name) for _flags, _delimiter, name in client.list_folders()][:_MOST_FOLDERS]


def _chosen_from(names: list[str]) -> str:
    listed = ", ".join(names)
    return _("If you mean another one, these are there: %(names)s", names=listed) if names else ""


def _sending(mailbox: Mailbox, place: str) -> Iterator[Step]:
    stranger = Server(mailbox.smtp_host, mailbox.smtp_port, mailbox.smtp_tls.value)
    _try(stranger)
    yield _reached(place)
    yield _secured(mailbox.smtp_tls)
    if not mailbox.smtp_user:
        yield Step(_("No user is named, so nobody signs in."))
        return
    if mailbox.sign_in is SignIn.PASSWORD and not _password(mailbox):
        raise MailFault("sign-in", _("no password is kept"))
    _try(smtp_of(mailbox))
    yield Step(_("Signed in as %(user)s.", user=mailbox.smtp_user))


def _try(server: Server) -> None:
    with faults("refused", silent="no-answer"):
        try:
            try_out(server)
        except smtplib.SMTPAuthenticationError as error:
            key = "token-refused" if server.access_token else "sign-in"
            raise MailFault(key, _said(error.smtp_error)) from error
        except smtplib.SMTPNotSupportedError as error:
            raise MailFault("no-way-in" if server.user else "no-tls", error) from error
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
