"""The way to an IMAP server: a safe line, a sign-in, and plain words for whatever goes wrong."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from imapclient import IMAPClient, SocketTimeout
from imapclient import exceptions as said

from helpdesk.channels.email.mailboxes import AfterFetching, Mailbox, SignIn, Tls
from helpdesk.channels.email.servers.faults import MailFault
from helpdesk.core.sealed import Unsealable

# A server that says nothing for so long is given up, in seconds.
PATIENCE = SocketTimeout(connect=15, read=30)
# The server itself is in trouble; the password may well be right.
_PASSING = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]")
# Exchange takes any valid token, and says only later that it does not open this mailbox.
_NOT_HIS = "authenticated but not connected"


@dataclass(frozen=True)
class Account:
    """What it takes to reach a folder, apart from the database."""

    host: str
    port: int
    tls: Tls
    user: str
    password: str = field(repr=False)
    is_oauth: bool
    folder: str
    after: AfterFetching
    done_folder: str

    @classmethod
    def of(cls, mailbox: Mailbox) -> "Account":
        """Raises `MailFault` where the password cannot be read."""
        try:
            password = mailbox.secrets.get("imap_password", "")
        except Unsealable as error:
            raise MailFault("unsealable") from error
        after, done = mailbox.after_fetching, mailbox.done_folder.strip()
        if after is AfterFetching.MOVED and done in ("", mailbox.imap_folder):
            # Moved into itself a letter would be a new one for ever.
            after = AfterFetching.SEEN
        is_oauth = mailbox.sign_in is SignIn.OAUTH2
        place = (mailbox.imap_host, mailbox.imap_port, mailbox.imap_tls)
        return cls(*place, mailbox.imap_user, password, is_oauth, mailbox.imap_folder, after, done)


@contextmanager
def signed_in(account: Account, access_token: str = "") -> Iterator[IMAPClient]:
    """Connect and sign in; certificates are always checked. Raises `MailFault`."""
    with connected(account) as client:
        sign_in(client, account, access_token)
        yield client


@contextmanager
def connected(account: Account) -> Iterator[IMAPClient]:
    """A safe line to the server, which does not know yet who we are. Raises `MailFault`."""
    client = _connected(account)
    try:
        yield client
        with suppress(Exception):  # all is done; they may take leave as they like
            client.logout()
    finally:
        with suppress(Exception):
            client.shutdown()


def _connected(account: Account) -> IMAPClient:
    context = ssl.create_default_context()
    with faults("nonsense", silent="no-answer"):
        is_safe = account.tls is Tls.FROM_THE_START
        client = IMAPClient(account.host, account.port, ssl=is_safe, ssl_context=context, timeout=PATIENCE)
    if account.tls is Tls.STARTTLS:
        try:
            with faults("no-tls"):
                client.starttls(context)
        except BaseException:
            with suppress(Exception):
                client.shutdown()
            raise
    return client


def sign_in(client: IMAPClient, account: Account, access_token: str = "") -> None:
    """Say who we are, once. Raises `MailFault`."""
    with faults():
        ways = client.capabilities()
    bearer = next((way for way in ("XOAUTH2", "OAUTHBEARER") if f"AUTH={way}".encode() in ways), "")
    if (account.is_oauth and not bearer) or (not account.is_oauth and b"LOGINDISABLED" in ways):
        raise MailFault("no-way-in")
    try:
        with faults("token-refused" if account.is_oauth else "sign-in"):
            if account.is_oauth:
                client.sasl_login(bearer, _bearer(bearer, account, access_token))
            elif b"AUTH=PLAIN" in ways:
                client.plain_login(account.user, account.password)
            else:
                client.login(account.user, account.password)
    except MailFault as fault:
        raise (
            MailFault("refused", fault.detail) if any(w in fault.detail for w in _PASSING) else fault
        ) from fault
    with suppress(said.IMAPClientError):
        # Some providers let nobody in who does not say what they are.
        if client.has_capability("ID"):
            client.id_({"name": "Helpdesk"})


def _bearer(way: str, account: Account, token: str) -> Callable[[bytes], str]:
    """The answers to a server's challenges: the token first, then only an empty line to hear why not."""
    user = account.user.replace("=", "=3D").replace(",", "=2C")
    bearer = f"auth=Bearer {token}\x01\x01"
    first = {
        "XOAUTH2": f"user={account.user}\x01{bearer}",
        "OAUTHBEARER": f"n,a={user},\x01host={account.host}\x01port={account.port}\x01{bearer}",
    }
    answers = iter((first[way],))
    return lambda _challenge: next(answers, "\x01" if way == "OAUTHBEARER" else "")


@contextmanager
def faults(refused: str = "refused", silent: str = "too-slow") -> Iterator[None]:
    """Whatever goes wrong within, as a `MailFault`: `refused` where it said no, `silent` where nothing."""
    try:
        yield
    except MailFault:
        raise
    except ssl.SSLCertVerificationError as error:
        raise MailFault("certificate", error.verify_message) from error
    except ssl.SSLError as error:
        raise MailFault("no-tls", error.reason or error) from error
    except socket.gaierror as error:
        raise MailFault("no-host", error.strerror or error) from error
    except TimeoutError as error:
        raise MailFault(silent) from error
    except said.IMAPClientAbortError as error:
        raise MailFault("cut", error) from error
    except said.ProtocolError as error:
        raise MailFault("nonsense", error) from error
    except said.IMAPClientError as error:
        raise MailFault("token-refused" if _NOT_HIS in str(error) else refused, error) from error
    except OSError as error:
        raise MailFault("no-answer" if silent == "no-answer" else "cut", error.strerror or error) from error
    except (ValueError, LookupError, TypeError, AssertionError, AttributeError) as error:
        raise MailFault("nonsense", error) from error
